// The sentence: suggestions, earlier ones, unknown words, what Enter and Escape do.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { address, ask, choose, edited, eventually, launch, loaded, newPage, openPage, shown } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(300, 200));

test('the suggestions are those of the model’s manifest, then about what is in the photo; one press makes an edit', async () => {
  const { page } = await openPage(browser);
  const { models: [model] } = await (await fetch(new URL('weights/manifest.json', address))).json();
  assert.deepEqual(await page.locator('#chips button').allTextContents(), model.prompts);
  assert((await page.locator('#about').textContent())?.includes(model.edits));
  assert.equal(await page.locator('#prompt').getAttribute('placeholder'), model.prompts[0]);
  await choose(page, 'flower.png', flower);
  await page.locator('#things button').first().waitFor();
  const things = await page.locator('#things button').allTextContents();
  // Where they are comes a moment later, and what is nowhere goes.
  await eventually(async () => assert.notDeepEqual(await page.locator('#chips button').allTextContents(), model.prompts));
  const offered = await page.locator('#chips button').allTextContents();
  assert(offered.length > 1 && offered.length <= 6, offered.join('; '));
  for (const sentence of offered) assert(things.some((thing) => sentence.includes(thing)), sentence);
  assert.equal(await page.locator('#prompt').getAttribute('placeholder'), offered[0]);
  const prompt = offered[0] ?? '';
  await page.locator('#chips button', { hasText: prompt }).click();
  await edited(page);
  assert.equal(await page.locator('#prompt').inputValue(), prompt);
  assert.equal(await page.locator('.after canvas').getAttribute('aria-label'), `The photo, edited: ${prompt}`);
  await page.click('#clear');
  await page.locator('#sure .primary').click();
  await page.locator('#things').waitFor({ state: 'hidden' });
  assert.deepEqual(await page.locator('#chips button').allTextContents(), model.prompts);
});

test('the model knows every word that is suggested about any thing, in both languages; cloths are for garments', async () => {
  const { page } = await openPage(browser);
  const table = await readFile(new URL('../../src/prompt/things/table.rs', import.meta.url), 'utf8');
  const things = [...table.matchAll(/thing\(\["(.+?)", "(.+?)"\]/g)].map(([, en = '', zh = '']) => ({ en, zh }));
  assert(things.length > 50);
  const said = await page.evaluate(async ({ at, things }) => {
    const [{ Engine }, { catalogue }, { sentences }, { texts }] = await Promise.all(
      ['engine/engine', 'engine/load', 'sentence/suggest', 'i18n/texts'].map((name) => import(new URL(`www/${name}.js`, at).href)));
    const { signal } = new AbortController();
    const engine = new Engine();
    await engine.open(signal, (await catalogue(signal)).parts);
    const said = [];
    for (const lang of /** @type {const} */ (['en', 'zh'])) {
      const text = await texts([lang]);
      for (const thing of things) {
        for (const sentence of sentences([thing.en], [thing[lang], lang === 'en' ? 'background' : '背景'], text)) {
          said.push({ thing: thing.en, sentence, unknown: await engine.unknownWords(signal, sentence) });
        }
      }
    }
    return said;
  }, { at: address, things });
  assert.deepEqual(said.filter(({ unknown }) => unknown.length), []);
  assert(said.length > 300, String(said.length));
  const about = (/** @type {string} */ thing) => said.filter((one) => one.thing === thing).map(({ sentence }) => sentence);
  assert.deepEqual(about('dress').slice(0, 3), ['a navy and white striped dress', 'make the dress mustard', 'a green tartan dress']);
  assert.deepEqual(about('trousers')[0], 'navy and white striped trousers');
  assert(!about('shoes').some((sentence) => /striped|tartan|条纹|格子/.test(sentence)));
  assert.deepEqual(about('hair'), ['pink hair', 'a darker background', '粉色的头发', '深一点的背景']);
});

test('arrow keys go through earlier sentences and back to what one was typing', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  const sentences = ['make it blue', 'make it yellow', 'make it red'];
  for (const sentence of [...sentences, 'make it yellow']) await ask(page, sentence);
  const field = page.locator('#prompt');
  const press = async (/** @type {string} */ key) => {
    await field.press(key);
    return field.inputValue();
  };
  await field.fill('');
  await field.pressSequentially('pur');
  // Each sentence once, at the place of its last use.
  assert.deepEqual([await press('ArrowUp'), await press('ArrowUp'), await press('ArrowUp')], ['make it yellow', 'make it red', 'make it blue']);
  assert.equal(await press('ArrowUp'), 'make it blue');
  assert.deepEqual([await press('ArrowDown'), await press('ArrowDown'), await press('ArrowDown')], ['make it red', 'make it yellow', 'pur']);
  await page.reload();
  assert.equal(await field.inputValue(), 'pur');
  assert.equal(await press('ArrowUp'), 'make it yellow');
});

