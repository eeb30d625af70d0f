// Make: from a sentence to pictures, and where its words acted.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { address, eventually, launch, loaded, newPage } from './helper.js';
import { chooser, listing, makePage, means, open, pictures, SENTENCE, status, veils, weave, woven } from './make.js';
import { decodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** The manifest's model that makes pictures. @type {import('../../www/engine/load.js').Model} */
let maker;
before(async () => {
  browser = await launch();
  ({ maker } = await listing());
});
after(() => browser.close());

test('a sentence gives six pictures, each in two stages, and the same ones another time', async () => {
  const { page, problems } = await makePage(browser);
  await page.evaluate(() => {
    const stages = /** @type {[number, number][]} */ ([]);
    Object.assign(globalThis, { stages });
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        for (const node of addedNodes) if (node instanceof HTMLCanvasElement) stages.push([[...document.querySelectorAll('.tile')].indexOf(/** @type {Element} */ (target.parentNode)), node.width]);
      }
    }).observe(/** @type {Element} */ (document.querySelector('.pictures')), { childList: true, subtree: true });
  });
  await weave(page, SENTENCE);
  const stages = await page.evaluate(() => /** @type {any} */ (globalThis).stages);
  assert.deepEqual(stages, [256, 512].flatMap((side) => [0, 1, 2, 3, 4, 5].map((i) => [i, side])));
  await page.waitForFunction(() => document.querySelectorAll('.picture canvas').length === 6);
  assert.equal(await status(page), '6 pictures.');
  const first = await pictures(page);
  assert.equal(new Set(first).size, 6);
  assert.deepEqual(await page.locator('.pictures [role="img"]').evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel)),
    [1, 2, 3, 4, 5, 6].map((number) => `${SENTENCE}, picture ${number}`));
  await page.locator('.maker .chips button').filter({ hasText: 'dress' }).first().click();
  await page.locator('.pictures [role="img"][aria-label*="dress"]').first().waitFor();
  await woven(page);
  assert.notDeepEqual(await pictures(page), first);
  await weave(page, SENTENCE);
  assert.deepEqual(await pictures(page), first);

  await page.getByRole('button', { name: 'More' }).press('Enter');
  await woven(page, 12);
  assert.equal(await status(page), '12 pictures.');
  const all = await pictures(page);
  assert.deepEqual(all.slice(0, 6), first);
  assert.equal(new Set(all).size, 12);
  assert.equal(await page.evaluate(() => document.activeElement?.className), 'more');
  assert.deepEqual(problems, []);
});

test('a word shows in every picture where it acted: pointed at, focused, pressed', async () => {
  const { page } = await makePage(browser);
  await weave(page, SENTENCE);
  const words = page.locator('.words button');
  assert.deepEqual(await words.allTextContents(), ['a', 'polo', 'shirt']);
  assert.equal(await page.locator('p.words').textContent(), SENTENCE);
  const none = Array(6).fill('');
  assert.deepEqual(await veils(page), none);
  await words.nth(1).hover();
  const polo = await veils(page);
  assert(polo.every(Boolean));
  await words.nth(2).hover();
  const shirt = await veils(page);
  assert(shirt.every(Boolean));
  // Thin where the word had much of a region's attention: the page's own modules say where.
  const { sums, most, regions } = await page.evaluate(async ({ at, file, sentence }) => {
    const [{ Engine }, { catalogue }] = await Promise.all(['engine/engine', 'engine/load'].map((name) => import(new URL(`www/${name}.js`, at).href)));
    const { signal } = new AbortController();
    const engine = new Engine();
    await engine.open(signal, (await catalogue(signal, file, 'make')).parts);
    const { attention } = await engine.take(signal, async (/** @type {(message: any) => Promise<any>} */ send) => {
      const { condition, features, words, paint } = await send({ type: 'read', prompt: sentence });
      await send({ type: 'sketch', place: 0, condition, features, noise: [[6, 1]], paint, side: 8 });
      return send({ type: 'finish', place: 0, words: words.length, paint, side: 8 });
    });
    engine.close();
    const veil = /** @type {HTMLCanvasElement} */ ([...document.querySelectorAll('.veil canvas')].at(-1));
    const { data } = /** @type {CanvasRenderingContext2D} */ (veil.getContext('2d')).getImageData(0, 0, veil.width, veil.height);
    const [, , shirt] = attention;
    const strongest = Math.max(...shirt);
    const sums = [...shirt.keys()].map((i) => attention.reduce((/** @type {number} */ sum, /** @type {Uint8Array} */ bytes) => sum + (bytes[i] ?? 0), 0));
    const off = [...shirt].map((byte, i) => Math.abs((data[i * 4 + 3] ?? 0) - (255 - byte / strongest * 255)));
    return { sums, most: Math.max(...off), regions: veil.width * veil.height };
  }, { at: address, file: maker.name, sentence: SENTENCE });
  assert(regions >= 32 * 32);
  assert.equal(sums.length, regions);
  assert(sums.every((sum) => Math.abs(sum - 255) <= 5));
  assert(most <= 1.5, `off by ${most}`);
  await page.mouse.move(0, 0);
  assert.deepEqual(await veils(page), none);

  // By keyboard: Tab shows, Enter keeps, another word shows meanwhile, Escape lets go.
  await words.nth(0).focus();
  await page.keyboard.press('Tab');
  assert.deepEqual(await veils(page), polo);
  await page.keyboard.press('Enter');
  assert.equal(await words.nth(1).getAttribute('aria-pressed'), 'true');
  await words.nth(2).hover();
  assert.deepEqual(await veils(page), shirt);
  await page.mouse.move(0, 0);
  await page.focus('#make-prompt');
  assert.deepEqual(await veils(page), polo);
  await page.keyboard.press('Escape');
  assert.deepEqual(await veils(page), none);
  // What comes later shows it, too.
  await words.nth(1).click();
  await page.mouse.move(0, 0);
  await page.getByRole('button', { name: 'More' }).click();
  await woven(page, 12);
  assert.deepEqual((await veils(page)).slice(0, 6), polo);
  assert.equal((await veils(page)).filter(Boolean).length, 12);
});

