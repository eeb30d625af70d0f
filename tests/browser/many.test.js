// Many photos and their sentences: a grid that fills, stops and goes on, the editor for each, one ZIP for all.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { address, ask, edited, editPixels, encode, launch, loaded, newPage, openPage, pictured, rested, says, scratch, shown } from './helper.js';
import { apart, archive, askAll, back, drop, flowers, gather, noted, openInEditor, shows, slowly, told } from './many.js';
import { decodePng, difference, drawFlower } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

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

test('it stops and goes on with the rest; another sentence begins anew, beside what is there', async () => {
  const { page, problems } = await openPage(browser);
  const asked = await slowly(page);
  await gather(page, flowers.map((bytes, i) => [`flower-${i}.png`, bytes]));
  await askAll(page, 'make it blue');
  await page.locator('.grid .done').first().waitFor();
  await page.keyboard.press('Escape');
  await told(page, /^Stopped after 1 of 3/);
  await page.waitForTimeout(500);
  const before = (await asked()).filter((words) => words !== 'look').length;
  await page.getByRole('button', { name: 'Go on' }).click();
  await told(page, /^3 of 3 photos edited/);
  const edits = async () => (await asked()).filter((words) => words !== 'look').length - before;
  assert.equal(await edits(), 2);
  assert.equal(await page.getByRole('button', { name: 'Go on' }).isVisible(), false);
  const bar = () => page.locator('#many progress').evaluate((bar) => /** @type {HTMLProgressElement} */ (bar).value);
  assert.equal(await bar(), 1);
  await askAll(page, 'make it yellow');
  await told(page, /^0 of 3 photos/);
  assert.equal(await bar(), 0);
  await noted(page, '#many .chips', 1, '1 / 3 · make it yellow');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await told(page, /^Stopped after 1 of 3/);
  await noted(page, '#many .chips', 0, '3 / 3 · make it blue');
  assert.deepEqual((await archive(page)).names, ['flower-0-make-it-blue.png', 'flower-0-make-it-yellow.png', 'flower-1-make-it-blue.png', 'flower-2-make-it-blue.png']);
  await page.getByRole('button', { name: 'Go on' }).click();
  await told(page, /^3 of 3 photos edited/);
  // A sentence that says nothing is told once, and not for each.
  await askAll(page, 'qwrtzu');
  await page.locator('#error').filter({ hasText: 'I know none of these words' }).waitFor();
  assert.equal(await page.locator('#many .chips li').count(), 2);
  assert.deepEqual(problems, []);
});

test('several sentences: each photo is looked at once for all of them, and the archive has all; one can be dropped', async () => {
  const { page, problems } = await openPage(browser);
  const asked = await slowly(page, 6000);
  await gather(page, flowers.map((bytes, i) => [`flower-${i}.png`, bytes]));
  await askAll(page, 'make it blue');
  await askAll(page, 'make it red');
  await page.evaluate(() => Object.assign(globalThis, { delay: 0 }));
  await told(page, /^3 of 3 photos edited/);
  assert.deepEqual(await asked(), [0, 1, 2].flatMap(() => ['look', 'make it blue', 'make it red']));
  for (const i of [0, 1, 2]) await noted(page, '.grid', i, /2 pictures$/);
  const red = await editPixels(page, flowers[2] ?? Buffer.alloc(0), 'make it red');
  const { folder, names } = await archive(page);
  assert.deepEqual(names, [0, 1, 2].flatMap((i) => [`flower-${i}-make-it-blue.png`, `flower-${i}-make-it-red.png`]));
  assert.equal(difference(decodePng(await readFile(join(folder, 'flower-2-make-it-red.png'))).pixels, red.pixels).largest, 0);
  const small = () => page.locator('.grid canvas').first().evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
  const before = await small();
  await page.getByRole('button', { name: 'Drop “make it red” and its pictures' }).click();
  await page.waitForFunction((before) => /** @type {HTMLCanvasElement} */ (document.querySelector('.grid canvas')).toDataURL() !== before, before);
  assert.deepEqual((await archive(page)).names, [0, 1, 2].map((i) => `flower-${i}-make-it-blue.png`));
  assert.deepEqual(problems, []);
});

