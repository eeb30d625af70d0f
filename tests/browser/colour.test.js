// What a photo has beside eight bits of sRGB: wide colours, deep ones, colours for print, a camera's notes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { ask, choose, download, encode, eventually, everything, launch, openPage, pictured } from './helper.js';
import { chunk, drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/**
 * A flower in Display P3, with a corner of a green that sRGB lacks, or of one that it has, as a file with its
 * profile.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} type
 * @param {[number, number, number]} corner
 */
async function wide(page, type, corner) {
  const { pixels } = drawFlower(320, 240);
  for (let i = 0; i < 320 * 240; i += 1) {
    // Greyer than any space's edge, but for the corner.
    const [r = 0, g = 0, b = 0] = pixels.subarray(i * 4);
    const grey = (r + g + b) / 3;
    pixels.set(i % 320 < 40 && i < 320 * 40 ? corner : [r, g, b].map((value) => grey + (value - grey) * 0.7), i * 4);
  }
  const url = await page.evaluate(({ type, pixels }) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { colorSpace: 'display-p3' }));
    const bytes = Uint8ClampedArray.from(atob(pixels), (c) => c.charCodeAt(0));
    context.putImageData(new ImageData(bytes, 320, 240, { colorSpace: 'display-p3' }), 0, 0);
    return canvas.toDataURL(type, 1);
  }, { type, pixels: Buffer.from(pixels).toString('base64') });
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

/** A file's colour at a place, read as Display P3. @param {import('playwright-core').Page} page @param {Buffer} file @param {number} x @param {number} y */
function colourAt(page, file, x, y) {
  return page.evaluate(async ({ file, x, y }) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(file), (c) => c.charCodeAt(0))]));
    const context = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d', { colorSpace: 'display-p3' }));
    context.drawImage(bitmap, -x, -y);
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }, { file: file.toString('base64'), x, y });
}

/** @param {number[]} a @param {number[]} b @param {number} [most] */
function near(a, b, most = 3) {
  assert(a.every((value, i) => Math.abs(value - (b[i] ?? 0)) <= most), `${a} is not ${b}`);
}

const GREEN = /** @type {[number, number, number]} */ ([0, 230, 40]);

for (const type of /** @type {const} */ (['png', 'jpeg', 'webp'])) {
  test(`a photo in Display P3 stays one: ${type}`, async () => {
    const { page, problems } = await openPage(browser);
    await choose(page, `wide.${type}`, await wide(page, `image/${type}`, GREEN), `image/${type}`);
    await page.locator('.before canvas').waitFor();
    await ask(page, 'make it blue');
    await page.fill('#strength', '0');
    await page.waitForTimeout(800);
    const file = await readFile((await download(page, type)).path);
    // At no strength an edit is the photo.
    near(await colourAt(page, file, 4, 4), GREEN, type === 'png' ? 2 : 6);
    assert.deepEqual(problems, []);
  });
}

test('wide colours outlive a reload, a step back, and an edit on top', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'wide.png', await wide(page, 'image/png', GREEN));
  await page.locator('.before canvas').waitFor();
  await ask(page, 'make it blue');
  await pictured(page, 1);
  const edit = await readFile((await download(page)).path);
  await page.click('#on-top');
  await ask(page, 'make it yellow');
  await page.click('.bar .undo');
  await page.click('.bar .undo');
  await page.locator('#status').filter({ hasText: 'Showing' }).waitFor();
  for (const reload of [false, true]) {
    if (reload) {
      await eventually(async () => assert.deepEqual((await everything(page)).find(({ key }) => key[1] === 'state')?.value.now, { shown: 1, base: 0 }));
      await page.reload();
    }
    await page.locator('.after canvas').waitFor();
    const file = await readFile((await download(page)).path);
    for (const [x, y] of /** @type {[number, number][]} */ ([[4, 4], [160, 120], [210, 120]])) near(await colourAt(page, file, x, y), await colourAt(page, edit, x, y), 1);
  }
});

test('a photo that sRGB holds is worked on in sRGB, whatever its profile', async () => {
  const { page } = await openPage(browser);
  for (const [name, file] of /** @type {[string, Buffer][]} */ ([
    ['narrow.png', await wide(page, 'image/png', [110, 120, 110])],
    ['plain.png', encodePng(drawFlower(300, 200))],
  ])) {
    await choose(page, name, file);
    await page.waitForFunction((width) => document.querySelector('.before canvas')?.getAttribute('width') === width, name === 'plain.png' ? '300' : '320');
    assert.equal(await page.locator('.before canvas').evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).getContext('2d')?.getContextAttributes().colorSpace), 'srgb');
  }
});

