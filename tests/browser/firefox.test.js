// The page in a second engine: Firefox, named by FIREFOX (cargo xtask test sets it).
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { address, eventually, records, scratch } from './helper.js';
import { dist, host } from './host.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

/** @type {import('puppeteer-core').Browser} */
let browser;
before(async () => {
  browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX, headless: true, timeout: 120_000, args: ['--width=1400', '--height=900'] });
});
after(() => browser.close());

/**
 * Puppeteer's own way of waiting builds a function from text, which the pages' policy forbids.
 *
 * @param {import('puppeteer-core').Page} page
 * @param {(...args: string[]) => unknown} holds
 * @param {string[]} args
 */
async function until(page, holds, ...args) {
  for (const end = Date.now() + 120_000; !await page.evaluate(holds, ...args);) {
    assert(Date.now() < end, `It never holds: ${holds}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

test('in Firefox: a photo, edits, undo, strength, a file, and all of it again after a reload', async () => {
  const page = await browser.newPage();
  /** @type {string[]} */
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.setDefaultTimeout(120_000);
  await page.goto(address);
  await page.waitForSelector('#loading[hidden]');
  const text = (/** @type {string} */ id) => page.$eval(`#${id}`, (element) => element.textContent ?? '');
  assert.equal(await text('trouble'), '');

  const flower = drawFlower(320, 240);
  const path = join(await scratch(), 'garden.png');
  await writeFile(path, encodePng(flower));
  const file = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement> | null} */ (await page.$('#file'));
  await file?.uploadFile(path);
  await page.waitForSelector('.before canvas');
  const ask = async (/** @type {string} */ sentence) => {
    await page.$eval('#prompt', (field) => { /** @type {HTMLInputElement} */ (field).value = ''; });
    await page.type('#prompt', sentence);
    await page.keyboard.press('Enter');
    await until(page, (sentence) => document.querySelector('.after canvas')?.ariaLabel?.endsWith(sentence)
      || document.getElementById('error')?.textContent, sentence);
    assert.equal(await text('error'), '');
  };
  const shown = async () => decodePng(Buffer.from((await page.$eval('.after canvas', (canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL())).split(',')[1] ?? '', 'base64'));
  await ask('make it blue');
  const blue = await shown();
  assert.deepEqual([blue.width, blue.height], [320, 240]);
  assert(difference(blue.pixels, flower.pixels).mean > 2);
  await ask('make it yellow');
  assert(difference((await shown()).pixels, blue.pixels).mean > 2);
  await page.click('.bar .undo');
  await until(page, () => document.querySelector('.after canvas')?.ariaLabel?.endsWith('blue'));
  assert.equal(difference((await shown()).pixels, blue.pixels).largest, 0);

  // What the save menu gives away as a file.
  await page.evaluate(() => {
    const { createObjectURL } = URL;
    URL.createObjectURL = (file) => Object.assign(globalThis, { file }) && createObjectURL(file);
    const { click } = HTMLAnchorElement.prototype;
    HTMLAnchorElement.prototype.click = function () {
      Object.assign(globalThis, { saved: this.download });
      if (!this.download) click.call(this);
    };
  });
  await page.click('#save');
  await page.click('#download-png');
  await until(page, () => 'saved' in globalThis);
  const saved = await page.evaluate(async () => {
    const { saved, file } = /** @type {{saved: string, file: Blob}} */ (/** @type {unknown} */ (globalThis));
    return { name: saved, bytes: [...new Uint8Array(await file.arrayBuffer())] };
  });
  assert.equal(saved.name, 'garden-make-it-blue.png');
  assert.equal(difference(decodePng(Buffer.from(saved.bytes)).pixels, blue.pixels).largest, 0);

  // That of the two edits the first one is shown, is kept by then.
  await eventually(async () => assert((await page.evaluate(records)).some(({ value }) => value.now?.shown === 1)));
  await page.reload();
  await page.waitForSelector('.after canvas');
  assert.equal(difference((await shown()).pixels, blue.pixels).largest, 0);
  await page.waitForSelector('#loading[hidden]');
  const url = await page.$eval('.after canvas', (canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
  await page.$eval('#strength', (range) => {
    /** @type {HTMLInputElement} */ (range).value = '0';
    range.dispatchEvent(new Event('input'));
  });
  await until(page, (before) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== before, url);
  assert(difference((await shown()).pixels, flower.pixels).largest <= 1);
  assert.deepEqual(problems, []);
});

test('in Firefox: pictures of a sentence, where a word acted, and one of them to edit', async () => {
  const page = await browser.newPage();
  /** @type {string[]} */
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.setDefaultTimeout(120_000);
  await page.goto(address);
  await page.waitForSelector('#making-tab');
  await page.click('#making-tab');
  await page.waitForSelector('.maker .chips button');
  await page.type('#make-prompt', 'a red polo shirt');
  await page.keyboard.press('Enter');
  await until(page, () => document.querySelector('.maker .error')?.textContent
    || (document.querySelector('.pictures')?.ariaBusy === 'false' && document.querySelectorAll('.pictures [role="img"]').length === 6));
  assert.equal(await page.$eval('.maker .error', (error) => error.textContent), '');
  const pictures = await page.$$eval('.pictures [role="img"]', (all) => all.map((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL()));
  assert.equal(new Set(pictures).size, 6);
  await page.click('.words button');
  await until(page, () => document.querySelector('.pictures .veil')?.checkVisibility());
  await page.click('[aria-label="Edit this one: picture 1"]');
  await page.waitForSelector('.before canvas');
  assert.equal(await page.$eval('#editing-tab', (tab) => tab.ariaSelected), 'true');
  assert.deepEqual(problems, []);
});

test('in Firefox: the post with the element from another port', async () => {
  const loom = await host(dist, { headers: { 'Access-Control-Allow-Origin': '*' } });
  const blog = await host(dist, { rewrite: (text) => text.replace('../element.js', `${loom.origin}/element.js`) });
  const page = await browser.newPage();
  await page.goto(`${blog.origin}/example/`);
  await until(page, () => Boolean(customElements.get('word-loom')));
  const done = await page.evaluate(() => Promise.all([...document.querySelectorAll('word-loom')]
    .map(async (element) => (await /** @type {any} */ (element).edit()).prompt)));
  assert.deepEqual(done, ['make the flower blue', 'pink hair']);
  assert.equal(loom.asked.filter((path) => path.endsWith('.wasm')).length, 1);
  await Promise.all([loom.stop(), blog.stop()]);
});