test('what is dropped or pasted on the grid is added, one photo or a folder; what cannot be read is told by its name', async () => {
  const { page, problems } = await openPage(browser);
  const [flower = Buffer.alloc(0)] = flowers;
  await drop(page, [['one.png', flower], ['two.png', flower]]);
  await told(page, /^2 photos\. Say what/);
  await askAll(page, 'make it blue');
  await told(page, /^2 of 2 photos edited/);
  await drop(page, [['three.png', flower]]);
  await told(page, /^3 photos/);
  assert(await page.locator('#place').isHidden());
  await drop(page, [['.hidden.png', flower], ['four.avif', flower, ''], ['notes.txt', Buffer.from('no picture'), 'text/plain'], ['five.heic', Buffer.from('\0\0\0\x18ftypheic', 'latin1'), '']], true);
  await told(page, /^5 photos/);
  await noted(page, '.grid', 4, /“five\.heic” could not be read as a picture: it is HEIC/);
  await page.evaluate(async (bytes) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], 'six.png', { type: 'image/png' }));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, flower.toString('base64'));
  await told(page, /^6 photos/);
  // What came later waits until it is asked for.
  await page.getByRole('button', { name: 'Go on' }).click();
  await told(page, /^5 of 6 photos edited/);
  assert.deepEqual((await archive(page)).names, ['four', 'one', 'six', 'three', 'two'].map((name) => `${name}-make-it-blue.png`));
  await drop(page, [['notes.txt', Buffer.from('no picture'), 'text/plain']]);
  await says(page, /These files are no pictures/);
  // With the grid closed, and all saved, others take their place.
  await page.getByRole('button', { name: 'Back to one photo' }).click();
  await gather(page, [['seven.png', flower], ['eight.png', flower]]);
  await told(page, /^2 photos/);
  assert.equal(await page.locator('#many .chips li').count(), 0);
  assert.deepEqual(problems, []);
});

test('the strength of a link counts for all of them, and in the editor; another sentence has its own', async () => {
  const { page, problems } = await newPage(browser);
  await page.goto(`${address}#prompt=make+it+blue&strength=0.4`);
  await loaded(page);
  await gather(page, flowers.map((bytes, i) => [`flower-${i}.png`, bytes]));
  await page.press('#prompt', 'Enter');
  await told(page, /^3 of 3 photos edited/);
  await noted(page, '#many .chips', 0, '3 / 3 · make it blue · 40 %');
  await askAll(page, 'make it red');
  await noted(page, '#many .chips', 1, /^3 \/ 3 · make it red$/);
  const { folder } = await archive(page);
  for (const [sentence, strength] of /** @type {const} */ ([['make it blue', 0.4], ['make it red', 1]])) {
    const { pixels } = await editPixels(page, flowers[1] ?? Buffer.alloc(0), sentence, { strength });
    const saved = decodePng(await readFile(join(folder, `flower-1-${sentence.replaceAll(' ', '-')}.png`)));
    assert.equal(difference(saved.pixels, pixels).largest, 0, sentence);
  }
  await page.getByRole('button', { name: 'Drop “make it red” and its pictures' }).click();
  await openInEditor(page, 1);
  await edited(page);
  assert.equal(await page.inputValue('#strength'), '0.4');
  assert.equal(await apart(join(folder, 'flower-1-make-it-blue.png'), await shown(page)), 0);
  // As it was made for all of them: nothing was done by hand.
  await back(page);
  assert.doesNotMatch(await page.locator('.grid li').nth(1).innerText(), /by hand/);
  // Another link of the same sentence makes all of them anew.
  await page.evaluate(() => { location.hash = '#prompt=make+it+blue&strength=0.8'; });
  await page.press('#prompt', 'Enter');
  await noted(page, '#many .chips', 0, '3 / 3 · make it blue · 80 %');
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
  assert.equal(await apart(join(folder, 'flower-1-make-it-red.png'), red), 0);
  await readFile(join(folder, 'flower-0-make-it-blue.png'));
  assert.deepEqual(problems, []);
});

