// What has been made: the strip, undo and redo, edits on top of edits, strengths.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { address, ask, choose, download, editPixels, launch, newPage, openPage, pictured, rested, says, shown } from './helper.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));
const [BLUE, YELLOW, RED] = /** @type {const} */ (['make it blue', 'make it yellow', 'make it red']);

async function flowerPage() {
  const opened = await openPage(browser);
  await choose(opened.page, 'flower.png', flower);
  await opened.page.locator('.before canvas').waitFor();
  return opened;
}

/** The names in the strip, with a star at the one that is shown. @param {import('playwright-core').Page} page */
function strip(page) {
  return page.locator('#strip button').evaluateAll((buttons) => buttons.map((button) => `${button.ariaLabel}${button.ariaCurrent === 'true' ? ' *' : ''}`));
}

/** @param {string} picture As {@link shown} gives it. */
function fileOf(picture) {
  return Buffer.from(picture.slice(picture.indexOf(',') + 1), 'base64');
}

/** @param {import('playwright-core').Page} page @param {string} picture @param {boolean} [is] */
async function shows(page, picture, is = true) {
  await page.waitForFunction(({ picture, is }) => {
    const canvas = /** @type {HTMLCanvasElement | null} */ (document.querySelector('.after canvas'));
    return ((canvas?.toDataURL() ?? '') === picture) === is;
  }, { picture, is });
}

