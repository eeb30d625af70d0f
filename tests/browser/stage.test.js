// The picture on the stage: zoom to real pixels, pan, hold, the mask, fingers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, choose, editPixels, eventually, launch, openPage, still } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const WIDTH = 1600;
const HEIGHT = 1200;
const flower = encodePng(drawFlower(WIDTH, HEIGHT));

/** The page with an edit on the stage. @param {import('playwright-core').BrowserContextOptions} [options] @param {Buffer} [photo] */
async function stage(options = { viewport: { width: 1400, height: 900 } }, photo = flower) {
  const opened = await openPage(browser, options);
  const { page } = opened;
  await choose(page, 'flower.png', photo);
  // What is in the photo moves other things when it comes.
  await page.locator('#things button').first().waitFor();
  await ask(page, 'make it blue');
  const frame = await page.locator('.frame').boundingBox();
  assert(frame);
  /** Where the edit is on the screen, and the point of it in the middle of the frame, in shares. */
  const at = async () => {
    const box = await page.locator('.after canvas').boundingBox();
    assert(box);
    return {
      width: box.width,
      x: (frame.x + frame.width / 2 - box.x) / box.width,
      y: (frame.y + frame.height / 2 - box.y) / box.height,
    };
  };
  const split = () => page.locator('.split').evaluate((range) => /** @type {HTMLInputElement} */ (range).valueAsNumber);
  return { ...opened, frame, at, split };
}

/** @param {number} a @param {number} b @param {number} [most] */
function near(a, b, most = 0.01) {
  assert(Math.abs(a - b) <= most, `${a} is not ${b}`);
}

test('buttons zoom, one press shows every pixel, and photo, edit and mask stay one upon the other', async () => {
  const { page, frame, at } = await stage();
  near((await at()).width, frame.width, 1);
  assert.equal(await page.locator('.zoomOut').getAttribute('aria-disabled'), 'true');
  await page.click('.percent');
  near((await at()).width, WIDTH, 1);
  assert.equal(await page.locator('.percent').textContent(), '100 %');
  await page.click('.mask');
  await page.locator('.veil canvas').waitFor();
  const boxes = await Promise.all(['before', 'after', 'veil'].map((layer) => page.locator(`.${layer} canvas`).boundingBox()));
  assert.deepEqual(boxes[1], boxes[0]);
  assert.deepEqual(boxes[2], boxes[0]);
  await page.click('.zoomIn');
  near((await at()).width, WIDTH * 1.5, 2);
  assert.equal(await page.locator('.says').textContent(), 'Zoom: 150 %');
  for (let i = 0; i < 8 && await page.locator('.zoomIn').getAttribute('aria-disabled') === 'false'; i += 1) await page.click('.zoomIn');
  assert.equal(await page.locator('.percent').textContent(), '800 %');
  await page.click('.percent');
  near((await at()).width, frame.width, 1);
});

test('on a screen of fine pixels, 100 % is a pixel of the screen', async () => {
  const { page, at } = await stage({ viewport: { width: 900, height: 700 }, deviceScaleFactor: 2 });
  await page.click('.percent');
  near((await at()).width, WIDTH / 2, 1);
});

test('the wheel zooms around the pointer: with Ctrl, or after one has taken hold of the picture', async () => {
  const { page, frame, at } = await stage({ viewport: { width: 1400, height: 500 } });
  const [x, y] = [frame.x + frame.width * 0.25, frame.y + frame.height * 0.5];
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -100);
  await page.waitForTimeout(100);
  near((await at()).width, frame.width, 1);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -100);
  await page.keyboard.up('Control');
  await page.waitForFunction(() => document.querySelector('.zoomed'));
  const box = await page.locator('.after canvas').boundingBox();
  assert(box && box.width > frame.width * 1.1);
  near((x - box.x) / box.width, 0.25);

  await page.click('.percent');
  await page.focus('.split');
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -100);
  await page.waitForFunction(() => document.querySelector('.zoomed'));
});

test('drags pan while zoomed, never beyond the edge; the handle still moves the slider', async () => {
  const { page, frame, at, split } = await stage();
  const began = await split();
  await page.click('.percent');
  const drag = async (/** @type {number[]} */ [x0 = 0, y0 = 0], /** @type {number[]} */ [x1 = 0, y1 = 0]) => {
    await page.mouse.move(frame.x + x0, frame.y + y0);
    await page.mouse.down();
    await page.mouse.move(frame.x + x1, frame.y + y1, { steps: 4 });
    await page.mouse.up();
  };
  await drag([100, 100], [160, 140]);
  near((await at()).x, 0.5 - 60 / WIDTH);
  near((await at()).y, 0.5 - 40 / HEIGHT);
  near(await split(), began, 0.1);
  await drag([frame.width * began / 100, 200], [frame.width * 0.75, 200]);
  near(await split(), 75, 1);
  near((await at()).x, 0.5 - 60 / WIDTH);
  for (let i = 0; i < 4; i += 1) await drag([10, 10], [frame.width - 10, frame.height - 10]);
  near((await at()).x, frame.width / 2 / WIDTH);
  near((await at()).y, frame.height / 2 / HEIGHT);
});

