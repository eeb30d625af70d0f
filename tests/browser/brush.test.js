// The brush and the eyedropper: both take a place on the picture, by mouse, fingers and keyboard.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { address, ask, choose, edited, editPixels, eventually, everything, launch, loaded, newPage, openPage, scratch, shown } from './helper.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const [WIDTH, HEIGHT] = [600, 450];
const flower = encodePng(drawFlower(WIDTH, HEIGHT));
/** In shares of the photo: within the petals, and on the grass. */
const [PETAL, GRASS] = /** @type {const} */ ([[0.625, 0.5], [0.1, 0.15]]);

/** The page with an edit of a flower, by an engine that takes so long longer. @param {import('playwright-core').BrowserContextOptions} [options] */
async function flowerPage(options = { viewport: { width: 1400, height: 1000 } }, milliseconds = 0) {
  const opened = await newPage(browser, options);
  const { context, page } = opened;
  if (milliseconds) {
    await context.route('**/www/engine/worker.js', async (route) => {
      const response = await route.fetch();
      const wait = `await new Promise((resolve) => setTimeout(resolve, ${milliseconds}));`;
      await route.fulfill({ response, body: (await response.text()).replace("case 'edit': {", `$& ${wait}`) });
    });
  }
  await page.goto(address);
  await loaded(page);
  await choose(page, 'flower.png', flower);
  await page.locator('#things button').first().waitFor();
  await ask(page, 'make the flower blue');
  return opened;
}

/** And the brush in hand. @param {import('playwright-core').BrowserContextOptions} [options] @param {number} [milliseconds] */
async function brushing(options, milliseconds) {
  const opened = await flowerPage(options, milliseconds);
  const { page } = opened;
  await page.click('#brush');
  await page.locator('.brushes').waitFor();
  return opened;
}

/** A point of the photo on the screen. @param {import('playwright-core').Page} page @param {readonly [number, number]} at */
async function place(page, [x, y]) {
  const box = await page.locator('.before canvas').boundingBox();
  assert(box);
  return /** @type {const} */ ([box.x + x * box.width, box.y + y * box.height]);
}

/** Paints a short stroke, and waits for it. @param {import('playwright-core').Page} page @param {readonly [number, number]} at */
async function paint(page, at) {
  const before = await shown(page);
  const [x, y] = await place(page, at);
  await page.mouse.move(x - 4, y);
  await page.mouse.down();
  await page.mouse.move(x + 4, y, { steps: 4 });
  await page.mouse.up();
  await painted(page, before);
}

/** Waits for another picture, and for the end of its stroke. @param {import('playwright-core').Page} page @param {string} before */
async function painted(page, before) {
  await page.waitForFunction((before) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== before, before);
  await page.locator('.point canvas').waitFor({ state: 'detached' });
}

/** How far the edit is from the photo around a point, and the most. @param {import('playwright-core').Page} page @param {readonly [number, number]} at */
async function changed(page, [x, y]) {
  const [was, is] = await Promise.all(['before', 'after'].map(async (layer) => decodePng(Buffer.from((await shown(page, /** @type {'before'} */ (layer))).split(',')[1] ?? '', 'base64')).pixels));
  assert(was && is);
  return difference(was, is, (i) => Math.hypot(i % WIDTH - x * WIDTH, Math.floor(i / WIDTH) - y * HEIGHT) < 3);
}

test('what is taken away is the photo’s again and what is added is painted; each stroke is undone, redone, and one place in the strip', async () => {
  const { page, problems } = await brushing();
  const plain = await shown(page);
  assert((await changed(page, PETAL)).mean > 20);
  assert.equal((await changed(page, GRASS)).largest, 0);
  await page.getByRole('button', { name: 'Take away' }).click();
  await paint(page, PETAL);
  assert.equal((await changed(page, PETAL)).largest, 0);
  assert.match(await page.locator('.brushes [role="status"]').textContent() ?? '', /^Taken away 6[12] % from the left, 50 % from the top/);
  const taken = await shown(page);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await paint(page, GRASS);
  assert.equal((await changed(page, PETAL)).largest, 0);
  assert((await changed(page, GRASS)).mean > 10);
  const both = await shown(page);
  assert.equal(await page.locator('#strip button').count(), 2);
  for (const [name, picture] of /** @type {const} */ ([['undo', taken], ['undo', plain], ['redo', taken], ['redo', both]])) {
    await page.click(`.bar .${name}`);
    await page.waitForFunction((picture) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === picture, picture);
  }
  // The photo cannot be corrected.
  for (let i = 0; i < 3; i += 1) await page.click('.bar .undo');
  await page.locator('.brushes').waitFor({ state: 'hidden' });
  assert(await page.locator('#brush').isHidden());
  assert.deepEqual(problems, []);
});

