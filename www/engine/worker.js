// Owns the wasm, what it saw in the photo that was opened last, and the last edit of that. Every call
// brings the port on which it is answered; engine.js keeps the queue.
import init, { apart, EditModel, GarmentModel, marks } from '../../pkg/cpu/wordloom.js';
import { draw, findGpu, NoGpu } from './device.js';

/**
 * @typedef {{type: 'open', code: WebAssembly.Module, weights: Uint8Array, verified: boolean, task?: import('./load.js').Task}} Open
 * @typedef {{type: 'look', pixels: Uint8Array<ArrayBuffer>, width: number, height: number, colorSpace?: PredefinedColorSpace, again: boolean}} Look A photo, which
 *   takes the place of the last one; `again`: it is that one in other colours.
 * @typedef {{type: 'edit', prompt: string, strength: number, strokes?: string, about?: string}} Edit As in engine.js.
 * @typedef {{type: 'draw', strength: number}} Draw The last edit, at another strength.
 * @typedef {{type: 'mask'}} Mask Where the last edit changes the photo.
 * @typedef {{type: 'sees'}} Sees What is in the photo.
 * @typedef {{type: 'places', names: string[]}} Places Where things of the photo are, by their English names.
 * @typedef {{type: 'words', prompt: string}} Words Asks which of them nobody knows.
 * @typedef {{type: 'marks', prompt: string}} Marks What its parts are.
 * @typedef {{type: 'apart', prompts: [string, string]}} Apart Do they name other things?
 * @typedef {{type: 'findGpu', any: boolean}} FindGpu Is there a GPU? `any`: software counts.
 * @typedef {{type: 'openGpu', code: WebAssembly.Module, weights: Uint8Array, any: boolean}} OpenGpu
 * @typedef {import('./device.js').Edit} Held
 * @typedef {import('./device.js').Photo} Photo
 * @typedef {{en: string[], zh: string[]}} Things What things are called, in both languages.
 * @typedef {{bitmap?: ImageBitmap, unknown: string[], missing: string[], strokes?: string, reshapes?: boolean, sees?: Things, trouble?: import('../i18n/texts.js').Key}} Edited
 *   `missing`: what the sentence names and the photo lacks, as it was typed, empty for what a photo is about.
 *   Where that is all of it, there is no picture, and `sees` tells what there is; neither is there where the
 *   sentence says nothing, and `trouble` is the reason as a key of texts.js.
 * @typedef {{name: 'CPU' | 'GPU', why: import('../i18n/texts.js').Key, detail?: string}} Device
 *   What computes, and the reason as a key of texts.js.
 * @typedef {{value?: any} | {error: string} | {stopped: string}} Answer
 * @typedef {Open | Look | Edit | Draw | Mask | Sees | Places | Words | Marks | Apart | FindGpu | OpenGpu | import('./swatches.js').Message | import('../compare/worker.js').Message
 *   | import('../make/worker.js').Message} Message
 */

/** What is there is at least this likely. Where nobody is, it has no name before one thing is surer. As many are named. */
const LIKELY = 0.5;
const SURE = 0.8;
const NAMED = 6;

/** For a model that makes pictures a GarmentModel. @type {EditModel & GarmentModel | undefined} */
let engine;
/** Computes the edits as long as it works. @type {import('./gpu.js').Gpu | undefined} */
let gpu;
/** The photo, and what the network saw in it, on one device. @type {Photo & {look?: any, by?: import('./gpu.js').Gpu | EditModel} | undefined} */
let photo;
/** The last edit of it; what the GPU held of one is gone with it. @type {{edit?: Held, condition: Float32Array, strokes: Float32Array} | undefined} */
let last;
/** What a photo is searched for. @type {Promise<{condition: Float32Array, names: string[], chinese: string[]}> | undefined} */
let queries;

/** @param {Open} message */
async function open({ code, weights, verified, task }) {
  // Nothing is asked for once all is here.
  if (task !== 'make') import('./swatches.js').catch(() => {});
  await init({ module_or_path: code });
  engine = /** @type {EditModel & GarmentModel} */ (await (task === 'make' ? GarmentModel : EditModel).open(weights, verified));
}

/** @param {Look} message */
async function look({ pixels, width, height, colorSpace, again }) {
  last?.edit?.free();
  last = undefined;
  // The device may be another one since.
  if (again) await ask(async () => {});
  const before = photo;
  const by = again ? before?.by : undefined;
  photo = { pixels, width, height, colorSpace };
  // Where that fails, it is looked at like any other, and what failed may still hold the look before.
  const look = await by?.look_again(before?.look, pixels).catch(() => {});
  if (look) Object.assign(photo, { look, by });
  if (look || !by) before?.look?.free();
  await ask(async () => {});
}

/**
 * Asks something of what the network sees in the photo. The device that computes now looks at it first where
 * another one did that; where the GPU fails, the CPU goes on.
 *
 * @template T
 * @param {(device: import('./gpu.js').Gpu, look: import('./gpu.js').Look) => Promise<T>} task Both kinds of devices take the same calls.
 * @returns {Promise<T>}
 */
async function ask(task) {
  const here = shown();
  const device = gpu ?? opened();
  try {
    if (here.by !== device) {
      here.look?.free();
      here.by = here.look = undefined;
      here.look = await device.look(here.pixels, here.width, here.height);
      here.by = device;
    }
    return await task(/** @type {import('./gpu.js').Gpu} */ (device), here.look);
  } catch (error) {
    if (device !== gpu) throw error;
    leaveGpu(error);
    return ask(task);
  }
}

