// Owns the wasm, and the last edit with the photo it was made from. Every call brings the port
// on which it is answered; engine.js keeps the queue.
import init, { Engine, Maker } from '../pkg/cpu/wordloom.js';
import { draw, findGpu, Gpu, NoGpu } from './gpu.js';

/**
 * @typedef {{type: 'open', code: WebAssembly.Module, weights: Uint8Array, verified: boolean, task?: import('./load.js').Task}} Open
 * @typedef {{type: 'edit', pixels: Uint8Array<ArrayBuffer>, width: number, height: number,
 *            prompt: string, strength: number, seed?: number}} Edit
 * @typedef {{type: 'draw', strength: number}} Draw The last edit, at another strength.
 * @typedef {{type: 'mask'}} Mask Where the last edit changes the photo.
 * @typedef {{type: 'words', prompt: string}} Words Asks which of them the model does not know.
 * @typedef {{type: 'findGpu', any: boolean}} FindGpu Is there a GPU? `any`: software counts.
 * @typedef {{type: 'openGpu', code: WebAssembly.Module, weights: Uint8Array, any: boolean}} OpenGpu
 * @typedef {import('./gpu.js').Edit | import('../pkg/cpu/wordloom.js').Edit} Held
 * @typedef {import('./gpu.js').Photo} Photo
 * @typedef {{bitmap: ImageBitmap, unknown: string[]}} Edited
 * @typedef {{name: 'CPU' | 'GPU', why: import('./texts.js').Key, detail?: string}} Device
 *   What computes, and the reason as a key of texts.js.
 * @typedef {{value?: any} | {error: string} | {stopped: string}} Answer
 * @typedef {Open | Edit | Draw | Mask | Words | FindGpu | OpenGpu | import('./make/worker.js').Message} Message
 */

/** For a model that makes pictures a Maker. @type {Engine & Maker | undefined} */
let engine;
/** Computes the edits as long as it works. @type {Gpu | undefined} */
let gpu;
/** The last edit; what the GPU held of one is gone with it. @type {{edit?: Held, photo: Photo, condition: Float32Array} | undefined} */
let last;

/** @param {Open} message */
async function open({ code, weights, verified, task }) {
  await init({ module_or_path: code });
  engine = /** @type {Engine & Maker} */ (await (task === 'make' ? Maker : Engine).open(weights, verified));
}

/** @param {Edit} message */
async function edit({ pixels, width, height, prompt, strength, seed }) {
  const reading = await opened().read(prompt, seed);
  const { condition, unknown } = reading;
  reading.free();
  const photo = { pixels, width, height };
  await make(photo, condition);
  return { bitmap: await drawLast({ strength }), unknown };
}

/**
 * Makes an edit the last one; on the CPU, where the GPU fails.
 *
 * @param {Photo} photo
 * @param {Float32Array} condition
 */
async function make(photo, condition) {
  const edit = await gpu?.edit(photo, condition).catch(leaveGpu)
    ?? await opened().edit(photo.pixels, photo.width, photo.height, condition);
  last?.edit?.free();
  last = { edit, photo, condition };
  return edit;
}

/** @param {unknown} error */
function leaveGpu(error) {
  if (gpu) delete last?.edit;
  gpu = undefined;
  const why = error instanceof NoGpu ? error.why : 'brokenGpu';
  report({ name: 'CPU', why, detail: error instanceof Error ? error.message : String(error) });
}

/** @param {Device} device */
function report(device) {
  postMessage({ device });
}

/** @param {{strength: number}} message @returns {Promise<ImageBitmap>} */
async function drawLast({ strength }) {
  const { edit, photo } = await made();
  const drawing = draw(edit, photo, strength);
  try {
    return await (gpu?.working(drawing) ?? drawing);
  } catch (error) {
    if (!gpu) throw error;
    leaveGpu(error);
    return drawLast({ strength });
  }
}

/** @param {FindGpu | OpenGpu} message */
async function tryGpu(message) {
  try {
    if (message.type === 'findGpu') {
      await findGpu(message.any);
      return true;
    }
    gpu = await Gpu.open(message, opened());
    report({ name: 'GPU', why: message.any ? 'askedGpu' : 'fastGpu' });
    return true;
  } catch (error) {
    leaveGpu(error);
    return false;
  }
}

async function mask() {
  const { edit, photo } = await made();
  return edit.mask(photo.pixels);
}

function opened() {
  if (!engine) throw new Error('The engine was asked for something before it was opened.');
  return engine;
}

async function made() {
  if (!last) throw new Error('There is no edit yet.');
  const { photo, condition } = last;
  return { edit: last.edit ?? await make(photo, condition), photo };
}

/** @param {Message} message @returns {Promise<[value?: unknown, transfer?: Transferable[]]>} */
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
      const bitmap = await drawLast(message);
      return [bitmap, [bitmap]];
    }
    case 'mask': {
      const bytes = await mask();
      return [bytes, [bytes.buffer]];
    }
    case 'words':
      return [opened().unknown_words(message.prompt)];
    case 'findGpu':
    case 'openGpu':
      return [await tryGpu(message)];
    default: {
      const { make } = await import('./make/worker.js');
      return make(opened(), message);
    }
  }
}

addEventListener('message', async (/** @type {MessageEvent<Message & {port: MessagePort}>} */ { data }) => {
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
