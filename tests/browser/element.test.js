// <word-loom> in a page of somebody else's: attributes, events, methods, and what it loads when.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, launch, newPage, retry, still } from './helper.js';
import { dist, host } from './host.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

const flower = drawFlower(400, 300);

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** @type {import('./host.js').Host[]} */
const hosts = [];
after(() => Promise.all(hosts.map((host) => host.stop())));

/**
 * A page with this in its body.
 *
 * @param {string} body
 * @param {{lang?: string, options?: import('playwright-core').BrowserContextOptions, photo?: import('./picture.js').Picture}} [more]
 */
async function post(body, { lang = 'en', options, photo = flower } = {}) {
  const own = await host(dist, {
    pages: {
      '/flower.png': encodePng(photo),
      '/post.html': `<!doctype html><html lang="${lang}"><meta charset="utf-8"><title>A post</title>
        <meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
        <script type="module" src="element.js"></script><main>${body}</main></html>`,
    },
  });
  hosts.push(own);
  const { page, problems } = await newPage(browser, options);
  await page.goto(`${own.origin}/post.html`);
  await page.locator('word-loom').first().locator('button.open').waitFor();
  return { page, problems, own, loom: page.locator('word-loom').first() };
}

/**
 * What an element shows, as pixels.
 *
 * @param {import('playwright-core').Locator} loom
 */
async function pixels(loom) {
  const bytes = await loom.evaluate(async (element) => {
    const blob = await /** @type {any} */ (element).toBlob();
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  return decodePng(Buffer.from(bytes)).pixels;
}

/**
 * Sets attributes, and waits until what they ask for is shown.
 *
 * @param {import('playwright-core').Locator} loom
 * @param {Record<string, string | null>} attributes
 */
function set(loom, attributes) {
  return loom.evaluate(async (element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, value);
    }
    return /** @type {any} */ (element).edit();
  }, attributes);
}

/** @param {import('playwright-core').Locator} loom */
const shown = (loom) => loom.locator('.after canvas').waitFor();

test('until somebody presses it, an element loads its module and its style sheet', async () => {
  const { page, own, loom, problems } = await post('<word-loom src="flower.png" prompt="make it blue"></word-loom>');
  await page.waitForTimeout(500);
  const names = own.asked.map((path) => path.split('/').at(-1));
  assert.deepEqual(names, ['post.html', 'element.js', 'element.js', 'element.css']);
  await loom.locator('button.open').click();
  await shown(loom);
  assert(own.asked.some((path) => path.endsWith('.wasm')));
  assert.deepEqual(problems, []);
});

test('pressing it tells of progress and of the edit, and shows both pictures', async () => {
  const { page, loom, problems } = await post('<word-loom src="flower.png" prompt="make it qwrtzu blue" strength="0.8"></word-loom>');
  await page.evaluate(() => {
    const told = /** @type {any[]} */ ([]);
    Object.assign(globalThis, { told });
    const element = document.querySelector('word-loom');
    for (const name of ['progress', 'edit', 'error']) element?.addEventListener(name, (event) => told.push([name, /** @type {CustomEvent} */ (event).detail]));
  });
  await loom.locator('button.open').click();
  await shown(loom);
  const told = await page.evaluate(() => /** @type {{told: [string, any][]}} */ (/** @type {unknown} */ (globalThis)).told);
  const progress = told.filter(([name]) => name === 'progress').map(([, detail]) => detail);
  assert(progress.length >= 2);
  assert(progress.every(({ received, total }, i) => received <= total && received >= (progress[i - 1]?.received ?? 0)));
  assert.equal(progress.at(-1).received, progress.at(-1).total);
  const [[, { milliseconds, ...detail }] = ['', {}]] = told.filter(([name]) => name === 'edit');
  assert.deepEqual(detail, { prompt: 'make it qwrtzu blue', strength: 0.8, unknown: ['qwrtzu'], missing: [] });
  assert(milliseconds > 0);
  assert.match(await loom.locator('.note').textContent() ?? '', /qwrtzu/);
  assert.deepEqual(problems, []);
});

