// The page as a program of the device: its manifest and icons; photos that others share with it or open with it, which
// no server gets; and what it hands on.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, choose, launch, loaded, newPage, openPage, says } from './helper.js';
import { dist, host } from './host.js';
import { drawIcons, iconFile } from './icons.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

const flower = encodePng(drawFlower(240, 180));

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test('Chromium takes the manifest, and finds nothing that keeps the page from being installed', async () => {
  const own = await host(dist);
  const { page, context, problems } = await newPage(browser);
  await page.goto(own.origin);
  await loaded(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const cdp = await context.newCDPSession(page);
  const { errors, data = '', url } = await cdp.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  // Playwright's profiles are private ones.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito'), []);
  const { icons, share_target: target } = JSON.parse(data);
  assert(icons.some((/** @type {{purpose?: string}} */ { purpose }) => purpose === 'maskable'));
  for (const { src, sizes, type } of icons) {
    const answer = await fetch(new URL(src, url));
    assert.equal(answer.headers.get('Content-Type'), type);
    if (type !== 'image/png') continue;
    const { width, height } = decodePng(Buffer.from(await answer.arrayBuffer()));
    assert.equal(`${width}x${height}`, sizes);
  }
  assert.equal(new URL(target.action, url).href, `${own.origin}/?shared`);
  assert.deepEqual(problems, []);
  await own.stop();
});

test('the icons are the logo', async () => {
  for (const [name, png] of await drawIcons(browser)) {
    const there = decodePng(await readFile(iconFile(name)));
    assert(difference(there.pixels, decodePng(png).pixels).mean < 1, `${name}`);
  }
});

/**
 * Shares as a device does: a form that is sent to the page from outside.
 *
 * @param {import('./host.js').Host} own
 * @param {[string, Buffer, string?][]} given
 * @param {string} [words]
 * @param {() => void} [script] For the page that gets it.
 */
async function share(own, given, words = '', script = () => {}) {
  const { page, problems } = await newPage(browser);
  await page.goto(`${own.address}/`);
  await loaded(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.goto(`${own.address}/other.html`);
  own.asked.length = 0;
  await page.setInputFiles('input[type="file"]', given.map(([name, buffer, mimeType = 'image/png']) => ({ name, mimeType, buffer })));
  await page.fill('[name="words"]', words);
  await page.addInitScript(script);
  await page.click('button');
  await page.waitForURL(`${own.address}/`);
  return { page, problems };
}

const pages = {
  '/other.html': `<!doctype html><title>Another program</title><link rel="icon" href="data:,">
    <form method="post" action="./?shared" enctype="multipart/form-data"><input type="file" name="photos" multiple><input name="words"><button>Share</button></form>`,
};

test('a photo that is shared with the page is opened there, and no server gets it', async () => {
  // Most pages lie in a folder of their host.
  const own = await host(dist, { pages, folder: '/loom' });
  const { page, problems } = await share(own, [['裙子.png', flower]]);
  await page.locator('.before canvas').waitFor();
  const size = await page.locator('.before canvas').evaluate((canvas) => [/** @type {HTMLCanvasElement} */ (canvas).width, /** @type {HTMLCanvasElement} */ (canvas).height]);
  assert.deepEqual(size, [240, 180]);
  await ask(page, 'make it blue');
  assert(!own.asked.some((path) => path.startsWith('POST')), own.asked.join(' '));
  // It was taken, and waits for nobody.
  assert.deepEqual(await page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('wordloom-shared'))), []);
  await page.reload();
  await loaded(page);
  assert.equal(await page.locator('#error').textContent(), '');
  assert.deepEqual(problems, []);
  await own.stop();
});

test('several make the grid; words are a sentence; what is no picture says so', async () => {
  const own = await host(dist, { pages });
  const { page } = await share(own, [['a.png', flower], ['b.png', flower]], 'make it red');
  await page.locator('.grid li').nth(1).waitFor();
  assert.equal(await page.locator('#prompt').inputValue(), 'make it red');
  const other = await share(own, [['a.txt', Buffer.from('words'), 'text/plain']]);
  await says(other.page, /“a.txt” could not be read/);
  await own.stop();
});

