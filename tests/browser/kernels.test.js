// Our WGSL kernel beside burn's own convolution on the same device, on random shapes, and our shader beside
// the CPU's painting; a build of its own, that no visitor gets, has both.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { address, launch, newPage } from './helper.js';

const build = process.env.WORDLOOM_CHECK ?? '';
assert(build, 'WORDLOOM_CHECK has to be the folder of the build (cargo xtask test sets it)');
const browser = await launch(['--enable-unsafe-webgpu']);
after(() => browser.close());

/**
 * What a function of that build gives, called in a page.
 *
 * @param {'compare_convolutions' | 'compare_cloths'} name
 * @param {number[]} given
 * @returns {Promise<string[]>}
 */
async function compare(name, ...given) {
  const { page, context, problems } = await newPage(browser);
  await context.route('**/check/*', async (route) => {
    const file = basename(new URL(route.request().url()).pathname);
    await route.fulfill({ body: await readFile(join(build, file)), contentType: file.endsWith('.js') ? 'text/javascript' : 'application/wasm' });
  });
  await page.goto(new URL('weights/manifest.json', address).href);
  const lines = await page.evaluate(async ({ name, given }) => {
    const { default: init, ...made } = await import(/** @type {string} */ ('/check/wordloom.js'));
    await init({ module_or_path: '/check/wordloom_bg.wasm' });
    return made[name](...given);
  }, { name, given });
  assert.deepEqual(problems, []);
  return lines;
}

test('the convolution agrees with burn’s on forty random shapes', { timeout: 300_000 }, async () => {
  const lines = await compare('compare_convolutions', 40);
  assert.equal(lines.length, 40);
  for (const line of lines) assert(Number.parseFloat(line) < 1e-4, line);
});

test('a GPU lays every cloth on as the CPU does', { timeout: 300_000 }, async () => {
  const lines = await compare('compare_cloths');
  assert.equal(lines.length, 18);
  for (const line of lines) {
    const [apart = NaN, changed = NaN] = line.split(' ').map(Number);
    assert(apart <= 2 && changed > 0.3, line);
  }
});