test('undo and redo that come before the mask of what is shown show what they are for', async () => {
  const { page } = await brushing(undefined, 1000);
  const plain = await shown(page);
  await page.getByRole('button', { name: 'Take away' }).click();
  await paint(page, PETAL);
  const taken = await shown(page);
  await paint(page, [0.45, 0.5]);
  for (const [name, picture] of /** @type {const} */ ([['undo', taken], ['undo', plain], ['redo', taken]])) {
    await page.click(`.bar .${name}`);
    await page.waitForFunction((picture) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === picture, picture);
  }
});

test('the correction stays through strengths, a reload and another colour, and goes with another thing', async () => {
  const { page, problems } = await brushing();
  await page.getByRole('button', { name: 'Take away' }).click();
  await paint(page, PETAL);
  const whole = await shown(page);
  await page.locator('#strength').press('ArrowLeft');
  await painted(page, whole);
  assert.equal((await changed(page, PETAL)).largest, 0);
  await page.locator('#strength').press('ArrowRight');
  await page.waitForFunction((whole) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === whole, whole);
  // Until it is a step, and kept.
  await page.waitForTimeout(3500);
  await eventually(async () => {
    const all = await everything(page);
    const number = all.find(({ key }) => key[1] === 'state')?.value.now.shown;
    assert(all.some(({ key, value }) => key[1] === 'edit' && Number(key[2]) === number && value.strength === 1));
  });
  await page.reload();
  await loaded(page);
  await page.locator('.after canvas').waitFor();
  assert.equal(await shown(page), whole);
  // Made once more, of its strokes.
  await page.locator('#strength').press('ArrowLeft');
  await painted(page, whole);
  assert.equal((await changed(page, PETAL)).largest, 0);
  await ask(page, 'make the flower yellow');
  assert.equal((await changed(page, PETAL)).largest, 0);
  assert((await changed(page, [0.4, 0.5])).mean > 20);
  await ask(page, 'make the background purple and the flower red');
  assert((await changed(page, PETAL)).mean > 10);
  assert.deepEqual(problems, []);
});

test('by the keyboard alone: arrows go, Space paints, brackets change the size, Escape ends it where it began', async () => {
  const { page } = await flowerPage();
  const says = page.locator('.brushes [role="status"]');
  const plain = await shown(page);
  await page.focus('#brush');
  await page.keyboard.press('Enter');
  assert.match(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')) ?? '', /^Brush on the picture/);
  const size = await page.locator('#brush-size').inputValue();
  await page.keyboard.press(']');
  assert.equal(await says.textContent(), 'Size 29');
  await page.keyboard.press('[');
  assert.equal(await says.textContent(), 'Size 24');
  // As keyboards type them that have them behind AltGr or Option; with Ctrl alone it is the browser's.
  for (const [key, said] of /** @type {const} */ ([['Control+Alt+]', 'Size 29'], ['Alt+[', 'Size 24'], ['Control+]', 'Size 24']])) {
    await page.keyboard.press(key);
    assert.equal(await says.textContent(), said);
  }
  assert.equal(await page.locator('#brush-size').inputValue(), size);
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('ArrowRight');
  await page.locator('.brushes').getByRole('button', { name: 'Take away' }).press('Enter');
  await page.locator('.aim').focus();
  await page.keyboard.down(' ');
  for (let i = 0; i < 8; i += 1) await page.keyboard.press('ArrowRight');
  await page.keyboard.up(' ');
  await painted(page, plain);
  assert.match(await says.textContent() ?? '', /^Taken away 5\d % from the left, 50 %/);
  // From 40 to 120 of the screen's pixels beside the middle.
  const frame = await page.locator('.frame').boundingBox();
  assert.equal((await changed(page, [0.5 + 80 / (frame?.width ?? 1), 0.5])).largest, 0);
  await page.keyboard.press('Control+z');
  await page.waitForFunction((plain) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === plain, plain);
  await page.keyboard.press('Escape');
  await page.locator('.brushes').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'brush');
  assert.equal(await page.locator('.aim').count(), 0);
  assert(await page.locator('.veil').isHidden());
});

