// What the browser tests share: a real Chromium, the real page, and what is done with it.
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { encodePng } from './picture.js';

/** @typedef {import('./picture.js').Picture} Picture */

export const address = process.env.WORDLOOM_URL ?? '';
assert(address, 'WORDLOOM_URL has to be the address of the page (cargo xtask test sets it)');

/** @param {string[]} [more] Flags. */
export function launch(more = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    headless: false,
    args: ['--headless=new', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...more],
  });
}

/**
 * The page in a fresh profile. `problems` collects whatever the console complains about.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function newPage(browser, options) {
  const context = await browser.newContext(options);
  // A busy machine is no failure.
  context.setDefaultTimeout(90_000);
  context.setDefaultNavigationTimeout(120_000);
  const page = await context.newPage();
  /** @type {string[]} */
  const problems = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  return { context, page, problems };
}

/**
 * The page, loaded to the end.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openPage(browser, options) {
  const opened = await newPage(browser, options);
  await opened.page.goto(address);
  await loaded(opened.page);
  return opened;
}

/**
 * Tries once more after a script did not come, until `there` is. Some browsers never fetch such a script
 * again in the same page (whatwg/html#6768): their visitors reload, as the message says.
 *
 * @param {import('playwright-core').Page} page
 * @param {import('playwright-core').Locator} there
 * @param {(reloaded: boolean) => Promise<void>} again
 */
export async function retry(page, there, again) {
  await again(false);
  await there.waitFor({ timeout: 10_000 }).catch(async () => {
    await page.reload();
    await again(true);
    await there.waitFor();
  });
}

/** @param {import('playwright-core').Page} page */
export async function loaded(page) {
  await page.locator('#loading').waitFor({ state: 'hidden', timeout: 60_000 });
  assert.equal(await page.locator('#trouble').textContent(), '');
}

