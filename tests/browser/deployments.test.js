// One host, several deployments: side by side, and one after the other under an open post.
import assert from 'node:assert/strict';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, choose, eventually, kept, launch, loaded, newPage, scratch } from './helper.js';
import { dist, host, nextVersion, VERSION } from './host.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));

test('two deployments on one host leave each other’s page, engine and model alone', async () => {
  const root = await scratch();
  const next = await nextVersion();
  await mkdir(join(root, 'a'));
  await cp(dist, join(root, 'a'), { recursive: true });
  await cp(next.folder, join(root, 'b'), { recursive: true });
  const own = await host(root);
  const { context, page } = await newPage(browser);
  const worker = () => page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    while (active?.state !== 'activated') await new Promise((resolve) => { setTimeout(resolve, 50); });
  });
  for (const [i, place] of ['a', 'b'].entries()) {
    await page.goto(`${own.origin}/${place}/`);
    await loaded(page);
    await worker();
    await kept(page, 2 * (i + 1));
  }
  await own.stop();
  for (const [place, version] of [['a', next.old], ['b', next.version]]) {
    const again = await context.newPage();
    await again.goto(`${own.origin}/${place}/`);
    await loaded(again);
    assert.equal(VERSION.exec(await again.locator('script[src]').first().getAttribute('src') ?? '')?.[0], version);
    await choose(again, 'flower.png', flower);
    await ask(again, 'make it blue');
    await again.close();
  }
});

test('a model that left the manifest is removed, and the others stay', async () => {
  const own = await host(dist);
  const { page } = await newPage(browser);
  await page.goto(own.origin);
  await loaded(page);
  await kept(page);
  const keys = () => page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('wordloom http'));
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map(({ url }) => new URL(url).pathname).sort();
  });
  const here = await keys();
  assert.deepEqual(here, ['/wordloom/cpu/wordloom_bg.wasm', '/wordloom/weights/editor.safetensors']);
  await page.evaluate(async () => {
    const name = (await caches.keys()).find((name) => name.startsWith('wordloom http')) ?? '';
    await (await caches.open(name)).put('/wordloom/weights/gone.safetensors?sha256=00', new Response('an old model'));
  });
  assert.equal((await keys()).length, 3);
  await page.reload();
  await loaded(page);
  await eventually(async () => assert.deepEqual(await keys(), here));
  await own.stop();
});

/** A post from one port with elements from another, where a new version comes in between. @param {string} element */
async function post(element) {
  const next = await nextVersion();
  const loom = await host(dist, { headers: { 'Access-Control-Allow-Origin': '*' } });
  const blog = await host(dist, { pages: {
    '/flower.png': Buffer.from(flower),
    '/post.html': `<!doctype html><title>post</title><link rel="icon" href="/flower.png"><script type="module" src="${loom.origin}/element.js"></script>${element}`,
  } });
  const { page } = await newPage(browser);
  return { next, loom, blog, page, stop: () => Promise.all([loom.stop(), blog.stop()]) };
}

for (const [what, element, there] of [
  ['a photo to edit', '<word-loom src="/flower.png" prompt="make it blue"></word-loom>', '.after canvas'],
  ['pictures to make', '<word-loom mode="make" prompt="a red shirt"></word-loom>', '[role="img"]'],
]) {
  test(`a post that was open while its host deployed anew still works: ${what}`, async () => {
    const { next, loom, blog, page, stop } = await post(element ?? '');
    await page.goto(`${blog.origin}/post.html`);
    await page.locator('word-loom button.open').waitFor();
    loom.root = next.folder;
    await page.locator('word-loom button.open').click();
    await page.locator(`word-loom ${there}`).first().waitFor();
    assert(loom.asked.some((path) => path.startsWith(`/${next.version}/pkg/cpu/`)));
    await stop();
  });
}

for (const entry of ['element', 'wordloom']) {
  test(`a browser that kept ${entry}.js for longer than its host kept that version still works`, async () => {
    const { next, loom, blog, page, stop } = await post('<word-loom src="/flower.png" prompt="make it blue"></word-loom>');
    loom.root = next.folder;
    const old = await readFile(join(dist, `${entry}.js`), 'utf8');
    await page.context().route(`${loom.origin}/${entry}.js`, (route) => (route.request().resourceType() === 'script'
      ? route.fulfill({ body: old, contentType: 'text/javascript', headers: { 'Access-Control-Allow-Origin': '*' } }) : route.continue()));
    await page.goto(`${blog.origin}/post.html`);
    if (entry === 'element') {
      await page.locator('word-loom button.open').click();
      await page.locator('word-loom .after canvas').waitFor();
    } else {
      assert.equal(await page.evaluate(async (from) => typeof (await import(`${from}/wordloom.js`)).open, loom.origin), 'function');
    }
    await stop();
  });
}

test('where the host has the same version still, what is missing is told as before', async () => {
  const { loom, blog, page, stop } = await post('<word-loom src="/flower.png" prompt="make it blue"></word-loom>');
  await page.context().route('**/www/element/card.js', (route) => route.abort());
  await page.goto(`${blog.origin}/post.html`);
  await page.locator('word-loom button.open').click();
  await page.locator('word-loom .failed').waitFor();
  assert.equal(loom.asked.filter((path) => path.endsWith('/card.js')).length, 0);
  await stop();
});
