// What a reload must not lose, what one button clears, and browsers that keep nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { address, ask, choose, eventually, everything, launch, loaded, newPage, openPage, sample, shown } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));

/** Waits until this many edits are in the database. @param {import('playwright-core').Page} page @param {number} count */
async function kept(page, count) {
  await eventually(async () => assert.equal((await everything(page)).filter(({ key }) => key[1] === 'edit').length, count));
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
    await page.locator('#strip canvas').nth(2).waitFor();
    await loaded(page);
    await page.click('.bar .undo');
    await page.waitForFunction((picture) => /** @type {HTMLCanvasElement | null} */ (document.querySelector('.after canvas'))?.toDataURL() === picture, blue);
    await ask(page, 'make it red');
    assert.equal(await page.locator('#strip canvas').count(), 4);
    assert.deepEqual(problems, []);
  });
}

test('an edit stays though the page is loaded anew before its picture is written', async () => {
  const { page } = await newPage(browser);
  await page.addInitScript(() => {
    const { toBlob } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.toBlob = function (...how) {
      if (this.width < 320) toBlob.apply(this, how);
    };
  });
  await page.goto(address);
  await loaded(page);
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it blue');
  const blue = await shown(page);
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: '中文' }).click()]);
  await page.locator('.after canvas').waitFor();
  assert.equal(await shown(page), blue);
});

test('an edit whose picture is written late is not kept with the photo that came after', async () => {
  const { page } = await newPage(browser);
  await page.addInitScript(() => {
    const { toBlob } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.toBlob = function (...how) {
      setTimeout(() => toBlob.apply(this, how), this.width < 320 ? 0 : 2000);
    };
  });
  await page.goto(address);
  await loaded(page);
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it blue');
  await choose(page, 'meadow.png', encodePng(drawFlower(360, 240)));
  await page.waitForTimeout(4000);
  assert.deepEqual((await everything(page)).filter(({ key }) => key[1] === 'edit'), []);
});

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
  await page.locator('#sure button').first().click();
  assert.equal(await page.locator('.after canvas').count(), 1);
  await page.click('#clear');
  await page.locator('#sure').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.after canvas').count(), 1);
  await page.click('#clear');
  await page.locator('#sure .primary').click();
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
  assert.deepEqual(await everything(page), []);
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it yellow');
  assert.deepEqual(problems, []);
});

/** Waits until all other tabs have left their desks: browsers take a moment. @param {import('playwright-core').Page} page */
function alone(page) {
  return page.waitForFunction(async () => (await navigator.locks.query()).held?.length === 1);
}

test('every tab has a desk of its own, and a new one goes on at the one that was left last', async () => {
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
  const yellow = await shown(second);
  await kept(second, 2);
  await page.reload();
  await page.locator('.after canvas').waitFor();
  assert.equal(await shown(page), blue);
  await second.close();
  await alone(page);
  const third = await context.newPage();
  await third.goto(address);
  await third.locator('.after canvas').waitFor();
  assert.equal(await shown(third), yellow);
  // The sentences of all tabs are there, too.
  await third.focus('#prompt');
  for (const sentence of ['make it yellow', 'make it blue']) {
    await third.press('#prompt', 'ArrowUp');
    assert.equal(await third.locator('#prompt').inputValue(), sentence);
  }
  await third.close();
  await alone(page);
  await page.close();
  const last = await context.newPage();
  await last.goto(address);
  await last.locator('.after canvas').waitFor();
  assert.equal(await shown(last), yellow);
});

/** The page, so many days later. @param {import('playwright-core').BrowserContext} context @param {number} days */
async function later(context, days) {
  const page = await context.newPage();
  await page.addInitScript((days) => {
    const { now } = Date;
    Date.now = () => now() + days * 24 * 3600 * 1000;
  }, days);
  await page.goto(address);
  await loaded(page);
  return page;
}

test('what nobody used for thirty days goes, counted from its last use', async () => {
  const { context, page: first } = await openPage(browser);
  await choose(first, 'garden.png', flower);
  await ask(first, 'make it blue');
  await kept(first, 1);
  const again = await later(context, 20);
  await choose(again, 'garden.png', flower);
  await ask(again, 'make it yellow');
  await kept(again, 2);
  await first.close();
  await alone(again);
  // Looked at after twenty days, and so there for thirty more.
  const used = await later(context, 20);
  await used.locator('.after canvas').waitFor();
  await eventually(async () => {
    const visits = (await everything(used)).filter(({ key }) => key[0] === 'visit');
    assert(visits.length === 2 && visits.every(({ value }) => value.when > Date.now() + 19 * 24 * 3600 * 1000));
  });
  await used.close();
  await again.close();
  const much = await later(context, 45);
  await much.waitForTimeout(500);
  await kept(much, 2);
  await much.close();
  const end = await later(context, 90);
  await kept(end, 1);
  await end.close();
});

