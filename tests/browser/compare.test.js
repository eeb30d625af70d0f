// Compare: one photo and one sentence through every fusion layer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { ask, choose, drawFlower, edited, encodePng, launch, shown } from './helper.js';
import { shelf, shelfPage } from './shelf.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(400, 300));
const NAMES = ['Concatenation', 'FiLM', 'Bilinear'];

/** @param {Parameters<typeof shelfPage>[1]} [options] */
async function editPage(options) {
  const opened = await shelfPage(browser, options);
  await choose(opened.page, 'flower.png', flower);
  await ask(opened.page, 'the petals are blue');
  return opened;
}

/** Waits until no tile is at work. @param {import('playwright-core').Page} page */
async function compared(page) {
  await page.waitForFunction(() => {
    const pictures = [...document.querySelectorAll('.tile [aria-busy]')];
    return pictures.length && pictures.every((picture) => picture.ariaBusy === 'false');
  }, undefined, { timeout: 60_000 });
}

/** The pictures in the comparison, the original first. @param {import('playwright-core').Page} page */
function pictures(page) {
  return page.locator('.tile canvas').evaluateAll((all) => all.map((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL()));
}

test('where there is one layer there is nothing to compare', async () => {
  const { page } = await editPage({ models: shelf.filter(({ name }) => ['flowers', 'clothing'].includes(name)) });
  assert.equal(await page.locator('#compare').isVisible(), false);
});

test('every layer’s picture of the shown edit, each with its name, its equation and its time', async () => {
  const { page, problems, fetched } = await editPage();
  const button = page.locator('#compare');
  // What it costs is said before, and nothing is fetched before.
  assert.match(await button.textContent() ?? '', /0\.8 MB, the first time/);
  assert.deepEqual(fetched, ['flowers']);
  const bilinear = await shown(page);
  /** @type {string[]} */
  const requests = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname.split('/').pop() ?? ''));
  // Two presses are one.
  await button.focus();
  await button.evaluate((button) => {
    for (let i = 0; i < 2; i += 1) /** @type {HTMLElement} */ (button).click();
  });
  await compared(page);
  assert.equal(await page.locator('dialog.comparison').count(), 1);
  assert.deepEqual(fetched.sort(), ['flowers', 'flowers-concat', 'flowers-film']);
  const own = ['compare.js', 'texts.js', 'compare.css', 'parts.js', 'flowers-concat.safetensors', 'flowers-film.safetensors', 'worker.js', 'gpu.js', 'wordloom.js'];
  assert.deepEqual(requests.filter((name) => !own.includes(name)), []);

  assert.deepEqual(await page.locator('.tile h3').evaluateAll((all) => all.map((heading) => heading.firstChild?.textContent)), ['Original', ...NAMES]);
  const words = await page.locator('.tile').allTextContents();
  for (const [i, equation] of [[1, '[x; t]'], [2, 'sigmoid'], [3, 'U x']]) assert(words[Number(i)]?.includes(String(equation)));
  for (const tile of words.slice(1)) assert.match(tile, /\d+ ms on the CPU/);
  const [original, ...made] = await pictures(page);
  assert.equal(new Set([original, ...made]).size, 4);
  // The page's own layer made the very picture that is on the stage.
  assert.equal(made[2], bilinear);
  assert.equal(page.workers().length, 1);

  await page.keyboard.press('Escape');
  await page.locator('dialog.comparison').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'compare');
  assert.doesNotMatch(await button.textContent() ?? '', /MB/);
  assert.equal(await shown(page), bilinear);
  // A second time nothing is fetched.
  requests.length = 0;
  await button.click();
  await compared(page);
  assert(!requests.some((name) => name.endsWith('.safetensors')));
  assert.deepEqual(problems, []);
});

test('a layer’s edit can be used: it goes into the strip, and stays that layer’s', async () => {
  const { page } = await editPage();
  await page.fill('#strength', '0.6');
  await page.waitForTimeout(800);
  await page.click('#compare');
  await compared(page);
  const [, , film] = await pictures(page);
  await page.getByRole('button', { name: 'Use this one: FiLM' }).press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('#strip li').length === 3);
  await edited(page);
  assert.equal(await page.locator('dialog.comparison').count(), 0);
  assert.equal(await shown(page), film);
  assert.equal(await page.locator('#strip button').last().getAttribute('aria-label'), 'the petals are blue (film)');
  assert.equal(await page.locator('#strength').inputValue(), '0.6');
  await page.click('#another');
  await page.waitForFunction(() => document.querySelectorAll('#strip li').length === 4);
  assert.match(await page.locator('#strip button').last().getAttribute('aria-label') ?? '', /\(film\)/);
  // The next sentence is for the usual model again.
  await ask(page, 'purple');
  assert.equal(await page.locator('#strip button').last().getAttribute('aria-label'), 'purple');
});