test('with reveal="visible" it opens when it comes into view', async () => {
  const { page, own, loom } = await post('<p style="height: 4000px">far above</p><word-loom src="flower.png" reveal="visible"></word-loom>');
  await page.waitForTimeout(300);
  assert(!own.asked.some((path) => path.endsWith('flower.png')));
  await loom.scrollIntoViewIfNeeded();
  await loom.locator('.before canvas').waitFor();
});

test('attributes say what is shown, before it is opened and after', async () => {
  const { loom } = await post('<word-loom src="flower.png" prompt="make it blue" strength="0"></word-loom>');
  await set(loom, {});
  assert(difference(await pixels(loom), flower.pixels).largest <= 1);
  await set(loom, { strength: null });
  const blue = await pixels(loom);
  assert(difference(blue, flower.pixels).mean > 1);
  await set(loom, { prompt: 'make it yellow' });
  assert(difference(await pixels(loom), blue).mean > 1);
  await set(loom, { prompt: 'make it blue' });
  assert.equal(difference(await pixels(loom), blue).largest, 0);
  await loom.evaluate((element) => element.removeAttribute('prompt'));
  assert.equal(difference(await pixels(loom), flower.pixels).largest, 0);
  assert.equal(await loom.locator('.after canvas').count(), 0);
  await set(loom, { prompt: 'make it blue' });
  assert(await loom.locator('#prompt').isHidden());
  await set(loom, { controls: '' });
  assert(await loom.locator('#prompt').isVisible());
});

test('properties stand for attributes, also those set before the class was here', async () => {
  const { page, loom } = await post('<word-loom></word-loom><script>document.querySelector("word-loom").prompt = "make it yellow"</script>');
  assert.equal(await loom.getAttribute('prompt'), 'make it yellow');
  const outcome = await page.evaluate(() => {
    const element = document.createElement('word-loom');
    Object.assign(element, { src: 'a.jpg', prompt: 'red', model: 'm', strength: 0.5, seed: 3, poster: 'p.jpg', reveal: 'visible', controls: true, lang: 'zh' });
    return [element.outerHTML, element.strength, element.seed, Object.assign(document.createElement('word-loom'), { strength: 7 }).strength];
  });
  assert.deepEqual(outcome, [
    '<word-loom src="a.jpg" prompt="red" model="m" strength="0.5" seed="3" poster="p.jpg" reveal="visible" controls="" lang="zh"></word-loom>',
    0.5, 3, 1]);
});

test('edit(prompt) opens it, edits and says how; toBlob() is what is shown', async () => {
  const { loom } = await post('<word-loom src="flower.png"></word-loom>');
  const photo = await pixels(loom);
  assert.equal(difference(photo, flower.pixels).largest, 0);
  const detail = await loom.evaluate((element) => /** @type {any} */ (element).edit('make it blue'));
  assert.equal(detail.prompt, 'make it blue');
  assert.equal(await loom.getAttribute('prompt'), 'make it blue');
  assert(difference(await pixels(loom), photo).mean > 1);
  const type = await loom.evaluate(async (element) => (await /** @type {any} */ (element).toBlob('image/jpeg')).type);
  assert.equal(type, 'image/jpeg');
});

test('several elements share one engine, and none pushes out another’s edit', async () => {
  const { page, own, loom: one } = await post(`<word-loom src="flower.png"></word-loom><word-loom src="flower.png"></word-loom><word-loom src="flower.png"></word-loom>`);
  const prompts = ['make it blue', 'make it yellow', 'make it red'];
  const done = await page.evaluate((prompts) => Promise.all([...document.querySelectorAll('word-loom')]
    .map((element, i) => /** @type {any} */ (element).edit(prompts[i]))), prompts);
  assert.deepEqual(done.map(({ prompt }) => prompt), prompts);
  assert.equal(page.workers().length, 1);
  assert.equal(own.asked.filter((path) => path.endsWith('.wasm')).length, 1);

  // The engine holds the edit of another element now.
  const whole = await pixels(one);
  await set(one, { strength: '0' });
  assert(difference(await pixels(one), flower.pixels).largest <= 1);
  await set(one, { strength: '1' });
  assert.equal(difference(await pixels(one), whole).largest, 0);

  // Moving one keeps it; when the last one goes, its memory does, too.
  await page.evaluate(() => document.body.append(document.querySelector('word-loom') ?? ''));
  assert.equal(await one.locator('.after canvas').count(), 1);
  await page.evaluate(() => { for (const element of document.querySelectorAll('word-loom')) element.remove(); });
  await eventually(() => assert.equal(page.workers().length, 0));
});