/** A PNG of 16 bits a colour. */
function deep() {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(64, 0);
  header.writeUInt32BE(48, 4);
  header.set([16, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc((64 * 6 + 1) * 48, 90);
  for (let y = 0; y < 48; y += 1) rows[y * (64 * 6 + 1)] = 0;
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

test('what is lost of 16 bits, or of colours for print, is said', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'deep.png', deep());
  await page.locator('#status').filter({ hasText: 'Of its 16 bits a colour, 8 are kept. 64 x 48 pixels.' }).waitFor();
  // A JPEG of four colours, as far as its header goes.
  const found = await page.evaluate(async () => {
    const { about } = await import(/** @type {string} */ ('/www/photo/file.js'));
    const head = (/** @type {number} */ colours) => [0xff, 0xd8, 0xff, 0xc0, 0, 8 + 3 * colours, 8, 0, 48, 0, 64, colours, ...Array(3 * colours).fill(0), 0xff, 0xda, 0, 2];
    return Promise.all([3, 4].map(async (colours) => (await about(new Blob([Uint8Array.from(head(colours))]))).lost?.en));
  });
  assert.deepEqual(found, [null, 'Its colours for print (CMYK) became those of a screen.'].map((value) => value ?? undefined));
});

/** A JPEG with a camera's notes, in either order of bytes. @param {Buffer} jpeg @param {boolean} little */
function withNotes(jpeg, little) {
  const tiff = Buffer.alloc(600);
  const u16 = (/** @type {number} */ value, /** @type {number} */ at) => (little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at));
  const u32 = (/** @type {number} */ value, /** @type {number} */ at) => (little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at));
  let data = 200;
  const put = (/** @type {number} */ at, /** @type {[number, string | number][]} */ entries) => {
    u16(entries.length, at);
    for (const [i, [tag, value]] of entries.entries()) {
      const entry = at + 2 + 12 * i;
      u16(tag, entry);
      if (typeof value === 'number') {
        const short = tag === 0x0112;
        u16(short ? 3 : 4, entry + 2);
        u32(1, entry + 4);
        (short ? u16 : u32)(value, entry + 8);
      } else {
        u16(2, entry + 2);
        u32(value.length + 1, entry + 4);
        u32(data, entry + 8);
        tiff.write(value, data, 'latin1');
        data += value.length + 1 + (value.length + 1) % 2;
      }
    }
  };
  tiff.write(little ? 'II' : 'MM', 'latin1');
  u16(42, 2);
  u32(8, 4);
  put(8, [[0x010f, 'Loomcam'], [0x0112, 6], [0x8769, 80], [0x8825, 140]]);
  put(80, [[0x9003, '2026:05:04 03:02:01'], [0x927c, 'private notes of a maker'], [0xa434, 'A lens of fifty millimetres']]);
  put(140, [[0x0001, 'Northern half'], [0x001b, 'Somewhere']]);
  const head = Buffer.from([0xff, 0xe1, (tiff.length + 8) >> 8, (tiff.length + 8) & 255, ...Buffer.from('Exif\0\0')]);
  return Buffer.concat([jpeg.subarray(0, 2), head, tiff, jpeg.subarray(2)]);
}

for (const little of [true, false]) {
  test(`the camera’s notes go with a saved JPEG, but not the place; ${little ? 'little' : 'big'} end first`, async () => {
    const { page, problems } = await openPage(browser);
    const jpeg = withNotes(await encode(page, drawFlower(320, 200), 'image/jpeg'), little);
    await choose(page, 'camera.jpg', jpeg, 'image/jpeg');
    await page.waitForFunction(() => document.querySelector('.before canvas')?.getAttribute('width') === '200');
    await ask(page, 'make it blue');
    for (const reload of [false, true]) {
      if (reload) {
        await pictured(page, 1);
        await page.reload();
        await page.locator('.after canvas').waitFor();
      }
      const saved = (await readFile((await download(page, 'jpeg')).path)).toString('latin1');
      for (const words of ['Exif', 'Loomcam', '2026:05:04 03:02:01', 'A lens of fifty']) assert(saved.includes(words), words);
      for (const words of ['Northern', 'Somewhere', 'private notes']) assert(!saved.includes(words), words);
    }
    // Upright as it is, and not turned once more. Chromium reads the notes, too.
    const file = await readFile((await download(page, 'jpeg')).path);
    const size = await page.evaluate(async (file) => {
      const { width, height } = await createImageBitmap(new Blob([Uint8Array.from(atob(file), (c) => c.charCodeAt(0))]), { imageOrientation: 'from-image' });
      return [width, height];
    }, file.toString('base64'));
    assert.deepEqual(size, [200, 320]);
    assert.deepEqual(problems, []);
  });
}

