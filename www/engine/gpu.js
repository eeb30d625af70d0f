// The GPU, in the worker: tried against the CPU, and used only if it is right and faster. It comes where there is one.
import { draw, NoGpu, pixelsOf } from './device.js';

/**
 * @typedef {import('../../pkg/cpu/wordloom.js').EditModel} Cpu
 * @typedef {import('../../pkg/gpu/wordloom.js').EditSession} EditSession
 * @typedef {import('../../pkg/gpu/wordloom.js').Look} Look
 * @typedef {import('../../pkg/gpu/wordloom.js').Edit} Edit
 * @typedef {import('./device.js').Photo} Photo
 */

// So that the frames of a panic in wasm reach down to the script that it came from.
Error.stackTraceLimit = 200;

/**
 * A panic of the GPU's wasm ends none of its promises; this one it does.
 *
 * @type {Promise<never>}
 */
const panic = new Promise((_, reject) => {
  const look = (/** @type {Event} */ event, /** @type {unknown} */ error) => {
    if (!(error instanceof Error && error.stack?.includes('/gpu/'))) return;
    event.preventDefault();
    reject(new NoGpu('brokenGpu', error.message));
  };
  addEventListener('error', (event) => look(event, event.error));
  addEventListener('unhandledrejection', (event) => look(event, event.reason));
});
panic.catch(() => {});

/** A step of an 8-bit picture for the two ways of rounding, and one for what WebGPU leaves open. */
const TOLERANCE = 2;
/** How far apart two likelihoods of the same thing may be, of 1. */
const DOUBT = 0.02;
const SENTENCE = 'make it blue, a darker background';
const PROBE = { width: 256, height: 192 };
const ROUNDS = 3;

export class Gpu {
  #session;
  #failure;

  /** @param {EditSession} session */
  constructor(session) {
    this.#session = session;
    const failed = session.failure().then((/** @type {string} */ why) => {
      throw new NoGpu('brokenGpu', why);
    });
    this.#failure = Promise.race([failed, panic]);
    this.#failure.catch(() => {});
  }

  /**
   * Opens the model there and compares it with the CPU.
   *
   * @param {{code: WebAssembly.Module, weights: Uint8Array, any: boolean}} source
   * @param {Cpu} cpu
   */
  static async open({ code, weights, any }, cpu) {
    const { default: init, EditSession } = await import('../../pkg/gpu/wordloom.js');
    await init({ module_or_path: code });
    // Where the GPU is software, Chromium's canvases cost the device.
    const gpu = new Gpu(await Promise.race([EditSession.open(weights, !any), panic]));
    await gpu.#compare(cpu, any);
    return gpu;
  }

  /**
   * @param {Uint8Array} pixels
   * @param {number} width
   * @param {number} height
   * @returns {Promise<Look>}
   */
  look(pixels, width, height) {
    return this.working(this.#session.look(pixels, width, height));
  }

  /** @param {Look} look @param {Uint8Array} pixels @returns {Promise<Look>} */
  look_again(look, pixels) {
    return this.working(this.#session.look_again(look, pixels));
  }

  /** @param {Look} look @param {Float32Array} condition @returns {Promise<Float32Array>} */
  sees(look, condition) {
    return this.working(this.#session.sees(look, condition));
  }

  /** @param {Look} look @param {Float32Array} condition @returns {Promise<Uint8Array>} */
  places(look, condition) {
    return this.working(this.#session.places(look, condition));
  }

  /** @param {Look} look @param {Float32Array} condition @param {Float32Array} [strokes] @returns {Promise<Edit>} */
  edit(look, condition, strokes) {
    return this.working(this.#session.edit(look, condition, strokes));
  }

  /**
   * What the GPU is asked for, as long as it works: a device that is lost need not answer.
   *
   * @template T
   * @param {Promise<T>} work
   */
  working(work) {
    return Promise.race([work, this.#failure]);
  }

  /**
   * What each sees in a drawing, and one edit of it, have to be the same, and the GPU's has to come sooner.
   *
   * @param {Cpu} cpu
   * @param {boolean} any
   */
  async #compare(cpu, any) {
    const reading = await cpu.read(SENTENCE);
    const { condition } = reading;
    reading.free();
    const photo = drawing();
    const { width, height, pixels } = photo;
    const theirs = () => once(cpu, photo, async (look) => applied(await cpu.edit(look, condition), photo));
    const ours = () => once(this, photo, async (look) => this.working(drawn(await this.edit(look, condition), photo)));
    const apart = largest(await ours(), await theirs());
    if (!(apart <= TOLERANCE)) throw new NoGpu('wrongGpu', `${apart} of 255`);
    const doubt = largest(await once(this, photo, (look) => this.sees(look, condition)), await once(cpu, photo, (look) => cpu.sees(look, condition)));
    if (!(doubt <= DOUBT)) throw new NoGpu('wrongGpu', `${doubt} of 1`);
    if (!any && await fastest(ours) >= await fastest(theirs)) throw new NoGpu('slowGpu');
  }
}

/** @param {Edit} edit @param {Photo} photo */
async function drawn(edit, photo) {
  const bitmap = await draw(edit, photo, 1);
  edit.free();
  return pixelsOf(bitmap);
}

/** @param {import('../../pkg/cpu/wordloom.js').Edit} edit @param {Photo} photo */
function applied(edit, { pixels }) {
  const edited = edit.apply(pixels, 1);
  edit.free();
  return edited;
}

/**
 * Looks at a photo for one task, and lets go of what was seen.
 *
 * @template {{free(): void}} L
 * @template T
 * @param {{look(pixels: Uint8Array, width: number, height: number): Promise<L>}} device
 * @param {Photo} photo
 * @param {(look: L) => Promise<T>} task
 */
async function once(device, { pixels, width, height }, task) {
  const look = await device.look(pixels, width, height);
  const found = await task(look);
  look.free();
  return found;
}

/** How far apart two lists of numbers are. @param {ArrayLike<number>} found @param {ArrayLike<number>} expected */
function largest(found, expected) {
  let most = 0;
  for (let i = 0; i < expected.length; i += 1) most = Math.max(most, Math.abs((found[i] ?? NaN) - (expected[i] ?? 0)));
  return most;
}

/** @param {() => Promise<unknown>} run */
async function fastest(run) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}

/** A flower on grass, with a grain. @returns {Photo} */
function drawing() {
  const { width, height } = PROBE;
  const pixels = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i += 1) {
    const [x, y] = [i % width - width / 2, Math.floor(i / width) - height / 2];
    const colour = Math.hypot(x, y) < 0.4 * height ? [225, 110, 140] : [50, 95, 40];
    pixels.set([...colour.map((value) => value + (i * 7919) % 23), 255], i * 4);
  }
  return { width, height, pixels };
}
