// While one types: the photo follows, Enter keeps it, Escape gives it up, and words wear what they mean.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { address, ask, behind, choose, download, edited, editPixels, launch, loaded, newPage, shown } from './helper.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));

/**
 * The page with a flower that has been looked at. It counts what the worker is asked for.
 *
 * @param {{slow?: number, options?: import('playwright-core').BrowserContextOptions}} [more] How long an edit takes at least.
 */
async function typing({ slow = 0, options } = {}) {
  const opened = await newPage(browser, options);
  const { page } = opened;
  await page.addInitScript((slow) => {
    const asked = /** @type {string[]} */ ([]);
    Object.assign(globalThis, { asked });
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      if (message.type === 'edit') asked.push(message.prompt);
      setTimeout(() => post.call(this, message, transfer), message.type === 'edit' ? slow : 0);
    };
  }, slow);
  await page.goto(address);
  await loaded(page);
  await choose(page, 'flower.png', flower);
  await page.locator('#things button').first().waitFor();
  // What follows the sentence comes behind the model, and begins with the marks.
  await page.waitForFunction(() => document.getElementById('marks')?.firstChild);
  const asked = () => page.evaluate(() => /** @type {any} */ (globalThis).asked);
  /** Types, and waits until the photo follows. @param {string} words */
  const follow = async (words) => {
    await page.locator('#prompt').pressSequentially(words);
    await follows(page);
  };
  return { ...opened, asked, follow };
}

/** Waits until the stage shows an edit by what stands in the field. @param {import('playwright-core').Page} page */
function follows(page) {
  return page.waitForFunction(() => {
    const { value } = /** @type {HTMLInputElement} */ (document.getElementById('prompt'));
    return document.querySelector('.after canvas')?.getAttribute('aria-label') === `The photo, edited: ${value}`;
  });
}

/** @param {import('playwright-core').Page} page */
const steps = (page) => page.locator('#strip button').count();

test('the photo follows the sentence; it is a step by Enter alone, without another edit, and undo goes back', async () => {
  const { page, asked, follow, problems } = await typing();
  await follow('make it blue');
  const tried = await shown(page);
  assert.match(await page.locator('#status').textContent() ?? '', /^Edit or Enter keeps this/);
  assert.equal(await page.locator('.bar .undo').getAttribute('aria-disabled'), 'true');
  assert.equal(await page.locator('#export').isHidden(), true);
  assert.equal(await steps(page), 1);
  const before = (await asked()).length;
  await page.press('#prompt', 'Enter');
  await edited(page);
  assert.equal((await asked()).length, before);
  assert.equal(await shown(page), tried);
  assert.equal(await steps(page), 2);

  await page.fill('#prompt', 'make it yellow');
  await follows(page);
  assert.notEqual(await shown(page), tried);
  await page.press('#prompt', 'Enter');
  await edited(page);
  await page.click('.bar .undo');
  await page.waitForFunction((tried) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === tried, tried);
  await page.click('.bar .undo');
  await page.locator('.after canvas').waitFor({ state: 'detached' });
  assert.deepEqual(problems, []);
});

test('what was kept comes back with Escape, with undo, and with a sentence that says nothing any more', async () => {
  const { page, follow, problems } = await typing();
  await ask(page, 'make it blue');
  const blue = await shown(page);
  const back = () => page.waitForFunction((blue) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === blue, blue);
  for (const giveUp of [
    () => page.keyboard.press('Escape'),
    () => page.click('.bar .undo'),
    () => page.fill('#prompt', ''),
    () => page.fill('#prompt', 'make it qwrtzu'),
  ]) {
    await page.fill('#prompt', '');
    await follow('make it yellow');
    assert.notEqual(await shown(page), blue);
    await giveUp();
    await back();
    assert.equal(await page.locator('.after canvas').getAttribute('aria-label'), 'The photo, edited: make it blue');
    assert.equal(await steps(page), 2);
    assert.equal(await page.locator('#error').textContent(), '');
  }
  // Only Enter tells what is wrong with it.
  await page.press('#prompt', 'Enter');
  await page.locator('#error').filter({ hasText: /./ }).waitFor();
  assert.equal(await shown(page), blue);
  assert.deepEqual(problems, []);
});

