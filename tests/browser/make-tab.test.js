// Make beside Edit: the tabs, what arrives when they are opened, and a picture that goes to the editor.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { address, ask, choose, edited, launch, loaded, newPage, openPage, retry, shown } from './helper.js';
import { listing, makePage, open, pictures, SENTENCE, status, weave, woven } from './make.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** The manifest's model that makes pictures, and all of its models. @type {import('../../www/engine/load.js').Model} */
let maker;
/** @type {import('../../www/engine/load.js').Model[]} */
let models;
before(async () => {
  browser = await launch();
  ({ maker, models } = await listing());
});
after(() => browser.close());

const flower = encodePng(drawFlower(300, 200));

/** A manifest without what makes pictures, or another one. @param {import('playwright-core').BrowserContext} context @param {import('../../www/engine/load.js').Model[]} models */
const list = (context, models) => context.route('**/weights/manifest.json', (route) => route.fulfill({ json: { models } }));

test('without a model that makes pictures there are no tabs, and nothing of them is fetched', async () => {
  const { page, context } = await newPage(browser);
  await list(context, models.filter((model) => model !== maker));
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(address);
  await loaded(page);
  await page.waitForTimeout(300);
  assert.equal(await page.getByRole('tab').count(), 0);
  assert.deepEqual(asked.filter((path) => /tabs|make/.test(path)), []);
});

test('what makes pictures is never taken for an editor', async () => {
  const { page, context } = await newPage(browser);
  // The first of the list.
  await list(context, [maker, ...models.filter((model) => model !== maker)]);
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname.split('/').pop() ?? ''));
  await page.goto(address);
  await loaded(page);
  await page.getByRole('tab', { name: 'Make' }).waitFor();
  assert(!asked.includes(maker.file));
  const refused = await page.evaluate(async ([at = '', name = '']) => {
    const { open } = await import(new URL('www/wordloom.js', at).href);
    return open({ model: name }).catch((/** @type {Error} */ error) => error.message);
  }, [address, maker.name]);
  assert.match(refused, /no model/);
});

test('a picture becomes the photo; what it replaces is asked about', async () => {
  const { page, problems } = await openPage(browser);
  await open(page);
  await weave(page, SENTENCE);
  const take = (/** @type {number} */ number) => page.getByRole('button', { name: `Edit this one: picture ${number}` });
  await take(3).press('Enter');
  await page.locator('.before canvas').waitFor();
  assert.equal(await page.locator('dialog[open]').count(), 0);
  assert.equal(await page.getByRole('tab', { name: 'Edit' }).getAttribute('aria-selected'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'editing-tab');
  const photo = await page.locator('.before canvas').evaluate((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    return [canvas.width, canvas.height, ...canvas.getContext('2d')?.getImageData(0, 0, 1, 1).data ?? []];
  });
  assert.deepEqual(photo, [1024, 1024, 255, 255, 255, 255]);
  await loaded(page);
  await ask(page, 'yellow');
  const yellow = await shown(page);

  await page.getByRole('tab', { name: 'Make' }).click();
  await take(1).click();
  const dialog = page.getByRole('dialog');
  assert.match(await dialog.textContent() ?? '', /takes the place of the photo/);
  assert.deepEqual(await violations(page), []);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('tab', { name: 'Edit' }).click();
  assert.equal(await shown(page), yellow);
  await page.getByRole('tab', { name: 'Make' }).click();
  await take(1).click();
  await dialog.getByRole('button', { name: 'Edit the picture' }).click();
  await page.waitForFunction(() => !document.querySelector('.after canvas'));
  assert.equal(await page.locator('#strip').isVisible(), false);
  assert.deepEqual(problems, []);
});

test('going from tab to tab loses nothing, and its keys are its own', async () => {
  const { page, problems } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  await ask(page, 'make it blue');
  const blue = await shown(page);
  await page.fill('#prompt', 'make it yellow');
  await open(page);
  assert.equal(await page.locator('#editing').isVisible(), false);
  await weave(page, SENTENCE);
  const made = await pictures(page);
  // Undo is for the edits, which are not here.
  await page.getByRole('button', { name: 'More' }).focus();
  await page.keyboard.press('Control+z');
  await page.fill('#make-prompt', 'a black');
  await page.getByRole('tab', { name: 'Edit' }).click();
  assert.equal(await page.locator('.maker').isVisible(), false);
  // What was typed may be on the stage; only what is kept is an edit.
  assert.equal(await page.locator('#strip li').count(), 2);
  assert.equal(await page.inputValue('#prompt'), 'make it yellow');
  await page.press('#prompt', 'Enter');
  await page.waitForFunction(() => document.querySelectorAll('#strip li').length === 3);
  await edited(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.waitForFunction((picture) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === picture, blue);
  await page.getByRole('tab', { name: 'Make' }).click();
  assert.deepEqual(await pictures(page), made);
  assert.equal(await page.inputValue('#make-prompt'), 'a black');
  await page.getByRole('button', { name: 'More' }).click();
  await woven(page, 12);
  assert.deepEqual((await pictures(page)).slice(0, 6), made);
  // A photo that is dropped is for the editor.
  await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
    const blob = await new Promise((/** @type {(blob: any) => void} */ resolve) => canvas.toBlob(resolve));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([blob], 'dropped.png', { type: 'image/png' }));
    document.querySelector('.maker')?.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  });
  await page.waitForFunction(() => /** @type {HTMLCanvasElement | null} */ (document.querySelector('.before canvas'))?.width === 40);
  assert(await page.locator('#editing').isVisible());
  assert.deepEqual(problems, []);
});

