// The page's side of the worker: a queue of one, cancelling, and a new worker after a bad end.
import { loadParts } from './load.js';

/**
 * @typedef {import('./worker.js').Edited} Edited
 * @typedef {{width: number, height: number, pixels(): Uint8Array<ArrayBuffer>}} Pixels
 *   `pixels` is called when the edit's turn comes, and what it returns is given away.
 * @typedef {{strength?: number, seed?: number, mask?: boolean}} Options
 * @typedef {{signal: AbortSignal, photo: Pixels, prompt: string, options: Options,
 *            resolve: (edited: Edited) => void, reject: (error: unknown) => void}} Job
 */

export class Engine {
  /** What a worker is opened with; kept, so that a new one needs no download. @type {{code: WebAssembly.Module, weights: Uint8Array} | undefined} */
  #source;
  /** @type {Worker | undefined} */
  #worker;
  /** @type {Job | undefined} */
  #running;
  /** @type {Job | undefined} */
  #waiting;

  /**
   * Loads the engine and opens it. Edits may be asked for before: they wait.
   *
   * @param {AbortSignal} signal
   * @param {{code: import('./load.js').Part, weights: import('./load.js').Part}} parts
   * @param {import('./load.js').Progress} [progress]
   */
  async open(signal, parts, progress) {
    const [code, weights] = await loadParts(signal, [parts.code, parts.weights], progress);
    const source = { code: await compile(code), weights };
    this.#worker = await start(signal, source);
    this.#source = source;
    this.#next();
  }

  /**
   * One edit. A newer one takes the place of one that still waits. Aborting a running one ends its
   * worker, which is the only way to stop wasm; the next edit starts another.
   *
   * @param {AbortSignal} signal
   * @param {Pixels} photo
   * @param {string} prompt
   * @param {Options} [options]
   * @returns {Promise<Edited>}
   */
  edit(signal, photo, prompt, options = {}) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const job = { signal, photo, prompt, options, resolve, reject };
      signal.addEventListener('abort', () => {
        if (this.#waiting === job) this.#waiting = undefined;
        reject(signal.reason);
      }, { once: true });
      this.#waiting?.reject(new DOMException('A newer edit took its place.', 'AbortError'));
      this.#waiting = job;
      this.#next();
    });
  }

  /** Ends the worker, which gives all its memory back. */
  close() {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #next() {
    if (!this.#source || this.#running || !this.#waiting) return;
    const job = this.#running = this.#waiting;
    this.#waiting = undefined;
    try {
      job.resolve(await this.#run(job, this.#source));
    } catch (error) {
      job.reject(error);
    }
    this.#running = undefined;
    this.#next();
  }

  /**
   * @param {Job} job
   * @param {{code: WebAssembly.Module, weights: Uint8Array}} source
   */
  async #run({ signal, photo, prompt, options }, source) {
    try {
      const worker = this.#worker ??= await start(signal, source);
      const pixels = photo.pixels();
      const { width, height } = photo;
      const { strength = 1, seed, mask = false } = options;
      const edit = { type: 'edit', pixels, width, height, prompt, strength, seed, mask };
      return /** @type {Edited} */ (await call(signal, worker, edit, [pixels.buffer]));
    } catch (error) {
      if (signal.aborted || error instanceof Stopped) this.close();
      throw error;
    }
  }
}

class Stopped extends Error {}

/** @param {Uint8Array<ArrayBuffer>} code */
async function compile(code) {
  try {
    return await WebAssembly.compile(code);
  } catch (error) {
    throw new Error('This browser is too old for Wordloom: it needs WebAssembly with SIMD. '
      + 'Chrome 91, Firefox 114 and Safari 16.4, or newer, have it.', { cause: error });
  }
}

/**
 * @param {AbortSignal} signal
 * @param {{code: WebAssembly.Module, weights: Uint8Array}} source
 */
async function start(signal, source) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  try {
    await call(signal, worker, { type: 'open', ...source });
    return worker;
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

/**
 * Asks the worker, which answers one call at a time.
 *
 * @param {AbortSignal} signal
 * @param {Worker} worker
 * @param {object} message
 * @param {Transferable[]} [transfer]
 */
function call(signal, worker, message, transfer = []) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    worker.onmessage = ({ data }) => {
      if ('error' in data) reject(new Error(data.error));
      else if ('stopped' in data) reject(stopped(data.stopped));
      else resolve(data.value);
    };
    // A panic inside an async wasm function settles no promise; it surfaces here.
    worker.onerror = (event) => reject(stopped(event.message));
    worker.postMessage(message, transfer);
  });
}

/** @param {string} cause */
function stopped(cause) {
  return new Stopped('The engine stopped, most likely because this device ran out of memory. '
    + 'Try again, or use a smaller photo.', { cause });
}
