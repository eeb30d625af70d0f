// The page around the edit: loading, the keyboard, sizes, schemes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, ask, behind, choose, edited, kept, launch, loaded, newPage, openPage } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const MODEL = '**/*.safetensors';

test('progress counts true bytes up to the whole, and never beyond', async () => {
  const { page } = await newPage(browser);
  await page.addInitScript(() => {
    const seen = /** @type {number[]} */ ([]);
    Object.assign(globalThis, { seen });
    const value = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(HTMLProgressElement.prototype, 'value'));
    Object.defineProperty(HTMLProgressElement.prototype, 'value', {
      ...value,
      set(to) {
        seen.push(to);
        value.set?.call(this, to);
      },
    });
  });
  await page.goto(address);
  await loaded(page);
  const seen = await page.evaluate(() => /** @type {{seen: number[]}} */ (/** @type {unknown} */ (globalThis)).seen);
  assert(seen.length >= 2);
  assert(seen.every((value, i) => value >= (seen[i - 1] ?? 0) && value <= 1), String(seen));
  assert.equal(seen.at(-1), 1);
});

test('a photo can be chosen and a sentence entered before the model is here', async () => {
  const { page } = await newPage(browser);
  /** @type {() => void} */
  let letGo = () => {};
  const held = new Promise((resolve) => { letGo = () => resolve(undefined); });
  await page.route(MODEL, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(address);
  await page.locator('#progress').waitFor();
  await choose(page, 'flower.png', encodePng(drawFlower(300, 200)));
  await page.fill('#prompt', 'make it blue');
  await page.press('#prompt', 'Enter');
  await page.locator('#status').filter({ hasText: 'as soon as' }).waitFor();
  letGo();
  await edited(page);
  assert.equal(await page.locator('.after canvas').count(), 1);
});

test('a model that does not arrive, or arrives damaged, gives a message and another try', async () => {
  const { page } = await newPage(browser);
  let call = 0;
  await page.route(MODEL, async (route) => {
    call += 1;
    if (call === 1) await route.abort();
    else if (call === 2) await route.fulfill({ status: 503, body: 'busy' });
    else if (call === 3) {
      const body = await (await route.fetch()).body();
      body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1;
      await route.fulfill({ body });
    } else await route.continue();
  });
  await page.goto(address);
  await choose(page, 'flower.png', encodePng(drawFlower(300, 200)));
  await page.fill('#prompt', 'make it blue');
  await page.press('#prompt', 'Enter');
  for (const words of [/could not be fetched.*connection/, /503/, /damaged/]) {
    await page.locator('#retry').waitFor();
    assert.match(await page.locator('#trouble').textContent() ?? '', words);
    assert.equal(await page.locator('#loading').isVisible(), false);
    await page.click('#retry');
  }
  // What was asked for before the trouble is not forgotten.
  await edited(page);
  assert.equal(call, 4);
});

test('a piece that arrives after another file has failed is not shown as progress', async () => {
  const { page } = await openPage(browser);
  const told = await page.evaluate(async () => {
    const { loadParts } = await import(/** @type {string} */ ('/www/engine/load.js'));
    /** @type {ReadableStreamDefaultController<Uint8Array> | undefined} */
    let late;
    const stream = new ReadableStream({ start: (controller) => { late = controller; } });
    globalThis.fetch = async (url) => {
      if (String(url).endsWith('bad')) throw new TypeError('no network');
      return new Response(stream);
    };
    const part = (/** @type {string} */ name) => ({ url: new URL(name, location.href), bytes: 4, sha256: '' });
    /** @type {number[]} */
    const told = [];
    const failed = await loadParts(new AbortController().signal, [part('good'), part('bad')], (/** @type {number} */ n) => told.push(n))
      .then(() => false, () => true);
    late?.enqueue(new Uint8Array(2));
    await new Promise((resolve) => { setTimeout(resolve, 200); });
    return { failed, told };
  });
  assert.deepEqual(told, { failed: true, told: [] });
});

test('the second visit takes model and engine from the cache', async () => {
  const { context, page } = await openPage(browser);
  await kept(page);
  const second = await context.newPage();
  /** @type {string[]} */
  const fetched = [];
  second.on('request', (request) => fetched.push(request.url()));
  await second.goto(address);
  await loaded(second);
  assert.equal(fetched.filter((url) => /\.(wasm|safetensors)$/.test(url)).length, 0, fetched.join(' '));
  await page.close();
});

for (const [name, script] of /** @type {[string, () => void][]} */ ([
  ['missing', () => Reflect.deleteProperty(globalThis, 'caches')],
  ['forbidden', () => { CacheStorage.prototype.open = () => Promise.reject(new DOMException('no', 'SecurityError')); }],
  ['full', () => { Cache.prototype.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError')); }],
])) {
  test(`a cache that is ${name} is no error`, async () => {
    const { page, problems } = await newPage(browser);
    await page.addInitScript(script);
    await page.goto(address);
    await loaded(page);
    await choose(page, 'flower.png', encodePng(drawFlower(300, 200)));
    await ask(page, 'make it blue');
    assert.deepEqual(problems, []);
  });
}

test('the first screen shows what a sentence does, and makes room for a photo', async () => {
  const { page } = await openPage(browser);
  const shows = page.locator('.shows');
  assert.match(await shows.textContent() ?? '', /Make the suit teal/);
  // Both in one look: what comes behind the model moves them.
  const boxes = await shows.locator('img').evaluateAll((images) => images.map((image) => image.getBoundingClientRect().toJSON()));
  assert.equal(boxes.length, 2);
  assert.deepEqual(boxes[0], boxes[1]);
  assert(await shows.locator('img').evaluateAll((images) => images.every((image) => /** @type {HTMLImageElement} */ (image).naturalWidth === 512)));
  await choose(page, 'flower.png', encodePng(drawFlower(200, 150)));
  await shows.waitFor({ state: 'hidden' });
});

test('everything works with the keyboard alone', async () => {
  const { page } = await openPage(browser);
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.className || document.activeElement?.textContent?.trim());
  const within = (/** @type {string} */ place) => page.evaluate((place) => Boolean(document.activeElement?.closest(place)), place);
  await behind(page);
  const order = [];
  for (let i = 0; i < 8; i += 1) {
    // Another language and the tab that is chosen come before everything else.
    do await page.keyboard.press('Tab');
    while (await within('header'));
    order.push(await focused());
    const ring = await page.evaluate(() => {
      const at = document.activeElement;
      return [at, at?.closest('.button'), at?.closest('.sentence'), at?.nextElementSibling]
        .some((element) => element && getComputedStyle(element).outlineStyle === 'solid');
    });
    assert(ring, `${order.at(-1)} shows its focus`);
    if (!await within('#samples')) continue;
    await page.keyboard.press('Enter');
    break;
  }
  assert.deepEqual(order.slice(0, 3), ['file', 'camera', 'address-open']);
  await page.locator('.before canvas').waitFor();
  await page.focus('#prompt');
  await page.keyboard.type('make it blue');
  await page.keyboard.press('Enter');
  await edited(page);

  const split = page.locator('.split');
  await page.focus('#prompt');
  for (let i = 0; i < 30 && await focused() !== 'split'; i += 1) await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(), 'split');
  const at = () => split.evaluate((range) => /** @type {HTMLInputElement} */ (range).valueAsNumber);
  const start = await at();
  await page.keyboard.press('ArrowLeft');
  assert(await at() < start);
  assert.match(await split.getAttribute('aria-valuetext') ?? '', /% original/);
  await page.keyboard.press('Home');
  assert.equal(await at(), 0);
  await page.keyboard.press('End');
  assert.equal(await at(), 100);
});

test('the slider goes where the pointer drags it, from edge to edge', async () => {
  const { page } = await openPage(browser, { viewport: { width: 1400, height: 900 } });
  await choose(page, 'flower.png', encodePng(drawFlower(800, 600)));
  // What is in the photo moves other things when it comes.
  await page.locator('#things button').first().waitFor();
  await ask(page, 'make it blue');
  const box = await page.locator('.frame').boundingBox();
  assert(box);
  for (const share of [0.01, 0.25, 0.5, 0.99]) {
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    const at = await page.locator('.split').evaluate((range) => /** @type {HTMLInputElement} */ (range).valueAsNumber);
    assert(Math.abs(at - share * 100) < 1, `dragged to ${share}, the slider is at ${at}`);
  }
});

for (const width of [320, 390, 1400]) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`at ${width} pixels, ${colorScheme}: nothing sticks out, everything can be hit and read`, async () => {
      const { page, problems } = await openPage(browser, { viewport: { width, height: 844 }, colorScheme });
      const fits = async () => assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
      await fits();
      await choose(page, 'flower.png', encodePng(drawFlower(2000, 300)));
      await ask(page, 'make it qwrtzuiopasdfghjklyxcvbnmqwrtzuiopasdfghjklyxcvbnm blue');
      await fits();
      const { dark, low, small } = await page.evaluate(() => {
        /** The colour on the screen, whatever way it is written. @param {string} text */
        const colour = (text) => {
          const context = new OffscreenCanvas(1, 1).getContext('2d');
          if (!context) throw new Error('no context');
          context.fillStyle = text;
          context.fillRect(0, 0, 1, 1);
          return [...context.getImageData(0, 0, 1, 1).data];
        };
        /** @param {number[]} rgb */
        const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
          .reduce((sum, v, i) => sum + v * ([0.2126, 0.7152, 0.0722][i] ?? 0), 0);
        /** @param {Element | null} element @returns {number[]} */
        const ground = (element) => {
          if (!element) return [255, 255, 255, 255];
          const own = colour(getComputedStyle(element).backgroundColor);
          return own[3] === 255 ? own : ground(element.parentElement);
        };
        const seen = [...document.querySelectorAll('body *')].filter((element) => element instanceof HTMLElement && element.checkVisibility());
        const low = seen.filter((element) => !element.closest('.compare, .marks')
          && [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()))
          .map((element) => {
            const [a, b] = [light(colour(getComputedStyle(element).color)), light(ground(element))];
            return { text: element.textContent?.trim(), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) };
          }).filter(({ ratio }) => ratio < 4.5);
        const small = seen.filter((element) => element.matches('button, label.button, input:not([type=file])'))
          .map((element) => ({ what: element.id || element.textContent?.trim(), ...element.getBoundingClientRect().toJSON() }))
          .filter(({ width, height }) => innerWidth < 860 && (width < 44 || height < 44));
        return { dark: light(colour(getComputedStyle(document.documentElement).backgroundColor)) < 0.2, low, small };
      });
      assert.equal(dark, colorScheme === 'dark');
      assert.deepEqual(low, []);
      assert.deepEqual(small, []);
      assert.deepEqual(problems, []);
    });
  }
}

test('a file dropped anywhere on the page is opened', async () => {
  const { page } = await openPage(browser);
  const png = encodePng(drawFlower(120, 90)).toString('base64');
  await page.evaluate((png) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(png), (c) => c.charCodeAt(0))], 'dropped.png', { type: 'image/png' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, png);
  await page.locator('.before canvas').waitFor();
  assert.match(await page.locator('#status').textContent() ?? '', /120 x 90/);
});
