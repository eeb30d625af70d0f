// "Embed in a page": the code that the page gives, in a page of somebody else's; frames as high as what they show.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { ask, choose, eventually, launch, loaded, newPage, openPage, rested, shown } from './helper.js';
import { dist, host } from './host.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

const flower = encodePng(drawFlower(400, 300));

/** @type {import('playwright-core').Browser} */
let browser;
/** Where the page lies. @type {import('./host.js').Host} */
let loom;
before(async () => {
  browser = await launch();
  loom = await host(dist, { folder: '/loom', headers: { 'Access-Control-Allow-Origin': '*' } });
});
after(() => Promise.all([browser.close(), loom.stop()]));

/** @param {import('playwright-core').BrowserContextOptions} [options] */
async function editPage(options) {
  const opened = await newPage(browser, options);
  await opened.page.goto(`${loom.address}/`);
  await loaded(opened.page);
  await choose(opened.page, 'My "garden" & <me>.png', flower);
  await ask(opened.page, 'make it "qwrtzu" blue');
  return opened;
}

/** @param {import('playwright-core').Page} page */
async function openDialog(page) {
  await page.click('#save');
  await page.click('#embed');
  const dialog = page.locator('dialog.snippet');
  await dialog.waitFor();
  return dialog;
}

/** Both files, by the names that the code has for them. @param {import('playwright-core').Page} page */
async function files(page) {
  /** @type {Record<string, Buffer>} */
  const found = {};
  for (const name of ['Save the photo', 'Save the edit']) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name, exact: true }).click()]);
    found[`/${file.suggestedFilename()}`] = await readFile(await file.path());
  }
  return found;
}

/** @param {import('playwright-core').Page} page @param {string} kind */
async function code(page, kind) {
  await page.locator('dialog.snippet label.button').getByText(kind, { exact: true }).click();
  return page.locator('dialog.snippet textarea').inputValue();
}

/** A page of somebody else's with this in it. @param {string} body @param {Record<string, Buffer>} pages */
async function post(body, pages, width = 900) {
  const blog = await host(dist, {
    headers: { 'Access-Control-Allow-Origin': '*' },
    pages: { ...pages, '/post.html': `<!doctype html><html lang="en"><meta charset="utf-8"><title>A post</title><link rel="icon" href="data:,"><main>${body}</main></html>` },
  });
  const opened = await newPage(browser, { viewport: { width, height: 844 } });
  loom.asked.length = 0;
  await opened.page.goto(`${blog.origin}/post.html`);
  return { ...opened, blog };
}

/** What the page said that it shows, beside pixels from elsewhere. @param {string} url @param {Uint8Array} pixels */
function same(url, pixels) {
  const { mean } = difference(decodePng(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')).pixels, pixels);
  assert(mean < 0.5, `${mean} apart`);
}

test('the element shows the edit at once, loads no model for it, and makes it when it is opened', async () => {
  const { page, problems } = await editPage();
  await page.fill('#strength', '0.65');
  await rested(page, 0.65);
  const edit = await shown(page);
  await openDialog(page);
  const given = await files(page);
  assert.deepEqual(Object.keys(given), ['/my-garden-me-.png', '/my-garden-me-make-it-qwrtzu-blue.jpg']);
  const body = await code(page, 'Element');
  assert.match(body, /prompt="make it &quot;qwrtzu&quot; blue" strength="0.65">/);
  const there = await post(body, given);
  const element = there.page.locator('word-loom');
  await element.locator('button.open').waitFor();
  const size = await element.locator('img').evaluate((image) => [/** @type {HTMLImageElement} */ (image).naturalWidth, image.clientHeight]);
  assert.equal(size[0], 400);
  assert((size[1] ?? 0) > 100);
  assert(!loom.asked.some((path) => /wasm|safetensors|worker/.test(path)), loom.asked.join(' '));
  await element.locator('button.open').click();
  await element.locator('.after canvas').waitFor();
  const bytes = await element.evaluate(async (element) => [...new Uint8Array(await (await /** @type {any} */ (element).toBlob()).arrayBuffer())]);
  same(edit, decodePng(Buffer.from(bytes)).pixels);
  assert.deepEqual([...problems, ...there.problems], []);
  await there.blog.stop();
});

for (const width of [390, 1200]) {
  test(`the frame is as high as what it shows, in a page of ${width} pixels`, async () => {
    const { page, problems } = await editPage();
    await openDialog(page);
    const given = await files(page);
    const blog = await host(dist, { headers: { 'Access-Control-Allow-Origin': '*' }, pages: given });
    await page.getByLabel('Address of their folder').fill(blog.origin);
    await page.getByLabel('Readers may write').check();
    const there = await post(await code(page, 'Frame'), given, width);
    const frame = there.page.frameLocator('iframe');
    await frame.locator('button.open').waitFor();
    const rest = () => there.page.waitForFunction(() => {
      const frame = document.querySelector('iframe');
      return frame && frame.height === frame.getAttribute('height') && Number(frame.height) === frame.clientHeight;
    });
    const left = () => frame.locator('html').evaluate((html) => [innerHeight - Math.ceil(html.getBoundingClientRect().height), html.scrollWidth - html.clientWidth]);
    await there.page.waitForTimeout(500);
    await rest();
    await eventually(async () => assert.deepEqual(await left(), [0, 0]));
    const closed = await there.page.locator('iframe').getAttribute('height');
    await frame.locator('button.open').click();
    await frame.locator('.after canvas').waitFor();
    // The controls are below the picture now.
    await eventually(async () => {
      assert(Number(await there.page.locator('iframe').getAttribute('height')) > Number(closed) + 80);
      assert.deepEqual(await left(), [0, 0]);
    });
    assert.deepEqual([...problems, ...there.problems], []);
    await Promise.all([blog.stop(), there.blog.stop()]);
  });
}

test('the module makes the edit, on top of another one, too', async () => {
  const { page, problems } = await editPage();
  await page.click('#on-top');
  await ask(page, 'a yellow background');
  const edit = await shown(page);
  await openDialog(page);
  const given = await files(page);
  const there = await post(await code(page, 'Module'), given);
  await there.page.locator('#wordloom canvas').waitFor();
  const url = await there.page.locator('#wordloom canvas').evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
  same(edit, decodePng(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')).pixels);
  assert.deepEqual([...problems, ...there.problems], []);
  await there.blog.stop();
});

for (const [width, colorScheme] of /** @type {const} */ ([[390, 'dark'], [1400, 'light']])) {
  test(`by keyboard alone at ${width} pixels, ${colorScheme}; axe finds nothing`, async () => {
    const { page, problems } = await openPage(browser, { viewport: { width, height: 844 }, colorScheme, hasTouch: width < 500 });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await choose(page, 'flower.png', flower);
    await ask(page, 'make it blue');
    await page.locator('#embed').waitFor({ state: 'attached' });
    await page.focus('#save');
    await page.keyboard.press('Enter');
    await page.focus('#embed');
    await page.keyboard.press('Enter');
    const dialog = page.locator('dialog.snippet');
    await dialog.waitFor();
    assert.deepEqual(await violations(page), []);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const small = await dialog.locator('button, label.button, .place-too').evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height < (innerWidth < 500 ? 44 : 40)).length);
    assert.deepEqual([beyond, small], [0, 0]);
    // The code is what the keys have chosen.
    await page.focus('#snippet-element');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.match(await dialog.locator('textarea').inputValue(), /import \{ open \}/);
    await page.getByRole('button', { name: 'Copy the code' }).focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('Copied.').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await dialog.locator('textarea').inputValue());
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'save');
    assert.deepEqual(problems, []);
  });
}