test('the tabs by keyboard', async () => {
  const { page } = await openPage(browser);
  const [edit, make] = [page.getByRole('tab', { name: 'Edit' }), page.getByRole('tab', { name: 'Make' })];
  await edit.focus();
  for (const [key, there, other] of /** @type {const} */ ([['ArrowRight', make, edit], ['ArrowRight', edit, make], ['ArrowLeft', make, edit], ['Home', edit, make], ['End', make, edit]])) {
    await page.keyboard.press(key);
    assert.equal(await there.getAttribute('aria-selected'), 'true', key);
    assert.equal(await there.evaluate((tab) => tab === document.activeElement && tab.tabIndex === 0), true);
    assert.deepEqual([await other.getAttribute('aria-selected'), await other.getAttribute('tabindex')], ['false', '-1']);
  }
  assert.equal(await page.getByRole('tabpanel', { name: 'Make' }).count(), 1);
  await page.locator('.maker .chips button').first().waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'make-prompt');
});

test('once all is here, nothing more is asked for', async () => {
  const { page } = await makePage(browser);
  await weave(page, SENTENCE);
  /** @type {string[]} */
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await weave(page, 'a black dress');
  await page.getByRole('button', { name: 'More' }).click();
  await woven(page, 12);
  await page.locator('.words button').first().hover();
  await page.getByRole('tab', { name: 'Edit' }).click();
  await page.getByRole('tab', { name: 'Make' }).click();
  // A worker that rested is opened again, from what is here.
  const own = ['worker.js', 'device.js', 'gpu.js', 'swatches.js', 'wordloom.js'];
  await weave(page, SENTENCE);
  assert.deepEqual(requests.filter((url) => !url.startsWith('blob:') && !own.includes(url.split('/').pop() ?? '')), []);
  assert(requests.every((url) => !url.includes('red') && !url.includes('dress')));
});

test('while the model arrives one sees how much is here, and a sentence waits for it', async () => {
  const { page, context } = await openPage(browser);
  let go = () => {};
  const held = new Promise((resolve) => { go = () => resolve(undefined); });
  let broken = true;
  await context.route(`**/weights/${maker.file}`, async (route) => {
    if (broken) return route.abort();
    await held;
    return route.continue();
  });
  await page.locator('#making-tab').click();
  await page.fill('#make-prompt', SENTENCE);
  await page.press('#make-prompt', 'Enter');
  await page.locator('.maker .error').filter({ hasText: `${maker.file} could not be fetched` }).waitFor();
  assert.equal(await page.inputValue('#make-prompt'), SENTENCE);
  broken = false;
  await page.locator('.maker').getByRole('button', { name: 'Try again' }).press('Enter');
  await page.getByRole('progressbar', { name: 'Fetching the model' }).last().waitFor();
  assert.match(await status(page) ?? '', /as soon as the model is here/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'make-prompt');
  go();
  await woven(page);
  assert.equal(await page.getByRole('progressbar').filter({ visible: true }).count(), 0);
});

test('where a part of the tab does not come, it says so and can be tried again', async () => {
  const { page, context } = await openPage(browser);
  await context.route('**/www/make/view.js', (route) => route.abort());
  await page.locator('#making-tab').click();
  await page.locator('#making .error').filter({ hasText: 'make.js could not be fetched' }).waitFor();
  await page.getByRole('tab', { name: 'Edit' }).click();
  await choose(page, 'flower.png', flower);
  await ask(page, 'purple');
  await page.getByRole('tab', { name: 'Make' }).click();
  await page.locator('#making .error').waitFor();
  await context.unroute('**/www/make/view.js');
  await retry(page, page.locator('#make-prompt'), (reloaded) => (
    reloaded ? page.locator('#making-tab').click() : page.locator('#making').getByRole('button', { name: 'Try again' }).press('Enter')));
  await weave(page, SENTENCE);
});

test('without any storage it works as well', async () => {
  const { page, context } = await newPage(browser);
  await context.addInitScript(() => {
    for (const name of ['caches', 'indexedDB', 'sessionStorage', 'localStorage']) {
      Object.defineProperty(globalThis, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
    }
  });
  await page.goto(address);
  await loaded(page);
  await open(page);
  await weave(page, SENTENCE);
});