test('the strip goes back to every edit, pixel by pixel, and to the photo', async () => {
  const { page, problems } = await flowerPage();
  assert.equal(await page.locator('#strip').isVisible(), false);
  const pictures = [];
  for (const sentence of [BLUE, YELLOW, RED]) {
    await ask(page, sentence);
    pictures.push(await shown(page));
  }
  assert.equal(new Set(pictures).size, 3);
  assert.deepEqual(await strip(page), ['The photo', BLUE, YELLOW, `${RED} *`]);
  const thumbnails = await page.locator('#strip canvas').evaluateAll((canvases) => canvases.map((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL()));
  assert.equal(new Set(thumbnails).size, 4);
  await page.locator('#strip button').nth(1).click();
  await shows(page, pictures[0] ?? '');
  assert.deepEqual(await strip(page), ['The photo', `${BLUE} *`, YELLOW, RED]);
  assert.equal(await page.locator('#prompt').inputValue(), BLUE);
  assert.match(await page.locator('#status').textContent() ?? '', /Showing “make it blue”/);
  // What is being typed is not written over.
  await page.fill('#prompt', 'purp');
  await page.locator('#strip button').nth(2).click();
  await shows(page, pictures[1] ?? '');
  assert.equal(await page.locator('#prompt').inputValue(), 'purp');
  await page.locator('#strip button').nth(0).click();
  await shows(page, '');
  assert.equal(await page.locator('#result').isVisible(), false);
  // The same again is no second edit.
  await ask(page, YELLOW);
  assert.equal(await shown(page), pictures[1]);
  assert.equal((await strip(page)).length, 4);
  assert.deepEqual(problems, []);
});

test('undo and redo, by button and by key; a new edit ends redo; in a field they are the field’s own', async () => {
  const { page } = await flowerPage();
  const off = (/** @type {string} */ name) => page.locator(`.bar .${name}`).getAttribute('aria-disabled');
  assert.deepEqual([await off('undo'), await off('redo')], ['true', 'true']);
  await ask(page, BLUE);
  const blue = await shown(page);
  await ask(page, YELLOW);
  const yellow = await shown(page);
  await page.click('.bar .undo');
  await shows(page, blue);
  await page.focus('.bar .undo');
  await page.keyboard.press('Control+z');
  await shows(page, '');
  assert.equal(await off('undo'), 'true');
  await page.keyboard.press('Control+Shift+z');
  await shows(page, blue);
  await page.keyboard.press('Control+y');
  await shows(page, yellow);
  await page.click('.bar .undo');
  await shows(page, blue);
  await page.focus('#prompt');
  await page.keyboard.type('!');
  await page.keyboard.press('Control+z');
  await page.waitForTimeout(100);
  assert.equal(await shown(page), blue);
  await ask(page, RED);
  assert.equal(await off('redo'), 'true');
});

test('an edit on top of an edit changes that one, and can be taken back', async () => {
  const { page } = await flowerPage();
  await ask(page, BLUE);
  const blue = await shown(page);
  await page.click('#on-top');
  assert.match(await page.locator('#base').textContent() ?? '', /On top of “make it blue”/);
  await ask(page, YELLOW);
  const both = await shown(page);
  // The engine says the same, given the blue picture as that of the photo.
  const expected = await editPixels(page, fileOf(blue), YELLOW, { of: flower });
  const found = await page.locator('.after canvas').evaluate((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
    return [...data];
  });
  assert(Buffer.compare(Buffer.from(found), expected.pixels) === 0);
  // The slider still shows the photo itself.
  assert.notEqual(await shown(page, 'before'), blue);

  await page.click('#base-drop');
  await ask(page, YELLOW);
  assert.notEqual(await shown(page), both);
  await page.locator('#strip button').nth(2).click();
  await shows(page, both);
  assert.equal(await page.locator('#base').isVisible(), true);
  // Its strength is between the blue picture and the yellow one.
  await page.fill('#strength', '0');
  await shows(page, blue);
});

test('where everything is one colour, words find the places that they have in the photo', async () => {
  const { page, problems } = await flowerPage();
  const mask = async () => (await editPixels(page, flower, 'make the flower blue')).mask;
  await ask(page, 'a red background');
  await page.click('#on-top');
  await ask(page, 'make the petals red');
  const red = await shown(page);
  await page.click('#on-top');
  await ask(page, 'make the flower blue');
  const there = await editPixels(page, fileOf(red), 'make the flower blue', { of: flower });
  const [same, alone] = [await mask(), (await editPixels(page, fileOf(red), 'make the flower blue')).mask];
  assert(off(there.mask, same) < 8 && off(alone, same) > 8, `${off(there.mask, same)}, ${off(alone, same)}`);
  assert(Buffer.compare(decodePng(fileOf(await shown(page))).pixels, there.pixels) === 0);
  assert.deepEqual(problems, []);
});

test('on top of an edit that made sleeves longer, words find the places that they have now', async () => {
  const { page, context, problems } = await newPage(browser);
  // A drawn flower has no arms: its edits say that they cover skin.
  await context.route('**/www/engine/worker.js', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace('reshapes: edit.reshapes', "reshapes: prompt.includes('background')");
    await route.fulfill({ response, body });
  });
  await page.goto(address);
  await choose(page, 'flower.png', flower);
  await page.locator('.before canvas').waitFor();
  await ask(page, 'a red background');
  await page.click('#on-top');
  await ask(page, 'make the petals red');
  const red = await shown(page);
  await page.click('#on-top');
  await ask(page, 'make the flower blue');
  // Of all that comes later, too.
  const alone = await editPixels(page, fileOf(red), 'make the flower blue');
  assert(Buffer.compare(decodePng(fileOf(await shown(page))).pixels, alone.pixels) === 0);
  assert.deepEqual(problems, []);
});

/** How far apart two masks are, of 255. @param {Uint8Array} one @param {Uint8Array} other */
function off(one, other) {
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length;
}

