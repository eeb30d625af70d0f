// What a reload must not lose, what one button clears, and browsers that keep nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, ask, choose, drawFlower, encodePng, launch, loaded, newPage, openPage, sample, shown } from './helper.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));

/** Waits until this many edits are in the database. @param {import('playwright-core').Page} page @param {number} count */
async function kept(page, count) {
  await page.waitForFunction((count) => new Promise((resolve) => {
    const request = indexedDB.open('wordloom');
    request.onsuccess = () => {
      const keys = request.result.transaction('desks').objectStore('desks').getAllKeys();
      keys.onsuccess = () => {
        request.result.close();
        resolve(keys.result.filter((key) => Array.isArray(key) && key[1] === 'edit').length === count);
      };
    };
  }), count);
  // The last step is written right after.
  await page.waitForTimeout(100);
}

for (const [name, from] of /** @type {[string, 'file' | 'sample'][]} */ ([['a photo of one’s own', 'file'], ['a sample', 'sample']])) {
  test(`${name}, its edits, their order and the sentence are there again after a reload`, async () => {
    const { page, problems } = await openPage(browser);
    if (from === 'file') await choose(page, 'garden.png', flower);
    else await page.locator('#samples button').nth(2).click();
    await page.locator('.before canvas').waitFor();
    await ask(page, 'make it blue');
    const blue = await shown(page);
    await page.click('#on-top');
    await ask(page, 'make it yellow');
    const both = await shown(page);
    await page.fill('#prompt', 'make it r');
    await kept(page, 2);
    const photo = await shown(page, 'before');

    await page.reload();
    await page.locator('.after canvas').waitFor();
    assert.equal(await shown(page, 'before'), photo);
    assert.equal(await shown(page), both);
    assert.equal(await page.locator('#prompt').inputValue(), 'make it r');
    assert.match(await page.locator('#base').textContent() ?? '', /make it blue/);
    assert.equal(await page.locator('#strip canvas').count(), 3);
    await loaded(page);
    await page.click('.bar .undo');
    await page.waitForFunction((picture) => /** @type {HTMLCanvasElement | null} */ (document.querySelector('.after canvas'))?.toDataURL() === picture, blue);
    await ask(page, 'make it red');
    assert.equal(await page.locator('#strip canvas').count(), 4);
    assert.deepEqual(problems, []);
  });
}

test('an edit whose picture was not kept is made again', async () => {
  const { page } = await newPage(browser);
  await page.addInitScript(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
      if (value.picture) throw new DOMException('full', 'QuotaExceededError');
      return put.call(this, value, key);
    };
  });
  await page.goto(address);
  await loaded(page);
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it blue');
  const blue = await shown(page);
  await kept(page, 1);
  await page.reload();
  await page.locator('.after canvas').waitFor();
  assert.equal(await shown(page), blue);
});

test('one button clears everything, once one is sure', async () => {
  const { page, problems } = await openPage(browser);
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it blue');
  await kept(page, 1);
  await page.click('#clear');
  await page.locator('#clear-dialog button').first().click();
  assert.equal(await page.locator('.after canvas').count(), 1);
  await page.click('#clear');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.after canvas').count(), 1);
  await page.click('#clear');
  await page.locator('#clear-dialog .primary').click();
  await page.waitForFunction(() => /cleared/.test(document.getElementById('status')?.textContent ?? ''));
  for (const reload of [false, true]) {
    if (reload) await page.reload();
    await loaded(page);
    assert.equal(await page.locator('.before canvas').count(), 0);
    assert.equal(await page.locator('#prompt').inputValue(), '');
    assert(await page.locator('#place').evaluate((place) => place.classList.contains('empty')));
    assert.equal(await page.locator('#kept').isVisible(), false);
    await page.press('#prompt', 'ArrowUp');
    assert.equal(await page.locator('#prompt').inputValue(), '');
  }
  const left = await page.evaluate(() => new Promise((resolve) => {
    const request = indexedDB.open('wordloom');
    request.onsuccess = () => {
      const all = request.result.transaction('desks').objectStore('desks').getAllKeys();
      all.onsuccess = () => resolve(all.result);
    };
  }));
  assert.deepEqual(left, []);
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it yellow');
  assert.deepEqual(problems, []);
});

test('every tab has a desk of its own, and what a closed one left goes after a day', async () => {
  const { context, page } = await openPage(browser);
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it blue');
  const blue = await shown(page);
  await kept(page, 1);
  const second = await context.newPage();
  await second.goto(address);
  await loaded(second);
  assert.equal(await second.locator('.before canvas').count(), 0);
  await choose(second, 'garden.png', flower);
  await ask(second, 'make it yellow');
  await kept(second, 2);
  await page.reload();
  await page.locator('.after canvas').waitFor();
  assert.equal(await shown(page), blue);
  await second.close();
  await page.reload();
  await loaded(page);
  await kept(page, 2);
  // A day later.
  await page.addInitScript(() => {
    const { now } = Date;
    Date.now = () => now() + 25 * 3600 * 1000;
  });
  await page.reload();
  await kept(page, 1);
  await page.locator('.after canvas').waitFor();
  assert.equal(await shown(page), blue);
});

for (const [name, script] of /** @type {[string, () => void][]} */ ([
  ['no IndexedDB', () => Reflect.deleteProperty(globalThis, 'indexedDB')],
  ['an IndexedDB that is forbidden', () => { IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }; }],
  ['a database that is full', () => { IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }; }],
  ['a session that keeps nothing', () => Object.defineProperty(globalThis, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } })],
  ['no locks', () => Reflect.deleteProperty(Navigator.prototype, 'locks')],
])) {
  test(`with ${name}, the page works`, async () => {
    const { page, problems } = await newPage(browser);
    await page.addInitScript(script);
    await page.goto(address);
    await loaded(page);
    await choose(page, 'sample.jpg', await sample(page, 2), 'image/jpeg');
    for (const sentence of ['make it blue', 'make it yellow']) await ask(page, sentence);
    const yellow = await shown(page);
    await page.click('.bar .undo');
    await page.waitForFunction((yellow) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== yellow, yellow);
    await page.reload();
    await loaded(page);
    assert.deepEqual(problems, []);
  });
}