test('words that the model does not know are marked while one types, but not the one being typed', async () => {
  const { page } = await openPage(browser);
  const marked = page.locator('#unknown bdi');
  // Looked for while it is typed: a second later, the last word counts as finished.
  await Promise.all([
    page.waitForFunction(() => {
      const { value } = /** @type {HTMLInputElement} */ (document.getElementById('prompt'));
      const marks = [...document.querySelectorAll('#unknown bdi')].map((mark) => mark.textContent);
      return value.endsWith('are bl') && marks.join() === '“qwrtzu”';
    }),
    page.locator('#prompt').pressSequentially('the qwrtzu petals are bl'),
  ]);
  await page.waitForFunction(() => document.querySelectorAll('#unknown bdi').length === 2);
  assert.deepEqual(await marked.allTextContents(), ['“qwrtzu”', '“bl”']);
  await page.locator('#prompt').pressSequentially('ue');
  await page.waitForFunction(() => document.querySelectorAll('#unknown bdi').length === 1);
  await page.fill('#prompt', 'make it blue');
  await page.waitForFunction(() => !document.getElementById('unknown')?.textContent);
});

/** The page with an engine that takes five seconds for each edit. */
async function slowPage() {
  const opened = await newPage(browser);
  await opened.page.addInitScript(() => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      setTimeout(() => post.call(this, message, transfer), message.type === 'edit' ? 5000 : 0);
    };
  });
  await opened.page.goto(address);
  await loaded(opened.page);
  await choose(opened.page, 'flower.png', flower);
  await opened.page.locator('.before canvas').waitFor();
  return opened;
}

test('Escape stops an edit, and so does the button; the photo stays, and the next edit works', async () => {
  const { page, problems } = await slowPage();
  for (const stop of [() => page.keyboard.press('Escape'), () => page.click('#stop')]) {
    await page.fill('#prompt', 'make it blue');
    await page.press('#prompt', 'Enter');
    await page.waitForFunction(() => document.getElementById('stage')?.ariaBusy === 'true');
    await stop();
    await page.waitForFunction(() => document.getElementById('stage')?.ariaBusy === 'false');
    assert.equal(await page.locator('#status').textContent(), 'Stopped.');
    assert.equal(await page.locator('#error').textContent(), '');
    assert.equal(await page.locator('.after canvas').count(), 0);
    assert.equal(await page.locator('#prompt').inputValue(), 'make it blue');
  }
  await ask(page, 'make it blue');
  assert.deepEqual(problems, []);
});

test('a sentence entered while an edit runs takes its place', async () => {
  const { page } = await slowPage();
  for (const sentence of ['make it blue', 'make it yellow', 'make it red']) {
    await page.fill('#prompt', sentence);
    await page.press('#prompt', 'Enter');
    await page.waitForTimeout(100);
  }
  await edited(page);
  const labels = await page.locator('#strip button').evaluateAll((buttons) => buttons.map((button) => button.ariaLabel));
  assert.deepEqual(labels, ['The photo', 'make it red']);
  const red = await shown(page);
  // One that has been running for long is ended, not waited for.
  let workers = 0;
  page.on('worker', () => { workers += 1; });
  await page.fill('#prompt', 'make it blue');
  await page.press('#prompt', 'Enter');
  await page.waitForTimeout(1700);
  await ask(page, 'make it yellow');
  assert.equal(workers, 1);
  assert.notEqual(await shown(page), red);
  assert.equal(await page.locator('#strip button').count(), 3);
});
