// The sentence: suggestions, earlier ones, unknown words, what Enter and Escape do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, ask, choose, drawFlower, edited, encodePng, launch, loaded, newPage, openPage, shown } from './helper.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(300, 200));

test('the suggestions are those of the model’s manifest, and one press makes an edit', async () => {
  const { page } = await openPage(browser);
  const { models: [model] } = await (await fetch(new URL('weights/manifest.json', address))).json();
  assert.deepEqual(await page.locator('#chips button').allTextContents(), model.prompts);
  assert((await page.locator('#about').textContent())?.includes(model.edits));
  await choose(page, 'flower.png', flower);
  // Every photo has a background; not every one has trousers.
  const prompt = model.prompts.find((/** @type {string} */ prompt) => prompt.includes('background'));
  await page.locator('#chips button', { hasText: prompt }).click();
  await edited(page);
  assert.equal(await page.locator('#prompt').inputValue(), prompt);
  assert.equal(await page.locator('.after canvas').getAttribute('aria-label'), `The photo, edited: ${prompt}`);
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
  await page.locator('#prompt').pressSequentially('the qwrtzu petals are bl');
  await marked.first().waitFor();
  assert.deepEqual(await marked.allTextContents(), ['“qwrtzu”']);
  await page.waitForFunction(() => document.querySelectorAll('#unknown bdi').length === 2);
  assert.deepEqual(await marked.allTextContents(), ['“qwrtzu”', '“bl”']);
  await page.locator('#prompt').pressSequentially('ue');
  await page.waitForFunction(() => document.querySelectorAll('#unknown bdi').length === 1);
  await page.fill('#prompt', 'make it blue');
  await page.waitForFunction(() => !document.getElementById('unknown')?.textContent);
});

/** The page with an engine that takes two seconds for each edit. */
async function slowPage() {
  const opened = await newPage(browser);
  await opened.page.addInitScript(() => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      setTimeout(() => post.call(this, message, transfer), message.type === 'edit' ? 3000 : 0);
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
