// Nowhere stuck: workers that do not come or do not answer, ends in the middle of something, presses too many.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { engineOn } from './engine.js';
import { address, ask, choose, launch, loaded, newPage, openPage } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));

/** A promise, and what settles it. */
function gate() {
  let open = () => {};
  const opened = new Promise((resolve) => { open = () => resolve(undefined); });
  return { open, opened };
}

for (const [what, answer, late] of /** @type {const} */ ([['is not there', 404, false], ['is not there, long before the model is', 404, true], ['does not come', 0, false]])) {
  test(`a worker that ${what} is told, and the next try works`, async () => {
    const { page, context } = await newPage(browser);
    const model = gate();
    const script = gate();
    let broken = true;
    if (!late) model.open();
    await page.addInitScript(() => {
      // A minute is long for a test.
      const { setTimeout } = globalThis;
      Object.assign(globalThis, { setTimeout: (/** @type {any} */ run, ms = 0, /** @type {any} */ given) => setTimeout(run, ms >= 60_000 ? 3000 : ms, given) });
    });
    await context.route('**/www/engine/worker.js', async (route) => {
      if (!broken) await route.continue();
      else if (answer) await route.fulfill({ status: answer, body: 'no' });
      else await script.opened;
    });
    await context.route('**/*.safetensors', async (route) => {
      await model.opened;
      await route.continue();
    });
    await page.goto(address);
    const trouble = page.locator('#trouble').filter({ hasText: 'worker.js could not be fetched' });
    await trouble.waitFor();
    assert.equal(await page.locator('#loading').isVisible(), false);
    broken = false;
    model.open();
    await page.click('#retry');
    await loaded(page);
    await choose(page, 'flower.png', flower);
    await ask(page, 'make it blue');
  });
}

test('a worker that the policy forbids is told', async () => {
  const { page, context } = await newPage(browser);
  await context.route(address, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), 'content-security-policy': "worker-src 'none'" };
    await route.fulfill({ response, headers });
  });
  await page.goto(address);
  await page.locator('#trouble').filter({ hasText: 'worker.js could not be fetched' }).waitFor();
});

test('a strength is that of the edit on the stage, although a newer edit was ended while it was drawn', async () => {
  // As on a GPU: the worker goes on with an edit that nobody waits for.
  const { page } = await engineOn(browser, 'cpu', { patch: `{
    postMessage({ device: { name: 'GPU', why: 'fastGpu' } });
    const bitmap = self.createImageBitmap;
    const slow = new BroadcastChannel('slow');
    let wait;
    slow.onmessage = () => { wait = new Promise((resolve) => setTimeout(resolve, 2000)); };
    self.createImageBitmap = async (...given) => {
      await wait;
      return bitmap.apply(self, given);
    };
  }` });
  const found = await page.evaluate(async (flower) => {
    const { engine } = /** @type {any} */ (globalThis);
    engine.device = { name: 'GPU', why: 'fastGpu' };
    const bytes = Uint8Array.from(atob(flower), (c) => c.charCodeAt(0));
    const photo = { width: 64, height: 64, pixels: () => bytes.slice() };
    const { signal } = new AbortController();
    const pixels = async (/** @type {ImageBitmap} */ bitmap) => {
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(64, 64).getContext('2d'));
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, 64, 64).data.join();
    };
    await engine.edit(signal, photo, 'make it blue');
    const blue = await pixels(await engine.draw(signal, 0.5));
    new BroadcastChannel('slow').postMessage('');
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    const end = new AbortController();
    const ended = engine.edit(end.signal, photo, 'make it yellow').catch((/** @type {Error} */ { name }) => name);
    setTimeout(() => end.abort(), 200);
    return { ended: await ended, same: await pixels(await engine.draw(signal, 0.5)) === blue };
  }, Buffer.from(drawFlower(64, 64).pixels).toString('base64'));
  assert.deepEqual(found, { ended: 'AbortError', same: true });
});

