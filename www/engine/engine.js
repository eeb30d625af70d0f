// The page's side of the worker: a queue of one, cancelling, and a new worker after a bad end. It sends
// a photo once, to be looked at; edits of it are made of what was seen.
import { abortable, call, start, Stopped } from './calls.js';
import { gpuPart, loadParts, loadSource } from './load.js';
import { notThere, Unread } from '../i18n/texts.js';

/**
 * @typedef {{bitmap: ImageBitmap, unknown: string[], missing: string[], strokes?: string, reshapes?: boolean}} Edited `missing`: what the
 *   sentence names and the photo lacks; `strokes`: those that count; `reshapes`: things lie elsewhere after it.
 * @typedef {import('./worker.js').Things} Things
 * @typedef {{width: number, height: number, masks: Uint8Array[]}} Places A mask for each thing, a byte a place, 0 to 255; of
 *   what is not there, all 0.
 * @typedef {{width: number, height: number, colorSpace?: PredefinedColorSpace, of?: Pixels, pixels(): Uint8Array<ArrayBuffer>}} Pixels
 *   The same object is the same photo; an edited picture tells by `of` whose things lie as they do in it. `pixels` is called when it is looked at, and what it returns is given away.
 * @typedef {{strength?: number, strokes?: string, about?: string}} Options Strokes correct where it acts; those of another
 *   sentence, which is told by `about`, count where both name the same things.
 * @typedef {{photo: Pixels, prompt: string, options: Options}} Request
 * @typedef {import('./load.js').Source} Source
 * @typedef {'auto' | 'cpu' | 'gpu'} Wanted What is to compute; 'gpu' takes any, even a slower one. Pictures
 *   are made on the CPU.
 * @typedef {import('./worker.js').Device} Device
 */

/**
 * @template T
 * @typedef {{signal: AbortSignal, run: (signal: AbortSignal, worker: Worker) => Promise<T>,
 *            resolve: (value: T) => void, reject: (error: unknown) => void}} Job
 */

/** What waits, in the order of its turns. */
const KINDS = /** @type {const} */ (['edit', 'look', 'draw', 'sees', 'apart', 'words', 'marks', 'cloth']);

/** Apple's phones and tablets end pages that hold much, and what a GPU's worker has held comes back with its end alone. */
const SHORT = /iP(hone|ad|od)/.test(navigator.userAgent) || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1);
/** So many edits there is one worker for, then. */
const RENEWED = 100;

/** Tells by a `device` event when another device computes. */
export class Engine extends EventTarget {
  /** What computes. @type {Device} */
  device = { name: 'CPU', why: 'lookingForGpu' };
  /** What a worker is opened with; kept, so that a new one needs no download. @type {Source | undefined} */
  #source;
  /** The build for the GPU; none when there is none, or it is not wanted, or has failed. @type {Promise<WebAssembly.Module[]> | undefined} */
  #gpuCode;
  /** @type {Wanted} */
  #wanted = 'auto';
  /** @type {Worker | undefined} */
  #worker;
  #busy = false;
  #resting = false;
  /** Edits of this worker. */
  #count = 0;
  /** Settles when the last question of {@link apart} is answered. @type {Promise<unknown>} */
  #asked = Promise.resolve();
  /** What waits, of each kind the newest. @type {Partial<Record<typeof KINDS[number], Job<any>>>} */
  #waiting = {};
  /** The photo that was looked at last, by this worker. @type {{photo: Pixels, worker: Worker} | undefined} */
  #seen;
  /** The last edit, and the worker that holds it. @type {{request: Request, worker?: Worker} | undefined} */
  #made;

  /**
   * Loads the engine and opens it. Edits may be asked for before: they wait.
   *
   * @param {AbortSignal} signal
   * @param {import('./load.js').Parts} parts
   * @param {import('./load.js').Progress} [progress]
   * @param {Wanted} [wanted]
   */
  async open(signal, parts, progress, wanted) {
    await this.begin(signal, loadSource(signal, parts, progress), wanted);
  }

  /**
   * Opens the engine from what has been loaded, or is on its way.
   *
   * @param {AbortSignal} signal
   * @param {Source | Promise<Source>} source
   * @param {Wanted} [wanted]
   */
  async begin(signal, source, wanted = 'auto') {
    this.#wanted = wanted;
    await this.#start(signal, source);
    this.#source = await source;
    this.#next();
  }

  /**
   * Looks at a photo, so that its edits need not wait for that. A newer call takes the place of one
   * that still waits, and so does an edit, which looks by itself where nobody has.
   *
   * @param {AbortSignal} signal
   * @param {Pixels} photo
   * @returns {Promise<void>}
   */
  look(signal, photo) {
    return this.#queue('look', signal, (signal, worker) => this.#look(signal, worker, photo));
  }

