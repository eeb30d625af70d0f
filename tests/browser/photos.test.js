// Photos as they come: turned by a camera, transparent, tiny, too large, or no photos at all.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { ask, choose, download, encode, launch, openPage, says } from './helper.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/**
 * A JPEG with an EXIF segment that says how the camera was held.
 *
 * @param {Buffer} jpeg
 * @param {number} orientation
 */
function turned(jpeg, orientation) {
  const exif = Buffer.from('FFE1 0022 45786966 0000 4D4D 002A 00000008 0001 0112 0003 00000001 0000 0000 00000000'.replaceAll(' ', ''), 'hex');
  exif.writeUInt16BE(orientation, 28);
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
}

test('a photo that EXIF says is turned comes out upright', async () => {
  const { page } = await openPage(browser);
  const flower = drawFlower(320, 200);
  // A white corner tells which way is up.
  for (let y = 0; y < 40; y += 1) flower.pixels.fill(255, y * 320 * 4, (y * 320 + 60) * 4);
  const jpeg = await encode(page, flower, 'image/jpeg');
  await choose(page, 'turned.jpg', turned(jpeg, 6), 'image/jpeg');
  await ask(page, 'make it blue');
  const picture = decodePng(await readFile((await download(page)).path));
  assert.deepEqual([picture.width, picture.height], [200, 320]);
  // Orientation 6: the camera's top left is the photo's top right. The edit may tint all of it.
  const white = (/** @type {number} */ x, /** @type {number} */ y) => Math.min(...picture.pixels.slice((y * 200 + x) * 4, (y * 200 + x) * 4 + 3));
  for (const [x, y] of /** @type {[number, number][]} */ ([[10, 20], [10, 310], [190, 310]])) {
    assert(white(190, 20) > white(x, y) + 50, `top right is ${white(190, 20)}; ${x}, ${y} is ${white(x, y)}`);
  }
});

test('transparency is kept', async () => {
  const { page } = await openPage(browser);
  const flower = drawFlower(240, 180);
  for (let i = 0; i < 240 * 180; i += 1) {
    flower.pixels[i * 4 + 3] = i % 240 < 80 ? 0 : i % 240 < 120 ? 96 + (i % 60) : 255;
  }
  await choose(page, 'cut-out.png', encodePng(flower));
  await ask(page, 'make it blue');
  const picture = decodePng(await readFile((await download(page)).path));
  const alpha = (/** @type {Uint8Array} */ pixels) => pixels.filter((_, i) => i % 4 === 3);
  assert(Buffer.compare(alpha(picture.pixels), alpha(flower.pixels)) === 0);
  assert(difference(picture.pixels, flower.pixels, (i) => i % 240 >= 120).mean > 1);
});

test('a photo of one pixel is edited, or the page says why not', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'dot.png', encodePng({ width: 1, height: 1, pixels: new Uint8Array([200, 40, 40, 255]) }));
  await page.fill('#prompt', 'make it blue');
  await page.press('#prompt', 'Enter');
  await page.waitForFunction(() => document.getElementById('status')?.textContent?.startsWith('Done') || document.getElementById('error')?.textContent);
  assert.match(await page.locator('#error').textContent() ?? '', /^(|.*small.*|.*pixel.*)$/i);
  assert.equal(await page.locator('.before canvas').count(), 1);
});

test('a photo wider than any canvas is worked on in a smaller copy, and the page says so', async () => {
  const { page, problems } = await openPage(browser);
  const wide = encodePng(drawFlower(66_000, 24));
  await choose(page, 'panorama.png', wide);
  await page.locator('#status').filter({ hasText: 'no picture of 66,000 x 24 pixels: you work on a smaller copy.' }).waitFor();
  await ask(page, 'make the background blue');
  const { width, height } = decodePng(await readFile((await download(page)).path));
  assert(width > 10_000 && width < 66_000, String(width));
  assert(Math.abs(width * 24 / 66_000 - height) <= 0.5, `${width} x ${height}`);
  assert.deepEqual(problems, []);
});

test('a broken file, no photo, an empty sentence and unknown words give messages, and nothing is lost', async () => {
  const { page, problems } = await openPage(browser);
  const error = page.locator('#error');
  const photo = () => page.locator('.before canvas').evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
  const jpeg = await encode(page, drawFlower(300, 200), 'image/jpeg');

  await page.fill('#prompt', 'make it blue');
  await page.press('#prompt', 'Enter');
  await says(page, /no photo yet/);

  await choose(page, 'flower.jpg', jpeg, 'image/jpeg');
  await page.waitForSelector('.before canvas');
  const kept = await photo();
  assert.equal(await error.textContent(), '');

  for (const [name, bytes] of /** @type {[string, Uint8Array][]} */ ([['torn.jpg', jpeg.subarray(0, 100)], ['notes.jpg', Buffer.from('not a picture')], ['nothing.jpg', new Uint8Array()]])) {
    await choose(page, name, bytes, 'image/jpeg');
    await says(page, new RegExp(`${name}.*could not be read`));
    assert.equal(await photo(), kept);
  }

  await ask(page, 'make it blue');
  const edit = () => page.locator('.after canvas').evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
  const edited = await edit();

  await page.fill('#prompt', '   ');
  await page.press('#prompt', 'Enter');
  await says(page, /empty/);

  await page.fill('#prompt', 'qwrtzu xyzzyx');
  await page.press('#prompt', 'Enter');
  await says(page, /know/);
  assert.equal(await page.locator('#prompt').inputValue(), 'qwrtzu xyzzyx');

  assert.equal(await photo(), kept);
  assert.equal(await edit(), edited);
  await ask(page, 'make it yellow');
  assert.deepEqual(problems, []);
});

test('a word that the model does not know is named, and the rest is done', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'flower.png', encodePng(drawFlower(300, 200)));
  await ask(page, 'make it qwrtzu blue');
  assert.match(await page.locator('#unknown').textContent() ?? '', /“qwrtzu”/);
  await ask(page, 'make it blue');
  assert.equal(await page.locator('#unknown').textContent(), '');
});

test('any text at all is either edited or answered in words', async () => {
  const { page, problems } = await openPage(browser);
  await choose(page, 'flower.png', encodePng(drawFlower(300, 200)));
  for (const sentence of ['🌷🌷🌷', '花瓣是蓝色的', 'make it blue '.repeat(500), '\u202Eeulb', "';--<b>&amp;", '\0']) {
    await page.evaluate(() => document.querySelectorAll('#error, #status').forEach((words) => words.replaceChildren()));
    await page.fill('#prompt', sentence);
    await page.press('#prompt', 'Enter');
    await page.waitForFunction(() => {
      const [error, status] = ['error', 'status'].map((id) => document.getElementById(id)?.textContent ?? '');
      return /^Done/.test(status ?? '') || /know|empty|word/.test(error ?? '');
    }, undefined, { timeout: 60_000 });
  }
  await ask(page, 'make it blue');
  assert.deepEqual(problems, []);
});
