// Our WGSL kernel beside burn's own convolution on the same device, on random shapes; a build of its
// own, that no visitor gets, has both.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { address, launch, newPage } from './helper.js';

const build = process.env.WORDLOOM_CHECK ?? '';
assert(build, 'WORDLOOM_CHECK has to be the folder of the build (cargo xtask test sets it)');
const browser = await launch(['--enable-unsafe-webgpu']);
after(() => browser.close());

test('the convolution agrees with burn’s on forty random shapes', { timeout: 300_000 }, async () => {
  const { page, context, problems } = await newPage(browser);
  await context.route('**/check/*', async (route) => {
    const name = basename(new URL(route.request().url()).pathname);
    await route.fulfill({ body: await readFile(join(build, name)), contentType: name.endsWith('.js') ? 'text/javascript' : 'application/wasm' });
  });
  await page.goto(new URL('weights/manifest.json', address).href);
  const lines = await page.evaluate(async () => {
    const { default: init, compare_convolutions: compare } = await import(/** @type {string} */ ('/check/wordloom.js'));
    await init({ module_or_path: '/check/wordloom_bg.wasm' });
    return /** @type {string[]} */ (await compare(40));
  });
  assert.equal(lines.length, 40);
  for (const line of lines) assert(Number.parseFloat(line) < 1e-4, line);
  assert.deepEqual(problems, []);
});
