// The module that other sites import: open(), look(), edit(), close(). wordloom.d.ts says what each takes.
import { abortable } from './engine/calls.js';
import { Engine } from './engine/engine.js';
import { catalogue } from './engine/load.js';
import { canvasOf, nameOf, openPhoto, paint, toBlob } from './photo/photo.js';
import { Trouble } from './i18n/texts.js';

/**
 * @typedef {import('./types/wordloom.d.ts').Edit} Edit
 * @typedef {import('./types/wordloom.d.ts').Loom} Loom
 * @typedef {import('./types/wordloom.d.ts').Picture} Picture
 * @typedef {import('./types/wordloom.d.ts').Pixels} Pixels
 * @typedef {import('./engine/load.js').Model} Model
 */

/** The engines that are open or on their way, by the task and the name of their model. @type {Map<string, Shared>} */
const engines = new Map();

/** @type {typeof import('./types/wordloom.d.ts').open} */
export async function open({ model = '', signal = new AbortController().signal, progress = () => {} } = {}) {
  return new Handle(...await join('edit', model, signal, progress));
}

/**
 * A model, its engine, and what is to be called when that is no longer wanted.
 *
 * @param {import('./engine/load.js').Task} task
 * @param {string} model
 * @param {AbortSignal} signal
 * @param {import('./engine/load.js').Progress} progress
 * @returns {Promise<[Model, Shared, () => void]>}
 */
