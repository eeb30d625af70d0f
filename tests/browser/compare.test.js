// "Compare the layers": the same sentence by each fusing layer, on the photo that is there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { ask, choose, launch, openPage, sample } from './helper.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const HEADS = '**/weights/layers.safetensors*';

/** @param {import('playwright-core').Page} page */
async function open(page) {
  await page.getByRole('button', { name: 'Compare the layers' }).press('Enter');
  return page.getByRole('dialog', { name: 'Compare the layers' });
}

test('each layer has its picture of the sentence, by the keyboard alone', async () => {
  const { page, problems } = await openPage(browser);
  await choose(page, 'dress.jpg', await sample(page), 'image/jpeg');
  assert(await page.locator('#compare').isHidden());
  await ask(page, 'make the dress green');
  const dialog = await open(page);
  await dialog.locator('figure').nth(3).waitFor();
  const names = await dialog.locator('strong').allTextContents();
  assert.deepEqual(names, ['Concatenation', 'FiLM', 'Bilinear, rank 64', 'Bilinear, in full']);
  for (const caption of await dialog.locator('figcaption').allTextContents()) assert.match(caption, /\d+ % .* ms$/);
  // Green where the dress is; the photo itself has none.
  const green = await dialog.locator('canvas').evaluateAll((all) => all.map((canvas) => {
    const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
    const data = /** @type {HTMLCanvasElement} */ (canvas).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
    let count = 0;
    for (let i = 0; i < data.length; i += 4) count += Number(Number(data[i + 1]) > Number(data[i]) + 25 && Number(data[i + 1]) > Number(data[i + 2]) + 25);
    return count / (width * height);
  }));
  assert(green.every((share) => share > 0.02), `green in ${green}`);
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
  await choose(page, 'dress.jpg', await sample(page), 'image/jpeg');
  await ask(page, 'make the dress green');
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
  await choose(page, 'dress.jpg', await sample(page), 'image/jpeg');
  await ask(page, 'make the dress green');
  const dialog = await open(page);
  await page.waitForFunction(() => (document.querySelector('#compare-status')?.textContent ?? '').includes('layers.safetensors'));
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.unroute(HEADS);
  await open(page);
  await dialog.locator('figure').nth(3).waitFor();
});
