// <word-loom mode="make">: pictures of a sentence in anybody's page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { address, eventually, launch, newPage } from './helper.js';
import { SENTENCE } from './make.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** The file of the model that makes pictures. */
let file = '';
before(async () => {
  browser = await launch();
  const { models } = await (await fetch(new URL('weights/manifest.json', address))).json();
  ({ file } = models.find((/** @type {import('../../www/engine/load.js').Model} */ { task }) => task === 'make'));
});
after(() => browser.close());

/** @param {string} body @param {string} [lang] */
async function post(body, lang = 'en') {
  const { page, context, problems } = await newPage(browser);
  await context.route('**/post.html', (route) => route.fulfill({
    contentType: 'text/html',
    body: `<!doctype html><html lang="${lang}"><meta charset="utf-8"><title>A post</title><meta name="viewport" content="width=device-width">
      <link rel="icon" href="data:,"><script type="module" src="www/element.js"></script><main><h1>A post</h1>${body}</main></html>`,
  }));
  await page.goto(new URL('post.html', address).href);
  const looms = page.locator('word-loom');
  await looms.first().locator('button.open').waitFor();
  return { page, problems, looms, loom: looms.first() };
}

test('the element makes pictures of its prompt, and of others where it has controls', async () => {
  const { page, loom, problems } = await post(`<word-loom mode="make" prompt="${SENTENCE}" seed="7" controls></word-loom>`);
  assert.match(await loom.locator('button.open').textContent() ?? '', /Make a picture/);
  const told = await loom.evaluateHandle((element) => {
    const told = /** @type {string[]} */ ([]);
    for (const name of ['progress', 'edit', 'error']) element.addEventListener(name, () => { if (told.at(-1) !== name) told.push(name); });
    return told;
  });
  await loom.locator('button.open').click();
  const images = loom.locator('.pictures [role="img"]');
  await images.nth(5).waitFor();
  const detail = await loom.evaluate((element) => /** @type {any} */ (element).edit());
  assert.deepEqual([detail.prompt, detail.seed, detail.unknown], [SENTENCE, 7, []]);
  assert.deepEqual(await told.jsonValue(), ['progress', 'edit']);
  const size = await loom.evaluate(async (element) => {
    const bitmap = await createImageBitmap(await /** @type {any} */ (element).toBlob());
    return [bitmap.width, bitmap.height];
  });
  assert.deepEqual(size, [1024, 1024]);
  await loom.locator('.words button').nth(1).hover();
  assert.equal(await loom.locator('.veil').filter({ visible: true }).count(), 6);
  assert.equal(await loom.getByRole('button', { name: 'Edit this one' }).count(), 0);
  await loom.locator('#make-prompt').fill('a black dress');
  await loom.locator('#make-prompt').press('Enter');
  await loom.getByRole('img', { name: 'a black dress, picture 6' }).waitFor();
  assert.equal(await loom.getAttribute('prompt'), 'a black dress');
  // A script may ask, too; what cannot be made is told of, and can be asked again.
  const refused = await loom.evaluate((element) => /** @type {any} */ (element).edit('qwrtzu').catch((/** @type {Error} */ error) => error.message));
  assert.match(refused, /none of these words/);
  await loom.evaluate((element) => /** @type {any} */ (element).edit('a blue shirt'));
  assert.equal(await images.first().getAttribute('aria-label'), 'a blue shirt, picture 1');
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(problems, []);
});

test('two elements share a model; without controls there are pictures only', async () => {
  const { page, looms, problems } = await post(`<word-loom mode="make" prompt="${SENTENCE}" lang="zh"></word-loom><word-loom mode="make" prompt="a black dress"></word-loom>`);
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname.split('/').pop() ?? ''));
  for (const loom of await looms.all()) await loom.locator('button.open').click();
  for (const loom of await looms.all()) await loom.locator('.pictures [role="img"]').nth(5).waitFor();
  assert.equal(asked.filter((name) => name === file).length, 1);
  assert.equal(page.workers().length, 1);
  assert.equal(await looms.first().locator('input, .actions button, .more:visible').count(), 0);
  assert.match(await looms.first().locator('[part="status"]').textContent() ?? '', /6 张图片/);
  // What is taken out of the page gives its worker back.
  await page.evaluate(() => document.querySelectorAll('word-loom').forEach((element) => element.remove()));
  await page.waitForFunction(() => !document.querySelector('word-loom'));
  await eventually(() => assert.equal(page.workers().length, 0));
  assert.deepEqual(problems, []);
});