export async function join(task, model, signal, progress) {
  signal.throwIfAborted();
  const shared = engines.get(task + model) ?? new Shared(task, model);
  const leave = shared.join(progress);
  signal.addEventListener('abort', leave);
  try {
    return [await abortable(signal, (resolve, reject) => shared.ready.then(resolve, reject)), shared, leave];
  } catch (error) {
    leave();
    throw error;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** One engine for everybody on the page who asked for its model. */
class Shared {
  #task;
  #name;
  #engine = new Engine();
  /** Ends the loading when nobody waits for it any more. */
  #end = new AbortController();
  #users = new Set();
  #turn = Promise.resolve();
  /** The edit that the engine holds, which it can draw again. @type {HeldEdit | undefined} */
  held;

  /** @param {import('./engine/load.js').Task} task @param {string} name */
  constructor(task, name) {
    this.#task = task;
    this.#name = name;
    engines.set(task + name, this);
    this.ready = this.#load();
  }

  async #load() {
    const { signal } = this.#end;
    try {
      const { model, parts } = await catalogue(signal, this.#name, this.#task);
      await this.#engine.open(signal, parts, (received, total) => {
        for (const { progress } of this.#users) progress(received, total);
      });
      return model;
    } catch (error) {
      // Whoever asks next tries again.
      this.#forget();
      throw error;
    }
  }

  /** @param {import('./engine/load.js').Progress} progress */
  join(progress) {
    const user = { progress };
    this.#users.add(user);
    return () => {
      if (!this.#users.delete(user) || this.#users.size) return;
      this.#forget();
      this.#end.abort();
      this.#engine.close();
    };
  }

  #forget() {
    if (engines.get(this.#task + this.#name) === this) engines.delete(this.#task + this.#name);
  }

  /**
   * Runs when everybody before has had their turn. Left alone, the engine would let a newer edit
   * push out one that waits: right for one photo, not for several.
   *
   * @template T
   * @param {AbortSignal} signal
   * @param {(engine: Engine) => Promise<T>} run
   * @returns {Promise<T>}
   */
  take(signal, run) {
    const mine = this.#turn.then(() => {
      signal.throwIfAborted();
      return run(this.#engine);
    });
    this.#turn = mine.then(() => {}, () => {});
    return mine;
  }
}

/** What one caller of open() holds. @implements {Loom} */
class Handle {
  #shared;
  #leave;
  #closed = new AbortController();

  /**
   * @param {Model} model
   * @param {Shared} shared
   * @param {() => void} leave
   */
  constructor(model, shared, leave) {
    this.model = model;
    this.#shared = shared;
    this.#leave = leave;
  }

  /**
   * @param {Picture} picture
   * @param {AbortSignal} [signal]
   */
  async look(picture, signal) {
    const until = this.#until(signal);
    until.throwIfAborted();
    const photo = await read(picture);
    await this.#shared.take(until, (engine) => engine.look(until, photo));
    return photo;
  }

  /**
   * @param {Picture} picture
   * @param {string} prompt
   * @param {import('./types/wordloom.d.ts').Wish} [wish]
   * @returns {Promise<Edit>}
   */
  async edit(picture, prompt, { strength = 1, signal } = {}) {
    const until = this.#until(signal);
    until.throwIfAborted();
    const photo = await read(picture);
    const edit = new HeldEdit(this.#shared, photo, prompt, this.#closed.signal);
    await edit.draw(strength, until);
    return edit;
  }

  close() {
    this.#closed.abort(new DOMException('This loom was closed.', 'AbortError'));
    this.#leave();
  }

  /** @param {AbortSignal} [signal] */
  #until(signal) {
    return either(this.#closed.signal, signal);
  }
}

/** An edit, in a canvas of its own. @implements {Edit} */
class HeldEdit {
  #shared;
  #photo;
  #closed;
  /** @type {readonly string[]} */
  unknown = [];
  /** @type {readonly string[]} */
  missing = [];

  /**
   * @param {Shared} shared
   * @param {Pixels} photo
   * @param {string} prompt
   * @param {AbortSignal} closed
   */
  constructor(shared, photo, prompt, closed) {
    this.#shared = shared;
    this.#photo = photo;
    this.#closed = closed;
    this.prompt = prompt;
    this.canvas = canvasOf(photo.width, photo.height, photo.colorSpace);
  }

  /**
   * @param {number} strength
   * @param {AbortSignal} [signal]
   */
  async draw(strength, signal) {
    const until = either(this.#closed, signal);
    const bitmap = await this.#shared.take(until, (engine) => (
      this.#shared.held === this ? engine.draw(until, strength) : this.#compute(engine, until, strength)));
    paint(this.canvas, bitmap);
  }

  /** @param {AbortSignal} [signal] */
  async mask(signal) {
    const until = either(this.#closed, signal);
    const bytes = await this.#shared.take(until, async (engine) => {
      if (this.#shared.held !== this) (await this.#compute(engine, until, 1)).close();
      return engine.mask(until);
    });
    return { bytes, width: this.canvas.width, height: this.canvas.height };
  }

  /** @param {import('./types/wordloom.d.ts').Type} [type] */
  toBlob(type) {
    return toBlob(this.canvas, type);
  }

  /**
   * @param {Engine} engine
   * @param {AbortSignal} signal
   * @param {number} strength
   */
  async #compute(engine, signal, strength) {
    this.#shared.held = undefined;
    const { bitmap, unknown, missing } = await engine.edit(signal, this.#photo, this.prompt, { strength });
    this.#shared.held = this;
    this.unknown = unknown;
    this.missing = missing;
    return bitmap;
  }
}

/**
 * @param {Picture} picture
 * @returns {Promise<Pixels>}
 */
async function read(picture) {
  if (typeof picture === 'string' || picture instanceof URL) return photoAt(picture);
  if ('pixels' in picture) return picture;
  return openPhoto(picture, picture instanceof File ? picture.name : 'photo');
}

/**
 * The photo at an address. Its host has to let this page read it.
 *
 * @param {string | URL} address
 */
export async function photoAt(address) {
  const url = new URL(address, document.baseURI);
  const name = nameOf(url, 'photo');
  const image = new Image();
  image.crossOrigin = 'anonymous';
  image.src = url.href;
  await image.decode().catch((error) => {
    throw new Trouble('unreachablePhoto', { name }, { cause: error });
  });
  return openPhoto(image, name);
}

/**
 * @param {AbortSignal} one
 * @param {AbortSignal} [other]
 */
function either(one, other) {
  return other ? AbortSignal.any([one, other]) : one;
}