/** @param {Edit} message @returns {Promise<Edited>} */
async function edit({ prompt, strength, strokes, about = prompt }) {
  const trouble = /** @type {import('../i18n/texts.js').Key | undefined} */ (opened().trouble(prompt));
  if (trouble) return { unknown: opened().unknown_words(prompt), missing: [], trouble };
  const { condition, things, unknown } = await read(prompt);
  if (strokes && String(things) !== String((await read(about)).things)) strokes = undefined;
  const numbers = Float32Array.from(strokes?.match(/\S+/g) ?? [], Number);
  /** @type {Held} */
  const edit = await ask((device, look) => device.edit(look, condition, numbers));
  const { shares } = edit;
  const missing = things.filter((_, i) => !shares[i]);
  if (missing.length === things.length) {
    edit.free();
    return { unknown, missing, sees: await sees() };
  }
  last?.edit?.free();
  last = { edit, condition, strokes: numbers };
  return { bitmap: await drawLast({ strength }), unknown, missing, strokes, reshapes: edit.reshapes };
}

/** @param {string} prompt */
async function read(prompt) {
  const reading = await opened().read(prompt);
  const { condition, things, unknown } = reading;
  reading.free();
  return { condition, things, unknown };
}

/** The likeliest of what is in the photo, the largest first. @returns {Promise<Things>} */
async function sees() {
  queries ??= opened().queries().then((found) => {
    const { condition, names, chinese } = found;
    found.free();
    return { condition, names, chinese };
  });
  const { condition, names, chinese } = await queries;
  const seen = await ask((device, look) => device.sees(look, condition));
  // Of each its likelihood, and how much of the photo it is.
  const by = (/** @type {number} */ part) => (/** @type {number} */ a, /** @type {number} */ b) => (seen[2 * b + part] ?? 0) - (seen[2 * a + part] ?? 0);
  const likely = [...names.keys()].filter((i) => (seen[2 * i] ?? 0) >= LIKELY).sort(by(0)).slice(0, NAMED).sort(by(1));
  const there = likely.some((i) => /skin|hair/.test(names[i] ?? '') || (seen[2 * i] ?? 0) >= SURE) ? likely : [];
  return { en: there.map((i) => names[i] ?? ''), zh: there.map((i) => chinese[i] ?? '') };
}

/** @param {Places} message */
async function places({ names }) {
  const found = await opened().queries_for(names);
  const { condition } = found;
  found.free();
  return ask(async (device, look) => {
    const bytes = await device.places(look, condition);
    const [width = 0, height = 0] = look.size;
    return { width, height, masks: names.map((_, i) => bytes.slice(i * width * height, (i + 1) * width * height)) };
  });
}

/** @param {unknown} error */
function leaveGpu(error) {
  if (gpu) {
    delete last?.edit;
    if (photo?.by === gpu) photo = { ...photo, look: undefined, by: undefined };
  }
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
  const drawing = draw(await made(), shown(), strength);
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
    const { Gpu } = await import('./gpu.js');
    gpu = await Gpu.open(message, opened());
    report({ name: 'GPU', why: message.any ? 'askedGpu' : 'fastGpu' });
    return true;
  } catch (error) {
    leaveGpu(error);
    return false;
  }
}

async function mask() {
  const edit = await made();
  return edit.mask(shown().pixels);
}

function opened() {
  if (!engine) throw new Error('The engine was asked for something before it was opened.');
  return engine;
}

function shown() {
  if (!photo) throw new Error('There is no photo yet.');
  return photo;
}

/** The last edit, once more where it went with its device. */
async function made() {
  if (!last) throw new Error('There is no edit yet.');
  const { condition, strokes } = last;
  return last.edit ??= await ask((device, look) => device.edit(look, condition, strokes));
}

/** @param {Message} message @returns {Promise<[value?: unknown, transfer?: Transferable[]]>} */
async function run(message) {
  switch (message.type) {
    case 'open':
      await open(message);
      return [];
    case 'look':
      await look(message);
      return [];
    case 'edit': {
      const edited = await edit(message);
      return [edited, edited.bitmap && [edited.bitmap]];
    }
    case 'draw': {
      const bitmap = await drawLast(message);
      return [bitmap, [bitmap]];
    }
    case 'mask': {
      const bytes = await mask();
      return [bytes, [bytes.buffer]];
    }
    case 'sees':
      return [await sees()];
    case 'places':
      return [await places(message)];
    case 'words':
      return [opened().unknown_words(message.prompt)];
    case 'marks':
      return [marks(message.prompt)];
    case 'apart':
      return [apart(...message.prompts)];
    case 'cloth': {
      const { cloth } = await import('./swatches.js');
      return [cloth(message)];
    }
    case 'compare': {
      const { compare } = await import('../compare/worker.js');
      return [await compare(opened(), message)];
    }
    case 'findGpu':
    case 'openGpu':
      return [await tryGpu(message)];
    default: {
      const { make } = await import('../make/worker.js');
      return make(opened(), message);
    }
  }
}

/** @param {Message & {port: MessagePort}} message */
async function reply(message) {
  const answer = (/** @type {Answer} */ answer, /** @type {Transferable[]} */ transfer = []) => message.port.postMessage(answer, transfer);
  try {
    const [value, transfer] = await run(message);
    answer({ value }, transfer);
  } catch (error) {
    // A trap leaves the wasm's memory in an unknown state, so this worker is of no more use.
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) answer({ stopped: String(error) });
    else answer({ error: error instanceof Error ? error.message : String(error) });
  }
}

/** Settles when all that was asked for is done: one edit after the other, as they share what is held. */
let turn = Promise.resolve();

addEventListener('message', (/** @type {MessageEvent<Message & {port: MessagePort}>} */ { data }) => {
  // A GPU is tried behind the edits.
  if (data.type.endsWith('Gpu')) void reply(data);
  else turn = turn.then(() => reply(data));
});