test('the slider begins in the middle of the change, and goes where a further change is to be seen', async () => {
  const { page, split } = await stage({ viewport: { width: 1400, height: 900 } }, encodePng(drawFlower(1600, 600, 0.2)));
  near(await split(), 20, 4);
  await page.locator('.split').press('Home');
  await ask(page, 'make it yellow');
  assert.equal(await split(), 0);
  await page.locator('.split').press('End');
  await ask(page, 'a much darker background');
  const middle = await split();
  assert(middle > 40 && middle < 75, String(middle));
  // Of all that is changed enough would be seen, of the flower nothing.
  await ask(page, 'make the flower blue');
  near(await split(), 20, 4);
});

test('keys zoom and pan where the keyboard is on the picture, and nowhere else', async () => {
  const { page, frame, at, split } = await stage();
  const began = await split();
  await page.focus('#prompt');
  await page.keyboard.press('1');
  near((await at()).width, frame.width, 1);
  await page.focus('.split');
  await page.keyboard.press('1');
  near((await at()).width, WIDTH, 1);
  await page.keyboard.press('Shift+ArrowRight');
  near((await at()).x, 0.5 + 60 / WIDTH);
  near(await split(), began);
  await page.keyboard.press('+');
  near((await at()).width, WIDTH * 1.5, 2);
  await page.keyboard.press('-');
  await page.keyboard.press('0');
  near((await at()).width, frame.width, 1);
});

test('a double click goes to real pixels at that place, and back', async () => {
  const { page, frame, at } = await stage();
  const [x, y] = [frame.x + frame.width * 0.3, frame.y + frame.height * 0.7];
  await page.mouse.dblclick(x, y);
  near((await at()).width, WIDTH, 1);
  const box = await page.locator('.after canvas').boundingBox();
  near((x - (box?.x ?? 0)) / WIDTH, 0.3);
  await page.mouse.dblclick(x, y);
  near((await at()).width, frame.width, 1);
});

test('holding the button shows the original, with the mouse and with the keyboard', async () => {
  const { page } = await stage();
  const original = page.locator('.bar .original');
  const held = () => page.locator('.frame').evaluate((frame) => {
    const style = (/** @type {string} */ name) => getComputedStyle(/** @type {Element} */ (frame.querySelector(name)));
    return style('.before').clipPath === 'none' && style('.compare').visibility === 'hidden';
  });
  await original.hover();
  await page.mouse.down();
  assert(await held());
  await page.waitForTimeout(500);
  await page.mouse.up();
  assert(!await held());
  await original.focus();
  await page.keyboard.down(' ');
  assert(await held());
  assert.equal(await original.getAttribute('aria-pressed'), 'true');
  await page.waitForTimeout(500);
  await page.keyboard.up(' ');
  assert(!await held());
});

test('without holding: a press shows the original until the next one, a new edit or a move of the slider', async () => {
  const { page, frame } = await stage();
  const original = page.locator('.bar .original');
  const seen = async (/** @type {boolean} */ is) => {
    assert.equal(await original.getAttribute('aria-pressed'), String(is));
    assert.equal(await page.locator('.compare').evaluate((compare) => getComputedStyle(compare).visibility), is ? 'hidden' : 'visible');
  };
  const presses = [
    () => original.click(),
    () => original.press('Enter'),
    // At once: what takes long is a hold.
    () => original.focus().then(() => Promise.all([page.keyboard.down(' '), page.keyboard.up(' ')])),
    // A screen reader's, or a voice's.
    () => original.evaluate((button) => /** @type {HTMLElement} */ (button).click()),
  ];
  for (const press of presses) {
    await press();
    await seen(true);
    await page.mouse.move(5, 5);
    await seen(true);
    await press();
    await seen(false);
  }
  await original.click();
  await page.mouse.click(frame.x + frame.width * 0.3, frame.y + frame.height * 0.5);
  await seen(false);
  await original.click();
  await ask(page, 'make it yellow');
  await seen(false);
  // Without an edit there is nothing else to see.
  await page.locator('#strip button').first().click();
  await page.locator('.after canvas').waitFor({ state: 'detached' });
  await original.dispatchEvent('click');
  assert.equal(await original.getAttribute('aria-pressed'), 'false');
});

test('with forced colours, one sees what is pressed, chosen and current', async () => {
  const { page } = await stage({ viewport: { width: 1400, height: 900 }, forcedColors: 'active' });
  await ask(page, 'make it yellow');
  const colours = (/** @type {string} */ selector, /** @type {'backgroundColor' | 'outlineStyle'} */ name) => page.locator(selector).first().evaluate((element, name) => getComputedStyle(element)[name], name);
  const before = await colours('.bar .mask', 'backgroundColor');
  await page.click('.bar .mask');
  await page.mouse.move(5, 5);
  await still(page);
  assert.notEqual(await colours('.bar .mask', 'backgroundColor'), before);
  assert.notEqual(await colours('.tabs [aria-selected="true"]', 'backgroundColor'), await colours('.tabs [aria-selected="false"]', 'backgroundColor'));
  assert.equal(await colours('.strip [aria-current="true"] canvas', 'outlineStyle'), 'solid');
  assert.equal(await colours('.strip [aria-current="false"] canvas', 'outlineStyle'), 'none');
});

