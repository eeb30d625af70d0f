// "Compare the layers": the same sentence by each fusing layer, on the photo that is there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { ask, choose, drawFlower, encodePng, launch, openPage } from './helper.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));
const HEADS = '**/weights/layers.safetensors*';

/** @param {import('playwright-core').Page} page */
async function open(page) {
  await page.getByRole('button', { name: 'Compare the layers' }).press('Enter');
  return page.getByRole('dialog', { name: 'Compare the layers' });
}

test('each layer has its picture of the sentence, by the keyboard alone', async () => {
  const { page, problems } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  assert(await page.locator('#compare').isHidden());
  await ask(page, 'make the flower navy');
  const dialog = await open(page);
  await dialog.locator('figure').nth(3).waitFor();
  const names = await dialog.locator('strong').allTextContents();
  assert.deepEqual(names, ['Concatenation', 'FiLM', 'Bilinear, rank 64', 'Bilinear, in full']);
  for (const caption of await dialog.locator('figcaption').allTextContents()) assert.match(caption, /\d+ % .* ms$/);
  // Navy where the flower is; the photo itself has no such blue.
  const navy = await dialog.locator('canvas').evaluateAll((all) => all.map((canvas) => {
    const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
    const data = /** @type {HTMLCanvasElement} */ (canvas).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
    let count = 0;
    for (let i = 0; i < data.length; i += 4) count += Number(Number(data[i + 2]) > Number(data[i]) + 25 && Number(data[i + 2]) > Number(data[i + 1]) + 25);
    return count / (width * height);
  }));
  assert(navy.every((share) => share > 0.02), `navy in ${navy}`);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert(await page.locator('#compare').evaluate((button) => button === document.activeElement));
  assert.deepEqual(problems, []);
});

test('the layers are fetched when they are asked for, and once', async () => {
  const { page } = await openPage(browser);
  let fetched = 0;
  await page.route(HEADS, (route) => {
    fetched += 1;
    return route.continue();
  });
  await choose(page, 'flower.png', flower);
  await ask(page, 'make the flower navy');
  assert.equal(fetched, 0);
  for (let time = 0; time < 2; time += 1) {
    const dialog = await open(page);
    await dialog.locator('figure').nth(3).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
  }
  assert.equal(fetched, 1);
});

test('layers that do not arrive are said to be missing, and another try has them', async () => {
  const { page } = await openPage(browser);
  await page.route(HEADS, (route) => route.abort());
  await choose(page, 'flower.png', flower);
  await ask(page, 'make the flower navy');
  const dialog = await open(page);
  await page.waitForFunction(() => (document.querySelector('#compare-status')?.textContent ?? '').includes('layers.safetensors'));
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.unroute(HEADS);
  await open(page);
  await dialog.locator('figure').nth(3).waitFor();
});
