// The build for the GPU, on Chromium's software GPU: right, and left without a loss when it fails.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { engineOn } from './engine.js';
import { launch } from './helper.js';
import { difference, drawFlower } from './picture.js';

/** Chromium's WebGPU on the CPU: what a GPU computes, slowly. */
const software = await launch(['--enable-unsafe-webgpu']);
const without = await launch();
after(() => Promise.all([software.close(), without.close()]));

/** @param {import('playwright-core').Page} page @returns {Promise<import('../../www/engine/worker.js').Device>} */
const device = (page) => page.evaluate(() => /** @type {any} */ (globalThis).engine.device);

/**
 * The pixels of an edit.
 *
 * @param {import('playwright-core').Page} page
 * @param {[number, number]} size
 * @param {{strength?: number}} [options]
 * @param {number} [redraw] Another strength, drawn after the edit.
 */
async function edit(page, [width, height], options = {}, redraw) {
  const photo = Buffer.from(drawFlower(width, height).pixels).toString('base64');
  const answer = await page.evaluate(async ({ photo, width, height, options, redraw }) => {
    const { engine } = /** @type {any} */ (globalThis);
    const { signal } = new AbortController();
    const pixels = () => Uint8Array.from(atob(photo), (c) => c.charCodeAt(0));
    let { bitmap } = await engine.edit(signal, { width, height, pixels }, 'make it blue', options);
    if (redraw !== undefined) bitmap = await engine.draw(signal, redraw);
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    canvas?.drawImage(bitmap, 0, 0);
    const { data = [] } = canvas?.getImageData(0, 0, width, height) ?? {};
    let text = '';
    for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.slice(i, i + 8192));
    return btoa(text);
  }, { photo, width, height, options, redraw });
  return Buffer.from(answer, 'base64');
}

test('the GPU and the CPU make the same pictures', { timeout: 600_000 }, async () => {
  const { page: gpu, problems } = await engineOn(software, 'gpu');
  const { page: cpu } = await engineOn(software, 'cpu');
  assert.deepEqual(await device(gpu), { name: 'GPU', why: 'askedGpu' });
  assert.deepEqual(await device(cpu), { name: 'CPU', why: 'askedCpu' });
  for (const [size, options, redraw] of /** @type {[[number, number], object, number?][]} */ ([
    [[64, 64], {}], [[400, 300], { strength: 0.8 }, 0.4], [[37, 200], {}],
  ])) {
    const [ours, expected] = [await edit(gpu, size, options, redraw), await edit(cpu, size, options, redraw)];
    const { largest } = difference(ours, expected);
    assert(largest <= 2, `${size}: ${largest} of 255 apart`);
    assert(difference(ours, drawFlower(...size).pixels).mean > 1, 'nothing was edited');
  }
  assert.deepEqual(problems, []);
});

test('without a GPU the CPU computes, and nothing is fetched for the other', async () => {
  for (const [browser, why] of /** @type {const} */ ([[without, 'noGpu'], [software, 'softwareGpu']])) {
    const { page, problems } = await engineOn(browser, 'auto');
    assert.deepEqual(await device(page), { name: 'CPU', why, detail: '' });
    const fetched = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    assert(!fetched.some((name) => name.includes('/pkg/gpu/')), String(fetched));
    assert.deepEqual(problems, []);
  }
});

/** @param {string} prototype @param {string} method @param {string} body Its result is used, `was` is the browser's own. */
const patched = (prototype, method, body) => `{
  const was = ${prototype}.prototype.${method};
  ${prototype}.prototype.${method} = function (...given) { ${body} };
}`;

for (const [what, patch, detail] of /** @type {[string, string, RegExp][]} */ ([
  ['a kernel that computes something else', patched('GPUDevice', 'createShaderModule', `
    return was.call(this, { ...given[0], code: given[0].code.replace('sum * p.slope', 'sum * p.slope + 0.2') });`), /wrong results/],
  ['a device that refuses a kernel', patched('GPUDevice', 'createShaderModule', `
    return was.call(this, { ...given[0], code: given[0].code.replace('p.slope', 'p.slop') });`), /./],
  ['no memory for a buffer', patched('GPUDevice', 'createBuffer', `
    if (given[0].size > 100_000) throw new RangeError('out of memory');
    return was.apply(this, given);`), /./],
  ['memory that runs out later', patched('GPUDevice', 'createBuffer', `
    return was.call(this, { ...given[0], size: given[0].size > 100_000 ? 2 ** 52 : given[0].size });`), /./],
  ['no device', patched('GPUAdapter', 'requestDevice', `
    return Promise.reject(new DOMException('no device', 'OperationError'));`), /no device/],
])) {
  test(`${what}: the CPU goes on`, { timeout: 300_000 }, async () => {
    const { page } = await engineOn(software, 'gpu', { patch });
    const found = await device(page);
    assert.equal(found.name, 'CPU', JSON.stringify(found));
    assert.equal(found.why, 'brokenGpu');
    assert.match(found.detail ?? '', detail);
    assert(difference(await edit(page, [64, 64]), drawFlower(64, 64).pixels).mean > 1);
  });
}

for (const [what, then] of /** @type {const} */ ([
  ['is lost', 'device.destroy(); return was.apply(this, given);'],
  ['is lost and never answers', 'setTimeout(() => device.destroy(), 10); return new Promise(() => {});'],
])) {
  test(`a device that ${what} in the middle of an edit: the CPU makes that edit`, { timeout: 300_000 }, async () => {
    const { page } = await engineOn(software, 'gpu', { patch: `
      let device, edits = 0;
      ${patched('GPUAdapter', 'requestDevice', 'return was.apply(this, given).then((made) => { device = made; return made; });')}
      addEventListener('message', ({ data }) => { edits += data.type === 'edit'; });
      ${patched('GPUBuffer', 'mapAsync', `
        if (!edits) return was.apply(this, given);
        ${then}`)}` });
    assert.equal((await device(page)).name, 'GPU');
    const found = await edit(page, [64, 64]);
    const { name, why } = await device(page);
    assert.deepEqual({ name, why }, { name: 'CPU', why: 'brokenGpu' });
    const { page: cpu } = await engineOn(without, 'cpu');
    assert.equal(difference(found, await edit(cpu, [64, 64])).largest, 0);
  });
}
