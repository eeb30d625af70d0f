// Make: with the pictures that are there to others: near them, between them, in another cloth; and a link to them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { address, launch, newPage } from './helper.js';
import { alphas, apart, chooser, makePage, mean, means, pictures, pressed, SENTENCE, status, weave, woven } from './make.js';
import { decodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test('a picture is chosen by a press or a key, and more like it come as a row of their own', async () => {
  const { page, problems } = await makePage(browser);
  await weave(page, SENTENCE);
  const first = await pictures(page);
  const bar = page.getByRole('group', { name: 'What to do with the pictures' });
  const offers = async () => (await bar.getByRole('button').allTextContents()).filter(Boolean);
  assert.match(await bar.getByRole('status').textContent() ?? '', /Press one picture/);
  assert.deepEqual(await offers(), ['Draw']);
  await chooser(page, 5).press('Enter');
  assert.equal(await bar.getByRole('status').textContent(), 'Picture 5 is chosen.');
  assert.deepEqual(await offers(), ['More like this', 'Draw']);
  await chooser(page, 2).press(' ');
  assert.equal(await bar.getByRole('status').textContent(), 'Pictures 2 and 5 are chosen.');
  assert.deepEqual(await offers(), ['From one to the other', 'Draw']);
  await chooser(page, 3).click();
  assert.deepEqual(await offers(), ['Draw']);
  await page.keyboard.press('Escape');
  assert.deepEqual(await pressed(page), Array(6).fill('false'));
  await chooser(page, 4).click();
  await bar.getByRole('button', { name: 'Choose none' }).press('Enter');
  assert.deepEqual(await pressed(page), Array(6).fill('false'));
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'make-words');

  await chooser(page, 2).click();
  await page.emulateMedia({ forcedColors: 'active' });
  assert.deepEqual(await chooser(page, 2).evaluate((button) => [getComputedStyle(button).backgroundImage, getComputedStyle(button).outlineStyle]), ['none', 'solid']);
  assert.match(await chooser(page, 2).evaluate((button) => getComputedStyle(button).backgroundColor), /, 0\)$/);
  await page.emulateMedia({ forcedColors: 'none' });
  const like = bar.getByRole('button', { name: 'More like this' });
  await like.press('Enter');
  await woven(page, 12);
  assert.equal(await status(page), 'More like picture 2. 12 pictures.');
  assert.equal(await page.getByRole('list', { name: 'More like picture 2' }).getByRole('img').count(), 6);
  assert(await page.getByRole('img', { name: `${SENTENCE}, picture 7` }).evaluate((picture) => picture.getBoundingClientRect().top < innerHeight));
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'More like this');
  const all = await pictures(page);
  assert.deepEqual(all.slice(0, 6), first);
  assert.equal(new Set(all).size, 12);
  const forms = await alphas(page);
  const [others, near] = [[0, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]].map((some) => mean(some.map((i) => apart(forms[1], forms[i]))));
  assert(Number(near) < 0.7 * Number(others), `${near} and ${others}`);
  // The same once more are six others.
  await like.click();
  await woven(page, 18);
  assert.equal(new Set(await pictures(page)).size, 18);
  assert.deepEqual(problems, []);
});

test('between two chosen pictures there are six steps', async () => {
  const { page } = await makePage(browser);
  await weave(page, SENTENCE);
  await chooser(page, 6).click();
  await chooser(page, 1).click();
  await page.getByRole('button', { name: 'From one to the other' }).click();
  await woven(page, 12);
  assert.equal(await status(page), 'From picture 1 to picture 6. 12 pictures.');
  const forms = await alphas(page);
  const far = [6, 7, 8, 9, 10, 11].map((i) => [apart(forms[0], forms[i]), apart(forms[5], forms[i])]);
  const [[start = 1, startOther = 0] = [], [end = 0, endOther = 1] = []] = [far[0], far[5]];
  assert(start < startOther && end > endOther && start < end && endOther < startOther, far.join('; '));
});

