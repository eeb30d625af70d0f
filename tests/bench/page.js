// `cargo xtask bench --page`: what a visitor waits for, in the page itself, on the CPU: from the last key of a sentence
// to its picture, from a tap to the mask of what is there, and many photos with one sentence. Prints a table and writes a
// JSON file.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { address, choose, launch, loaded, newPage } from '../browser/helper.js';

const ROUNDS = 20;
/** One megapixel, and twelve. */
const MEGAPIXEL = { width: 1000, height: 1000 };
const LARGE = { width: 3464, height: 3464 };
/** Photos at once. */
const MANY = 20;
/** Each but for its last key, and that. */
const SENTENCES = /** @type {[string, string][]} */ ([['make the suit nav', 'y'], ['make the suit re', 'd'], ['make the suit gree', 'n'], ['a purple sui', 't']]);
/** Where the suit is, in shares of the photo. */
const SUIT = { x: 0.3, y: 0.8 };
/** How long the page rests before a measurement. */
const REST_MS = 700;

const { BENCH_JSON: json = '' } = process.env;

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/**
 * In the page: notes when the browser has put a picture on the screen that began with an event.
 *
 * @param {string} kind
 */
function watch(kind) {
  const bench = { began: NaN, end: (/** @type {number} */ milliseconds) => void milliseconds };
  Object.assign(globalThis, { bench });
  addEventListener(kind === 'key' ? 'keydown' : 'pointerup', ({ timeStamp }) => { bench.began = timeStamp; }, true);
  const shown = () => requestAnimationFrame(() => {
    // A message comes after the frame.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => bench.end(performance.now() - bench.began);
    port2.postMessage('');
  });
  new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => addedNodes.length)) shown();
  }).observe(/** @type {Element} */ (document.querySelector(kind === 'key' ? '.layer.after' : '.layer.point')), { childList: true });
}

/** Milliseconds from the next event to its picture. @param {import('playwright-core').Page} page @param {() => Promise<void>} act */
async function timed(page, act) {
  await page.evaluate(() => {
    const { bench } = /** @type {any} */ (globalThis);
    bench.took = new Promise((resolve, reject) => {
      bench.end = resolve;
      setTimeout(reject, 20_000, new Error('No picture came.'));
    });
  });
  await act();
  return page.evaluate(() => /** @type {Promise<number>} */ (/** @type {any} */ (globalThis).bench.took));
}

/** The astronaut as a photo of this size; in another shape than its own nobody knows a suit. @param {import('playwright-core').Page} page @param {{width: number, height: number}} size */
async function photo(page, size) {
  const url = await page.evaluate(async ({ width, height }) => {
    const image = /** @type {HTMLImageElement} */ (document.querySelector('#samples [data-sample="astronaut"]'));
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    if (context) context.imageSmoothingQuality = 'high';
    context?.drawImage(image, 0, 0, width, height);
    return canvas.toDataURL('image/jpeg', 0.92);
  }, size);
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

/** Opens a photo, until what is in it is known, and where. @param {import('playwright-core').Page} page @param {Buffer} bytes */
async function open(page, bytes) {
  await choose(page, 'photo.jpg', bytes, 'image/jpeg');
  await page.locator('#things button').first().waitFor();
  await page.waitForTimeout(REST_MS);
}

async function page() {
  const opened = await newPage(browser, { viewport: { width: 1400, height: 900 } });
  await opened.page.goto(`${address}?device=cpu`);
  await loaded(opened.page);
  return opened;
}

async function keys() {
  const { page: own, context } = await page();
  await open(own, await photo(own, MEGAPIXEL));
  await own.evaluate(watch, 'key');
  const times = [];
  // The first of each meets cold caches.
  for (let round = -SENTENCES.length; round < ROUNDS; round += 1) {
    const [before, key] = SENTENCES.at(round % SENTENCES.length) ?? ['', ''];
    await own.fill('#prompt', before);
    await own.waitForTimeout(REST_MS);
    const took = await timed(own, () => own.keyboard.press(key));
    if (round >= 0) times.push(took);
  }
  await context.close();
  return times;
}

async function taps() {
  const { page: own, context } = await page();
  const bytes = await photo(own, MEGAPIXEL);
  const times = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    await open(own, bytes);
    if (round < 0) await own.evaluate(watch, 'tap');
    const box = await own.locator('.frame').boundingBox();
    if (!box) throw new Error('The photo is not on the stage.');
    await own.mouse.move(box.x + SUIT.x * box.width, box.y + SUIT.y * box.height);
    const took = await timed(own, () => own.mouse.down().then(() => own.mouse.up()));
    if (round >= 0) times.push(took);
  }
  await context.close();
  return times;
}

/** Megabytes that the page's process holds for itself. */
async function held() {
  const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const all = await Promise.all(renderers.map(async ({ id }) => {
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    return ['RssAnon', 'RssShmem'].reduce((sum, name) => sum + Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) / 1024, 0);
  }));
  return Math.max(...all);
}

async function many() {
  const { page: own, context } = await page();
  const bytes = await photo(own, LARGE);
  const files = Array.from({ length: MANY }, (_, i) => ({ name: `photo-${i}.jpg`, mimeType: 'image/jpeg', buffer: bytes }));
  await own.setInputFiles('#file', files);
  await own.locator('.grid canvas').nth(MANY - 1).waitFor({ timeout: 120_000 });
  await own.fill('#prompt', 'make the suit navy');
  const began = performance.now();
  await own.press('#prompt', 'Enter');
  const memory = [];
  for (let i = 0; i < MANY; i += 1) {
    await own.locator('.grid .done').nth(i).waitFor({ timeout: 120_000 });
    memory.push(await held());
  }
  const each = (performance.now() - began) / MANY;
  await context.close();
  return { each, memory };
}

const browser = await launch();
const machine = `Chromium ${browser.version()}, ${cpus()[0]?.model.trim()}, one thread`;
const [key, tap] = [await keys(), await taps()];
const { each, memory } = await many();
await browser.close();

const size = ({ width = 0, height = 0 }) => `${width}x${height}`;
const rows = [
  [`from the last key to the picture, ${size(MEGAPIXEL)}, median of ${ROUNDS}, ms`, median(key)],
  [`from a tap to the mask, ${size(MEGAPIXEL)}, median of ${ROUNDS}, ms`, median(tap)],
  [`${MANY} photos of ${size(LARGE)} and one sentence, each, ms`, each],
  ['the page’s process after five of them, MB', memory[4] ?? NaN],
  ['the same after all, MB', memory.at(-1) ?? NaN],
];
console.log(`${machine}\n\n| | |\n|---|---|\n${rows.map(([what, value]) => `| ${what} | ${Math.round(Number(value)).toLocaleString('en')} |`).join('\n')}`);
if (json) await writeFile(json, `${JSON.stringify({ machine, key, tap, each, memory }, null, 2)}\n`);
