// The page, when its GPU goes in the middle of an edit: nothing that the visitor has is lost.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { address, ask, choose, launch, loaded, newPage } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

const software = await launch(['--enable-unsafe-webgpu']);
after(() => software.close());

/** In the worker: the second edit's device is destroyed before it answers. */
const LOSE = `{
  let device;
  let edits = 0;
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    return device = await request.apply(this, given);
  };
  addEventListener('message', ({ data }) => { edits += data.type === 'edit'; });
  const map = GPUBuffer.prototype.mapAsync;
  GPUBuffer.prototype.mapAsync = function (...given) {
    if (edits === 2) device.destroy();
    return map.apply(this, given);
  };
}`;

test('a GPU that is lost leaves photo, sentence and earlier edits, and the reason is told', { timeout: 300_000 }, async () => {
  const { page, context } = await newPage(software);
  await context.route('**/www/engine/worker.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}\n${LOSE}` });
  });
  await page.goto(new URL('?device=gpu', address).href);
  await loaded(page);
  const device = async (/** @type {RegExp} */ words) => {
    await page.waitForFunction((words) => new RegExp(words).test(document.querySelector('#device')?.textContent ?? ''), words.source, { timeout: 120_000 });
  };
  await device(/Computed on the GPU/);
  await choose(page, 'flower.png', encodePng(drawFlower(320, 240)));
  const sentences = ['make it blue', 'make it yellow'];
  for (const sentence of sentences) await ask(page, sentence);
  await device(/Computed on the CPU: the GPU cannot be used \(.+\)/);
  const strip = await page.locator('#strip button').evaluateAll((buttons) => buttons.map((button) => button.ariaLabel));
  assert.deepEqual(strip, ['The photo', ...sentences]);
  assert.equal(await page.locator('#prompt').inputValue(), sentences[1]);
  assert.equal(await page.locator('.before canvas').count(), 1);
  assert.equal(await page.locator('.after canvas').count(), 1);
});
