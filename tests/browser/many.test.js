// Many photos and one sentence: a grid that fills, stops and goes on, the editor for each, one ZIP for all.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { violations } from './axe.js';
import { address, decodePng, difference, drawFlower, edited, editPixels, encode, encodePng, launch, openPage, scratch, shown } from './helper.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flowers = [[200, 150], [150, 200], [180, 180]].map(([width = 0, height = 0]) => encodePng(drawFlower(width, height)));

/** @param {import('playwright-core').Page} page @param {[name: string, bytes: Uint8Array, type?: string][]} files */
async function gather(page, files) {
  await page.setInputFiles('#file', files.map(([name, bytes, mimeType = 'image/png']) => ({ name, mimeType, buffer: Buffer.from(bytes) })));
  await page.locator('.grid li').nth(files.length - 1).waitFor();
}

/** @param {import('playwright-core').Page} page @param {string} sentence */
async function askAll(page, sentence) {
  await page.fill('#prompt', sentence);
  await page.press('#prompt', 'Enter');
}

/** @param {import('playwright-core').Page} page @param {RegExp} words */
async function told(page, words) {
  await page.locator('#many [role="status"]').filter({ hasText: words }).waitFor({ timeout: 120_000 });
}

/** The files of the archive, as Python reads it. @param {import('playwright-core').Page} page */
async function archive(page) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save all as ZIP' }).click()]);
  const folder = await scratch();
  const path = join(folder, file.suggestedFilename());
  await file.saveAs(path);
  await promisify(execFile)('python3', ['-c', 'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nz.extractall(sys.argv[2])', path, folder]);
  return { folder, bytes: (await readFile(path)).length };
}

test('one sentence edits all of them, as each alone; the archive says what they are', async () => {
  const { page, problems } = await openPage(browser);
  const jpeg = await encode(page, drawFlower(160, 120), 'image/jpeg');
  await gather(page, [['garden.png', flowers[0] ?? jpeg], ['garden.png', flowers[1] ?? jpeg], ['camera.jpg', jpeg, 'image/jpeg'], ['broken.png', Buffer.from('no picture')]]);
  await told(page, /^4 photos\. Say what/);
  assert(await page.locator('#place').isHidden());
  assert.deepEqual(await violations(page), []);
  await askAll(page, 'make it blue');
  await told(page, /^3 of 4 photos edited/);
  assert.match(await page.locator('.grid li').nth(3).locator('small').textContent() ?? '', /could not be read/);
  assert.equal(await page.locator('.grid .done').count(), 3);
  const { folder } = await archive(page);
  const read = async (/** @type {string} */ name) => decodePng(await readFile(join(folder, name)));
  const [first, second] = [await read('garden-make-it-blue.png'), await read('garden-make-it-blue-2.png')];
  assert.deepEqual([first.width, first.height, second.width, second.height], [200, 150, 150, 200]);
  const alone = await editPixels(page, flowers[0] ?? jpeg, 'make it blue');
  assert.equal(difference(first.pixels, alone.pixels).largest, 0);
  assert.equal((await readFile(join(folder, 'camera-make-it-blue.jpg')))[0], 0xff);
  assert.deepEqual(problems, []);
});

