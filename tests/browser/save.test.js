// The ways out: files of three formats, the clipboard, a link that never carries the photo.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { address, ask, choose, download, edited, launch, loaded, newPage, openPage, rested, says, shown } from './helper.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(333, 222));

/** @param {import('playwright-core').BrowserContextOptions} [options] */
async function editPage(options) {
  const opened = await openPage(browser, options);
  await choose(opened.page, 'My garden.png', flower);
  await ask(opened.page, 'make it blue');
  return opened;
}

/**
 * A file's pixels, read by the browser.
 *
 * @param {import('playwright-core').Page} page
 * @param {Buffer} file
 */
async function decode(page, file) {
  const [width, height, data] = await page.evaluate(async (file) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(file), (c) => c.charCodeAt(0))]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(bitmap, 0, 0);
    return [bitmap.width, bitmap.height, [...context.getImageData(0, 0, bitmap.width, bitmap.height).data]];
  }, file.toString('base64'));
  return { width, height, pixels: Buffer.from(data) };
}

test('PNG, JPEG and WebP have the photo’s own size, its name and nearly its pixels', async () => {
  const { page, problems } = await editPage();
  const exact = decodePng(await readFile((await download(page)).path)).pixels;
  for (const [type, start, end] of /** @type {const} */ ([['jpeg', '\xff\xd8\xff', 'jpg'], ['webp', 'RIFF', 'webp']])) {
    const { name, path } = await download(page, type);
    assert.equal(name, `My garden-make-it-blue.${end}`);
    const file = await readFile(path);
    assert(file.toString('latin1').startsWith(start));
    const picture = await decode(page, file);
    assert.deepEqual([picture.width, picture.height], [333, 222]);
    const { mean } = difference(picture.pixels, exact);
    assert(mean > 0 && mean < 6, `${type} is ${mean} off`);
  }
  assert.deepEqual(problems, []);
});

test('a JPEG loses as much as one says', async () => {
  const { page, problems } = await editPage();
  const size = async () => (await readFile((await download(page, 'jpeg')).path)).length;
  const usual = await size();
  await page.click('#save');
  // By keyboard: the menu has a slider for it.
  await page.focus('#quality');
  await page.keyboard.press('Home');
  assert.equal(await page.locator('#save-menu output').textContent(), '50 %');
  await page.keyboard.press('Escape');
  assert(await size() < usual * 0.6);
  assert.deepEqual(problems, []);
});

test('a transparent photo becomes a JPEG on white', async () => {
  const { page } = await openPage(browser);
  const picture = drawFlower(200, 100);
  for (let i = 0; i < 200 * 100; i += 1) if (i % 200 < 60) picture.pixels[i * 4 + 3] = 0;
  await choose(page, 'cut-out.png', encodePng(picture));
  await ask(page, 'make it blue');
  const { pixels } = await decode(page, await readFile((await download(page, 'jpeg')).path));
  assert(Math.min(...pixels.subarray(50 * 200 * 4, 50 * 200 * 4 + 3)) > 245);
});

test('a format that the browser cannot make is not offered; no memory for a picture says so', async () => {
  const { page } = await editPage();
  await page.evaluate(() => {
    const toBlob = HTMLCanvasElement.prototype.toBlob;
    HTMLCanvasElement.prototype.toBlob = function (done, type, quality) {
      if (type === 'image/jpeg') done(null);
      else toBlob.call(this, done, type === 'image/webp' ? 'image/png' : type, quality);
    };
  });
  await page.click('#save');
  await page.locator('#download-webp').waitFor({ state: 'hidden' });
  assert(await page.locator('#download-png').isVisible());
  await page.click('#download-jpeg');
  await says(page, /could not make a JPEG file.*memory/);
});

test('the menu closes with Escape and a press elsewhere, and gives the keyboard back', async () => {
  const { page } = await editPage();
  const menu = page.locator('#save-menu');
  await page.click('#save');
  assert.equal(await page.locator('#save').getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  assert.equal(await menu.isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'save');
  await page.keyboard.press('Enter');
  assert(await menu.isVisible());
  await page.mouse.click(5, 400);
  assert.equal(await menu.isVisible(), false);
});

test('the picture and the link are copied; a browser that refuses has a way on', async () => {
  const { context, page, problems } = await editPage();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.click('#save');
  await page.click('#copy');
  await page.waitForFunction(() => document.getElementById('status')?.textContent === 'Copied.');
  const copied = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const png = await item?.getType('image/png');
    const bitmap = await createImageBitmap(/** @type {Blob} */ (png));
    const canvas = document.createElement('canvas');
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL();
  });
  assert.equal(copied, await shown(page));

  await page.click('#save');
  const link = await page.locator('#link').inputValue();
  await page.click('#copy-link');
  await page.waitForFunction(() => /link is copied/.test(document.getElementById('status')?.textContent ?? ''));
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  assert.deepEqual(problems, []);

  await page.evaluate(() => {
    for (const name of /** @type {const} */ (['write', 'writeText'])) navigator.clipboard[name] = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await page.click('#save');
  await page.click('#copy');
  await says(page, /Download it instead/);
  await page.click('#copy-link');
  await page.waitForFunction(() => /Copy it by hand/.test(document.getElementById('error')?.textContent ?? ''));
  assert.equal(await page.evaluate(() => getSelection()?.toString()), link);
});

test('a link carries sentence and strength, never the photo, and makes the same edit elsewhere', async () => {
  const { page } = await editPage();
  await page.fill('#strength', '0.65');
  await rested(page, 0.65);
  const picture = await shown(page);
  await page.click('#save');
  const link = new URL(await page.locator('#link').inputValue());
  assert.equal(link.href.split('#')[0], address);
  const parts = Object.fromEntries(new URLSearchParams(link.hash.slice(1)));
  assert.deepEqual(parts, { prompt: 'make it blue', strength: '0.65' });

  const other = await newPage(browser);
  await other.page.goto(link.href);
  await loaded(other.page);
  assert.equal(await other.page.locator('#prompt').inputValue(), 'make it blue');
  assert.match(await other.page.locator('#status').textContent() ?? '', /Choose a photo/);
  await choose(other.page, 'flower.png', flower);
  await other.page.locator('.before canvas').waitFor();
  await other.page.press('#prompt', 'Enter');
  await edited(other.page);
  assert.equal(await shown(other.page), picture);
  assert.deepEqual(other.problems, []);
});

test('a link of an older page, or one that makes no sense, does no harm', async () => {
  const { page } = await newPage(browser);
  await page.goto(`${address}#prompt=purple&model=birds&seed=x&strength=9`);
  await loaded(page);
  assert.equal(await page.locator('#strength').inputValue(), '1');
  await choose(page, 'flower.png', flower);
  await page.locator('.before canvas').waitFor();
  await page.press('#prompt', 'Enter');
  await edited(page);
  await page.evaluate(() => { location.hash = '#prompt=make+it+yellow&strength=0.5'; });
  await page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.getElementById('prompt')).value === 'make it yellow');
  for (const hash of ['#', '#prompt=', '#top', '#prompt=%E0%A4%A']) {
    await page.goto(address + hash);
    await loaded(page);
  }
});