test('a soft edge fades, and a hard one does not', async () => {
  const { page } = await brushing();
  await page.getByRole('button', { name: 'Take away' }).click();
  const frame = await page.locator('.frame').boundingBox();
  // Within the edge, beside the stroke's middle, which is 24 of the screen's pixels from it.
  const edge = /** @type {const} */ ([PETAL[0], PETAL[1] - 18 / (frame?.height ?? 1)]);
  const soft = page.getByLabel('Soft edge');
  assert(await soft.isChecked());
  const whole = (await changed(page, edge)).mean;
  await paint(page, PETAL);
  const faded = (await changed(page, edge)).mean;
  assert(faded > 3 && faded < whole - 3, `${faded} of ${whole}`);
  await page.click('.bar .undo');
  await page.waitForFunction(() => document.querySelector('.bar .redo')?.getAttribute('aria-disabled') === 'false');
  await soft.uncheck();
  assert.equal(await page.locator('.ring').evaluate((ring) => ring.style.getPropertyValue('--core')), '1');
  await paint(page, PETAL);
  assert.equal((await changed(page, edge)).largest, 0);
});

test('the wheel sizes the brush and zooms with Ctrl; a stroke moves no slider; what is zoomed is painted finer', async () => {
  const { page } = await brushing();
  const ring = () => page.locator('.ring').evaluate((ring) => ring.getBoundingClientRect().width);
  const split = () => page.locator('.split').evaluate((range) => /** @type {HTMLInputElement} */ (range).valueAsNumber);
  const began = await split();
  await page.mouse.move(...await place(page, PETAL));
  const before = await ring();
  await page.mouse.wheel(0, -100);
  await page.waitForFunction((before) => (document.querySelector('.ring')?.getBoundingClientRect().width ?? 0) > before * 1.1, before);
  assert.equal(await page.locator('.frame.zoomed').count(), 0);
  // A touchpad tells of little turns.
  const notch = await ring();
  for (let i = 0; i < 5; i += 1) await page.mouse.wheel(0, 10);
  await page.waitForFunction((notch) => (document.querySelector('.ring')?.getBoundingClientRect().width ?? notch) < notch * 0.94, notch);
  const larger = await ring();
  assert(larger > before * 1.02, `${before}, ${notch}, ${larger}`);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -300);
  await page.keyboard.up('Control');
  await page.locator('.frame.zoomed').waitFor();
  assert.equal(await ring(), larger);
  await page.getByRole('button', { name: 'Take away' }).click();
  await paint(page, PETAL);
  assert.equal((await changed(page, PETAL)).largest, 0);
  assert.equal(await split(), began);
  const width = await page.locator('.before canvas').evaluate((canvas) => canvas.getBoundingClientRect().width);
  await page.mouse.dblclick(...await place(page, PETAL));
  await page.locator('.point canvas').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.before canvas').evaluate((canvas) => canvas.getBoundingClientRect().width), width);
});