test('what was corrected by hand stays: opened again, after another sentence, and after a reload', async () => {
  const { page, problems } = await openPage(browser);
  await gather(page, flowers.map((bytes, i) => [`flower-${i}.png`, bytes]));
  await askAll(page, 'make it blue');
  await told(page, /^3 of 3/);
  await openInEditor(page, 0);
  await edited(page);
  await page.fill('#strength', '0.2');
  await rested(page, 0.2);
  const weak = await shown(page);
  await back(page);
  await noted(page, '.grid', 0, 'by hand');
  await openInEditor(page, 1);
  await edited(page);
  await page.click('#on-top');
  await ask(page, 'make it red');
  const top = await shown(page);
  await back(page);
  await noted(page, '.grid', 1, '2 pictures · by hand');
  await openInEditor(page, 0);
  await shows(page, weak);
  assert.equal(await page.inputValue('#prompt'), 'make it blue');
  // Another photo in its place takes nothing of it.
  await page.click('.bar .undo');
  await page.waitForFunction((weak) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== weak, weak);
  await page.click('.bar .redo');
  await shows(page, weak);
  await back(page);
  await openInEditor(page, 1);
  await shows(page, top);
  assert.equal(await page.locator('#strip button').count(), 3);
  assert.equal(await page.locator('#base-text').textContent(), 'On top of “make it blue”');
  // A picture is kept a moment after it is shown, and only while it is on the stage.
  await pictured(page, 2);
  await back(page);
  await askAll(page, 'make it blue');
  await told(page, /^3 of 3/);
  const { folder, names } = await archive(page);
  assert.deepEqual(names, ['flower-0-make-it-blue.png', 'flower-1-make-it-blue-make-it-red.png', 'flower-1-make-it-blue.png', 'flower-2-make-it-blue.png']);
  assert.equal(await apart(join(folder, 'flower-0-make-it-blue.png'), weak), 0);
  assert.equal(await apart(join(folder, 'flower-1-make-it-blue-make-it-red.png'), top), 0);
  await page.reload();
  await loaded(page);
  await shows(page, top);
  assert.equal(await page.locator('#strip button').count(), 3);
  assert.deepEqual(problems, []);
});

test('what was under way when one came back is saved, and what was all undone is no picture', async () => {
  const { page, problems } = await openPage(browser);
  await slowly(page, 1500);
  await gather(page, flowers.map((bytes, i) => [`flower-${i}.png`, bytes]));
  await openInEditor(page, 1);
  await page.fill('#prompt', 'make it blue');
  await page.press('#prompt', 'Enter');
  await page.locator('#editing [aria-busy="true"], #stop:not([hidden])').first().waitFor();
  await back(page);
  assert.equal(await page.locator('.grid .done').count(), 0);
  await noted(page, '.grid', 1, 'by hand');
  assert.deepEqual((await archive(page)).names, ['flower-1-make-it-blue.png']);
  await openInEditor(page, 1);
  await page.click('.bar .undo');
  await page.waitForFunction(() => /** @type {HTMLElement} */ (document.querySelector('#result')).hidden);
  await back(page);
  await page.locator('.grid .done').waitFor({ state: 'detached' });
  assert.doesNotMatch(await page.locator('.grid li').nth(1).innerText(), /by hand/);
  assert.deepEqual(problems, []);
});

test('what was corrected before its turn is not done again, and not overwritten', async () => {
  const { page, problems } = await openPage(browser);
  const asked = await slowly(page);
  await gather(page, flowers.map((bytes, i) => [`flower-${i}.png`, bytes]));
  // Before there is a sentence for all.
  await openInEditor(page, 2);
  await ask(page, 'make it red');
  await back(page);
  await noted(page, '.grid', 2, 'by hand');
  await askAll(page, 'make it blue');
  await page.locator('.grid .done').first().waitFor();
  await openInEditor(page, 1);
  await edited(page);
  const plain = await shown(page);
  await page.click('#brush');
  await page.getByRole('button', { name: 'Take away' }).click();
  await page.locator('.aim').focus();
  await page.keyboard.press(' ');
  await page.waitForFunction((plain) => /** @type {HTMLCanvasElement} */ (document.querySelector('.after canvas')).toDataURL() !== plain, plain);
  const corrected = await shown(page);
  await back(page);
  await told(page, /^Stopped after 2 of 3/);
  const before = (await asked()).length;
  await page.getByRole('button', { name: 'Go on' }).click();
  await told(page, /^3 of 3 photos edited/);
  assert.deepEqual((await asked()).slice(before), ['look', 'make it blue']);
  const { folder, names } = await archive(page);
  assert.deepEqual(names, ['flower-0-make-it-blue.png', 'flower-1-make-it-blue.png', 'flower-2-make-it-blue.png', 'flower-2-make-it-red.png']);
  assert.equal(await apart(join(folder, 'flower-1-make-it-blue.png'), corrected), 0);
  // It is made again in the editor, on the photo and not on what was left there.
  await openInEditor(page, 2);
  await edited(page);
  assert.equal(await page.inputValue('#prompt'), 'make it blue');
  assert.equal(await page.locator('#base').isVisible(), false);
  // Dropping the sentence keeps what was made by hand.
  await back(page);
  await page.getByRole('button', { name: 'Drop “make it blue” and its pictures' }).click();
  assert.deepEqual((await archive(page)).names, ['flower-1-make-it-blue.png', 'flower-2-make-it-red.png']);
  assert.deepEqual(problems, []);
});

