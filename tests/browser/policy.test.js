// Under the strictest policies that the README names: the page, the element, and neither inline
// script nor inline style.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, choose, download, launch, loaded, newPage } from './helper.js';
import { dist, host } from './host.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** The policies as the README writes them: on one's own host, and for elements from another. @type {string[]} */
let policies;
before(async () => {
  browser = await launch();
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  policies = [...readme.matchAll(/```\n(default-src 'none';[^`]*)```/g)].map(([, policy = '']) => policy.replaceAll('\n', ' ').trim());
  assert.equal(policies.length, 2);
});
after(() => browser.close());

/** Collects violations, with where they come from. @param {import('playwright-core').Page} page */
async function watch(page) {
  /** @type {string[]} */
  const violations = [];
  await page.exposeFunction('tellViolation', (/** @type {string} */ text) => violations.push(text));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => {
    /** @type {any} */ (globalThis).tellViolation(`${event.effectiveDirective}: ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
  }));
  return violations;
}

test('the page works under the policy of the README', async () => {
  const own = await host(dist, { headers: { 'Content-Security-Policy': policies[0] ?? '' } });
  const { page, problems } = await newPage(browser);
  const violations = await watch(page);
  await page.goto(own.origin);
  await loaded(page);
  await choose(page, 'flower.png', encodePng(drawFlower(300, 200)));
  await ask(page, 'make it blue');
  await ask(page, 'make it yellow');
  for (const type of /** @type {const} */ (['png', 'jpeg', 'webp'])) await download(page, type);
  await page.getByRole('button', { name: 'Show what the edit changes' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.reload();
  await loaded(page);
  await page.locator('.after canvas').waitFor();
  assert.deepEqual(violations, []);
  assert.deepEqual(problems, []);
  await own.stop();
});

test('on a host that sends no headers, the pages bring a policy of their own', async () => {
  const own = await host(dist, { pages: { '/flower.png': encodePng(drawFlower(300, 200)) } });
  const { page, problems } = await newPage(browser);
  const violations = await watch(page);
  for (const address of ['/', '/embed.html?src=flower.png&prompt=make+it+blue']) {
    await page.goto(own.origin + address);
    const run = await page.evaluate(() => new Promise((resolve) => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.inline = true';
      document.body.append(script);
      const base = document.createElement('base');
      base.href = 'https://elsewhere.example/';
      document.head.append(base);
      setTimeout(() => resolve(['inline' in globalThis, document.baseURI.startsWith(location.origin)]), 100);
    }));
    assert.deepEqual(run, [false, true]);
  }
  await page.waitForFunction(() => true);
  assert(violations.length >= 4, violations.join());
  violations.length = problems.length = 0;
  await page.goto(own.origin);
  await loaded(page);
  await choose(page, 'flower.png', encodePng(drawFlower(300, 200)));
  await ask(page, 'make it blue');
  for (const type of /** @type {const} */ (['png', 'jpeg', 'webp'])) await download(page, type);
  await page.goto(`${own.origin}/embed.html?src=flower.png&prompt=make+it+blue`);
  await page.locator('word-loom button.open').click();
  await page.locator('word-loom .after canvas').waitFor();
  assert.deepEqual(violations, []);
  assert.deepEqual(problems, []);
  await own.stop();
});

test('making pictures works under it, in the page and in an element from another host', async () => {
  const own = await host(dist, { headers: { 'Content-Security-Policy': policies[0] ?? '' } });
  const loom = await host(dist, { headers: { 'Access-Control-Allow-Origin': '*' } });
  const blog = await host(dist, {
    headers: { 'Content-Security-Policy': policies[1]?.replaceAll('https://loom.example', loom.origin) ?? '' },
    pages: { '/flower.png': encodePng(drawFlower(30, 20)), '/post.html': `<!doctype html><link rel="icon" href="/flower.png"><script type="module" src="${loom.origin}/element.js"></script><word-loom mode="make" prompt="a red shirt"></word-loom>` },
  });
  const { page, problems } = await newPage(browser);
  const violations = await watch(page);
  await page.goto(own.origin);
  await page.locator('#making-tab').click();
  await page.fill('#make-prompt', 'a red shirt');
  await page.press('#make-prompt', 'Enter');
  await page.locator('.pictures [role="img"]').nth(5).waitFor();
  await page.locator('.words button').nth(1).hover();
  assert.equal(await page.locator('.veil canvas').count(), 6);
  await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download: picture 1' }).click()]);
  await page.goto(`${blog.origin}/post.html`);
  await page.locator('word-loom button.open').click();
  await page.locator('word-loom [role="img"]').nth(5).waitFor();
  assert.deepEqual(violations, []);
  assert.deepEqual(problems, []);
  await Promise.all([own.stop(), loom.stop(), blog.stop()]);
});

test('the post works under it, from one host and from two', async () => {
  for (const apart of [false, true]) {
    const loom = await host(dist, { headers: { 'Access-Control-Allow-Origin': '*' } });
    const policy = apart ? policies[1]?.replaceAll('https://loom.example', loom.origin) : policies[0];
    const blog = await host(dist, {
      headers: { 'Content-Security-Policy': policy ?? '' },
      rewrite: (text) => (apart ? text.replace('../element.js', `${loom.origin}/element.js`) : text),
    });
    const { page, problems } = await newPage(browser);
    const violations = await watch(page);
    await page.goto(`${blog.origin}/example/`);
    for (const element of await page.locator('word-loom').all()) {
      await element.locator('button.open').click();
      await element.locator('.after canvas').waitFor();
    }
    await page.locator('word-loom').nth(1).getByRole('button', { name: 'a darker background', exact: true }).click();
    await page.waitForFunction(() => document.querySelectorAll('word-loom')[1]?.getAttribute('prompt') === 'a darker background');
    await page.locator('word-loom').nth(1).evaluate((element) => /** @type {any} */ (element).edit());
    assert.deepEqual(violations, []);
    assert.deepEqual(problems, []);
    await Promise.all([loom.stop(), blog.stop()]);
  }
});

test('the page for frames works in a frame, under it', async () => {
  const own = await host(dist, {
    headers: { 'Content-Security-Policy': `${policies[0]}; frame-src 'self'` },
    pages: {
      '/flower.png': encodePng(drawFlower(300, 200)),
      '/post.html': '<!doctype html><link rel="icon" href="/flower.png"><iframe src="embed.html?src=flower.png&prompt=make+it+blue&controls&onclick=alert()"></iframe>',
    },
  });
  const { page, problems } = await newPage(browser);
  await page.goto(`${own.origin}/post.html`);
  const element = page.frameLocator('iframe').locator('word-loom');
  await element.locator('button.open').click();
  await element.locator('.after canvas').waitFor();
  assert.equal(await element.getAttribute('onclick'), null);
  assert.deepEqual(problems, []);
  await own.stop();
});

test('no page has a script or a style in it', async () => {
  for (const name of ['index.html', 'embed.html', 'example/index.html']) {
    const text = await readFile(join(dist, name), 'utf8');
    assert(!/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:/i.test(text), name);
  }
});