/** In place of the GPU's build: the CPU's, whose drawings take their time, and may not be freed meanwhile. */
const SLOW_GPU = `
  import { EditModel } from '../cpu/wordloom.js';
  export default async () => {};
  export class EditSession {
    static async open(weights) {
      return Object.assign(new EditSession(), { engine: await EditModel.open(weights, true) });
    }
    failure() { return new Promise(() => {}); }
    async look(photo, width, height) {
      const look = await this.engine.look(photo, width, height);
      return { look, photo, free: () => look.free() };
    }
    sees({ look }, condition) { return this.engine.sees(look, condition); }
    async edit({ look, photo }, condition) {
      const edit = await this.engine.edit(look, condition);
      let drawing = 0;
      return {
        shares: edit.shares,
        async draw(strength) {
          drawing += 1;
          await new Promise((resolve) => setTimeout(resolve, photo.length === 64 * 64 * 4 ? 1200 : 0));
          drawing -= 1;
          return edit.apply(photo, strength);
        },
        mask: (photo) => edit.mask(photo),
        free() {
          if (drawing) throw new Error('attempted to take ownership of Rust value while it was borrowed');
          edit.free();
        },
      };
    }
  }`;

test('an edit that is asked for while a GPU draws one that was ended waits for it, and is the right one', async () => {
  const wasm = Buffer.from('\0asm\x01\0\0\0', 'latin1');
  const answers = new Map(/** @type {[string, [string | Buffer, string]][]} */ ([
    ['wordloom.js', [SLOW_GPU, 'text/javascript']],
    ['wordloom_bg.wasm', [wasm, 'application/wasm']],
    ['manifest.json', [JSON.stringify({ files: { 'wordloom_bg.wasm': { bytes: wasm.length, sha256: createHash('sha256').update(wasm).digest('hex') } } }), 'application/json']],
  ]));
  const { page } = await engineOn(browser, 'gpu', {
    patch: 'Object.defineProperty(navigator, "gpu", { value: { requestAdapter: async () => ({ info: {} }) } });',
    route: (context) => context.route('**/pkg/gpu/*', (route) => {
      const [body, contentType] = answers.get(route.request().url().split('/').pop() ?? '') ?? ['', ''];
      return route.fulfill({ body, contentType });
    }),
  });
  const found = await page.evaluate(async (flower) => {
    const { engine } = /** @type {any} */ (globalThis);
    const bytes = Uint8Array.from(atob(flower), (c) => c.charCodeAt(0));
    const photo = { width: 64, height: 64, pixels: () => bytes.slice() };
    const { signal } = new AbortController();
    const pixels = async (/** @type {{bitmap: ImageBitmap}} */ { bitmap }) => {
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(64, 64).getContext('2d'));
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, 64, 64).data.join();
    };
    const expected = await pixels(await engine.edit(signal, photo, 'make it yellow'));
    const end = new AbortController();
    const ended = engine.edit(end.signal, photo, 'make it blue').catch((/** @type {Error} */ { name }) => name);
    setTimeout(() => end.abort(), 150);
    await ended;
    const yellow = await engine.edit(signal, photo, 'make it yellow').then(pixels, String);
    return { device: engine.device.name, ended: await ended, yellow: yellow === expected || yellow.slice(0, 100) };
  }, Buffer.from(drawFlower(64, 64).pixels).toString('base64'));
  assert.deepEqual(found, { device: 'GPU', ended: 'AbortError', yellow: true });
});

test('the camera, pressed twice while the browser asks, opens one stream, which ends with its dialog', async () => {
  const { page } = await newPage(browser);
  await page.addInitScript(() => {
    const streams = /** @type {MediaStream[]} */ ([]);
    Object.assign(globalThis, { streams });
    const get = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (/** @type {any} */ wish) {
      const stream = await get.call(this, wish);
      await new Promise((resolve) => { setTimeout(resolve, 500); });
      streams.push(stream);
      return stream;
    };
  });
  await page.goto(address);
  await loaded(page);
  for (let i = 0; i < 3; i += 1) await page.locator('#camera').dispatchEvent('click');
  await page.locator('#camera-dialog').waitFor();
  await page.waitForTimeout(700);
  await page.click('#camera-cancel');
  // The dialog tells of its end a moment later.
  await page.waitForFunction(() => {
    const { streams } = /** @type {{streams: MediaStream[]}} */ (/** @type {unknown} */ (globalThis));
    return streams.length === 1 && !streams[0]?.active;
  });
  // And again, as often as one likes.
  await page.click('#camera');
  await page.locator('#camera-dialog').waitFor();
});

test('another model, chosen while one arrives, shows how far it is', async () => {
  const { page, context } = await newPage(browser);
  const { open, opened } = gate();
  await context.route('**/*.safetensors', async (route) => {
    await opened;
    await route.continue();
  });
  await page.goto(new URL('example/', address).href);
  const element = page.locator('word-loom').nth(1);
  await element.locator('button.open').click();
  await element.locator('progress').waitFor();
  await element.evaluate((element) => element.setAttribute('model', 'editor'));
  await page.waitForTimeout(500);
  assert(await element.locator('progress').isVisible());
  open();
  await element.locator('.after canvas').waitFor();
  assert(!await element.locator('progress').isVisible());
});