test('a sentence about another thing builds on what is there; one about the same thing takes its place', async () => {
  const { page, problems } = await flowerPage();
  const onTopOf = () => page.locator('#base-text').textContent();
  await ask(page, 'make the flower blue');
  const blue = await shown(page);
  await ask(page, 'make the flower red');
  assert.equal(await page.locator('#base').isVisible(), false);
  await ask(page, 'make the flower blue');
  await ask(page, 'a yellow background');
  assert.equal(await onTopOf(), 'On top of “make the flower blue”');
  const expected = await editPixels(page, fileOf(blue), 'a yellow background', { of: flower });
  const found = await page.locator('.after canvas').evaluate((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    return [.../** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height).data];
  });
  assert(Buffer.compare(Buffer.from(found), expected.pixels) === 0);
  await ask(page, 'a red background');
  assert.equal(await onTopOf(), 'On top of “make the flower blue”');
  // What is typed is tried on the same.
  const red = await shown(page);
  await page.fill('#prompt', 'a green background');
  await page.waitForFunction((red) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== red, red);
  await page.keyboard.press('Escape');
  await shows(page, red);
  // A link says all of it that holds.
  const linked = async (/** @type {string} */ sentence) => {
    await page.click('#save');
    await page.waitForFunction((sentence) => new URLSearchParams(new URL(/** @type {HTMLInputElement} */ (document.getElementById('link')).value || location.href).hash.slice(1)).get('prompt') === sentence, sentence);
    await page.keyboard.press('Escape');
  };
  await linked('make the flower blue, a red background');
  await page.click('#on-top');
  await ask(page, 'a yellow background');
  await linked('make the flower blue, a yellow background');
  // The way back begins with the photo.
  await page.click('#base-drop');
  assert.equal(await page.locator('#base').isVisible(), false);
  await ask(page, 'a red background');
  assert.notEqual(await shown(page), red);
  await linked('a red background');
  assert.deepEqual(problems, []);
});

test('a strength that rests is a step that can be undone', async () => {
  const { page } = await flowerPage();
  await ask(page, BLUE);
  const whole = await shown(page);
  // At once: one that rests in between is a step, too.
  await page.locator('#strength').evaluate((/** @type {HTMLInputElement} */ range) => {
    for (const value of ['0.7', '0.4']) {
      range.value = value;
      range.dispatchEvent(new Event('input'));
    }
  });
  await shows(page, whole, false);
  await rested(page, 0.4);
  const weak = await shown(page);
  assert.deepEqual(await strip(page), ['The photo', `${BLUE} *`]);
  await page.click('.bar .undo');
  await shows(page, whole);
  assert.equal(await page.locator('#strength').inputValue(), '1');
  await page.click('.bar .redo');
  await shows(page, weak);
  assert.equal(await page.locator('#strength').inputValue(), '0.4');
  assert.equal(await page.locator('#strength-value').textContent(), '40 %');
});

test('the strength of an earlier edit is that edit’s, although the engine holds another', async () => {
  const { page } = await flowerPage();
  await ask(page, BLUE);
  await ask(page, RED);
  const red = await shown(page);
  await page.locator('#strip button').nth(1).click();
  await shows(page, red, false);
  const half = await editPixels(page, flower, BLUE, { strength: 0.5 });
  await page.fill('#strength', '0.5');
  // Some rows are enough, and are quicker to send.
  await page.waitForFunction((expected) => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas'));
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 116, canvas.width, 8);
    return expected.every((value, i) => data[i] === value);
  }, [...half.pixels.subarray(116 * 320 * 4, 124 * 320 * 4)]);
});

/** Pictures that were kept take until `go()` to be read. @param {import('playwright-core').Page} page */
function slowly(page) {
  return page.evaluate(() => {
    const bitmap = globalThis.createImageBitmap;
    let go = () => {};
    const wait = new Promise((resolve) => { go = () => resolve(undefined); });
    Object.assign(globalThis, { go, createImageBitmap: async (/** @type {any[]} */ ...args) => {
      if (args[1]?.colorSpaceConversion) await wait;
      return bitmap(.../** @type {[ImageBitmapSource]} */ (/** @type {unknown} */ (args)));
    } });
  });
}