test('a finger’s press shows a word, and another one lets go of it', async () => {
  const { page } = await makePage(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await weave(page, SENTENCE);
  const { bottom = NaN } = await page.locator('.picture').first().evaluate((picture) => picture.getBoundingClientRect().toJSON());
  assert(bottom <= 844, 'the first picture is in view');
  const polo = page.locator('.words button').nth(1);
  // The browser makes a press of a tap a moment later.
  const seen = (/** @type {number} */ count) => eventually(async () => assert.equal((await veils(page)).filter(Boolean).length, count));
  await polo.tap();
  await seen(6);
  await polo.tap();
  await seen(0);
});

test('words that the model does not know are named, while one types and after', async () => {
  const { page } = await makePage(browser);
  await page.fill('#make-prompt', 'a red qwrtzu shirt');
  await page.waitForFunction(() => document.getElementById('make-note')?.textContent);
  assert.equal(await page.locator('#make-note').textContent(), 'I don’t know “qwrtzu”.');
  await page.press('#make-prompt', 'Enter');
  await woven(page);
  assert.deepEqual(await page.locator('.words bdi').allTextContents(), ['qwrtzu']);
  assert.deepEqual(await page.locator('.words button').allTextContents(), ['a', 'shirt']);
  // Words that only join others are nothing that one has to know; the "a" of "black" is no word.
  await weave(page, 'pink and black shorts with white dots for a boy');
  assert(!/and|with/.test(await page.locator('#make-note').textContent() ?? ''));
  assert.deepEqual((await page.locator('.words button').allTextContents()).slice(0, 2), ['shorts', 'for']);
});

test('a sentence of nothing but a colour is enough, and a colour counts whatever has it', async () => {
  const { page } = await makePage(browser);
  for (const sentence of ['green', 'a green qwrtzu shirt']) {
    await weave(page, sentence);
    const [r = 0, g = 0, b = 0] = await means(page);
    assert(g > r + 20 && g > b + 20, `${sentence}: ${r}, ${g}, ${b}`);
  }
  await weave(page, 'green');
  assert.equal(await page.locator('.words button').count(), 0);
  assert.equal(await page.locator('#make-hint').isVisible(), false);
});

test('a sentence that says nothing keeps the pictures and itself', async () => {
  const { page } = await makePage(browser);
  await weave(page, SENTENCE);
  const before = await pictures(page);
  for (const [sentence, words] of /** @type {const} */ ([['qwrtzu xkcdq', /none of these words: “qwrtzu”, “xkcdq”/], ['  ', /sentence is empty/]])) {
    await page.fill('#make-prompt', sentence);
    await page.press('#make-prompt', 'Enter');
    await page.locator('.maker .error').filter({ hasText: words }).waitFor();
    assert.equal(await page.inputValue('#make-prompt'), sentence);
    assert.deepEqual(await pictures(page), before);
    assert.equal(await page.locator('.maker').getByRole('button', { name: 'Try again' }).count(), 0);
  }
  await weave(page, 'a blue shirt');
  assert.notDeepEqual(await pictures(page), before);
});

test('a newer sentence takes the place of one that runs, and Stop and Escape end it', async () => {
  const { page, context } = await newPage(browser);
  // Slow enough to press something.
  await context.route('**/www/make/worker.js', async (route) => {
    const response = await route.fetch();
    const slow = `const wait = () => new Promise((resolve) => setTimeout(resolve, 1000));`;
    await route.fulfill({ response, body: `${slow}\n${(await response.text()).replace("case 'finish': {", "case 'finish': { await wait();")}` });
  });
  await page.goto(address);
  await loaded(page);
  await open(page);
  const begin = async (/** @type {string} */ sentence) => {
    await page.fill('#make-prompt', sentence);
    await page.press('#make-prompt', 'Enter');
    await page.locator(`.pictures [role="img"][aria-label^="${sentence}"]`).first().waitFor();
  };
  await begin(SENTENCE);
  await weave(page, 'a black dress');
  const names = await page.locator('.pictures [role="img"]').evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel));
  assert(names.every((name) => name?.startsWith('a black dress')), names.join());

  await begin('a green t-shirt');
  await page.locator('.maker').getByRole('button', { name: 'Stop' }).press('Enter');
  await page.waitForFunction(() => document.querySelector('.pictures')?.ariaBusy === 'false');
  const kept = await page.locator('.tile').count();
  assert(kept >= 1 && kept < 6, String(kept));
  assert.equal(await status(page), kept === 1 ? 'One picture.' : `${kept} pictures.`);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'make-prompt');
  const stopped = await pictures(page);
  await begin('a pink dress');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelector('.pictures')?.ariaBusy === 'false');
  assert.equal(await page.locator('.maker .error').textContent(), '');
  // Its worker has ended; the next one gives what the first would have.
  await weave(page, 'a green t-shirt');
  assert.deepEqual((await pictures(page)).slice(0, kept), stopped);
});