test('without an edit before, the photo alone comes back; nothing was running that could be stopped', async () => {
  const { page, follow } = await typing();
  await follow('make it blue');
  await page.keyboard.press('Escape');
  await page.locator('.after canvas').waitFor({ state: 'detached' });
  assert.equal(await page.locator('#status').textContent(), 'Ready.');
  assert.equal(await page.locator('#prompt').inputValue(), 'make it blue');
});

test('words that were typed before the photo are followed once it is here, and those before the page was whole; what was left there is not', async () => {
  for (const early of [false, true]) {
    const { page } = await newPage(browser);
    let letGo = () => {};
    const held = new Promise((resolve) => { letGo = () => resolve(undefined); });
    if (early) {
      await page.route('**/weights/manifest.json', async (route) => {
        await held;
        await route.continue();
      });
    }
    await page.goto(address);
    if (!early) await behind(page);
    await page.locator('#prompt').pressSequentially('make it blue');
    await choose(page, 'flower.png', flower);
    letGo();
    await follows(page);
    assert.equal(await steps(page), 1);
    await page.reload();
    await behind(page);
    await page.locator('#things button').first().waitFor();
    await page.waitForTimeout(1000);
    assert.equal(await page.locator('#prompt').inputValue(), 'make it blue');
    assert.equal(await page.locator('.after canvas').count(), 0);
  }
});

test('on a slow phone the photo follows as well, and ends in the right picture', async () => {
  const { page, problems } = await typing({ options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } });
  const client = await page.context().newCDPSession(page);
  await client.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const sentence = 'make the flower blue and the background darker';
  await page.locator('#prompt').pressSequentially(sentence, { delay: 30 });
  await follows(page);
  const picture = decodePng(Buffer.from((await shown(page)).split(',')[1] ?? '', 'base64')).pixels;
  const { pixels } = await editPixels(page, flower, sentence);
  assert.equal(difference(picture, pixels).largest, 0);
  assert.deepEqual(problems, []);
});

test('one edit at a time: what comes while it is made waits, the newest alone', async () => {
  const { page, asked, follow } = await typing({ slow: 1200 });
  await follow('make it blue');
  const before = (await asked()).length;
  // An edit takes as long as many of these keys: none is made before they rest.
  await page.locator('#prompt').pressSequentially(' and the background darker', { delay: 50 });
  await follows(page);
  const made = (await asked()).slice(before);
  assert(made.length <= 3, made.join('; '));
  assert.equal(made.at(-1), 'make it blue and the background darker');
});

test('a sentence that is composed with an IME is followed once its signs are words', async () => {
  const { page, asked } = await typing({ options: { locale: 'zh-CN' } });
  await page.focus('#prompt');
  const client = await page.context().newCDPSession(page);
  for (const text of ['h', 'ho', 'hon', 'hong']) {
    await client.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    await page.waitForTimeout(100);
  }
  await page.waitForTimeout(400);
  assert.deepEqual(await asked(), []);
  await client.send('Input.insertText', { text: '红色' });
  await page.waitForFunction(() => document.querySelector('.after canvas')?.getAttribute('aria-label')?.endsWith('红色'));
  assert.deepEqual(await asked(), ['红色']);
});

test('strength and saving take what is on the stage', async () => {
  const { page, follow } = await typing();
  await ask(page, 'make it blue');
  await page.fill('#prompt', '');
  await follow('make it yellow');
  const tried = await shown(page);
  const { name, path } = await download(page);
  assert.equal(name, 'flower-make-it-yellow.png');
  const saved = decodePng(await readFile(path)).pixels;
  const url = tried.slice(tried.indexOf(',') + 1);
  assert.equal(difference(saved, decodePng(Buffer.from(url, 'base64')).pixels).largest, 0);
  assert.equal(await steps(page), 3);

  await page.fill('#prompt', '');
  await follow('make it red');
  await page.fill('#strength', '0.5');
  await page.waitForTimeout(800);
  assert.equal(await steps(page), 4);
  assert.match(await page.locator('#strip [aria-current="true"]').getAttribute('aria-label') ?? '', /make it red/);
});

