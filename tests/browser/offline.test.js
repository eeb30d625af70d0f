// Visits without a network, visits across versions, and no request where none is needed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, behind, choose, download, kept, launch, loaded, newPage } from './helper.js';
import { dist, host, nextVersion, VERSION } from './host.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** A first visit, to the end: the page is ready, and kept. @param {import('./host.js').Host} own */
async function visit(own) {
  const opened = await newPage(browser);
  // What the page compiles tells which wasm it has.
  await opened.context.addInitScript(() => {
    const compiled = /** @type {number[]} */ ([]);
    const { compile } = WebAssembly;
    Object.assign(globalThis, { compiled });
    WebAssembly.compile = (bytes) => {
      compiled.push(bytes.byteLength);
      return compile(bytes);
    };
  });
  await opened.page.goto(own.origin);
  await loaded(opened.page);
  await opened.page.evaluate(() => navigator.serviceWorker.ready);
  await kept(opened.page);
  return opened;
}

/** The versions of all that a page has loaded, and the bytes of its wasm. @param {import('playwright-core').Page} page */
async function has(page) {
  const { names, compiled } = await page.evaluate(() => ({
    names: performance.getEntriesByType('resource').map(({ name }) => name),
    compiled: /** @type {{compiled: number[]}} */ (/** @type {unknown} */ (globalThis)).compiled,
  }));
  const versions = new Set(names.map((name) => VERSION.exec(name)?.[0]).filter(Boolean));
  return { versions: [...versions], compiled };
}

test('after one visit everything works without the network', async () => {
  const own = await host(dist);
  const { context, page } = await visit(own);
  await page.close();
  await own.stop();
  const again = await context.newPage();
  /** @type {string[]} */
  const problems = [];
  again.on('console', (message) => problems.push(message.text()));
  for (const address of ['/', '/index.html', '/?from=a-link']) {
    await again.goto(own.origin + address);
    await loaded(again);
  }
  await again.locator('#samples button').nth(2).click();
  await ask(again, 'make it blue');
  for (const type of /** @type {const} */ (['png', 'jpeg', 'webp'])) await download(again, type);
  await again.goto(`${own.origin}/embed.html?src=nothing.png`);
  await again.locator('word-loom button.open').waitFor();
  assert.deepEqual(problems, []);
});

test('a visitor with a poor network gets the page that is kept, and soon', async () => {
  const own = await host(dist);
  const { page } = await visit(own);
  own.delay = 60_000;
  const began = Date.now();
  await page.reload();
  await loaded(page);
  assert(Date.now() - began < 30_000, `it took ${Date.now() - began} ms`);
  await own.stop();
});

test('after load, ten edits, exports and undo make no request', async () => {
  const own = await host(dist);
  const { context, page, problems } = await visit(own);
  await behind(page);
  await choose(page, 'flower.png', encodePng(drawFlower(300, 200)));
  const before = own.asked.length;
  /** @type {string[]} */
  const requests = [];
  context.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url())) requests.push(request.url());
  });
  const colours = ['blue', 'red', 'yellow', 'white', 'pink'];
  for (const words of [...colours.map((colour) => `make it ${colour}`), ...colours]) await ask(page, words);
  for (const type of /** @type {const} */ (['png', 'jpeg', 'webp'])) await download(page, type);
  for (const name of ['Undo', 'Undo', 'Redo']) await page.getByRole('button', { name }).click();
  await page.waitForTimeout(300);
  // Some time after a visit the browser asks the page's host whether its service worker is still the newest.
  const isUpdate = (/** @type {string} */ path) => path.endsWith('/sw.js');
  assert.deepEqual(requests.filter((url) => !isUpdate(url)), []);
  assert.deepEqual(own.asked.slice(before).filter((path) => !isUpdate(path)), []);
  assert.deepEqual(problems, []);
  await own.stop();
});

test('a new version never meets what is left of an old one', async () => {
  const next = await nextVersion();
  const own = await host(dist);
  const { context, page: first } = await visit(own);
  const before = await has(first);
  assert.deepEqual(before, { versions: [next.old], compiled: [next.bytes - 8] });

  // A tab of the old version stays whole after the host has forgotten it.
  own.root = next.folder;
  assert.equal((await fetch(`${own.origin}/${next.old}/www/page.js`)).status, 404);
  assert.equal(await first.evaluate((url) => import(url).then((module) => typeof module.open), `${own.origin}/${next.old}/www/wordloom.js`), 'function');

  // The next visit is of the new version, all of it; the model did not change, and stays.
  const asked = own.asked.length;
  const second = await context.newPage();
  await second.goto(own.origin);
  await loaded(second);
  assert.deepEqual(await has(second), { versions: [next.version], compiled: [next.bytes] });
  assert(!own.asked.slice(asked).some((path) => path.endsWith('.safetensors')));
  await second.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    while (!registration.waiting) await new Promise((resolve) => setTimeout(resolve, 50));
  });

  // Without the network it is the newest one that is kept whole, also for the tab of the old one.
  await own.stop();
  for (const page of [second, first]) {
    await page.reload();
    await loaded(page);
    assert.deepEqual(await has(page), { versions: [next.version], compiled: [next.bytes] });
  }
});