test('what goes wrong is said, is an event, and leads on', async () => {
  const { loom } = await post('<word-loom src="missing.png" prompt="make it blue"></word-loom>');
  const failing = (/** @type {Record<string, string | null>} */ attributes) => loom.evaluate(async (element, attributes) => {
    const told = new Promise((resolve) => { element.addEventListener('error', (event) => resolve(/** @type {any} */ (event).detail.message), { once: true }); });
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value ?? '');
    const thrown = /** @type {any} */ (element).edit().then(() => 'nothing', (/** @type {Error} */ error) => error.message);
    return Promise.all([told, thrown, element.shadowRoot?.querySelector('[role="alert"].error')].slice(0, 2));
  }, attributes);
  for (const [attributes, words] of /** @type {[Record<string, string>, RegExp][]} */ ([
    [{}, /missing\.png.*could not be read/],
    [{ src: 'flower.png', model: 'cats' }, /no model “cats”.*“editor”/],
    [{ model: '', prompt: 'qwrtzu xyzzyx' }, /know/],
  ])) {
    const [told, thrown] = await failing(attributes);
    assert.match(String(told), words);
    assert.equal(told, thrown);
    assert.match(await loom.locator('.error').textContent() ?? '', words);
    assert(await loom.getByRole('button', { name: 'Try again' }).isVisible());
  }
  await loom.evaluate((element) => element.setAttribute('prompt', 'make it blue'));
  await shown(loom);
  assert.equal(await loom.locator('.error').textContent(), '');
});

test('a visitor without the network gets a message, and another try', async () => {
  const { page, loom, own, problems } = await post('<word-loom src="flower.png" prompt="make it blue"></word-loom>');
  await own.stop();
  await loom.locator('button.open').click();
  await loom.locator('.failed').waitFor();
  assert.match(await loom.locator('.failed').textContent() ?? '', /connection/);
  await own.start();
  await retry(page, loom.locator('.after canvas'), () => loom.locator('button.open').click());
  assert(problems.every((problem) => /Failed to load|ERR_/.test(problem)), problems.join('\n'));
});

test('everything works with the keyboard alone, and an image in it is its photo', async () => {
  const { page, loom, problems } = await post('<word-loom controls><img src="flower.png" alt="A flower" width="400"></word-loom>');
  const focused = () => loom.evaluate((element) => {
    const at = element.shadowRoot?.activeElement;
    return at?.id || at?.className || at?.tagName;
  });
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'open');
  await page.keyboard.press('Enter');
  await loom.locator('.before canvas').waitFor();
  assert.equal(await focused(), 'card');
  assert.equal(await loom.locator('.card').getAttribute('aria-label'), 'A flower');
  for (let i = 0; i < 12 && await focused() !== 'prompt'; i += 1) await page.keyboard.press('Tab');
  await page.keyboard.type('make it blue');
  await page.keyboard.press('Enter');
  await shown(loom);
  assert.equal(await loom.getAttribute('prompt'), 'make it blue');
  for (let i = 0; i < 12 && await focused() !== 'split'; i += 1) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Home');
  assert.equal(await loom.locator('.split').inputValue(), '0');
  assert.deepEqual(problems, []);
});

test('a photo wider than any canvas is worked on in a smaller copy, and the element says so', async () => {
  const { loom, problems } = await post('<word-loom src="flower.png" controls></word-loom>', { photo: drawFlower(66_000, 24) });
  await loom.locator('button.open').click();
  const note = loom.locator('.note');
  await note.filter({ hasText: 'no picture of 66,000 x 24 pixels: you work on a smaller copy.' }).waitFor({ timeout: 60_000 });
  await set(loom, { prompt: 'make the background blue and the qwrtzu red' });
  assert.match(await note.textContent() ?? '', /smaller copy\. I don’t know qwrtzu/);
  assert.deepEqual(problems, []);
});