test('a model that does not come costs its tile only, and can be tried again', async () => {
  const { page, context } = await editPage();
  await context.route('**/flowers-film.safetensors', (route) => route.abort());
  await page.click('#compare');
  await compared(page);
  const film = page.locator('.tile').nth(2);
  assert.match(await film.getByRole('alert').textContent() ?? '', /flowers-film\.safetensors could not be fetched/);
  for (const i of [1, 3]) assert.match(await page.locator('.tile').nth(i).textContent() ?? '', /ms on the CPU/);
  assert.deepEqual(await violations(page), []);
  await context.unroute('**/flowers-film.safetensors');
  await film.getByRole('button', { name: 'Try again' }).press('Enter');
  await compared(page);
  assert.match(await film.textContent() ?? '', /ms on the CPU/);
  assert.equal(await film.locator('.error').textContent(), '');
  // The page itself has no trouble.
  assert.equal(await page.locator('#trouble').textContent(), '');
});

test('while models arrive their tiles say how much is here; Escape ends all that', async () => {
  const { page, context } = await editPage();
  /** @type {() => void} */
  let end = () => {};
  const ended = new Promise((resolve) => { end = () => resolve(undefined); });
  await context.route('**/flowers-film.safetensors', async (route) => {
    await ended;
    await route.abort();
  });
  await page.click('#compare');
  await page.waitForFunction(() => document.querySelectorAll('.tile [aria-busy="false"]').length === 2);
  const film = page.locator('.tile').nth(2);
  assert(await film.getByRole('progressbar', { name: 'Fetching the model: FiLM' }).isVisible());
  await page.keyboard.press('Escape');
  end();
  await page.waitForTimeout(300);
  assert.equal(await page.locator('#error').textContent(), '');
  assert.equal(page.workers().length, 1);
  await ask(page, 'purple');
});

test('a comparison that cannot be fetched says so, and the edit stays', async () => {
  const { page, context } = await editPage();
  await context.route('**/compare.css', (route) => route.abort());
  const blue = await shown(page);
  await page.click('#compare');
  await page.locator('#error').filter({ hasText: 'compare.css could not be fetched' }).waitFor();
  assert.equal(await shown(page), blue);
  await context.unroute('**/compare.css');
  await page.click('#compare');
  await compared(page);
});

for (const width of [390, 1400]) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`at ${width} pixels, ${colorScheme}: axe-core finds nothing, and nothing sticks out`, async () => {
      const { page } = await editPage({ viewport: { width, height: 844 }, colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violations(page), [], 'with the choice');
      await page.click('#compare');
      await compared(page);
      assert.deepEqual(await violations(page), [], 'with the comparison');
      const { over, small } = await page.locator('dialog.comparison').evaluate((dialog) => ({
        over: dialog.scrollWidth - dialog.clientWidth,
        small: [...dialog.querySelectorAll('button')].filter((button) => button.checkVisibility())
          .map((button) => ({ text: button.textContent, ...button.getBoundingClientRect().toJSON() }))
          .filter(({ width, height }) => innerWidth < 860 && (width < 44 || height < 44)),
      }));
      assert.equal(over, 0);
      assert.deepEqual(small, []);
    });
  }
}

test('in Chinese, all of it', async () => {
  const { page } = await shelfPage(browser, { locale: 'zh-CN' });
  await choose(page, 'flower.png', flower);
  await page.fill('#prompt', 'purple');
  await page.press('#prompt', 'Enter');
  await page.click('#compare');
  await compared(page);
  const left = await page.locator('dialog.comparison').evaluate((dialog) => [...dialog.querySelectorAll('h2, h3, p, small, button')]
    .map((element) => element.textContent?.trim() || element.getAttribute('aria-label') || '')
    .filter((text) => text && !/\p{Script=Han}/u.test(text)));
  assert.deepEqual(left, []);
});