test('it stops, goes on with the rest, and another sentence is for all again', async () => {
  const { page, problems } = await openPage(browser);
  await page.evaluate(() => {
    const asked = /** @type {string[]} */ ([]);
    Object.assign(globalThis, { asked });
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      if (message.type === 'edit') asked.push(message.prompt);
      setTimeout(() => post.call(this, message, transfer), message.type === 'edit' ? 1500 : 0);
    };
  });
  await gather(page, flowers.map((bytes, i) => [`flower-${i}.png`, bytes]));
  await askAll(page, 'make it blue');
  await page.locator('.grid .done').first().waitFor();
  await page.keyboard.press('Escape');
  await told(page, /^Stopped after 1 of 3/);
  await page.waitForTimeout(500);
  const before = await page.evaluate(() => /** @type {any} */ (globalThis).asked.length);
  await page.getByRole('button', { name: 'Go on' }).click();
  await told(page, /^3 of 3 photos edited/);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).asked.length) - before, 2);
  assert.equal(await page.getByRole('button', { name: 'Go on' }).isVisible(), false);
  await askAll(page, 'make it yellow');
  await told(page, /^3 of 3 photos edited/);
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).asked.length) - before, 5);
  // A sentence that says nothing is told once, and not for each.
  await askAll(page, 'qwrtzu');
  await page.locator('#error').filter({ hasText: 'I know none of these words' }).waitFor();
  assert.deepEqual(problems, []);
});

test('each opens in the editor, and comes back corrected', async () => {
  const { page, problems } = await openPage(browser);
  await gather(page, flowers.map((bytes, i) => [`flower-${i}.png`, bytes]));
  await askAll(page, 'make it blue');
  await told(page, /^3 of 3/);
  await page.getByRole('button', { name: 'Open flower-1.png in the editor' }).click();
  await edited(page);
  assert(await page.locator('#many').isHidden());
  const blue = await shown(page);
  await page.fill('#prompt', 'make it red');
  await page.press('#prompt', 'Enter');
  await page.waitForFunction(() => document.querySelectorAll('#strip button').length === 3);
  const red = await shown(page);
  assert.notEqual(red, blue);
  await page.getByRole('button', { name: 'All photos' }).click();
  await page.locator('#many').waitFor();
  const { folder } = await archive(page);
  const { pixels } = decodePng(await readFile(join(folder, 'flower-1-make-it-red.png')));
  assert.equal(difference(pixels, decodePng(Buffer.from(red.slice(red.indexOf(',') + 1), 'base64')).pixels).largest, 0);
  await readFile(join(folder, 'flower-0-make-it-blue.png'));
  assert.deepEqual(problems, []);
});

for (const width of [390, 1400]) {
  test(`at ${width} pixels nothing sticks out, and everything can be hit`, async () => {
    const { page } = await openPage(browser, { viewport: { width, height: 844 }, hasTouch: width < 500 });
    await gather(page, flowers.map((bytes, i) => [`a rather long name of a flower ${i}.png`, bytes]));
    await askAll(page, 'make it blue');
    await told(page, /^3 of 3/);
    const { beyond, small } = await page.evaluate(() => ({
      beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      small: [...document.querySelectorAll('#many button')].filter((button) => {
        const { width, height } = button.getBoundingClientRect();
        return width && Math.min(width, height) < (innerWidth < 500 ? 44 : 40);
      }).length,
    }));
    assert.deepEqual([beyond, small], [0, 0]);
  });
}

test('an archive is one that others read: names, sizes, checksums', async () => {
  const { page } = await openPage(browser);
  const bytes = await page.evaluate(async (at) => {
    const { zip } = await import(new URL('www/zip.js', at).href);
    const blob = await zip([
      { name: 'a.txt', blob: new Blob(['one']), when: new Date(2026, 4, 3, 2, 1, 6) },
      { name: '裙子.bin', blob: new Blob([new Uint8Array(100_000).fill(7)]), when: new Date(1970, 0, 1) },
    ]);
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, address);
  const listed = 'import io, sys, zipfile\nz = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))\nassert z.testzip() is None\nfor i in z.infolist(): print(i.filename, i.file_size, i.compress_type, i.date_time)';
  const child = execFile('python3', ['-X', 'utf8', '-c', listed]);
  child.stdin?.end(Buffer.from(bytes));
  let said = '';
  for await (const some of child.stdout ?? []) said += some;
  assert.equal(said, "a.txt 3 0 (2026, 5, 3, 2, 1, 6)\n裙子.bin 100000 0 (1980, 1, 1, 0, 0, 0)\n");
});
