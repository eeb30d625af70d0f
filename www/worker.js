// Owns the wasm. One call at a time: engine.js keeps the queue.
import init, { Engine } from '../pkg/cpu/wordloom.js';

/**
 * @typedef {{type: 'open', code: WebAssembly.Module, weights: Uint8Array}} Open
 * @typedef {{type: 'edit', pixels: Uint8Array, width: number, height: number, prompt: string,
 *            strength: number, seed?: number, mask: boolean}} Edit
 * @typedef {{width: number, height: number, pixels: Uint8Array<ArrayBuffer>, mask?: Uint8Array<ArrayBuffer>,
 *            unknown: string[]}} Edited
 * @typedef {{value?: Edited} | {error: string} | {stopped: string}} Answer
 */

/** @type {Engine | undefined} */
let engine;

/** @param {Open} message */
async function open({ code, weights }) {
  await init({ module_or_path: code });
  engine = await Engine.open(weights);
}

/**
 * @param {Edit} message
 * @returns {Promise<Edited>}
 */
async function edit({ pixels, width, height, prompt, strength, seed, mask }) {
  if (!engine) throw new Error('The engine was asked for an edit before it was opened.');
  const edited = await engine.edit(pixels, width, height, prompt, strength, seed);
  try {
    return {
      width: edited.width,
      height: edited.height,
      unknown: edited.unknown,
      pixels: /** @type {Uint8Array<ArrayBuffer>} */ (edited.take_pixels()),
      mask: mask ? /** @type {Uint8Array<ArrayBuffer>} */ (edited.take_mask()) : undefined,
    };
  } finally {
    edited.free();
  }
}

addEventListener('message', async (/** @type {MessageEvent<Open | Edit>} */ { data }) => {
  try {
    if (data.type === 'open') {
      answer({ value: await open(data) ?? undefined });
    } else {
      const value = await edit(data);
      answer({ value }, [value.pixels.buffer, ...(value.mask ? [value.mask.buffer] : [])]);
    }
  } catch (error) {
    // A trap leaves the wasm's memory in an unknown state, so this worker is of no more use.
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) answer({ stopped: String(error) });
    else answer({ error: error instanceof Error ? error.message : String(error) });
  }
});

/**
 * @param {Answer} message
 * @param {Transferable[]} [transfer]
 */
function answer(message, transfer = []) {
  postMessage(message, { transfer });
}