test('where the list of models does not come, what is shared is opened all the same', async () => {
  const own = await host(dist, { pages });
  const { page } = await share(own, [['a.png', flower]], 'make it red', () => {
    const { fetch } = globalThis;
    globalThis.fetch = (url, ...rest) => (String(url).endsWith('weights/manifest.json') ? Promise.reject(new TypeError('no network')) : fetch(url, ...rest));
  });
  await page.locator('#retry').waitFor();
  await page.locator('.before canvas').waitFor();
  assert.equal(await page.locator('#prompt').inputValue(), 'make it red');
  await own.stop();
});

test('without a network, sharing works all the same', async () => {
  const own = await host(dist, { pages });
  const { page, context } = await newPage(browser);
  await page.goto(own.origin);
  await loaded(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.goto(`${own.origin}/other.html`);
  await page.setInputFiles('input[type="file"]', { name: 'a.png', mimeType: 'image/png', buffer: flower });
  await own.stop();
  await context.setOffline(true);
  await page.click('button');
  await page.locator('.before canvas').waitFor();
});

test('a file that is opened with the page comes to the stage', async () => {
  const { page, problems } = await newPage(browser);
  await page.addInitScript((bytes) => {
    const file = new File([Uint8Array.from(bytes)], 'opened.png', { type: 'image/png' });
    Object.defineProperty(window, 'launchQueue', {
      value: { setConsumer: (/** @type {(launch: object) => void} */ take) => take({ files: [{ getFile: async () => file }] }) },
    });
  }, [...flower]);
  await page.goto(process.env.WORDLOOM_URL ?? '');
  await loaded(page);
  await page.locator('.before canvas').waitFor();
  assert.deepEqual(problems, []);
});

for (const refuses of [false, true]) {
  test(`the picture is ${refuses ? 'offered once more where the browser did not wait for it' : 'handed on, where the device takes it'}`, async () => {
    const { page, problems } = await newPage(browser, { viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.addInitScript((refuses) => {
      const given = /** @type {File[]} */ ([]);
      let calls = 0;
      Object.assign(globalThis, { given });
      Object.assign(Navigator.prototype, {
        canShare: (/** @type {ShareData} */ { files = [] }) => files.length > 0,
        share: async (/** @type {ShareData} */ { files = [] }) => {
          calls += 1;
          if (refuses && calls === 1) throw new DOMException('too late', 'NotAllowedError');
          given.push(...files);
        },
      });
    }, refuses);
    await page.goto(process.env.WORDLOOM_URL ?? '');
    await loaded(page);
    await choose(page, 'My garden.png', flower);
    await ask(page, 'make it blue');
    await page.click('#save');
    await page.click('#share');
    if (refuses) {
      await says(page, /Press “Share” once more/);
      await page.click('#share');
    }
    await page.locator('#save-menu').waitFor({ state: 'hidden' });
    const [name, bytes] = await page.evaluate(async () => {
      const [file] = /** @type {{given: File[]}} */ (/** @type {unknown} */ (globalThis)).given;
      return [file?.name, [...new Uint8Array(await /** @type {File} */ (file).arrayBuffer())]];
    });
    assert.equal(name, 'My garden-make-it-blue.png');
    const there = await page.locator('.after canvas').evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
    const { pixels } = decodePng(Buffer.from(/** @type {number[]} */ (bytes)));
    assert.equal(difference(pixels, decodePng(Buffer.from(there.slice(there.indexOf(',') + 1), 'base64')).pixels).largest, 0);
    assert.deepEqual(problems, []);
  });
}

test('the published page has all that the manifest names', async () => {
  const { icons } = JSON.parse(await readFile(join(dist, 'manifest.webmanifest'), 'utf8'));
  for (const { src } of icons) assert((await readFile(join(dist, src))).length > 100, src);
});

test('a device that cannot share is not offered it', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  await ask(page, 'make it blue');
  await page.click('#save');
  await page.locator('#embed').waitFor();
  const can = await page.evaluate(() => Boolean(navigator.canShare?.({ files: [new File(['?'], 'a.jpg', { type: 'image/jpeg' })] })));
  assert.equal(await page.locator('#share').count(), can ? 1 : 0);
});
