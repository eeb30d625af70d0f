// `cargo xtask bench`: our build beside onnxruntime-web, on the same weights, in the same browser,
// taking turns. Prints a table and writes a JSON file.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { launch, scratch } from '../browser/helper.js';
import { serve } from './server.js';

/** There is one in every photo. */
const PROMPT = 'a blue background';
/** For a picture without a photo. */
const MADE = 'a red polo t-shirt';
const LOADS = 3;
/** A line as visitors have them, in bits a second; from this machine to itself there is nothing to wait for. */
const LINE = 20e6;
const EDITS = 15;
/** Without a GPU, WebGPU takes seconds. */
const SLOW_EDITS = 5;
/** Our network sees a photo's short side at 192 pixels: these are neither shrunk nor enlarged. */
const SIZES = /** @type {[number, number][]} */ ([[192, 288], [192, 192]]);
/** Whole edits, from pixels to pixels: of one megapixel, and of twelve. */
const PHOTOS = /** @type {[number, number][]} */ ([[1155, 866], [4000, 3000]]);

const root = fileURLToPath(new URL('../..', import.meta.url));
const { LOOM: loom = '', BENCH_JSON: json = '' } = process.env;
const graphs = await scratch();
await promisify(execFile)(loom, ['export', 'onnx', '-o', graphs], { cwd: root });

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

const server = await serve(root, {
  ort: join(root, 'tests/bench/node_modules/onnxruntime-web/dist'),
  'weights-onnx': graphs,
});
/** @typedef {import('./runtimes.js').Device} Device */
/** @typedef {'wordloom' | 'onnxruntime'} Name */
const NAMES = /** @type {Name[]} */ (['wordloom', 'onnxruntime']);
/** WebGPU without a GPU: what a GPU computes, by the CPU. */
const FLAGS = { cpu: [], gpu: ['--enable-unsafe-webgpu'] };

/**
 * A fresh profile with an empty page.
 *
 * @param {import('playwright-core').Browser} browser
 */