/** What a file's notes say of the place: the values of its directory. @param {Buffer} file */
function placeOf(file) {
  const tiff = file.subarray(file.indexOf('Exif\0\0') + 6);
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (/** @type {number} */ at) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (/** @type {number} */ at) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const entries = (/** @type {number} */ at) => Array.from({ length: u16(at) }, (_, i) => at + 2 + 12 * i);
  const pointer = entries(u32(4)).find((entry) => u16(entry) === 0x8825);
  return pointer ? entries(u32(pointer + 8)).map((entry) => tiff.toString('latin1', u32(entry + 8), u32(entry + 8) + u32(entry + 4) - 1)) : [];
}

for (const little of [true, false]) {
  test(`the place goes with a JPEG where that is asked for, for this photo alone; ${little ? 'little' : 'big'} end first`, async () => {
    const { page, problems } = await openPage(browser);
    const plain = await encode(page, drawFlower(320, 200), 'image/jpeg');
    const asks = page.locator('#with-place');
    for (const [name, file, placed] of /** @type {const} */ ([['plain.jpg', plain, false], ['camera.jpg', withNotes(plain, little), true], ['again.jpg', withNotes(plain, little), true]])) {
      await choose(page, name, file, 'image/jpeg');
      await page.locator('#status').filter({ hasText: 'pixels. Say what' }).waitFor();
      await ask(page, 'make it blue');
      await page.click('#save');
      if (!placed) {
        assert.equal(await asks.isVisible(), false);
        await page.click('#save');
        continue;
      }
      await asks.waitFor();
      assert.equal(await asks.isChecked(), false);
      await page.click('#save');
      assert.deepEqual(placeOf(await readFile((await download(page, 'jpeg')).path)), []);
      await page.click('#save');
      await asks.check();
      await page.click('#save');
      const saved = await readFile((await download(page, 'jpeg')).path);
      assert.deepEqual(placeOf(saved), ['Northern half', 'Somewhere']);
      assert(saved.includes('A lens of fifty') && !saved.includes('private notes'));
    }
    assert.deepEqual(problems, []);
  });
}

test('notes that are damaged are no error, and are left out', async () => {
  const { page, problems } = await openPage(browser);
  const jpeg = withNotes(await encode(page, drawFlower(320, 200), 'image/jpeg'), true);
  for (const at of [14, 22, 24, 30, 60, 94]) {
    const broken = Buffer.from(jpeg);
    broken.fill(255, at, at + 4);
    await choose(page, `broken-${at}.jpg`, broken, 'image/jpeg');
    await page.locator('#status').filter({ hasText: 'pixels. Say what' }).waitFor();
    await ask(page, 'make it blue');
    const { name } = await download(page, 'jpeg');
    assert.equal(name, `broken-${at}-make-it-blue.jpg`);
  }
  assert.deepEqual(problems, []);
});

test('canvases of photos that are gone hold no pixels any more', async () => {
  const { page, problems } = await openPage(browser);
  await page.evaluate(() => {
    const canvases = /** @type {HTMLCanvasElement[]} */ ([]);
    Object.assign(globalThis, { canvases });
    const create = document.createElement;
    document.createElement = function (/** @type {any} */ ...given) {
      const made = create.apply(this, given);
      if (made instanceof HTMLCanvasElement) canvases.push(made);
      return made;
    };
  });
  for (let i = 0; i < 4; i += 1) {
    await choose(page, `flower-${i}.png`, encodePng(drawFlower(400 + i, 300)));
    await page.waitForFunction((width) => document.querySelector('.before canvas')?.getAttribute('width') === String(width), 400 + i);
    await ask(page, 'make it blue');
    await page.click('#on-top');
    await ask(page, 'make it yellow');
    await page.click('.mask');
    await page.locator('.veil canvas').waitFor();
    await page.click('.mask');
    await download(page, 'jpeg');
  }
  const large = () => page.evaluate(() => /** @type {any} */ (globalThis).canvases.filter((/** @type {HTMLCanvasElement} */ { width }) => width >= 400).length);
  // The photo, the edit, and the one that it is made on; for each of its things, and for all clothes, what a tap shows.
  const kept = await large();
  const things = await page.locator('#things button').count();
  assert(kept >= 3 && kept <= 3 + things + 1, `${kept} of ${things} things`);
  await page.click('#clear');
  await page.locator('#sure .primary').click();
  await page.waitForFunction(() => /cleared/.test(document.getElementById('status')?.textContent ?? ''));
  assert.equal(await large(), 0);
  assert.deepEqual(problems, []);
});
