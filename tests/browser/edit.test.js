// Real photos, real sentences, the real engine: what an edit does to the pixels.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { address, ask, behind, choose, download, edited, editPixels, launch, loaded, newPage, openPage, sample, scratch } from './helper.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Among the page's samples. */
const DAHLIA = 2;

test('a JPEG and a sentence give a picture that differs inside the mask and hardly outside', async () => {
  const { page } = await openPage(browser);
  const photo = await sample(page, DAHLIA);
  const { width, height, pixels, mask, original } = await editPixels(page, photo, 'make the flower blue');
  assert.equal(mask.length, width * height);
  const inside = difference(pixels, original, (i) => (mask[i] ?? 0) >= 128);
  const outside = difference(pixels, original, (i) => (mask[i] ?? 0) <= 25);
  const share = (/** @type {number} */ count) => count / (width * height);
  assert(share(inside.count) > 0.02, `the mask covers ${share(inside.count)} of the photo`);
  assert(share(outside.count) > 0.2, `the mask spares ${share(outside.count)} of the photo`);
  assert(inside.mean > 10, `inside the mask the mean change is ${inside.mean}`);
  assert(outside.mean < 5, `outside the mask the mean change is ${outside.mean}`);
  assert(inside.mean > 4 * outside.mean);
});

test('the page shows the edit, and the download decodes to exactly what it shows', async () => {
  const { page, problems } = await openPage(browser);
  const photo = await sample(page, DAHLIA);
  await choose(page, 'My garden.JPG', photo, 'image/jpeg');
  await ask(page, 'make it blue');
  const { name, path } = await download(page);
  assert.equal(name, 'My garden-make-it-blue.png');
  const picture = decodePng(await readFile(path));
  const expected = await editPixels(page, photo, 'make it blue');
  assert.deepEqual([picture.width, picture.height], [expected.width, expected.height]);
  assert.equal(difference(picture.pixels, expected.pixels).largest, 0);
  assert.deepEqual(problems, []);
});

test('a photo keeps its size, whatever its shape', async () => {
  const { page } = await openPage(browser);
  for (const [width, height] of /** @type {[number, number][]} */ ([[331, 77], [77, 331], [1031, 773]])) {
    await choose(page, 'flower.png', encodePng(drawFlower(width, height)));
    await ask(page, 'make it yellow');
    const picture = decodePng(await readFile((await download(page)).path));
    assert.deepEqual([picture.width, picture.height], [width, height]);
  }
});

for (const options of [{}, { strength: 0.6 }]) {
  test(`the page and the command line agree (${JSON.stringify(options)})`, async () => {
    const tool = process.env.LOOM;
    assert(tool, 'LOOM has to be the path of the command-line tool (cargo xtask test sets it)');
    const { page } = await openPage(browser);
    const photo = encodePng(drawFlower(400, 300));
    const here = await editPixels(page, photo, 'make it blue', options);
    const folder = await scratch();
    await writeFile(join(folder, 'in.png'), photo);
    await promisify(execFile)(tool, ['edit', join(folder, 'in.png'), 'make it blue', '-o', join(folder, 'out.png'),
      '--mask', join(folder, 'mask.png'), ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])]);
    const native = decodePng(await readFile(join(folder, 'out.png')));
    assert.deepEqual([native.width, native.height], [here.width, here.height]);
    const apart = difference(here.pixels, native.pixels).largest;
    assert(apart <= 2, `the pictures are ${apart} of 255 apart`);
    const mask = decodePng(await readFile(join(folder, 'mask.png')));
    const largest = here.mask.reduce((most, value, i) => Math.max(most, Math.abs(value - (mask.pixels[i * 4] ?? 0))), 0);
    assert(largest <= 2, `the masks are ${largest} of 255 apart`);
  });
}

test('strength goes from the photo to the edit, and is live', async () => {
  const { page } = await openPage(browser);
  const photo = encodePng(drawFlower(400, 300));
  const change = async (/** @type {number} */ strength) => {
    const { pixels, original } = await editPixels(page, photo, 'make it blue', { strength });
    return difference(pixels, original).mean;
  };
  const [none, half, full] = [await change(0), await change(0.5), await change(1)];
  assert(none < 0.1, `strength 0 changes ${none}`);
  assert(none < half && half < full);

  await choose(page, 'flower.png', photo);
  await ask(page, 'make it blue');
  await page.fill('#strength', '0');
  await edited(page);
  const shown = decodePng(await readFile((await download(page)).path));
  assert(difference(shown.pixels, drawFlower(400, 300).pixels).largest <= 1);
});

test('after load, ten edits, files of every format, a link and undo make no request at all', async () => {
  const { context, page } = await newPage(browser);
  /** @type {string[]} */
  let requests = [];
  context.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url())) requests.push(request.url());
  });
  await page.goto(address);
  await loaded(page);
  await behind(page);
  // The worker asks for this one, so requests of workers are among those that are seen.
  assert(requests.some((url) => url.endsWith('/pkg/cpu/wordloom.js')), requests.join(' '));
  requests = [];
  await page.locator('#samples button').nth(DAHLIA).click();
  for (const colour of ['blue', 'yellow', 'red', 'white', 'purple', 'pink', 'orange', 'green', 'black', 'violet']) await ask(page, `make it ${colour}`);
  for (const type of /** @type {const} */ (['png', 'jpeg', 'webp'])) await download(page, type);
  await page.click('#save');
  await page.click('#copy-link');
  for (let i = 0; i < 3; i += 1) await page.click('.bar .undo');
  await page.click('.bar .redo');
  await page.click('.mask');
  await page.locator('.veil canvas').waitFor();
  await page.waitForTimeout(300);
  assert.deepEqual(requests, []);
});

test('stopping an edit leaves the photo, and the next edit works', async () => {
  const { page } = await openPage(browser);
  const outcome = await page.evaluate(async (at) => {
    const [{ Engine }, { catalogue }] = await Promise.all(
      ['engine/engine', 'engine/load'].map((name) => import(new URL(`www/${name}.js`, at).href)));
    const { signal } = new AbortController();
    const engine = new Engine();
    await engine.open(signal, (await catalogue(signal)).parts);
    // As `drawFlower`, which a page does not have.
    const pixels = () => Uint8Array.from({ length: 1600 * 1200 * 4 }, (_, at) => {
      const [x, y] = [(at >> 2) % 1600 / 1200 - 2 / 3, Math.floor((at >> 2) / 1600) / 1200 - 1 / 2];
      const [r, petal] = [Math.hypot(x, y), 0.3 + 0.1 * Math.cos(8 * Math.atan2(y, x))];
      const [ground, pink, yellow] = [[70, 115, 48, 255], [236, 60, 120, 255], [222, 178, 44, 255]];
      return (r < 0.09 ? yellow : r < petal ? pink : ground)[at & 3] ?? 0;
    });
    const flower = pixels();
    const photo = { width: 1600, height: 1200, pixels: () => flower.slice() };
    /** @param {AbortSignal} signal */
    const edit = (signal) => engine.edit(signal, photo, 'make it blue').then(
      (/** @type {{bitmap: ImageBitmap}} */ edited) => edited.bitmap.width, (/** @type {Error} */ error) => error.name);
    const running = new AbortController();
    const first = edit(running.signal);
    const replaced = edit(signal);
    const last = edit(signal);
    setTimeout(() => running.abort(), 5);
    return Promise.all([first, replaced, last]);
  }, address);
  assert.deepEqual(outcome, ['AbortError', 'AbortError', 1600]);
});