test('a newer prompt takes the place of a running one; Escape stops, and it goes on from there', async () => {
  const { page, loom } = await post('<word-loom controls src="flower.png"></word-loom>');
  await loom.evaluate((element) => element.addEventListener('error', () => { document.title = 'an error'; }));
  const ends = await loom.evaluate((element) => Promise.all(['make it blue', 'make it yellow'].map((prompt) => /** @type {any} */ (element)
    .edit(prompt).then((/** @type {any} */ detail) => detail.prompt, (/** @type {Error} */ error) => error.name))));
  assert.deepEqual(ends, ['AbortError', 'make it yellow']);
  await loom.locator('#prompt').fill('purple');
  // At once: between two presses of ours the edit would often be done.
  await loom.locator('#prompt').evaluate((/** @type {HTMLInputElement} */ input) => {
    input.form?.requestSubmit();
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true }));
  });
  await page.waitForFunction(() => document.querySelector('word-loom')?.shadowRoot?.querySelector('[part="status"]')?.textContent === 'Stopped.');
  await loom.getByRole('button', { name: 'Try again' }).click();
  await loom.getByRole('img', { name: 'purple' }).waitFor();
  assert.equal(await page.title(), 'A post');
});

test('the download can be stopped, and begun again', async () => {
  const { page, own, loom } = await post('<word-loom src="flower.png" prompt="purple"></word-loom>');
  own.delay = 1500;
  await loom.locator('button.open').click();
  // From here on nothing comes before it is stopped.
  await loom.locator('progress').waitFor();
  own.delay = 20_000;
  await loom.getByRole('button', { name: 'Stop' }).click();
  await loom.getByRole('button', { name: 'Try again' }).waitFor();
  own.delay = 0;
  await loom.getByRole('button', { name: 'Try again' }).click();
  await shown(loom);
  assert.equal(page.workers().length, 1);
});

test('controls: a suggestion, strength, download', async () => {
  const { page, loom } = await post('<word-loom controls src="flower.png"></word-loom>');
  await loom.locator('button.open').click();
  await loom.getByRole('button', { name: 'a darker background' }).click();
  await shown(loom);
  assert.equal(await loom.getAttribute('prompt'), 'a darker background');
  assert(difference(await pixels(loom), flower.pixels).mean > 1);
  await loom.locator('#strength').fill('0');
  assert(difference(await pixels(loom), flower.pixels).largest <= 1);
  const [file] = await Promise.all([page.waitForEvent('download'), loom.getByRole('button', { name: 'Download PNG' }).click()]);
  assert.equal(file.suggestedFilename(), 'flower-a-darker-background.png');
});

test('it speaks the language of its page', async () => {
  const { loom } = await post('<word-loom controls src="flower.png"></word-loom>', { lang: 'zh-CN' });
  assert.match(await loom.locator('button.open').textContent() ?? '', /编辑/);
  await loom.locator('button.open').click();
  await loom.locator('label').first().waitFor();
  assert.match(await loom.locator('label').first().textContent() ?? '', /\p{Script=Han}/u);
});

for (const size of [320, 390, 1400]) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`at ${size} pixels, ${colorScheme}: nothing sticks out, and axe finds nothing, before it is opened, after, and with an error`, async () => {
      const { page, loom } = await post('<h1>A post</h1><word-loom controls src="flower.png" alt="A flower" prompt="make it blue"></word-loom>',
        { options: { viewport: { width: size, height: 844 }, colorScheme } });
      await page.addStyleTag({ content: ':root { color-scheme: light dark; background: Canvas; }' });
      await page.addScriptTag({ path: new URL('../../node_modules/axe-core/axe.min.js', import.meta.url).pathname });
      const check = async () => {
        const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
        const found = violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ { html, any }) => `${html} ${any[0]?.message ?? ''}`).join(', ')}`);
        assert.deepEqual(found, []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
      };
      await check();
      await loom.locator('button.open').click();
      await shown(loom);
      // The pill on the photo fades away.
      await still(page);
      await check();
      await loom.evaluate((element) => element.setAttribute('prompt', 'qwrtzu'));
      await loom.locator('.error:not(:empty)').waitFor();
      await still(page);
      await check();
    });
  }
}
