// A thousand edits of a hundred photos in one tab: what the wasm and the GPU hold stops growing after a tenth.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { engineOn } from './engine.js';
import { drawFlower, launch } from './helper.js';

const software = await launch(['--enable-unsafe-webgpu']);
after(() => software.close());

/** Software takes seconds where a GPU takes a few milliseconds; WORDLOOM_EDITS asks for as many on both. */
const EDITS = { cpu: 1000, gpu: 100 };
/** Edits of each photo. */
const EACH = 10;

/** In the worker: counts the bytes of every memory, and of the buffers and textures that are not destroyed. */
const COUNT = `{
  const memories = [];
  const instantiate = WebAssembly.instantiate;
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate(...given);
    memories.push((made.instance ?? made).exports.memory);
    return made;
  };
  const gpu = { buffers: 0, textures: 0, bytes: 0 };
  for (const [prototype, method, kind, size] of [
    [GPUDevice.prototype, 'createBuffer', 'buffers', (given) => given.size],
    [GPUDevice.prototype, 'createTexture', 'textures', ({ size }) => 4 * (size.width ?? size[0]) * (size.height ?? size[1])],
  ]) {
    const was = prototype[method];
    prototype[method] = function (given) {
      const made = was.call(this, given);
      const bytes = size(given);
      gpu[kind] += 1;
      gpu.bytes += bytes;
      let live = true;
      const destroy = made.destroy;
      made.destroy = () => {
        if (live) {
          gpu[kind] -= 1;
          gpu.bytes -= bytes;
        }
        live = false;
        destroy.call(made);
      };
      return made;
    };
  }
  const ask = new BroadcastChannel('count');
  ask.onmessage = () => new BroadcastChannel('counted').postMessage({ wasm: memories.map(({ buffer }) => buffer.byteLength), ...gpu });
}`;

for (const wanted of /** @type {const} */ (['cpu', 'gpu'])) {
  const edits = Number(process.env.WORDLOOM_EDITS ?? EDITS[wanted]);
  test(`${edits} edits on the ${wanted.toUpperCase()}`, { timeout: 1_200_000 }, async () => {
    const { page } = await engineOn(software, wanted, { patch: COUNT });
    const flower = Buffer.from(drawFlower(64, 64).pixels).toString('base64');
    const counts = await page.evaluate(async ({ edits, each, flower }) => {
      const { engine } = /** @type {any} */ (globalThis);
      const { signal } = new AbortController();
      const counted = new BroadcastChannel('counted');
      const count = () => new Promise((resolve) => {
        counted.onmessage = ({ data }) => resolve(data);
        new BroadcastChannel('count').postMessage('');
      });
      const bytes = atob(flower);
      const counts = [];
      let photo;
      for (let i = 1; i <= edits; i += 1) {
        // Every photo is a little brighter than the last one.
        if (i % each === 1) photo = { width: 64, height: 64, pixels: () => Uint8Array.from(bytes, (c, n) => Math.min(255, c.charCodeAt(0) + (n % 4 < 3 ? i % 32 : 0))) };
        const { bitmap } = await engine.edit(signal, photo, i % 2 ? 'make it blue' : 'a darker background');
        bitmap.close();
        (await engine.draw(signal, 0.5)).close();
        if (i === 1 || i === edits / 10 || i === edits / 2 || i === edits) counts.push([i, await count()]);
      }
      return /** @type {[number, {wasm: number[], buffers: number, textures: number, bytes: number}][]} */ (counts);
    }, { edits, each: EACH, flower });
    for (const [i, { wasm, buffers, textures, bytes }] of counts) {
      console.log(`${wanted}, after edit ${i}: wasm ${wasm.join(' + ')} bytes; GPU ${buffers} buffers and ${textures} textures, ${bytes} bytes`);
    }
    const [early, last] = [counts[1]?.[1], counts.at(-1)?.[1]];
    assert.deepEqual(last, early);
  });
}