  /**
   * What is in a photo that has been looked at, the largest first.
   *
   * @param {AbortSignal} signal
   * @param {Pixels} photo
   * @returns {Promise<Things>}
   */
  sees(signal, photo) {
    return this.#queue('sees', signal, async (signal, worker) => {
      await this.#look(signal, worker, photo);
      return call(signal, worker, { type: 'sees' });
    });
  }

  /**
   * Where these things are in a photo, as an edit of each would find them, at the size that the network sees.
   *
   * @param {AbortSignal} signal
   * @param {Pixels} photo
   * @param {string[]} names English ones.
   * @returns {Promise<Places>}
   */
  places(signal, photo, names) {
    return this.#queue('sees', signal, async (signal, worker) => {
      await this.#look(signal, worker, photo);
      return call(signal, worker, { type: 'places', names });
    });
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
    const request = { photo, prompt, options };
    return this.#queue('edit', signal, (signal, worker) => this.#make(signal, worker, request));
  }

  /**
   * The last edit at another strength, without the network. A newer call takes the place of one
   * that still waits.
   *
   * @param {AbortSignal} signal
   * @param {number} strength
   * @returns {Promise<ImageBitmap>}
   */
  draw(signal, strength) {
    return this.#queue('draw', signal, async (signal, worker) => {
      await this.#remake(signal, worker);
      return call(signal, worker, { type: 'draw', strength });
    });
  }

  /**
   * Where the last edit changes the photo at full strength: a byte a pixel, 0 to 255.
   *
   * @param {AbortSignal} signal
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  mask(signal) {
    return this.#queue('draw', signal, async (signal, worker) => {
      await this.#remake(signal, worker);
      return call(signal, worker, { type: 'mask' });
    });
  }

  /**
   * The words of a sentence that nobody knows, without an edit. A newer call takes the
   * place of one that still waits.
   *
   * @param {AbortSignal} signal
   * @param {string} prompt
   * @returns {Promise<string[]>}
   */
  unknownWords(signal, prompt) {
    return this.#queue('words', signal, (signal, worker) => call(signal, worker, { type: 'words', prompt }));
  }

  /**
   * The parts of a sentence that mean something, four numbers each, as `marks` in src/web/cpu.rs says. A newer
   * call takes the place of one that still waits.
   *
   * @param {AbortSignal} signal
   * @param {string} prompt
   * @returns {Promise<Uint32Array>}
   */
  marks(signal, prompt) {
    return this.#queue('marks', signal, (signal, worker) => call(signal, worker, { type: 'marks', prompt }));
  }

  /**
   * Whether each of two sentences names things, and nothing that the other names, too.
   *
   * @param {AbortSignal} signal
   * @param {string} prompt
   * @param {string} other
   * @returns {Promise<boolean>}
   */
  apart(signal, prompt, other) {
    // One after the other: who asks has an edit to make, whatever others ask.
    const answer = this.#asked.then(() => this.#queue('apart', signal, (signal, worker) => call(signal, worker, { type: 'apart', prompts: [prompt, other] })));
    this.#asked = answer.catch(() => {});
    return answer;
  }

  /**
   * What swatches.js answers. A newer call takes the place of one that still waits.
   *
   * @param {AbortSignal} signal
   * @param {import('./swatches.js').Message} message
   * @returns {Promise<any>}
   */
  cloth(signal, message) {
    return this.#queue('cloth', signal, (signal, worker) => call(signal, worker, message));
  }

  /**
   * Whatever else the worker does for a sentence, in an edit's turn: `job` sends it messages.
   *
   * @template T
   * @param {AbortSignal} signal
   * @param {(send: (message: import('../make/worker.js').Message | import('../compare/worker.js').Message) => Promise<any>) => Promise<T>} job
   * @returns {Promise<T>}
   */
  take(signal, job) {
    return this.#queue('edit', signal, (signal, worker) => job((message) => call(signal, worker, message)));
  }

  /**
   * Starts the worker on the CPU; a GPU is tried behind it.
   *
   * @param {AbortSignal} signal
   * @param {Source | Promise<Source>} source
   */
  async #start(signal, source) {
    const worker = await start(signal, source);
    worker.addEventListener('message', ({ data }) => {
      if (worker === this.#worker) this.#report(data.device);
    });
    this.#worker = worker;
    const opened = await source;
    if (this.#wanted === 'cpu' || opened.task === 'make') this.#report({ name: 'CPU', why: 'askedCpu' });
    else if (SHORT && this.#wanted === 'auto') this.#report({ name: 'CPU', why: 'shortCpu' });
    else void this.#moveToGpu(worker, opened);
    return worker;
  }

  /** @param {Device} device */
  #report(device) {
    if (device.why === 'brokenGpu') this.#wanted = 'cpu';
    this.device = device;
    this.dispatchEvent(new Event('device'));
  }

  /** @param {Worker} worker @param {Source} source */
  async #moveToGpu(worker, { weights }) {
    const { signal } = new AbortController();
    const any = this.#wanted === 'gpu';
    try {
      if (!await call(signal, worker, { type: 'findGpu', any })) return;
      this.#gpuCode ??= loadParts(signal, [await gpuPart(signal)]);
      const [code] = await this.#gpuCode;
      await call(signal, worker, { type: 'openGpu', code, weights, any });
    } catch (error) {
      this.#gpuCode = undefined;
      if (worker === this.#worker) this.#report({ name: 'CPU', why: 'brokenGpu', detail: String(error) });
    }
  }

  /** Whether edits need not wait for anything to arrive. */
  get opened() {
    return Boolean(this.#source);
  }

  /** Gives the memory back as soon as nothing runs, until there is something to do again. */
  rest() {
    this.#resting = true;
    void this.#next();
  }

  /** Ends the worker, which gives all its memory back. */
  close() {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#count = 0;
  }

  /**
   * @template T
   * @param {typeof KINDS[number]} kind
   * @param {AbortSignal} signal
   * @param {(signal: AbortSignal, worker: Worker) => Promise<T>} run
   * @returns {Promise<T>}
   */
  #queue(kind, signal, run) {
    return abortable(signal, (resolve, reject) => {
      // What waits to be looked at is gone with a newer edit; what is in the photo is still asked for.
      const { sees, apart, ...others } = this.#waiting;
      for (const old of kind === 'edit' ? Object.values(others) : [this.#waiting[kind]]) {
        old?.reject(new DOMException('A newer one took its place.', 'AbortError'));
      }
      this.#resting = false;
      this.#waiting = { ...(kind === 'edit' ? { sees, apart } : this.#waiting), [kind]: { signal, run, resolve, reject } };
      this.#next();
    });
  }

  async #next() {
    const kind = KINDS.find((kind) => this.#waiting[kind]) ?? 'words';
    const job = this.#waiting[kind];
    if (!this.#source || this.#busy) return;
    if (!job) {
      if (this.#resting || (SHORT && this.device.name === 'GPU' && this.#count >= RENEWED)) this.close();
      return;
    }
    this.#busy = true;
    delete this.#waiting[kind];
    try {
      // Its turn may come after its end.
      job.signal.throwIfAborted();
      const worker = this.#worker ?? await this.#start(job.signal, this.#source);
      job.resolve(await job.run(job.signal, worker));
    } catch (error) {
      // A GPU's worker is not held up by an edit that nobody waits for.
      if (error instanceof Stopped || (job.signal.aborted && this.device.name === 'CPU')) this.close();
      job.reject(error);
    }
    this.#busy = false;
    this.#next();
  }

  /**
   * @param {AbortSignal} signal
   * @param {Worker} worker
   * @param {Request} request
   * @returns {Promise<Edited>}
   */
  async #make(signal, worker, request) {
    const { photo, prompt, options } = request;
    await this.#look(signal, worker, photo);
    /** @type {import('./worker.js').Edited} */
    const answer = await call(signal, worker, { type: 'edit', strength: 1, ...options, prompt }).catch((error) => {
      // Nobody knows which one it holds now: an edit on a GPU runs on after its end.
      delete this.#made?.worker;
      throw error;
    });
    const { bitmap, unknown, missing, sees, trouble, ...rest } = answer;
    if (trouble) throw new Unread(trouble, unknown);
    if (!bitmap) throw notThere(missing, sees);
    this.#made = { request, worker };
    this.#count += 1;
    return { ...rest, bitmap, unknown, missing: missing.filter(Boolean) };
  }

  /**
   * Has the worker look at a photo, where it has not looked at that last.
   *
   * @param {AbortSignal} signal
   * @param {Worker} worker
   * @param {Pixels} photo
   * @returns {Promise<void>}
   */
  async #look(signal, worker, photo) {
    const { of = photo } = photo;
    const seen = this.#seen?.worker === worker ? this.#seen.photo : undefined;
    if (seen === photo) return;
    // Words find their places in the photo itself.
    const again = (seen?.of ?? seen) === of;
    if (!again && of !== photo) {
      await this.#look(signal, worker, of);
      return this.#look(signal, worker, photo);
    }
    this.#seen = undefined;
    const pixels = photo.pixels();
    const { width, height, colorSpace } = photo;
    await call(signal, worker, { type: 'look', pixels, width, height, colorSpace, again }, [pixels.buffer]);
    this.#seen = { photo, worker };
  }

  /**
   * Makes the last edit once more where its worker has ended since, or looks at another photo.
   *
   * @param {AbortSignal} signal
   * @param {Worker} worker
   */
  async #remake(signal, worker) {
    if (!this.#made) throw new Error('There is no edit yet.');
    const { request } = this.#made;
    const held = this.#made.worker === worker && this.#seen?.worker === worker && this.#seen.photo === request.photo;
    if (!held) (await this.#make(signal, worker, request)).bitmap.close();
  }
}