test('the same forms in other colours and cloths: of all pictures, or of those that are chosen', async () => {
  const { page } = await makePage(browser);
  await weave(page, SENTENCE);
  const forms = await alphas(page);
  const before = await pictures(page);
  const dress = async (/** @type {string} */ words) => {
    await page.fill('#make-words', words);
    await page.press('#make-words', 'Enter');
  };
  for (const [words, why] of /** @type {const} */ ([['wobbly', /“wobbly” names neither/], ['qwrtzu xkcdq', /neither a colour nor a cloth/], ['darker', /neither/], [' ', /Say a colour/]])) {
    await dress(words);
    await page.getByRole('alert').filter({ hasText: why }).waitFor();
    assert.equal(await page.inputValue('#make-words'), words);
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'make-words');
    assert.deepEqual(await pictures(page), before);
  }
  assert.equal(await status(page), '6 pictures.');
  await dress('green tartan');
  await woven(page, 12);
  assert.equal(await status(page), 'The same in green tartan. 12 pictures.');
  assert.equal(await page.locator('.refused').textContent(), '');
  assert.deepEqual((await alphas(page)).slice(6), forms);
  const [r = 0, g = 0, b = 0] = await means(page, 6);
  assert(g > r + 20 && g > b, `${r}, ${g}, ${b}`);
  assert.equal(await page.getByRole('img', { name: `${SENTENCE}, in green tartan, picture 12` }).count(), 1);
  // Every form once, whatever it has on.
  await dress('藏青色');
  await woven(page, 18);
  assert.deepEqual((await alphas(page)).slice(12), forms);
  await chooser(page, 9).click();
  await dress('white');
  await woven(page, 19);
  assert.deepEqual((await alphas(page))[18], forms[2]);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download: picture 19' }).click()]);
  assert.equal(file.suggestedFilename(), 'wordloom-19-a-red-polo-shirt-white.png');
  const { pixels } = decodePng(await readFile(await file.path()));
  const [sum, count] = pixels.reduce(([sum = 0, count = 0], value, i) => (pixels[i | 3] === 255 && i % 4 === 0 ? [sum + value, count + 1] : [sum, count]), [0, 0]);
  assert(Number(sum) / Number(count) > 150, 'it is white');
});

test('a link shows the same pictures to whoever opens it', async () => {
  const { page, context } = await makePage(browser);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await weave(page, SENTENCE);
  const copy = async () => {
    await page.getByRole('button', { name: 'Link to these pictures' }).press('Enter');
    await page.locator('.foot [role="status"]').filter({ hasText: 'link is copied' }).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.equal(await copy(), `${address}#make=a+red+polo+shirt&seed=1`);
  await chooser(page, 2).click();
  await page.getByRole('button', { name: 'More like this' }).click();
  await woven(page, 12);
  await chooser(page, 8).click();
  await page.getByRole('button', { name: 'From one to the other' }).click();
  await woven(page, 18);
  await page.fill('#make-words', 'green tartan');
  await page.press('#make-words', 'Enter');
  await woven(page, 20);
  const made = await pictures(page);
  const link = await copy();

  const other = await newPage(browser);
  /** @type {string[]} */
  const asked = [];
  other.page.on('request', (request) => asked.push(request.url()));
  await other.page.goto(link);
  await woven(other.page, 20);
  assert.deepEqual(await pictures(other.page), made);
  assert.equal(await other.page.getByRole('tab', { name: 'Make' }).getAttribute('aria-selected'), 'true');
  assert.equal(await other.page.inputValue('#make-prompt'), SENTENCE);
  assert.equal(await other.page.getByRole('list', { name: 'The same in green tartan' }).getByRole('img').count(), 2);
  assert(asked.every((url) => !url.includes('polo')));
  // More of them are those that would have followed here.
  for (const there of [page, other.page]) {
    await there.getByRole('button', { name: 'More' }).last().click();
    await woven(there, 26);
  }
  assert.deepEqual(await pictures(other.page), await pictures(page));
  assert.deepEqual(other.problems, []);

  // An open page follows it as well; what makes no sense in it is left out.
  await other.page.getByRole('tab', { name: 'Edit' }).click();
  await other.page.evaluate(() => { location.hash = '#make=a+yellow+dress&seed=-3&row=qwrtzu&row=1.2.3.4.5-0.5000000000.6+wobbly&row='; });
  await other.page.getByRole('img', { name: 'a yellow dress, picture 5' }).waitFor();
  await woven(other.page, 5);
  await other.page.evaluate(() => { location.hash = '#prompt=make+it+blue'; });
  await other.page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.getElementById('prompt')).value === 'make it blue');
  assert.equal(await other.page.locator('#editing').isVisible(), true);

  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError')); });
  await page.getByRole('button', { name: 'Link to these pictures' }).press('Enter');
  await page.locator('.foot [role="status"]').filter({ hasText: 'Copy it by hand' }).waitFor();
  assert.match(await page.evaluate(() => getSelection()?.toString()) ?? '', /#make=a\+red\+polo\+shirt&seed=1&row=1\.2\.3\.4\.5\.6&row=/);
  assert.deepEqual((await pictures(page)).slice(0, 20), made);
});