test('during undo, what is saved is what is on the stage, under its own name', async () => {
  const { page } = await flowerPage();
  await ask(page, BLUE);
  await ask(page, YELLOW);
  const yellow = await shown(page);
  for (const id of [1, 2]) await pictured(page, id);
  await slowly(page);
  await page.click('.bar .undo');
  const { name, path } = await download(page);
  assert.equal(name, 'flower-make-it-yellow.png');
  const expected = decodePng(Buffer.from(yellow.slice(yellow.indexOf(',') + 1), 'base64'));
  assert.equal(difference(decodePng(await readFile(path)).pixels, expected.pixels).largest, 0);
  await page.evaluate(() => /** @type {any} */ (globalThis).go());
  await shows(page, yellow, false);
  assert.equal((await download(page)).name, 'flower-make-it-blue.png');
});

test('Escape during undo: one stays at the edit that is on the stage', async () => {
  const { page } = await flowerPage();
  await ask(page, BLUE);
  const blue = await shown(page);
  await ask(page, YELLOW);
  const yellow = await shown(page);
  for (const id of [1, 2]) await pictured(page, id);
  await slowly(page);
  await page.click('.bar .undo');
  await page.keyboard.press('Escape');
  await page.evaluate(() => /** @type {any} */ (globalThis).go());
  await page.waitForTimeout(300);
  assert.equal(await shown(page), yellow);
  assert.deepEqual(await strip(page), ['The photo', BLUE, `${YELLOW} *`]);
  assert.equal(await page.locator('#status').textContent(), 'Stopped.');
  // Where one is, is where one goes on from.
  await page.click('.bar .undo');
  await shows(page, blue);
  assert.deepEqual(await strip(page), ['The photo', `${BLUE} *`, YELLOW]);
});

test('a sentence that fails during undo leaves state and stage at one edit', async () => {
  const { page } = await flowerPage();
  await ask(page, BLUE);
  await ask(page, YELLOW);
  const yellow = await shown(page);
  for (const id of [1, 2]) await pictured(page, id);
  await slowly(page);
  await page.click('.bar .undo');
  await page.fill('#prompt', 'make the tie red');
  await page.press('#prompt', 'Enter');
  await says(page, /no tie/);
  await page.evaluate(() => /** @type {any} */ (globalThis).go());
  await page.waitForTimeout(300);
  assert.equal(await shown(page), yellow);
  assert.deepEqual(await strip(page), ['The photo', BLUE, `${YELLOW} *`]);
});

test('of large photos, only compressed pictures are kept, up to a limit; what is dropped is made again', async () => {
  const { page } = await openPage(browser);
  await page.evaluate(() => {
    // Every picture is said to take a third of the memory that there is for them.
    const toBlob = HTMLCanvasElement.prototype.toBlob;
    HTMLCanvasElement.prototype.toBlob = function (done, ...rest) {
      toBlob.call(this, (blob) => {
        if (blob && this.width === 320) Object.defineProperty(blob, 'size', { value: 60e6 });
        done(blob);
      }, ...rest);
    };
    const bitmap = globalThis.createImageBitmap;
    Object.assign(globalThis, { decoded: 0, createImageBitmap: (/** @type {any[]} */ ...args) => {
      if (args[1]?.colorSpaceConversion) /** @type {any} */ (globalThis).decoded += 1;
      return bitmap(.../** @type {[ImageBitmapSource]} */ (/** @type {unknown} */ (args)));
    } });
  });
  await choose(page, 'flower.png', flower);
  const pictures = [];
  for (const [i, sentence] of [BLUE, YELLOW, RED, 'purple'].entries()) {
    await ask(page, sentence);
    pictures.push(await shown(page));
    await pictured(page, i + 1);
  }
  const decoded = () => page.evaluate(() => /** @type {{decoded: number}} */ (/** @type {unknown} */ (globalThis)).decoded);
  await page.locator('#strip button').nth(3).click();
  await shows(page, pictures[2] ?? '');
  assert.equal(await decoded(), 1);
  await page.locator('#strip button').nth(1).click();
  await shows(page, pictures[0] ?? '');
  assert.equal(await decoded(), 1);
});