/** Engine and models are kept for the next visit. @param {import('playwright-core').Page} page */
export async function kept(page, files = 2) {
  await page.evaluate(async (files) => {
    const count = async () => {
      const names = (await caches.keys()).filter((name) => name.startsWith('wordloom http'));
      const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return keys.flat().length;
    };
    for (let tries = 0; await count() < files; tries += 1) {
      if (tries > 1200) throw new Error('Nothing is kept.');
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }, files);
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {Uint8Array} bytes
 * @param {string} [mimeType]
 */
export async function choose(page, name, bytes, mimeType = 'image/png') {
  await page.setInputFiles('#file', { name, mimeType, buffer: Buffer.from(bytes) });
}

/**
 * Types a sentence, presses Enter and waits for the edit.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} sentence
 */
export async function ask(page, sentence) {
  await page.fill('#prompt', sentence);
  await page.press('#prompt', 'Enter');
  await edited(page);
}

/** @param {import('playwright-core').Page} page */
export async function edited(page) {
  await page.waitForFunction(() => {
    const words = ['status', 'error'].map((id) => document.getElementById(id)?.textContent);
    return words[0]?.startsWith('Done') || words[1];
  }, undefined, { timeout: 60_000 });
  assert.equal(await page.locator('#error').textContent(), '');
}

/**
 * Tries an assertion until it holds, where what it is about comes a moment later.
 *
 * @param {() => Promise<unknown> | void} holds
 */
export async function eventually(holds) {
  for (const end = Date.now() + 60_000; ; await new Promise((resolve) => { setTimeout(resolve, 50); })) {
    try {
      await holds();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** Waits for what comes behind the model: from then on the page asks for nothing by itself. @param {import('playwright-core').Page} page */
export function behind(page) {
  return page.waitForFunction(() => ['live', 'point', 'brush', 'more', 'cloths', 'compare', 'make']
    .every((name) => /** @type {HTMLLinkElement | null} */ (document.querySelector(`link[href$="/${name}.css"]`))?.sheet));
}

/** Waits until what fades or slides has come to its end, in the elements, too: colours are read after it. @param {import('playwright-core').Page} page */
export function still(page) {
  return page.evaluate(() => {
    const roots = [document, ...[...document.querySelectorAll('word-loom')].flatMap(({ shadowRoot }) => shadowRoot ?? [])];
    // Some have no end, or are for those who look at an empty page.
    const all = roots.flatMap((root) => root.getAnimations()).filter(({ effect }) => Number(effect?.getComputedTiming().endTime) < 2000);
    return Promise.allSettled(all.map(({ finished }) => finished)).then(() => {});
  });
}

/** In a page: what its database holds. @returns {Promise<{key: string[], value: any}[]>} */
export function records() {
  return new Promise((resolve) => {
    const request = indexedDB.open('wordloom');
    request.onsuccess = () => {
      const store = request.result.transaction('desks').objectStore('desks');
      const [keys, values] = [store.getAllKeys(), store.getAll()];
      values.onsuccess = () => {
        request.result.close();
        resolve(keys.result.map((key, i) => {
          const { strength, picture, when, now } = values.result[i];
          return { key: /** @type {string[]} */ (key), value: { strength, picture: Boolean(picture), when, now } };
        }));
      };
    };
  });
}

/** @param {import('playwright-core').Page} page */
export function everything(page) {
  return page.evaluate(records);
}

/** Waits until an edit, by its number, is kept with its picture, which comes last. @param {import('playwright-core').Page} page @param {number} id */
export function pictured(page, id) {
  return eventually(async () => {
    const all = await everything(page);
    assert(all.some(({ key: [, kind, number], value }) => kind === 'edit' && Number(number) === id && value.picture), `edit ${id} is not kept`);
  });
}

/** Waits until an edit of this strength is a step: on the stage, and kept. @param {import('playwright-core').Page} page @param {number} strength */
export function rested(page, strength) {
  return eventually(async () => {
    const all = await everything(page);
    assert(all.some(({ key: [, kind], value }) => kind === 'edit' && value.strength === strength), `no edit of strength ${strength} is kept`);
  });
}

/** What the page says went wrong, in the end: older words may still be there. @param {import('playwright-core').Page} page @param {RegExp} words */
export async function says(page, words) {
  await page.locator('#error').filter({ hasText: words }).waitFor({ timeout: 60_000 }).catch(() => {});
  assert.match(await page.locator('#error').textContent() ?? '', words);
}

/** The pixels of the photo or the edit on the stage, as text. @param {import('playwright-core').Page} page @param {'before' | 'after'} layer */
export function shown(page, layer = 'after') {
  return page.locator(`.${layer} canvas`).evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
}

/**
 * Saves the edit as a file.
 *
 * @param {import('playwright-core').Page} page
 * @param {'png' | 'jpeg' | 'webp'} [type]
 */
export async function download(page, type = 'png') {
  await page.click('#save');
  const [file] = await Promise.all([page.waitForEvent('download'), page.click(`#download-${type}`)]);
  const path = join(await scratch(), `edit.${type}`);
  await file.saveAs(path);
  return { name: file.suggestedFilename(), path };
}

/**
 * An edit by the page's own modules, for tests that compare every pixel. The engine is opened once a page.
 *
 * @param {import('playwright-core').Page} page
 * @param {Uint8Array} file
 * @param {string} sentence
 * @param {{strength?: number, of?: Uint8Array}} [options] `of`: the photo that the file is an edited picture of.
 * @returns {Promise<Picture & {mask: Uint8Array, original: Uint8Array, unknown: string[], missing: string[]}>}
 */
export async function editPixels(page, file, sentence, { of, ...options } = {}) {
  const files = [file, of].filter((bytes) => bytes !== undefined).map((bytes) => Buffer.from(bytes).toString('base64'));
  const answer = await page.evaluate(async ({ at, files, sentence, options }) => {
    const [{ Engine }, { catalogue }, { canvasOf, openPhoto, paint }] = await Promise.all(
      ['engine/engine', 'engine/load', 'photo/photo'].map((name) => import(new URL(`www/${name}.js`, at).href)));
    const { signal } = new AbortController();
    const kept = /** @type {any} */ (globalThis);
    kept.testEngine ??= (async () => {
      const engine = new Engine();
      await engine.open(signal, (await catalogue(signal)).parts);
      return engine;
    })();
    const [photo, of] = await Promise.all(files.map((file) => openPhoto(new Blob([Uint8Array.from(atob(file), (c) => c.charCodeAt(0))]), 'test')));
    photo.of = of;
    const original = photo.pixels();
    const engine = await kept.testEngine;
    const { bitmap, unknown, missing } = await engine.edit(signal, photo, sentence, options);
    const { width, height } = bitmap;
    const canvas = canvasOf(width, height);
    paint(canvas, bitmap);
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
    const mask = await engine.mask(signal);
    /** @param {Uint8Array | Uint8ClampedArray} bytes */
    const text = (bytes) => {
      let all = '';
      for (let i = 0; i < bytes.length; i += 8192) all += String.fromCharCode(...bytes.subarray(i, i + 8192));
      return btoa(all);
    };
    return { width, height, unknown, missing, pixels: text(pixels), mask: text(mask), original: text(original) };
  }, { at: address, files, sentence, options });
  return {
    ...answer,
    pixels: Buffer.from(answer.pixels, 'base64'),
    mask: Buffer.from(answer.mask, 'base64'),
    original: Buffer.from(answer.original, 'base64'),
  };
}

/**
 * The bytes of one of the page's samples.
 *
 * @param {number} index
 * @param {import('playwright-core').Page} page
 */
export async function sample(page, index = 0) {
  const source = await page.locator('#samples img').nth(index).evaluate((image) => /** @type {HTMLImageElement} */ (image).src);
  return new Uint8Array(await (await fetch(source)).arrayBuffer());
}

/**
 * A picture as another kind of file, made by the browser.
 *
 * @param {import('playwright-core').Page} page
 * @param {Picture} picture
 * @param {string} type
 */
export async function encode(page, picture, type) {
  const url = await page.evaluate(async ({ png, type }) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (c) => c.charCodeAt(0))]));
    const canvas = document.createElement('canvas');
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL(type, 0.92);
  }, { png: encodePng(picture).toString('base64'), type });
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

/** A folder of this run's own. */
export function scratch() {
  return mkdtemp(join(tmpdir(), 'wordloom-'));
}
