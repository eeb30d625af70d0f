// What is under the pointer: taps on the photo, chips that show where their thing is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, ask, choose, edited, eventually, launch, openPage } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

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
    assert(tries < 600, 'Nothing is pointed at.');
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
  // For a moment more.
  await page.locator('.point canvas').waitFor({ state: 'detached' });
  assert.deepEqual(problems, []);
});

test('the chips are in the order of size, the background behind them', async () => {
  const { page, chips, things } = await looked();
  assert.equal(things.at(-1), 'background');
  const sizes = [];
  for (const i of things.slice(0, -1).keys()) {
    await chips.nth(i).focus();
    sizes.push(await page.locator('.point canvas').evaluate((element) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, at) => at % 4 === 3 && value > 0).length;
    }));
  }
  assert(sizes.length > 1);
  assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a), things.join());
});

test('a tap on what is no thing is for the background, and so is its chip', async () => {
  const { page, problems } = await openPage(browser, { viewport: { width: 1400, height: 900 } });
  await page.locator('#samples button').first().click();
  const chips = page.locator('#things button');
  await chips.first().waitFor();
  const [garment, ...others] = await chips.allTextContents();
  assert.deepEqual(others, ['background']);
  const frame = await page.locator('.frame').boundingBox();
  assert(frame);
  const field = page.locator('#prompt');
  const corner = /** @type {const} */ ([frame.x + frame.width * 0.04, frame.y + frame.height * 0.04]);
  await eventually(async () => {
    await page.mouse.click(...corner);
    await page.locator('.point canvas').waitFor({ timeout: 1000 });
  });
  assert(await over(page, 0.04, 0.04) > 0);
  assert.equal(await over(page, 0.5, 0.5), 0);
  await page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.getElementById('prompt')).value === 'make the background ');
  await page.mouse.click(frame.x + frame.width * 0.5, frame.y + frame.height * 0.5);
  await page.waitForFunction((garment) => /** @type {HTMLInputElement} */ (document.getElementById('prompt')).value === `make the ${garment} `, garment);
  await chips.last().press('Enter');
  assert.equal(await field.inputValue(), 'make the background ');
  await page.keyboard.type('darker');
  await page.keyboard.press('Enter');
  await edited(page);
  assert.deepEqual(problems, []);
});

test('what is typed and not asked for stays: things are put behind it, and a suggestion leaves it to the arrow keys', async () => {
  const { page, frame, chips, things } = await looked();
  const field = page.locator('#prompt');
  await field.pressSequentially('make it blue');
  await chips.first().press('Enter');
  assert.equal(await field.inputValue(), `make it blue, the ${things[0]} `);
  // Another thing in its place, by a tap as well.
  await page.mouse.click(frame.x + frame.width * 0.5, frame.y + frame.height * 0.35);
  await page.waitForFunction((first) => {
    const { value } = /** @type {HTMLInputElement} */ (document.getElementById('prompt'));
    return /^make it blue, the \p{L}+ $/u.test(value) && !value.includes(first);
  }, things[0] ?? '');
  await page.keyboard.type('red');
  const draft = await field.inputValue();
  await page.locator('#chips button').last().click();
  await edited(page);
  assert.equal(await field.inputValue(), 'a darker background');
  await field.press('ArrowUp');
  assert.equal(await field.inputValue(), draft);
  // In the middle of one, without a joint; and what was asked for gives way.
  await field.fill('a red ');
  await chips.first().press('Enter');
  assert.equal(await field.inputValue(), `a red ${things[0]} `);
  await page.keyboard.press('Enter');
  await edited(page);
  await chips.last().press('Enter');
  assert.equal(await field.inputValue(), 'make the background ');
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
    // Looked for before: it is there for a moment.
    await Promise.all([
      page.waitForFunction(([x = 0, y = 0]) => {
        const canvas = /** @type {HTMLCanvasElement | null} */ (document.querySelector('.point canvas'));
        return canvas?.getContext('2d')?.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data[3];
      }, [x, y]),
      page.mouse.click(frame.x + frame.width * x, frame.y + frame.height * y),
    ]);
    await page.waitForFunction(() => document.activeElement?.id === 'prompt');
    return field.inputValue();
  };
  const [middle, corner] = [await tap(0.5, 0.35), await tap(0.03, 0.03)];
  for (const sentence of [middle, corner]) assert(things.some((thing) => sentence === `make the ${thing} `), sentence);
  assert.notEqual(middle, corner);
  await page.locator('.point canvas').waitFor({ state: 'detached' });

  // The slider is where it was, and moves by a drag from anywhere.
  await ask(page, 'make it blue');
  const began = await split();
  await tap(0.2, 0.1);
  assert.equal(await split(), began);
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
  await page.fill('#prompt', '');
  await page.mouse.click(...at);
  await begun(page);
});

test('fingers: a tap chooses, and a swipe moves the slider; a chip shows its thing, and no keyboard covers it', async () => {
  const { page, chips, frame, split } = await looked({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.touchscreen.tap(frame.x + 12, frame.y + 12);
  await begun(page);
  await page.locator('.point canvas').waitFor({ state: 'detached' });
  await chips.first().tap();
  await begun(page);
  await page.waitForTimeout(400);
  assert.equal(await page.locator('.point canvas').count(), 1);
  assert.notEqual(await page.evaluate(() => document.activeElement?.id), 'prompt');
  await page.locator('.point canvas').waitFor({ state: 'detached' });
  await ask(page, 'make it blue');
  const began = await split();
  await page.touchscreen.tap(frame.x + 12, frame.y + 12);
  await page.waitForTimeout(400);
  assert.equal(await split(), began);
});

test('the smallest of what is there is meant, what is sure before what may be, all clothes and the background last; beside all of it, nothing', async () => {
  const { page } = await openPage(browser);
  const found = await page.evaluate(async (at) => {
    const { Pointing } = await import(new URL('www/sentence/point.js', at).href);
    const masks = [
      [255, 255, 255, 255, 0, 0, 0, 0],
      [0, 255, 255, 0, 0, 0, 0, 0],
      [0, 100, 0, 0, 100, 60, 0, 0],
      [255, 0, 0, 0, 0, 0, 255, 0],
      [0, 255, 0, 0, 255, 60, 255, 255],
    ].map((mask) => Uint8Array.from(mask));
    const around = masks.splice(4);
    const places = { width: 8, height: 1, masks };
    const pointing = new Pointing({ text: Object.assign(() => '', { lang: 'en' }), prompt: { offered: [], offer() {} }, engine: { places: async () => ({ masks: around }) }, work: { photo: {}, places }, stage: { root: document.body } });
    const all = () => [0, 1, 2, 3, 4, 5, 6, 7, 8, -1].map((x) => pointing.thingAt({ x: (x + 0.5) / 8, y: 0.5 }));
    const before = all();
    await new Promise((resolve) => { setTimeout(resolve); });
    return [before, all()];
  }, address);
  // Where the background is, is known a moment later.
  assert.deepEqual(found, [[0, 1, 1, 0, 2, -1, 4, -1, -1, -1], [0, 1, 1, 0, 2, -1, 4, 3, -1, -1]]);
});
