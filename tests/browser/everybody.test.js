// For everybody: axe-core, both languages, right to left, less motion, what is announced.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { address, ask, choose, launch, loaded, newPage, openPage } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(400, 300));

for (const width of [390, 1400]) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`axe-core finds nothing at ${width} pixels, ${colorScheme}`, async () => {
      const { page } = await openPage(browser, { viewport: { width, height: 844 }, colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violations(page), [], 'without a photo');
      await choose(page, 'flower.png', flower);
      await ask(page, 'make it qwrtzu blue');
      await page.click('#on-top');
      await ask(page, 'make it yellow');
      await page.click('.mask');
      await page.locator('.veil canvas').waitFor();
      await page.click('#address-open');
      assert.deepEqual(await violations(page), [], 'with an edit');
      await page.click('#save');
      assert.deepEqual(await violations(page), [], 'with the menu');
      await page.keyboard.press('Escape');
      await choose(page, 'broken.jpg', Buffer.from('no picture'));
      await page.locator('#error').filter({ hasText: 'broken' }).waitFor();
      assert.deepEqual(await violations(page), [], 'with an error');
      await page.click('#clear');
      await page.locator('#sure').waitFor();
      assert.deepEqual(await violations(page), [], 'with a dialog');
    });
  }
}

test('while the model loads, and when it does not come, axe-core finds nothing either', async () => {
  const { page } = await newPage(browser);
  /** @type {() => void} */
  let end = () => {};
  const ended = new Promise((resolve) => { end = () => resolve(undefined); });
  await page.route('**/*.safetensors', async (route) => {
    await ended;
    await route.abort();
  });
  await page.goto(address);
  await page.locator('#loading-bytes').filter({ hasText: 'MB' }).waitFor();
  assert.deepEqual(await violations(page), []);
  end();
  await page.locator('#retry').waitFor();
  assert.deepEqual(await violations(page), []);
});

test('a Chinese browser gets a Chinese page, all of it; another language gets English', async () => {
  const { page } = await openPage(browser, { locale: 'zh-CN' });
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
  await choose(page, 'flower.png', flower);
  await page.fill('#prompt', 'make it qwrtzu blue');
  await page.press('#prompt', 'Enter');
  await page.locator('.after canvas').waitFor();
  await page.click('#on-top');
  const english = () => page.evaluate(() => {
    /** What a visitor reads or hears of an element itself. @param {Element} element */
    const texts = (element) => [...['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext'].map((name) => element.getAttribute(name) ?? ''),
      ...[...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent ?? '')];
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.checkVisibility() && !element.closest('[lang="en"], h1, bdi, noscript, #marks'))
      .flatMap(texts).map((text) => text.trim())
      .filter((text) => /[a-z]{3,}/i.test(text) && !/\p{Script=Han}/u.test(text));
  });
  const known = ['https://', 'make it qwrtzu blue'];
  for (const open of ['#save', '#address-open', '#clear']) {
    await page.click(open);
    if (open === '#clear') await page.locator('#sure').waitFor();
    const left = (await english()).filter((text) => !known.includes(text));
    assert.deepEqual(left, [], open);
    await page.keyboard.press('Escape');
  }
  await choose(page, 'photo.heic', Buffer.from('\0\0\0\x18ftypheic', 'latin1'));
  await page.locator('#error').filter({ hasText: '它是 HEIC 格式' }).waitFor();
  await page.keyboard.press('Escape');
  await page.fill('#prompt', ' ');
  await page.press('#prompt', 'Enter');
  await page.locator('#error').filter({ hasText: '句子是空的' }).waitFor();

  await page.fill('#prompt', '飞机汽车');
  await page.press('#prompt', 'Enter');
  await page.locator('#error').filter({ hasText: '我不认识这些词' }).waitFor();

  const french = await openPage(browser, { locale: 'fr-FR' });
  assert.equal(await french.page.locator('html').getAttribute('lang'), 'en');
});

for (const width of [390, 1400]) {
  test(`another language is chosen by keyboard, with the photo kept, and stays, at ${width} pixels`, async () => {
    const { page, problems } = await openPage(browser, { viewport: { width, height: 844 } });
    await choose(page, 'flower.png', flower);
    await ask(page, 'make it blue');
    const chinese = page.getByRole('button', { name: '中文' });
    await chinese.focus();
    assert(((await chinese.boundingBox())?.height ?? 0) >= (width < 500 ? 44 : 40));
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    await loaded(page);
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
    await page.locator('.after canvas').waitFor();
    await page.locator('#language').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.reload();
    await loaded(page);
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'English' }).click()]);
    await loaded(page);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.deepEqual(problems, []);
  });
}