for (const [width, colorScheme] of /** @type {const} */ ([[390, 'light'], [390, 'dark'], [1400, 'light'], [1400, 'dark']])) {
  test(`at ${width} pixels, ${colorScheme}, nothing sticks out, everything can be hit, and axe finds nothing`, async () => {
    const { page } = await openPage(browser, { viewport: { width, height: 844 }, hasTouch: width < 500, colorScheme });
    await gather(page, [...flowers, Buffer.from('no picture')].map((bytes, i) => [`a rather long name of a flower ${i}.png`, bytes]));
    await askAll(page, 'make it blue');
    await told(page, /^3 of 4/);
    await askAll(page, 'a rather long sentence that goes on and on about a yellow flower');
    await told(page, /^3 of 4/);
    const look = () => page.evaluate(() => ({
      beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      small: [...document.querySelectorAll('#many button, #all-photos')].filter((button) => {
        const { width, height } = button.getBoundingClientRect();
        return width && Math.min(width, height) < (innerWidth < 500 ? 44 : 40);
      }).length,
    }));
    assert.deepEqual(await look(), { beyond: 0, small: 0 });
    assert.deepEqual(await violations(page), []);
    await openInEditor(page, 0);
    await edited(page);
    assert.deepEqual(await look(), { beyond: 0, small: 0 });
    // The way back stands above the photo, and not beside it.
    const [way, place] = await Promise.all(['#all-photos', '#stage'].map((name) => page.locator(name).boundingBox()));
    assert(way && place && way.y + way.height <= place.y && way.x <= place.x + 1);
    assert.deepEqual(await violations(page), []);
  });
}

test('by keyboard alone', async () => {
  const { page, problems } = await openPage(browser);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.id || document.activeElement?.textContent);
  const tabTo = async (/** @type {string} */ name) => {
    for (let i = 0; await focused() !== name; i += 1) {
      assert(i < 30, name);
      await page.keyboard.press('Tab');
    }
  };
  const folder = await scratch();
  let chosen = folder;
  page.on('filechooser', (chooser) => void chooser.setFiles(chosen));
  for (const [i, bytes] of flowers.entries()) await writeFile(join(folder, `flower-${i}.png`), bytes);
  await writeFile(join(folder, 'notes.txt'), 'no picture');
  await page.locator('.folder').waitFor();
  await page.focus('#file');
  await tabTo('Choose a folder');
  await page.keyboard.press('Enter');
  await told(page, /^3 photos/);
  assert.equal(await focused(), 'Add photos');
  chosen = join(folder, 'flower-0.png');
  await page.keyboard.press('Enter');
  await told(page, /^4 photos/);
  await tabTo('prompt');
  await page.keyboard.type('make it blue');
  await page.keyboard.press('Enter');
  await told(page, /^4 of 4/);
  await page.focus('#many .primary');
  await tabTo('Open flower-1.png in the editor');
  await page.keyboard.press('Enter');
  await edited(page);
  assert.equal(await focused(), 'all-photos');
  await page.keyboard.press('Enter');
  await page.locator('#many').waitFor();
  assert.equal(await focused(), 'Open flower-1.png in the editor');
  await page.focus('#many .primary');
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(file.suggestedFilename(), 'wordloom.zip');
  await tabTo('Drop “make it blue” and its pictures');
  await page.keyboard.press('Enter');
  await told(page, /^4 photos/);
  assert.equal(await focused(), 'Add photos');
  await tabTo('Back to one photo');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'all-photos');
  assert.deepEqual(problems, []);
});

test('an archive is one that others read: names, sizes, checksums', async () => {
  const { page } = await openPage(browser);
  const bytes = await page.evaluate(async (at) => {
    const { zip } = await import(new URL('www/many/zip.js', at).href);
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