async function blank(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.origin}/blank.html`);
  return { context, page };
}

/** The prompt's sentence embedding. */
async function embedded() {
  const browser = await launch();
  const { page } = await blank(browser);
  const sentence = await page.evaluate(async (prompt) => {
    const { embedding } = await import(/** @type {string} */ ('/tests/bench/runtimes.js'));
    return embedding(prompt);
  }, PROMPT);
  await browser.close();
  return /** @type {number[]} */ (sentence);
}

/**
 * Loads a runtime from nothing, opens a photo and runs the first edit: milliseconds from the start.
 *
 * @param {import('playwright-core').Page} page
 * @param {Name} name
 * @param {Device} device
 */
function cold(page, name, device) {
  return page.evaluate(async ({ name, argument, size }) => {
    const start = performance.now();
    const runtimes = await import(/** @type {string} */ ('/tests/bench/runtimes.js'));
    const runtime = await runtimes[name](argument);
    await runtime.open();
    const loaded = performance.now() - start;
    await runtime.look(runtimes.drawn(size));
    await runtime.edit();
    const first = performance.now() - start;
    Object.assign(globalThis, { runtimes, runtime });
    return { loaded, first, mask: Array.from(await runtime.mask()) };
  }, { name, argument: { prompt: PROMPT, sentence, device }, size: SIZES[0] });
}

/**
 * Milliseconds of opening a photo, of saying what is in it, as the page does next, and of a sentence after that.
 *
 * @param {import('playwright-core').Page | undefined} page
 * @param {[number, number]} size
 */
async function warm(page, size) {
  return await page?.evaluate(async (size) => {
    const { runtimes, runtime } = /** @type {any} */ (globalThis);
    const photo = runtimes.drawn(size);
    const start = performance.now();
    await runtime.look(photo);
    const looked = performance.now();
    await runtime.sees?.();
    const seen = performance.now();
    await runtime.edit();
    return { opened: looked - start, named: seen - looked, said: performance.now() - seen };
  }, size) ?? { opened: NaN, named: NaN, said: NaN };
}

/**
 * The most memory that the page's process ever held, in megabytes, after loading and three edits.
 * Measured in a browser of its own: processes are shared and reused within one.
 *
 * @param {Name} name
 * @param {Device} device
 */
async function peak(name, device) {
  const own = await launch(FLAGS[device]);
  const { page } = await blank(own);
  await cold(page, name, device);
  for (let i = 0; i < 3; i += 1) await warm(page, SIZES[0] ?? [192, 192]);
  const { processInfo } = await (await own.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const held = await Promise.all(renderers.map(async ({ id }) => {
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024;
  }));
  await own.close();
  return Math.max(...held);
}

/**
 * Both runtimes on one device, taking turns.
 *
 * @param {Device} device
 * @param {number} edits Rounds of each size.
 */
async function compare(device, edits) {
  const browser = await launch(FLAGS[device]);
  /** @type {Record<Name, Record<string, number>>} */
  const results = { wordloom: {}, onnxruntime: {} };
  /** @type {Record<string, import('playwright-core').Page>} */
  const pages = {};
  /** @type {Record<string, number[]>} */
  const times = {};
  /** @type {Record<string, number[]>} */
  const masks = {};
  const note = (/** @type {Name} */ name, /** @type {string} */ what, /** @type {number} */ value) => {
    (times[`${name} ${what}`] ??= []).push(value);
    results[name][what] = median(times[`${name} ${what}`] ?? []);
  };

  // The first round fills the server's memory with what it serves.
  for (let round = 0; round <= LOADS; round += 1) {
    for (const name of NAMES) {
      const { context, page } = await blank(browser);
      const before = server.sent();
      const { loaded, first, mask } = await cold(page, name, device);
      masks[name] = mask;
      if (round > 0) {
        note(name, 'bytes over the wire', server.sent() - before);
        note(name, 'load, ms', loaded);
        note(name, 'first edit from a cold cache, ms', first);
      }
      if (round < LOADS) await context.close();
      else pages[name] = page;
    }
  }
  for (const name of NAMES) {
    const { context, page } = await blank(browser);
    server.line(LINE);
    note(name, `the same over ${LINE / 1e6} Mbit/s, ms`, (await cold(page, name, device)).first);
    server.line(Infinity);
    await context.close();
  }
  // Ours has been through the guided filter, so that the two are near and not the same.
  const apart = (masks.wordloom ?? []).reduce((sum, value, i) => sum + Math.abs(value - (masks.onnxruntime?.[i] ?? NaN)), 0) / (masks.wordloom?.length ?? NaN);
  if (!(apart < 0.1)) throw new Error(`the two runtimes do not compute the same: their masks are ${apart} apart on average`);

  for (const size of SIZES) {
    for (let round = 0; round <= edits; round += 1) {
      for (const name of NAMES) {
        const { opened, named, said } = await warm(pages[name], size);
        if (round === 0) continue;
        note(name, `opening a photo of ${size.join('x')}, ms`, opened);
        if (name === 'wordloom') note(name, `what is in the one of ${size.join('x')}, ms`, named);
        note(name, `a sentence for ${size.join('x')} after that, ms`, said);
      }
    }
  }
  for (const name of NAMES) note(name, 'peak memory of the process, MB', await peak(name, device));
  for (const size of PHOTOS) {
    for (let round = 0; round <= edits; round += 1) {
      const { opened, named, said } = await warm(pages.wordloom, size);
      if (round === 0) continue;
      note('wordloom', `opening a photo of ${size.join('x')}, ms`, opened);
      note('wordloom', `what is in the one of ${size.join('x')}, ms`, named);
      note('wordloom', `a sentence for ${size.join('x')} after that, ms`, said);
    }
  }
  await browser.close();
  return results;
}

/** Pictures from a sentence, which the other runtime is not given: milliseconds. */
async function making() {
  const browser = await launch();
  const { page } = await blank(browser);
  const times = await page.evaluate(async ({ prompt, count }) => {
    const start = performance.now();
    const { maker } = await import(/** @type {string} */ ('/tests/bench/runtimes.js'));
    const ours = await maker({ prompt });
    await ours.open();
    const drawn = [start];
    for (let seed = 0; seed <= count; seed += 1) {
      await ours.draw(seed);
      drawn.push(performance.now());
    }
    return drawn.slice(1).map((end, i) => end - (drawn[i] ?? NaN));
  }, { prompt: MADE, count: EDITS });
  await browser.close();
  const [first = NaN, ...warm] = times;
  return { 'first picture from a cold cache, ms': first, 'warm picture, ms': median(warm) };
}

/** @param {Record<Name, Record<string, number>>} results */
function table({ wordloom, onnxruntime }) {
  const rows = Object.entries(wordloom).map(([what, ours]) => {
    const theirs = onnxruntime[what] ?? NaN;
    const show = (/** @type {number} */ value) => (Number.isNaN(value) ? '' : Math.round(value).toLocaleString('en'));
    const ratio = ours / theirs;
    return `| ${what} | ${show(ours)} | ${show(theirs)} | ${Number.isNaN(ratio) ? '' : ratio.toFixed(2)} |`;
  });
  return `| | Wordloom | onnxruntime-web | ratio |\n|---|---|---|---|\n${rows.join('\n')}`;
}

const sentence = await embedded();
const browser = await launch();
const machine = `Chromium ${browser.version()}, ${cpus()[0]?.model.trim()}, one thread each`;
await browser.close();
const cpu = await compare('cpu', EDITS);
console.log(`${machine}\n\nCPU\n\n${table(cpu)}\n`);
const made = await making();
const rows = Object.entries(made).map(([what, value]) => `| ${what} | ${Math.round(value)} |`);
console.log(`Pictures from a sentence, on the CPU\n\n| | Wordloom |\n|---|---|\n${rows.join('\n')}\n`);
const gpu = await compare('gpu', SLOW_EDITS);
server.close();
console.log(`WebGPU, on software\n\n${table(gpu)}`);
if (json) await writeFile(json, `${JSON.stringify({ machine, prompt: PROMPT, cpu, made, gpu }, null, 2)}\n`);
