// Owns the wasm, and the last edit with the photo it was made from. Every call brings the port
// on which it is answered; engine.js keeps the queue.
import init, { Engine } from '../pkg/cpu/wordloom.js';

/**
 * @typedef {{type: 'open', code: WebAssembly.Module, weights: Uint8Array}} Open
 * @typedef {{type: 'edit', pixels: Uint8Array<ArrayBuffer>, width: number, height: number,
 *            prompt: string, strength: number, seed?: number}} Edit
 * @typedef {{type: 'draw', strength: number}} Draw The last edit, at another strength.
 * @typedef {{type: 'mask'}} Mask Where the last edit changes the photo.
 * @typedef {{type: 'words', prompt: string}} Words Asks which of them the model does not know.
 * @typedef {{bitmap: ImageBitmap, unknown: string[]}} Edited
 * @typedef {{value?: any} | {error: string} | {stopped: string}} Answer
 */

/** @type {Engine | undefined} */
let engine;
/** @type {{edit: import('../pkg/cpu/wordloom.js').Edit, pixels: Uint8Array<ArrayBuffer>, width: number, height: number} | undefined} */
let last;

/** @param {Open} message */
async function open({ code, weights }) {
  await init({ module_or_path: code });
  engine = await Engine.open(weights);
}

/** @param {Edit} message */
async function edit({ pixels, width, height, prompt, strength, seed }) {
  const engine = opened();
  const reading = await engine.read(prompt, seed);
  const { condition, unknown } = reading;
  reading.free();
  const edit = await engine.edit(pixels, width, height, condition);
  last?.edit.free();
  last = { edit, pixels, width, height };
  return { bitmap: await draw({ strength }), unknown };
}

/** @param {{strength: number}} message */
function draw({ strength }) {
  const { edit, pixels, width, height } = made();
  const bytes = new Uint8ClampedArray(edit.apply(pixels, strength).buffer);
  return createImageBitmap(new ImageData(/** @type {Uint8ClampedArray<ArrayBuffer>} */ (bytes), width, height));
}

function mask() {
  const { edit, pixels } = made();
  return edit.mask(pixels);
}

function opened() {
  if (!engine) throw new Error('The engine was asked for something before it was opened.');
  return engine;
}

function made() {
  if (!last) throw new Error('There is no edit yet.');
  return last;
}

/** @param {Open | Edit | Draw | Mask | Words} message @returns {Promise<[value?: unknown, transfer?: Transferable[]]>} */
async function run(message) {
  switch (message.type) {
    case 'open':
      await open(message);
      return [];
    case 'edit': {
      const edited = await edit(message);
      return [edited, [edited.bitmap]];
    }
    case 'draw': {
      const bitmap = await draw(message);
      return [bitmap, [bitmap]];
    }
    case 'mask': {
      const bytes = mask();
      return [bytes, [bytes.buffer]];
    }
    case 'words':
      return [opened().unknown_words(message.prompt)];
  }
}

addEventListener('message', async (/** @type {MessageEvent<(Open | Edit | Draw | Mask | Words) & {port: MessagePort}>} */ { data }) => {
  const answer = (/** @type {Answer} */ message, /** @type {Transferable[]} */ transfer = []) => data.port.postMessage(message, transfer);
  try {
    const [value, transfer] = await run(data);
    answer({ value }, transfer);
  } catch (error) {
    // A trap leaves the wasm's memory in an unknown state, so this worker is of no more use.
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) answer({ stopped: String(error) });
    else answer({ error: error instanceof Error ? error.message : String(error) });
  }
});