test('the mask covers what the edit leaves alone, and follows a new edit', async () => {
  const { page } = await stage();
  const { mask } = await editPixels(page, flower, 'make it blue');
  const mask2 = await editPixels(page, flower, 'make it yellow');
  await page.click('.mask');
  await page.locator('.veil canvas').waitFor();
  const veil = () => page.locator('.veil canvas').evaluate((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, height: canvas.height, alpha: [...data.filter((_, i) => i % 4 === 3)] };
  });
  const agree = (/** @type {Awaited<ReturnType<typeof veil>>} */ { width, height, alpha }, /** @type {Uint8Array} */ mask) => {
    assert.equal(Math.max(width, height), 1024);
    for (let i = 0; i < width * height; i += 97) {
      const [x, y] = [Math.floor((i % width + 0.5) / width * WIDTH), Math.floor((Math.floor(i / width) + 0.5) / height * HEIGHT)];
      near(alpha[i] ?? -1, 255 - (mask[y * WIDTH + x] ?? 0), 1);
    }
  };
  const first = await veil();
  agree(first, mask);
  await page.locator('.veil canvas').evaluate((canvas) => canvas.classList.add('old'));
  await ask(page, 'make it yellow');
  await page.locator('.veil canvas:not(.old)').waitFor();
  agree(await veil(), mask2.mask);
  await page.click('.mask');
  assert.equal(await page.locator('.veil').isVisible(), false);
});

test('fingers: one moves the slider or scrolls, two zoom and pan', async () => {
  const { page, frame, at, split } = await stage({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const client = await page.context().newCDPSession(page);
  const touch = (/** @type {'touchStart' | 'touchMove' | 'touchEnd'} */ type, /** @type {[number, number][]} */ ...points) => client.send('Input.dispatchTouchEvent', {
    type, touchPoints: points.map(([x, y], id) => ({ x: frame.x + x, y: frame.y + y, id })),
  });
  await touch('touchStart', [100, 100]);
  for (const x of [120, 150, 200]) await touch('touchMove', [x, 102]);
  await touch('touchEnd');
  await eventually(async () => near(await split(), 200 / frame.width * 100, 1));
  await touch('touchStart', [200, 100]);
  for (const x of [150, 100, 60]) await touch('touchMove', [x, 102]);
  await touch('touchEnd');
  await eventually(async () => near(await split(), 60 / frame.width * 100, 1));

  await touch('touchStart', [150, 130], [200, 130]);
  for (const apart of [60, 80, 100]) await touch('touchMove', [175 - apart / 2, 130], [175 + apart / 2, 130]);
  await touch('touchEnd');
  await eventually(async () => near((await at()).width / frame.width, 2, 0.1));
  const pinched = await at();
  await touch('touchStart', [200, 130]);
  for (const x of [190, 170, 140]) await touch('touchMove', [x, 130]);
  await touch('touchEnd');
  await eventually(async () => near((await at()).x, pinched.x + 60 / pinched.width, 0.03));
  near(await split(), 60 / frame.width * 100, 1);

  await page.tap('.percent');
  const before = await page.evaluate(() => scrollY);
  await touch('touchStart', [100, 200]);
  for (const y of [180, 140, 80]) await touch('touchMove', [101, y]);
  await touch('touchEnd');
  await page.waitForFunction((before) => scrollY > before, before);
  near(await split(), 60 / frame.width * 100, 1);
});

test('the stage has all of the screen, by a button and by F, and gives it back', async () => {
  const { page, frame, problems } = await stage();
  const button = page.getByRole('button', { name: 'Full screen' });
  const full = () => page.evaluate(() => document.fullscreenElement?.id ?? '');
  await button.click();
  // The document has its element before the button is told.
  await page.waitForSelector('.full[aria-pressed="true"]');
  assert.equal(await full(), 'stage');
  // A small photo is no larger than four times its size; this one is large.
  await page.waitForFunction((before) => /** @type {HTMLElement} */ (document.querySelector('.frame')).clientHeight > before * 1.15, frame.height);
  const [bottom, screen] = await page.evaluate(() => [document.querySelector('#stage .bar')?.getBoundingClientRect().bottom, innerHeight]);
  assert((bottom ?? Infinity) <= (screen ?? 0));
  // What is saved is offered there, too.
  await page.click('#save');
  assert(await page.locator('#download-png').isVisible());
  await page.keyboard.press('Escape');
  await page.locator('.split').press('f');
  await page.waitForSelector('.full[aria-pressed="false"]');
  assert.equal(await full(), '');
  await page.fill('#prompt', '');
  await page.focus('#prompt');
  await page.keyboard.type('fluffy');
  assert.equal(await full(), '');
  assert.equal(await page.locator('#prompt').inputValue(), 'fluffy');
  assert.deepEqual(problems, []);
});