test('where the photo is not kept, another language asks before it goes', async () => {
  const { page } = await newPage(browser);
  await page.addInitScript(() => { IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }; });
  await page.goto(address);
  await loaded(page);
  await choose(page, 'flower.png', flower);
  await ask(page, 'make it blue');
  const other = page.locator('#language').getByRole('button', { name: '中文' });
  await other.click();
  await page.locator('#sure').filter({ hasText: 'does not keep your photo' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert(await page.locator('.after canvas').isVisible());
  await other.click();
  await Promise.all([page.waitForEvent('load'), page.locator('#sure').getByRole('button', { name: '中文' }).click()]);
  await loaded(page);
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
});

test('every text that the page names is there, in both languages, with the same gaps', async () => {
  const { page } = await openPage(browser);
  const { missing, gaps } = await page.evaluate(async (at) => {
    const keys = [...document.querySelectorAll('[data-text], [data-label], [data-hint]')]
      .flatMap((element) => ['text', 'label', 'hint'].map((name) => /** @type {HTMLElement} */ (element).dataset[name] ?? 'edit'));
    const sources = await Promise.all(['en', 'zh'].map(async (lang) => (await fetch(new URL(`www/i18n/${lang}.js`, at))).text()));
    /** @type {Record<string, string[][]>} */
    const found = {};
    for (const [, key = '', value = ''] of sources.join('').matchAll(/^ {2}(\w+): '(.*)',$/gm)) (found[key] ??= []).push([...value.matchAll(/\{\w+\}/g)].map(String).sort());
    return {
      missing: keys.filter((key) => !(key in found)),
      gaps: Object.entries(found).filter(([, gaps]) => gaps.length !== 2 || String(gaps[0]) !== String(gaps[1])),
    };
  }, address);
  assert.deepEqual(missing, []);
  assert.deepEqual(gaps, []);
  // What the engine says of sentences is said with the page's own texts.
  const rust = await readFile(new URL('../../src/prompt/error.rs', import.meta.url), 'utf8');
  const keys = [...rust.matchAll(/Self::\w+(?:\(_\))? => "(\w+)"/g)].map(([, key = '']) => key);
  const texts = await (await fetch(new URL('www/i18n/en.js', address))).text();
  assert(keys.length >= 5);
  assert.deepEqual(keys.filter((key) => !texts.includes(`  ${key}: `)), []);
});

for (const width of [390, 1400]) {
  test(`right to left at ${width} pixels: mirrored, nothing sticks out, and left on the slider is the original`, async () => {
    const { page } = await newPage(browser, { viewport: { width, height: 844 } });
    await page.addInitScript(() => document.addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl'; }));
    await page.goto(address);
    await loaded(page);
    await choose(page, 'flower.png', flower);
    // What is in the photo moves other things when it comes.
    await page.locator('#things button').first().waitFor();
    await ask(page, 'make it blue');
    await page.click('#save');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    const box = async (/** @type {string} */ name) => {
      const found = await page.locator(name).boundingBox();
      assert(found);
      return found;
    };
    const menu = await box('#save-menu');
    assert(menu.x >= 0 && menu.x + menu.width <= width);
    assert((await box('.bar .undo')).x > (await box('#save')).x);
    if (width > 860) assert((await box('#form')).x < (await box('.frame')).x);
    await page.keyboard.press('Escape');
    const frame = await box('.frame');
    await page.mouse.move(frame.x + frame.width * 0.5, frame.y + 40);
    await page.mouse.down();
    await page.mouse.move(frame.x + frame.width * 0.25, frame.y + 40, { steps: 4 });
    await page.mouse.up();
    const split = page.locator('.split');
    const at = () => split.evaluate((range) => /** @type {HTMLInputElement} */ (range).valueAsNumber);
    assert(Math.abs(await at() - 25) < 1);
    assert.match(await split.getAttribute('aria-valuetext') ?? '', /^25 % original/);
    assert((await box('.handle')).x < frame.x + frame.width / 2);
    await split.press('ArrowLeft');
    assert(await at() < 25);
  });
}

test('a question mark, or a button, tells of the keys; in the sentence it is a question mark', async () => {
  const { page, problems } = await openPage(browser, { viewport: { width: 390, height: 844 } });
  const dialog = page.locator('dialog.help');
  await page.focus('#prompt');
  await page.keyboard.type('what?');
  assert.equal(await page.locator('#prompt').inputValue(), 'what?');
  assert.equal(await dialog.count(), 0);
  await page.locator('#help').focus();
  for (const open of [() => page.keyboard.press('Shift+?'), () => page.click('#help')]) {
    await open();
    await dialog.waitFor();
    assert.match(await dialog.textContent() ?? '', /Escape.*stop/);
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'help');
  }
  assert.deepEqual(problems, []);
});

test('with less motion, nothing moves', async () => {
  const { page } = await openPage(browser, { reducedMotion: 'reduce' });
  await page.evaluate(() => {
    Object.assign(globalThis, { moved: 0 });
    for (const name of ['transitionrun', 'animationstart']) document.addEventListener(name, () => { /** @type {any} */ (globalThis).moved += 1; });
  });
  await choose(page, 'flower.png', flower);
  await ask(page, 'make it blue');
  await page.hover('#on-top');
  await page.evaluate(() => document.querySelector('.stage')?.setAttribute('aria-busy', 'true'));
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => /** @type {{moved: number}} */ (/** @type {unknown} */ (globalThis)).moved), 0);
});

test('what happens is announced: each in an element that was there before', async () => {
  const { page } = await newPage(browser);
  // From the beginning: the model may be here before anybody looks.
  await page.addInitScript(() => document.addEventListener('DOMContentLoaded', () => {
    /** @type {string[]} */
    const said = [];
    Object.assign(globalThis, { said });
    const status = /** @type {HTMLElement} */ (document.getElementById('status'));
    new MutationObserver(() => said.push(status.textContent ?? '')).observe(status, { childList: true, characterData: true, subtree: true });
  }));
  await page.goto(address);
  const live = await page.locator('[role="status"], [role="alert"]').evaluateAll((all) => all.map((element) => element.id || element.className));
  for (const id of ['status', 'unknown', 'missing', 'error', 'trouble', 'says']) assert(live.includes(id), id);
  await loaded(page);
  await choose(page, 'flower.png', flower);
  await ask(page, 'make it blue');
  await page.click('.bar .undo');
  await page.waitForFunction(() => document.getElementById('status')?.textContent === 'Showing the photo.');
  const said = await page.evaluate(() => /** @type {{said: string[]}} */ (/** @type {unknown} */ (globalThis)).said);
  for (const words of [/^Ready/, /^400 x 300 pixels/, /^Weaving/, /^Done in/, /^Showing the photo/]) assert(said.some((text) => words.test(text)), `${words} in ${said.join(' | ')}`);
});
