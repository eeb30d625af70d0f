// What the tests of "Make" share.
import assert from 'node:assert/strict';
import { address, openPage } from './helper.js';

export const SENTENCE = 'a red polo shirt';

/** What the manifest lists: all models, and the one that makes pictures. */
export async function listing() {
  /** @type {{models: import('../../www/engine/load.js').Model[]}} */
  const { models } = await (await fetch(new URL('weights/manifest.json', address))).json();
  const maker = models.find(({ task }) => task === 'make');
  assert(maker, 'weights/manifest.json has a model that makes pictures');
  return { maker, models };
}

/** The page with its tab open and the model here. @param {import('playwright-core').Browser} browser @param {import('playwright-core').BrowserContextOptions} [options] */
export async function makePage(browser, options) {
  const opened = await openPage(browser, options);
  await open(opened.page);
  return opened;
}

/** @param {import('playwright-core').Page} page */
export async function open(page) {
  await page.locator('#making-tab').click();
  await page.locator('.maker .chips button').first().waitFor();
}

/** Types a sentence and waits for its pictures. @param {import('playwright-core').Page} page @param {string} sentence */
export async function weave(page, sentence) {
  await page.fill('#make-prompt', sentence);
  await page.press('#make-prompt', 'Enter');
  await woven(page);
}

/** @param {import('playwright-core').Page} page @param {number} [count] */
export async function woven(page, count = 6) {
  await page.waitForFunction((count) => document.querySelector('.maker .error')?.textContent
    || (document.querySelector('.pictures')?.ariaBusy === 'false' && document.querySelectorAll('.pictures [role="img"]').length === count), count, { timeout: 120_000 });
  assert.equal(await page.locator('.maker .error').textContent(), '');
}

/** @param {import('playwright-core').Page} page */
export function pictures(page) {
  return page.locator('.pictures [role="img"]').evaluateAll((all) => all.map((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL()));
}

/** What is laid over the pictures; nothing where that is hidden. @param {import('playwright-core').Page} page */
export function veils(page) {
  return page.locator('.pictures .veil').evaluateAll((all) => all.map((veil) => (veil.checkVisibility() ? /** @type {HTMLCanvasElement} */ (veil.firstElementChild).toDataURL() : '')));
}

/** @param {import('playwright-core').Page} page */
export const status = (page) => page.locator('.maker [part="status"]').textContent();

/** The button that chooses a picture. @param {import('playwright-core').Page} page @param {number} number */
export const chooser = (page, number) => page.getByRole('button', { name: `Choose: picture ${number}`, exact: true });

/** @param {import('playwright-core').Page} page */
export const pressed = (page) => page.locator('.pictures [aria-pressed]').evaluateAll((all) => all.map(({ ariaPressed }) => ariaPressed));

/** Where there is a garment, of every picture 64 x 64 places, 0 to 255. @param {import('playwright-core').Page} page */
export function alphas(page) {
  return page.locator('.pictures [role="img"]').evaluateAll((all) => all.map((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, 512, 512);
    return Array.from({ length: 64 * 64 }, (_, i) => data[((Math.floor(i / 64) * 8 + 4) * 512 + (i % 64) * 8 + 4) * 4 + 3] ?? 0);
  }));
}

/** How unlike two forms are, 0 to 255. @param {number[]} [a] @param {number[]} [b] */
export const apart = (a = [], b = []) => mean(a.map((value, i) => Math.abs(value - (b[i] ?? 0))));

/** @param {number[]} numbers */
export const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** The mean red, green and blue of a picture's garment. @param {import('playwright-core').Page} page @param {number} [index] */
export function means(page, index = 0) {
  return page.locator('.pictures [role="img"]').nth(index).evaluate((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, 512, 512);
    const places = Array.from({ length: 512 * 512 }, (_, i) => i * 4).filter((at) => data[at + 3] === 255);
    return [0, 1, 2].map((channel) => places.reduce((sum, at) => sum + (data[at + channel] ?? 0), 0) / places.length);
  });
}