test('words wear what they mean: a thing, a colour, a cloth, and what nobody knows once it is finished', async () => {
  const { page, problems } = await typing();
  const field = page.locator('#prompt');
  const marks = () => page.locator('#marks span').evaluateAll((spans) => spans.map((span) => [span.className, span.textContent, /** @type {HTMLElement} */ (span).style.getPropertyValue('--colour')]));
  let found = false;
  const known = page.waitForFunction(() => {
    const spans = [...document.querySelectorAll('#marks span')];
    return document.getElementById('marks')?.textContent?.endsWith('qwr') && spans.length === 5 && spans.map((span) => [span.className, span.textContent]);
  }).finally(() => { found = true; });
  await field.pressSequentially('a navy striped coat, 红色鞋子, qwr');
  // A second after the last key its word counts as finished, also where this machine had other things to do.
  while (!found) {
    await page.waitForTimeout(300);
    if (!found) for (const key of ['Backspace', 'r']) await field.press(key);
  }
  assert.deepEqual(await (await known).jsonValue(), [['colour', 'navy'], ['cloth', 'striped'], ['thing', 'coat'], ['colour', '红色'], ['thing', '鞋子']]);
  const [[, , navy = ''] = []] = await marks();
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(navy.slice(at, at + 2), 16));
  assert(navy.length === 7 && blue < 130 && blue > 2 * Math.max(red, green), navy);
  await page.locator('#marks .unknown').waitFor();
  assert.equal(await page.locator('#marks .unknown').textContent(), 'qwr');
  assert.equal(await page.locator('#marks').textContent(), await field.inputValue());

  // Under their words, also where the field is too short for all of them.
  await field.fill(`make the coat ${'very '.repeat(40)}navy`);
  await field.press('End');
  await page.waitForFunction(() => document.querySelectorAll('#marks .colour').length === 1);
  await page.waitForFunction(() => {
    const [field, marks] = ['prompt', 'marks'].map((id) => /** @type {HTMLElement} */ (document.getElementById(id)));
    return field && marks && field.scrollLeft > 100 && Math.abs(field.scrollLeft - marks.scrollLeft) <= 1;
  });
  assert.deepEqual(problems, []);
});

test('a colour of one’s own goes into the sentence, and the photo follows while it is chosen', async () => {
  const { page, asked, problems } = await typing();
  const well = page.getByLabel('A colour of your own');
  const field = page.locator('#prompt');
  const paint = (/** @type {string} */ colour, /** @type {string[]} */ ...events) => well.evaluate((element, { colour, events }) => {
    /** @type {HTMLInputElement} */ (element).value = colour;
    for (const event of events) element.dispatchEvent(new Event(event));
  }, { colour, events });
  await field.fill('make the flower ');
  await paint('#1e90ff', 'input');
  await page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.getElementById('prompt')).value === 'make the flower #1e90ff');
  await follows(page);
  assert.equal(await steps(page), 1);
  const first = await shown(page);
  await paint('#208040', 'input', 'change');
  await page.waitForFunction(() => document.querySelectorAll('#strip button').length === 2);
  assert.equal(await field.inputValue(), 'make the flower #208040');
  assert.notEqual(await shown(page), first);
  assert.equal((await asked()).at(-1), 'make the flower #208040');
  // A name is replaced, too; and where nothing is said, the largest thing is meant.
  await field.fill('a navy flower, darker leaves');
  await paint('#ff8800', 'input');
  await page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.getElementById('prompt')).value === 'a #ff8800 flower, darker leaves');
  await field.fill('');
  await paint('#ff8801', 'input');
  await page.waitForFunction(() => /^make the \w+ #ff8801$/.test(/** @type {HTMLInputElement} */ (document.getElementById('prompt')).value));
  assert.deepEqual(problems, []);
});