test('a photo whose name is no escape is a photo', async () => {
  const { page, context } = await newPage(browser);
  await context.route('**/100%.jpg', (route) => route.fulfill({ body: Buffer.from(flower), contentType: 'image/png' }));
  await page.goto(new URL('weights/manifest.json', address).href);
  const width = await page.evaluate(async (at) => {
    const { photoAt } = await import(new URL('www/wordloom.js', at).href);
    const photo = await photoAt(new URL('100%.jpg', at));
    return [photo.width, photo.name];
  }, address);
  assert.deepEqual(width, [320, '100%.jpg']);
});

test('"Make", opened while the engine arrives, fetches no second one', async () => {
  const { page, context } = await newPage(browser);
  const { open, opened } = gate();
  let asked = 0;
  await context.route('**/pkg/cpu/*.wasm', async (route) => {
    asked += 1;
    await opened;
    await route.continue();
  });
  await page.goto(address);
  await page.locator('#making-tab').click();
  await page.locator('.maker').waitFor();
  await page.waitForTimeout(1000);
  open();
  await page.locator('.maker .chips button').first().waitFor();
  await page.locator('#editing-tab').click();
  await loaded(page);
  assert.equal(asked, 1);
});

test('Escape that ends an input method’s word ends nothing else', async () => {
  const { page, context } = await newPage(browser);
  const { open, opened } = gate();
  await context.route('**/*.safetensors', async (route) => {
    await opened;
    await route.continue();
  });
  await page.goto(address);
  await choose(page, 'flower.png', flower);
  await page.locator('.before canvas').waitFor();
  await page.fill('#prompt', 'make it blue');
  await page.press('#prompt', 'Enter');
  await page.locator('#stop').waitFor();
  const escape = (/** @type {string} */ id, /** @type {boolean} */ isComposing) => page.locator(id).evaluate((field, isComposing) => (
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, isComposing }))), isComposing);
  await page.click('#address-open');
  await escape('#address', true);
  assert.equal(await page.locator('#address-form').isVisible(), true);
  await escape('#address', false);
  assert.equal(await page.locator('#address-form').isVisible(), false);
  await escape('#prompt', true);
  open();
  await page.locator('#status').filter({ hasText: 'Done' }).waitFor();
});

test('in the field of the link, Shift and an arrow choose letters', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'flower.png', flower);
  await ask(page, 'make it blue');
  await page.click('.percent');
  await page.click('#save');
  await page.focus('#link');
  const link = await page.locator('#link').inputValue();
  const before = await page.locator('.after canvas').getAttribute('style');
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('Shift+ArrowLeft');
  assert.equal(await page.evaluate(() => getSelection()?.toString()), link.slice(0, -4));
  assert.equal(await page.locator('.after canvas').getAttribute('style'), before);
});

test('a browser that is too old is told what it lacks, before anything is fetched', async () => {
  for (const [lacks, script] of /** @type {[string, () => void][]} */ ([
    ['AbortSignal.any()', () => Reflect.deleteProperty(AbortSignal, 'any')],
    ['light-dark()', () => { CSS.supports = () => false; }],
    ['WebAssembly SIMD', () => { WebAssembly.validate = () => false; }],
  ])) {
    const { page } = await newPage(browser);
    /** @type {string[]} */
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.addInitScript(script);
    await page.goto(address);
    const words = `it lacks ${lacks}. Chrome 123`;
    await page.locator('#trouble').filter({ hasText: words }).waitFor();
    assert(!asked.some((url) => /\.(wasm|safetensors)$/.test(url)));
    await page.close();
  }
});

test('a browser that cannot compile for another reason is not called old', async () => {
  for (const [script, words] of /** @type {[() => void, RegExp][]} */ ([
    [() => { WebAssembly.compile = () => Promise.reject(new RangeError('no memory')); }, /ran out of memory/],
    [() => { WebAssembly.compile = () => Promise.reject(new WebAssembly.CompileError('bad')); }, /wordloom_bg\.wasm arrived damaged/],
  ])) {
    const { page } = await newPage(browser);
    await page.addInitScript(script);
    await page.goto(address);
    await page.locator('#trouble').filter({ hasText: words }).waitFor();
    await page.close();
  }
});
