// The swatches: a press puts a cloth into the sentence, a slider its size, and both are edits like any other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { ask, choose, edited, launch, openPage, shown } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));

/** @param {import('playwright-core').Page} page */
const sentence = (page) => page.locator('#prompt').inputValue();

/** Presses a swatch, and waits for its edit. @param {import('playwright-core').Page} page @param {string} name */
async function wear(page, name) {
  const before = await page.locator('#strip button').count();
  await page.locator('#cloths').getByRole('button', { name, exact: true }).click();
  await page.waitForFunction((count) => document.querySelectorAll('#strip button').length > count, before);
  await edited(page);
}

test('without a photo there are no swatches; with one each shows its own cloth', async () => {
  const { page } = await openPage(browser);
  assert(await page.locator('#cloths').isHidden());
  await choose(page, 'flower.png', flower);
  await page.locator('#cloths').waitFor();
  const swatches = await page.locator('.cloths canvas').evaluateAll((all) => all.map((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL()));
  assert.equal(swatches.length, 18);
  assert.equal(new Set(swatches).size, swatches.length);
  assert.deepEqual(await violations(page), []);
});

test('a press makes the thing of it, another press of another, and undo goes back', async () => {
  const { page, problems } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  await ask(page, 'make the flower red');
  const red = await shown(page);
  assert(await page.locator('.woven').isHidden());
  await wear(page, 'gingham');
  assert.equal(await sentence(page), 'red gingham flower');
  assert.notEqual(await shown(page), red);
  await wear(page, 'tartan');
  assert.equal(await sentence(page), 'red tartan flower');
  await page.click('.bar .undo');
  await page.click('.bar .undo');
  await page.waitForFunction((red) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === red, red);
  await page.locator('.woven').waitFor({ state: 'hidden' });
  assert.deepEqual(problems, []);
});

test('the size of the pattern is a word of the sentence, by the keyboard alone', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  await ask(page, 'a gingham flower');
  const medium = await shown(page);
  const slider = page.getByLabel('Size of the pattern');
  await slider.waitFor();
  assert.equal(await slider.inputValue(), '2');
  await slider.press('ArrowRight');
  await page.waitForFunction((medium) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== medium, medium);
  assert.equal(await sentence(page), 'a large gingham flower');
  await edited(page);
  assert.equal(await slider.inputValue(), '3');
  await page.getByRole('button', { name: 'Another one' }).click();
  await page.waitForFunction(() => /(horizontal|vertical|diagonal) gingham flower$/.test(/** @type {HTMLInputElement} */ (document.getElementById('prompt')).value));
});

test('a sentence that names nothing gets the thing that the photo shows, in Chinese, too', async () => {
  const { page } = await openPage(browser, { locale: 'zh-CN' });
  await choose(page, 'flower.png', flower);
  await page.locator('#things button').first().waitFor();
  await page.locator('#cloths').getByRole('button', { name: '格子', exact: true }).click();
  await page.locator('#strip button').nth(1).waitFor();
  assert.equal(await sentence(page), '格子花');
});

for (const width of [390, 1400]) {
  test(`several cloths beside each other, by the keyboard alone at ${width} pixels; the edit on the stage stays what it is`, async () => {
    const { page, problems } = await openPage(browser, { viewport: { width, height: 844 } });
    await choose(page, 'flower.png', flower);
    await ask(page, 'a gingham flower');
    const edit = await shown(page);
    const dialog = page.locator('dialog.several');
    const pictures = dialog.locator('li button');
    const open = async () => {
      await page.locator('#several').waitFor();
      await page.locator('#several').press('Enter');
      await page.waitForFunction(() => document.querySelectorAll('dialog.several [aria-busy="false"]').length === 6);
    };
    await open();
    const seen = await dialog.locator('canvas').evaluateAll((all) => all.map((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL()));
    assert.equal(new Set(seen).size, 6);
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'several');
    // The engine has made others since: another strength is this one's.
    await page.fill('#strength', '0.5');
    await page.waitForFunction((edit) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== edit, edit);
    await page.fill('#strength', '1');
    await page.waitForFunction((edit) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === edit, edit);
    await open();
    const chosen = await pictures.nth(1).getAttribute('title');
    await pictures.nth(1).press('Enter');
    await page.waitForFunction((before) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== before, edit);
    assert.equal(await sentence(page), chosen);
    assert.match(chosen ?? '', /diagonal gingham flower/);
    assert.deepEqual(problems, []);
  });
}