test('fingers at 390 pixels: one paints and scrolls nothing, two zoom and paint nothing', async () => {
  const { page } = await brushing({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.getByRole('button', { name: 'Take away' }).tap();
  const client = await page.context().newCDPSession(page);
  const touch = (/** @type {'touchStart' | 'touchMove' | 'touchEnd'} */ type, /** @type {[number, number][]} */ ...points) => client.send('Input.dispatchTouchEvent', {
    type, touchPoints: points.map(([x, y], id) => ({ x, y, id })),
  });
  const scrolled = await page.evaluate(() => scrollY);
  const plain = await shown(page);
  const [x, y] = await place(page, PETAL);
  await touch('touchStart', [x, y]);
  await touch('touchStart', [x, y], [x + 40, y]);
  for (const apart of [60, 80, 100]) await touch('touchMove', [x, y], [x + apart, y]);
  await touch('touchEnd');
  await page.locator('.frame.zoomed').waitFor();
  await page.waitForTimeout(300);
  assert.equal(await shown(page), plain);
  assert.equal(await page.locator('.point canvas').count(), 0);
  await page.tap('.percent');
  await touch('touchStart', [x, y - 6]);
  for (const step of [-3, 0, 3, 6]) await touch('touchMove', [x, y + step]);
  await touch('touchEnd');
  await painted(page, plain);
  assert.equal((await changed(page, PETAL)).largest, 0);
  assert.equal(await page.evaluate(() => scrollY), scrolled);
});

test('the mask and the cut-out are saved as PNGs, corrected', async () => {
  const { page } = await brushing();
  const save = async (/** @type {string} */ kind) => {
    await page.click('#save');
    const [file] = await Promise.all([page.waitForEvent('download'), page.click(`#download-${kind}`)]);
    const path = join(await scratch(), 'file.png');
    await file.saveAs(path);
    assert(await page.locator('#save-menu').isHidden());
    return { name: file.suggestedFilename(), ...decodePng(await readFile(path)) };
  };
  const plain = await save('mask');
  assert.equal(plain.name, 'flower-mask-make-the-flower-blue.png');
  const { mask } = await editPixels(page, flower, 'make the flower blue');
  mask.forEach((value, i) => assert.deepEqual([...plain.pixels.subarray(4 * i, 4 * i + 4)], [value, value, value, 255]));
  await page.getByRole('button', { name: 'Take away' }).click();
  await paint(page, PETAL);
  const at = 4 * (Math.round(PETAL[1] * HEIGHT) * WIDTH + Math.round(PETAL[0] * WIDTH));
  const taken = await save('mask');
  assert.equal(plain.pixels[at], 255);
  assert.equal(taken.pixels[at], 0);
  const cut = await save('cut');
  assert.equal(cut.name, 'flower-cut-make-the-flower-blue.png');
  const edit = decodePng(Buffer.from((await shown(page)).split(',')[1] ?? '', 'base64'));
  for (let i = 0; i < taken.pixels.length; i += 4) assert.equal(cut.pixels[i + 3], taken.pixels[i]);
  const opaque = difference(cut.pixels, edit.pixels, (i) => cut.pixels[4 * i + 3] === 255);
  assert(opaque.count > 10_000 && opaque.largest === 0);
});

test('the eyedropper puts a colour of the picture into the sentence, by mouse and by keyboard, in Chinese, too', async () => {
  const { page, problems } = await flowerPage();
  const dropper = page.getByRole('button', { name: 'A colour from the picture' });
  const field = page.locator('#prompt');
  const near = (/** @type {string} */ sentence, /** @type {number[]} */ colour) => {
    const [, ...parts] = /^make the flower #(..)(..)(..)$/.exec(sentence) ?? [];
    assert.equal(parts.length, 3, sentence);
    parts.forEach((part, i) => assert(Math.abs(parseInt(part, 16) - (colour[i] ?? 0)) < 14, sentence));
  };
  await dropper.click();
  assert.equal(await dropper.getAttribute('aria-pressed'), 'true');
  // Left of the slider one sees the photo, right of it the edit.
  await page.mouse.click(...await place(page, [0.05, 0.5]));
  await page.waitForFunction(() => /#/.test(/** @type {HTMLInputElement} */ (document.getElementById('prompt')).value));
  await edited(page);
  near(await field.inputValue(), [73, 116, 48]);
  assert.equal(await page.locator('.aim').count(), 0);

  // The middle of the flower, from where the mouse was to where the keyboard begins.
  await page.locator('.split').press('End');
  await dropper.press('Enter');
  await page.keyboard.press('Escape');
  assert.match(await field.inputValue(), /^make the flower #/);
  const before = await field.inputValue();
  await dropper.press('Enter');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press(' ');
  await page.waitForFunction((before) => /** @type {HTMLInputElement} */ (document.getElementById('prompt')).value !== before, before);
  near(await field.inputValue(), [222, 178, 44]);
  assert.match(await page.locator('input[type="color"]').inputValue(), new RegExp((await field.inputValue()).slice(-7)));
  assert.deepEqual(problems, []);

  const chinese = await openPage(browser, { viewport: { width: 390, height: 844 }, locale: 'zh-CN' });
  await choose(chinese.page, 'flower.png', flower);
  await chinese.page.getByRole('button', { name: '从图片取色' }).click();
  await chinese.page.locator('.aim').waitFor();
  await chinese.page.keyboard.press(' ');
  await chinese.page.waitForFunction(() => /^把花变成#[0-9a-f]{6}$/.test(/** @type {HTMLInputElement} */ (document.getElementById('prompt')).value));
});

test('one tool at a time; another photo puts it away', async () => {
  const { page } = await brushing();
  await page.getByRole('button', { name: 'A colour from the picture' }).click();
  assert(await page.locator('.brushes').isHidden());
  assert.equal(await page.locator('.aim').count(), 1);
  await page.click('#brush');
  assert.equal(await page.locator('.aim').count(), 1);
  assert.equal(await page.getByRole('button', { name: 'A colour from the picture' }).getAttribute('aria-pressed'), 'false');
  await choose(page, 'other.png', encodePng(drawFlower(300, 400)));
  await page.locator('.brushes').waitFor({ state: 'hidden' });
  assert.equal(await page.locator('.aim').count(), 0);
  assert.equal(await page.locator('.frame.aimed').count(), 0);
});

for (const width of [390, 1400]) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`axe-core finds nothing with the brush at ${width} pixels, ${colorScheme}; what is pressed is wide enough for a finger`, async () => {
      const { page } = await brushing({ viewport: { width, height: 844 }, colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violations(page), []);
      const low = await page.locator('.brushes :is(button, label), #brush').evaluateAll((all) => all.map((element) => element.getBoundingClientRect().height).filter((height) => height < (innerWidth < 500 ? 44 : 40)));
      assert.deepEqual(low, []);
      assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    });
  }
}
