// What is under the pointer: taps on the photo, chips that show where their thing is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, ask, choose, drawFlower, edited, encodePng, launch, openPage } from './helper.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(600, 450));

/** The page with a flower that has been looked at. @param {import('playwright-core').BrowserContextOptions} [options] */
async function looked(options = { viewport: { width: 1400, height: 900 } }) {
  const opened = await openPage(browser, options);
  const { page } = opened;
  await choose(page, 'flower.png', flower);
  const chips = page.locator('#things button');
  await chips.first().waitFor();
  const things = await chips.allTextContents();
  // Where they are comes a moment later.
  await chips.first().focus();
  for (let tries = 0; !await page.locator('.point canvas').count(); tries += 1) {
    assert(tries < 100, 'Nothing is pointed at.');
    await page.waitForTimeout(100);
    await chips.first().blur();
    await chips.first().focus();
  }
  await chips.first().blur();
  await page.locator('.point canvas').waitFor({ state: 'detached' });
  const frame = await page.locator('.frame').boundingBox();
  assert(frame);
  const split = () => page.locator('.split').evaluate((range) => /** @type {HTMLInputElement} */ (range).valueAsNumber);
  return { ...opened, chips, things, frame, split };
}

/** How opaque what lies over the photo is, at a point in shares of it. @param {import('playwright-core').Page} page @param {number} x @param {number} y */
function over(page, x, y) {
  return page.locator('.point canvas').evaluate((element, [x = 0, y = 0]) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    return context.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data[3] ?? 0;
  }, [x, y]);
}

/** Waits for the beginning of a sentence. @param {import('playwright-core').Page} page */
function begun(page) {
  return page.waitForFunction(() => /^make the \p{L}+ $/u.test(/** @type {HTMLInputElement} */ (document.getElementById('prompt')).value));
}

test('pointing at a chip shows where its thing is, by mouse and by keyboard, and pressing it begins a sentence', async () => {
  const { page, chips, things, problems } = await looked();
  // What is largest is around the flower.
  assert(things.length > 1, things.join());
  await chips.first().hover();
  await page.locator('.point canvas').waitFor();
  assert(await over(page, 0.03, 0.03) > 0);
  assert.equal(await over(page, 0.5, 0.35), 0);
  await page.mouse.move(5, 5);
  await page.locator('.point canvas').waitFor({ state: 'detached' });
  await chips.first().focus();
  await page.locator('.point canvas').waitFor();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#prompt').inputValue(), `make the ${things[0]} `);
  assert.equal(await page.locator('.point canvas').count(), 0);
  assert.deepEqual(problems, []);
});

test('what is in a photo is said as well where an edit was asked for before that was known', async () => {
  const { page, problems } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  // Each waits for its turn beside that question, and takes the place of the one before.
  for (const colour of ['red', 'navy', 'pink', 'white', 'teal', 'orange']) {
    await page.fill('#prompt', `a ${colour} flower`);
    await page.press('#prompt', 'Enter');
  }
  await edited(page);
  await page.locator('#things button').first().waitFor();
  assert.deepEqual(problems, []);
});

test('a tap chooses what is there, shows it for a moment and begins a sentence; it moves nothing', async () => {
  const { page, frame, things, split, problems } = await looked();
  const field = page.locator('#prompt');
  const tap = async (/** @type {number} */ x, /** @type {number} */ y) => {
    await field.fill('');
    await page.mouse.click(frame.x + frame.width * x, frame.y + frame.height * y);
    assert(await over(page, x, y) > 0);
    await page.waitForFunction(() => document.activeElement?.id === 'prompt');
    return field.inputValue();
  };
  const [middle, corner] = [await tap(0.5, 0.35), await tap(0.03, 0.03)];
  for (const sentence of [middle, corner]) assert(things.some((thing) => sentence === `make the ${thing} `), sentence);
  assert.notEqual(middle, corner);
  await page.locator('.point canvas').waitFor({ state: 'detached' });

  // The slider is where it was, and moves by a drag from anywhere.
  await ask(page, 'make it blue');
  await tap(0.2, 0.1);
  assert.equal(await split(), 50);
  await page.mouse.move(frame.x + frame.width * 0.2, frame.y + frame.height * 0.5);
  await page.mouse.down();
  await page.mouse.move(frame.x + frame.width * 0.3, frame.y + frame.height * 0.5, { steps: 4 });
  await page.mouse.up();
  assert(Math.abs(await split() - 30) < 2, String(await split()));
  await page.locator('.point canvas').waitFor({ state: 'detached' });
  assert.deepEqual(problems, []);
});

test('a double click zooms and says nothing; zoomed in, a tap finds what is there and a drag pans', async () => {
  const { page, frame } = await looked();
  await page.fill('#prompt', 'something typed');
  const at = /** @type {const} */ ([frame.x + frame.width * 0.03, frame.y + frame.height * 0.03]);
  await page.mouse.dblclick(...at);
  await page.locator('.frame.zoomed').waitFor();
  await page.waitForTimeout(500);
  assert.equal(await page.locator('#prompt').inputValue(), 'something typed');
  assert.equal(await page.locator('.point canvas').count(), 0);
  await page.mouse.move(...at);
  await page.mouse.down();
  await page.mouse.move(at[0] + 40, at[1] + 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(500);
  assert.equal(await page.locator('#prompt').inputValue(), 'something typed');
  await page.mouse.click(...at);
  await begun(page);
});

test('fingers: a tap chooses, and a swipe moves the slider', async () => {
  const { page, frame, split } = await looked({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.touchscreen.tap(frame.x + 12, frame.y + 12);
  await begun(page);
  await ask(page, 'make it blue');
  await page.touchscreen.tap(frame.x + 12, frame.y + 12);
  await page.waitForTimeout(400);
  assert.equal(await split(), 50);
});

test('the smallest of what is there is meant, what is sure before what may be, all clothes last; beside all of it, nothing', async () => {
  const { page } = await openPage(browser);
  const found = await page.evaluate(async (at) => {
    const { Pointing } = await import(new URL('www/point.js', at).href);
    const masks = [
      [255, 255, 255, 255, 0, 0, 0],
      [0, 255, 255, 0, 0, 0, 0],
      [0, 100, 0, 0, 100, 60, 0],
      [255, 0, 0, 0, 0, 0, 255],
    ].map((mask) => Uint8Array.from(mask));
    const pointing = new Pointing({ work: { places: { width: 7, height: 1, masks } }, stage: { root: document.body } });
    return [0, 1, 2, 3, 4, 5, 6, 7, -1].map((x) => pointing.thingAt({ x: (x + 0.5) / 7, y: 0.5 }));
  }, address);
  assert.deepEqual(found, [0, 1, 1, 0, 2, -1, 3, -1, -1]);
});
