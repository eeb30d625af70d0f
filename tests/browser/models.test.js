// What to edit: choosing a subject, keeping the choice, and the page's proposal to change it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, ask, choose, drawFlower, edited, encodePng, kept, launch, loaded, newPage, openPage, shown } from './helper.js';
import { shelf, shelfPage } from './shelf.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(300, 200));

/** @param {import('playwright-core').Page} page @param {string} subject */
function subject(page, subject) {
  return page.getByRole('radio', { name: subject, exact: true });
}

test('one subject gives no choice; models for comparing only are none', async () => {
  const { page } = await openPage(browser);
  const { models } = await (await fetch(new URL('weights/manifest.json', address))).json();
  const editors = models.filter((/** @type {any} */ { task = 'edit' }) => task === 'edit');
  const subjects = new Set(editors.map((/** @type {any} */ { subject, name }) => subject ?? name)).size;
  assert.equal(await page.locator('#subjects').isVisible(), subjects > 1);
  const second = await shelfPage(browser);
  assert.deepEqual(await second.page.locator('#subjects label').allTextContents(), ['Flowers', 'Clothes']);
  assert.deepEqual(second.fetched, ['flowers']);
  assert(await subject(second.page, 'Flowers').isChecked());
});

test('a sample brings its subject', async () => {
  const { page, problems, fetched } = await shelfPage(browser);
  const sample = (/** @type {string} */ name) => page.getByRole('button', { name, exact: true });
  await sample('T-shirt, made by Wordloom').click();
  assert(await subject(page, 'Clothes').isChecked());
  await loaded(page);
  await ask(page, 'yellow');
  await sample('Hibiscus').click();
  assert(await subject(page, 'Flowers').isChecked());
  assert.deepEqual(fetched, ['flowers', 'clothing']);
  assert.deepEqual(problems, []);
});

test('a subject brings its model, its suggestions and its edits; the first one’s stay as they were made', async () => {
  const { page, problems, fetched } = await shelfPage(browser);
  await choose(page, 'flower.png', flower);
  await ask(page, 'purple');
  const purple = await shown(page);
  await subject(page, 'Clothes').check({ force: true });
  assert.deepEqual(await page.locator('#chips button').allTextContents(), ['make the zzshirt green', 'yellow']);
  assert.equal(await page.locator('#prompt').getAttribute('placeholder'), 'make the zzshirt green');
  assert.match(await page.locator('#about').textContent() ?? '', /clothing in the picture/);
  await loaded(page);
  await ask(page, 'purple');
  const other = await shown(page);
  assert.notEqual(other, purple);
  assert.deepEqual(fetched, ['flowers', 'clothing']);
  assert.equal(await page.locator('#strip canvas').count(), 3);

  // The slider asks the model that made what it changes.
  await page.locator('#strip button').nth(1).click();
  await page.waitForFunction((picture) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === picture, purple);
  assert(await subject(page, 'Clothes').isChecked());
  await page.fill('#strength', '0.5');
  await page.fill('#strength', '1');
  await page.waitForFunction((picture) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === picture, purple);
  await page.click('.mask');
  await page.locator('.veil canvas').waitFor();
  assert.equal(page.workers().length, 1);
  assert.deepEqual(fetched, ['flowers', 'clothing']);
  assert.deepEqual(problems, []);
});

test('the choice, and what made each edit, are there again after a reload', async () => {
  const { page, fetched } = await shelfPage(browser);
  await choose(page, 'flower.png', flower);
  await ask(page, 'purple');
  const purple = await shown(page);
  await subject(page, 'Clothes').check({ force: true });
  await loaded(page);
  await ask(page, 'purple');
  await kept(page, 3);
  await page.reload();
  await page.locator('.after canvas').waitFor();
  await loaded(page);
  assert(await subject(page, 'Clothes').isChecked());
  await page.locator('#strip button').nth(1).click();
  await page.waitForFunction((picture) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() === picture, purple);
  // The mask is made anew, by the model that made the edit, which is in the cache.
  await page.click('.mask');
  await page.locator('.veil canvas').waitFor();
  assert.deepEqual(fetched, ['flowers', 'clothing']);
  // Clearing everything clears that, too.
  await page.click('#clear');
  await page.locator('#clear-dialog .primary').click();
  await page.waitForFunction(() => /cleared/.test(document.getElementById('status')?.textContent ?? ''));
  await page.reload();
  await loaded(page);
  assert(await subject(page, 'Flowers').isChecked());
});