test('of closed tabs, the last eight are kept', async () => {
  const { context, page } = await openPage(browser);
  await page.evaluate(() => new Promise((resolve) => {
    const request = indexedDB.open('wordloom');
    request.onsuccess = () => {
      const transaction = request.result.transaction('desks', 'readwrite');
      for (let i = 1; i <= 12; i += 1) {
        transaction.objectStore('desks').put({ desk: `d${i}`, when: Date.now() - i * 1000 }, ['visit', `d${i}`]);
        transaction.objectStore('desks').put({ id: 1 }, [`d${i}`, 'edit', 1]);
      }
      transaction.oncomplete = () => resolve(undefined);
    };
  }));
  await page.reload();
  await kept(page, 8);
  await context.close();
});

test('what one tab clears, another does not keep again', async () => {
  const { context, page } = await openPage(browser);
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it blue');
  await kept(page, 1);
  const second = await context.newPage();
  await second.goto(address);
  await loaded(second);
  await choose(second, 'other.png', encodePng(drawFlower(200, 160)));
  await ask(second, 'make it yellow');
  await kept(second, 2);
  await second.click('#clear');
  await second.locator('#sure .primary').click();
  await kept(second, 0);
  await ask(page, 'make it red');
  await page.waitForTimeout(300);
  await kept(page, 0);
  // Another photo begins anew.
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it red');
  await kept(page, 1);
});

/** The next visit reads what was kept as slowly as `go()` lets it. @param {import('playwright-core').Page} page @param {'picture' | 'thumbnail'} until */
async function slowly(page, until) {
  await page.addInitScript((until) => {
    const bitmap = globalThis.createImageBitmap;
    let go = () => {};
    const wait = new Promise((resolve) => { go = () => resolve(undefined); });
    let count = 0;
    Object.assign(globalThis, { go, waits: false, createImageBitmap: async (/** @type {any[]} */ ...args) => {
      count += 1;
      if (count === (until === 'picture' ? 1 : 2)) {
        /** @type {any} */ (globalThis).waits = true;
        await wait;
      }
      return bitmap(.../** @type {[ImageBitmapSource]} */ (/** @type {unknown} */ (args)));
    } });
  }, until);
  await page.reload();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).waits);
}

for (const until of /** @type {const} */ (['picture', 'thumbnail'])) {
  test(`a photo chosen while the last one is read (its ${until}) stays, and gets none of its edits`, async () => {
    const { page, problems } = await openPage(browser);
    await choose(page, 'garden.png', flower);
    for (const sentence of ['make it blue', 'make it yellow']) await ask(page, sentence);
    await kept(page, 2);
    await slowly(page, until);
    await choose(page, 'other.png', encodePng(drawFlower(200, 160)));
    await page.waitForFunction(() => document.querySelector('.before canvas')?.getAttribute('width') === '200');
    await page.evaluate(() => /** @type {any} */ (globalThis).go());
    await page.waitForTimeout(500);
    assert.equal(await page.locator('.before canvas').getAttribute('width'), '200');
    // What draws the strip comes behind the page.
    await page.locator('#strip button').first().waitFor({ state: 'attached' });
    assert.equal(await page.locator('#strip button').count(), 1);
    await loaded(page);
    await ask(page, 'make it red');
    assert.equal(await page.locator('#strip button').count(), 2);
    assert.deepEqual(problems, []);
  });
}

test('every strength is kept, but only of one of them a picture', async () => {
  const { page } = await openPage(browser);
  await choose(page, 'garden.png', flower);
  await ask(page, 'make it blue');
  const blue = await shown(page);
  await kept(page, 1);
  for (const [i, strength] of ['0.8', '0.6', '0.4'].entries()) {
    await page.fill('#strength', strength);
    await kept(page, i + 2);
  }
  // Once the last one has rested for some seconds.
  await eventually(async () => {
    const pictures = (await everything(page)).filter(({ key }) => key[1] === 'edit').map(({ value }) => [value.strength, value.picture]);
    assert.deepEqual(pictures, [[1, false], [0.8, false], [0.6, false], [0.4, true]]);
  });
  const weak = await shown(page);
  await page.reload();
  await page.locator('.after canvas').waitFor();
  assert.equal(await shown(page), weak);
  await loaded(page);
  for (let i = 0; i < 3; i += 1) await page.click('.bar .undo');
  await page.waitForFunction((blue) => /** @type {HTMLCanvasElement | null} */ (document.querySelector('.after canvas'))?.toDataURL() === blue, blue);
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
