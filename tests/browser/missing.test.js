// A photo is looked at once, and what a sentence names and the photo lacks is said to be missing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { address, ask, choose, edited, launch, loaded, newPage, openPage, says, shown } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));

/** The page, which counts what it asks of its worker. @param {import('playwright-core').BrowserContextOptions} [options] */
async function countingPage(options) {
  const opened = await newPage(browser, options);
  await opened.page.addInitScript(() => {
    /** @type {Record<string, number>} */
    const sent = {};
    Object.assign(globalThis, { sent });
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      sent[message.type] = (sent[message.type] ?? 0) + 1;
      post.call(this, message, transfer);
    };
  });
  await opened.page.goto(address);
  await loaded(opened.page);
  const sent = async (/** @type {string} */ type) => (await opened.page.evaluate(() => /** @type {any} */ (globalThis).sent))[type] ?? 0;
  return { ...opened, sent };
}

test('a photo is looked at when it is opened, and never again for its edits', async () => {
  const { page, sent, problems } = await countingPage();
  await choose(page, 'flower.png', flower);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).sent.look === 1);
  for (const sentence of ['make it blue', 'a darker background', 'make it yellow']) await ask(page, sentence);
  await page.fill('#strength', '0.5');
  await page.click('.mask');
  await page.locator('.veil canvas').waitFor();
  assert.deepEqual([await sent('look'), await sent('edit')], [1, 3]);
  // The last questions about this photo, things first and then the background: later, it would be looked at again for them.
  await page.waitForFunction(() => /** @type {any} */ (globalThis).sent.places >= 2);
  // What an edit made is another picture, and so is another photo.
  await page.click('#on-top');
  await ask(page, 'make it red');
  assert.equal(await sent('look'), 2);
  await choose(page, 'other.png', encodePng(drawFlower(200, 240)));
  await page.waitForFunction(() => /** @type {any} */ (globalThis).sent.look === 3);
  await ask(page, 'make it red');
  assert.equal(await sent('look'), 3);
  assert.deepEqual(problems, []);
});

test('where nothing of it is there, nothing changes, and the page says what is there', async () => {
  const { page, problems } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  await ask(page, 'make it blue');
  const blue = await shown(page);
  await page.fill('#prompt', 'make the tie red');
  await page.press('#prompt', 'Enter');
  await says(page, /^I see no tie here(\. I see: .+|, and nothing else that I know)\.$/);
  assert.equal(await shown(page), blue);
  assert.equal(await page.locator('#strip button').count(), 2);
  assert.equal(await page.locator('#prompt').inputValue(), 'make the tie red');
  // The edit that is shown is still the one that the slider changes.
  await page.fill('#strength', '0.5');
  await page.waitForFunction((blue) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== blue, blue);
  await page.fill('#strength', '1');
  await page.waitForFunction((blue) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === blue, blue);
  await page.fill('#prompt', 'a red tie and blue gloves');
  await page.press('#prompt', 'Enter');
  await says(page, /^I see no tie and no gloves here/);
  for (const [prompt, words] of /** @type {[string, RegExp][]} */ ([
    ['a shirt with long sleeves', /^I see no bare arms beside it here/],
    ['a shorter skirt', /^I can shorten trousers, but no sleeves or skirts yet\.$/],
  ])) {
    await page.fill('#prompt', prompt);
    await page.press('#prompt', 'Enter');
    await says(page, words);
  }
  assert.deepEqual(problems, []);
});

test('where some of it is there, that is edited, and the rest is named', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  await ask(page, 'a darker background');
  const dark = await shown(page);
  await ask(page, 'a red tie and a darker background');
  assert.equal(await page.locator('#missing').textContent(), 'I see no tie here.');
  assert.equal(await shown(page), dark);
  assert.equal(await page.locator('#strip button').count(), 3);
  assert.deepEqual(await violations(page), []);
  await page.fill('#prompt', 'a red');
  await page.waitForFunction(() => !document.getElementById('missing')?.textContent);
});

test('in Chinese, too', async () => {
  const { page } = await openPage(browser, { locale: 'zh-CN' });
  await choose(page, 'flower.png', flower);
  await page.fill('#prompt', '把领带变成红色');
  await page.press('#prompt', 'Enter');
  await says(page, /^这里没有看到领带[。，][^a-z]+$/);
});

test('what is in the photo begins a sentence', async () => {
  const { page } = await countingPage();
  await choose(page, 'flower.png', flower);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).sent.sees === 1);
  const chips = page.locator('#things button');
  await chips.first().waitFor();
  const name = await chips.first().textContent();
  await chips.first().press('Enter');
  assert.equal(await page.locator('#prompt').inputValue(), `make the ${name} `);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'prompt');
  await page.keyboard.type('blue');
  await page.press('#prompt', 'Enter');
  await edited(page);
  await page.click('#clear');
  await page.locator('#sure .primary').click();
  await page.locator('#things').waitFor({ state: 'hidden' });
});