test('a link carries the model of its edit, and chooses its subject', async () => {
  const { page, fetched } = await shelfPage(browser, { at: `${address}#prompt=purple&model=clothing` });
  assert(await subject(page, 'Clothes').isChecked());
  assert.deepEqual(fetched, ['clothing']);
  await choose(page, 'flower.png', flower);
  await page.locator('.before canvas').waitFor();
  await page.press('#prompt', 'Enter');
  await edited(page);
  const purple = await shown(page);
  await page.click('#save');
  const link = new URL(await page.locator('#link').inputValue());
  assert.equal(new URLSearchParams(link.hash.slice(1)).get('model'), 'clothing');

  // One that names a model for comparing asks it for the link's sentence, and for no other.
  await page.evaluate(() => { location.hash = '#prompt=purple&model=flowers-film'; });
  await page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.querySelector('#subjects input')).checked);
  await page.press('#prompt', 'Enter');
  await page.waitForFunction((picture) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== picture, purple);
  await edited(page);
  assert.equal(await page.locator('#strip button').last().getAttribute('aria-label'), 'purple (film)');
  await ask(page, 'yellow');
  assert.equal(await page.locator('#strip button').last().getAttribute('aria-label'), 'yellow');
});

test('words of another subject bring a proposal, and nothing but a press changes anything', async () => {
  const { page } = await shelfPage(browser);
  await choose(page, 'flower.png', flower);
  const line = page.locator('#sounds');
  await page.fill('#prompt', 'make the zzshirts green');
  await page.waitForFunction(() => document.getElementById('sounds')?.textContent);
  assert.equal(await line.textContent(), 'This sounds like clothes: switch');
  assert.equal(await line.getAttribute('role'), 'status');
  await page.press('#prompt', 'Enter');
  await edited(page);
  assert(await subject(page, 'Flowers').isChecked());
  // A word that nobody knows is no proposal, and one of the manifest's own words is.
  for (const [sentence, said] of [['the qwrtzu petals', ''], ['blue zzjeans', 'This sounds like clothes: switch'], ['the petals are blue', '']]) {
    await page.fill('#prompt', sentence ?? '');
    await page.waitForFunction((said) => document.getElementById('sounds')?.textContent === said, said);
  }
  await page.fill('#prompt', 'make the zzshirt green');
  await line.getByRole('button').press('Enter');
  assert(await subject(page, 'Clothes').isChecked());
  assert.equal(await line.textContent(), '');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'prompt');
  assert.equal(await page.locator('#prompt').inputValue(), 'make the zzshirt green');
  await loaded(page);
});

test('a Chinese visitor gets Chinese suggestions and names, and Chinese words count one by one', async () => {
  const { page } = await shelfPage(browser, { locale: 'zh-CN' });
  assert.deepEqual(await page.locator('#subjects label').allTextContents(), ['花', '衣服']);
  assert.deepEqual(await page.locator('#chips button').allTextContents(), ['花瓣变成蓝色', '紫色']);
  assert.equal(await page.locator('#chips').getAttribute('lang'), 'zh-Hans');
  assert.equal(await page.locator('#english').textContent(), '');
  await page.fill('#prompt', '衬衫');
  await page.waitForFunction(() => document.getElementById('sounds')?.textContent?.includes('衣服'));
});

test('a subject whose model does not come leaves the other one working', async () => {
  const { page, context } = await shelfPage(browser);
  await context.route('**/clothing.safetensors', (route) => route.abort());
  await choose(page, 'flower.png', flower);
  await subject(page, 'Clothes').check({ force: true });
  await page.locator('#retry').waitFor();
  assert.match(await page.locator('#trouble').textContent() ?? '', /clothing\.safetensors could not be fetched/);
  await subject(page, 'Flowers').check({ force: true });
  await ask(page, 'purple');
  await subject(page, 'Clothes').check({ force: true });
  await page.fill('#prompt', 'yellow');
  await page.press('#prompt', 'Enter');
  await page.waitForFunction(() => /as soon as/.test(document.getElementById('status')?.textContent ?? ''));
  await context.unroute('**/clothing.safetensors');
  await page.click('#retry');
  await edited(page);
  await loaded(page);
  assert.equal(await page.locator('#strip canvas').count(), 3);
});

test('the arrow keys choose, and the choice shows where the keyboard is', async () => {
  const { page } = await shelfPage(browser);
  await page.focus('#prompt');
  await page.keyboard.press('Shift+Tab');
  assert(await subject(page, 'Flowers').evaluate((radio) => radio === document.activeElement));
  const outline = () => page.locator('#subjects label').first().evaluate((label) => getComputedStyle(label).outlineStyle);
  assert.equal(await outline(), 'solid');
  await page.keyboard.press('ArrowRight');
  assert(await subject(page, 'Clothes').isChecked());
  await loaded(page);
  assert.equal(await page.getByRole('group', { name: 'What to edit' }).count(), 1);
});