test('a picture can be saved, large and with nothing behind it', async () => {
  const { page } = await makePage(browser);
  await weave(page, SENTENCE);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download: picture 2' }).click()]);
  assert.equal(file.suggestedFilename(), 'wordloom-2-a-red-polo-shirt.png');
  const { width, height, pixels } = decodePng(await readFile(await file.path()));
  assert.deepEqual([width, height], [1024, 1024]);
  const alpha = pixels.filter((_, i) => i % 4 === 3);
  assert.deepEqual([0, width - 1, width * (height - 1), width * height - 1].map((corner) => alpha[corner]), [0, 0, 0, 0]);
  assert(alpha.filter((value) => value === 255).length > alpha.length / 20);
  await page.waitForFunction(() => /saved, 1024 x 1024/.test(document.querySelector('.maker [part="status"]')?.textContent ?? ''));
  // While others are made, nothing of either is lost.
  const files = Promise.all([1, 2].map((count) => {
    let left = count;
    return page.waitForEvent('download', () => { left -= 1; return !left; });
  }));
  await page.getByRole('button', { name: 'More' }).click();
  for (const number of [1, 3]) await page.getByRole('button', { name: `Download: picture ${number}` }).click();
  await woven(page, 12);
  assert.deepEqual((await files).map((file) => file.suggestedFilename()), [1, 3].map((number) => `wordloom-${number}-a-red-polo-shirt.png`));
});

for (const width of [390, 1400]) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`at ${width} pixels, ${colorScheme}: axe-core finds nothing, and nothing sticks out`, async () => {
      const { page } = await makePage(browser, { viewport: { width, height: 844 }, colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violations(page), [], 'before');
      await weave(page, 'a red qwrtzu polo shirt');
      await chooser(page, 1).click();
      await page.fill('#make-words', 'wobbly');
      await page.press('#make-words', 'Enter');
      await page.locator('.refused:not(:empty)').waitFor();
      await page.locator('.words button').nth(1).click();
      assert.deepEqual(await violations(page), [], 'with pictures');
      const { over, small, side, moves } = await page.evaluate(() => ({
        over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        // Words of a sentence are as long as they are.
        small: [...document.querySelectorAll('button')].filter((button) => button.checkVisibility())
          .map((button) => ({ text: button.textContent, inline: Boolean(button.closest('.words')), ...button.getBoundingClientRect().toJSON() }))
          .filter(({ width, height, inline }) => innerWidth < 860 && !inline && (width < 44 || height < 44)),
        side: document.querySelector('.picture')?.clientWidth ?? 0,
        moves: document.getAnimations().length,
      }));
      assert.equal(over, 0);
      assert.deepEqual(small, []);
      assert(side >= 160 && side <= 224, `${side} pixels`);
      assert.equal(moves, 0);
    });
  }
}

test('in Chinese, all of it', async () => {
  const { page } = await makePage(browser, { locale: 'zh-CN' });
  const sentence = maker.prompts_zh?.[0] ?? SENTENCE;
  await page.locator('.maker .chips button').first().click();
  await woven(page);
  assert.equal(await page.inputValue('#make-prompt'), sentence);
  assert((await page.locator('.words button').count()) > 0);
  await page.fill('#make-prompt', '');
  await page.press('#make-prompt', 'Enter');
  const left = await page.evaluate(() => [...document.querySelectorAll('header p, .tabs button, .maker label, .maker button, .maker p, .maker [aria-label]')]
    .filter((element) => element.checkVisibility() && !element.closest('.words, .chips'))
    .map((element) => element.getAttribute('aria-label') || element.textContent?.trim() || '')
    .filter((text) => text && !/\p{Script=Han}/u.test(text)));
  assert.deepEqual(left, []);
});
