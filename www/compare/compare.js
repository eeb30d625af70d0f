// One photo and one sentence through every fusion layer, side by side. The page loads this when a
// visitor wants it.
import { COMPARISON } from './texts.js';
import { Engine } from '../engine.js';
import { iconButton } from '../icons.js';
import { make, styled } from '../parts.js';
import { megabytes, textsOf, wordsOf } from '../texts.js';

/**
 * @typedef {import('../load.js').Model} Model
 * @typedef {import('../photo.js').Photo} Photo
 * @typedef {object} Options
 * @property {import('../texts.js').Text} text
 * @property {import('../models.js').Models} models
 * @property {import('../work.js').Work} work
 * @property {(request: import('../work.js').Request, from: number) => void} run
 * @property {() => void} closed
 *
 * @typedef {{models: import('../models.js').Models, photo: Photo, edit: import('../work.js').Edit, signal: AbortSignal, text: import('../texts.js').Text, own: Own}} Task
 * @typedef {import('../texts.js').TextOf<keyof typeof COMPARISON['en']>} Own
 */

/** In the paper's order, and as src/fusion.rs writes them: `x` are the photo's features, `t` the sentence's. */
const EQUATIONS = {
  concat: 'relu(conv3x3([x; t]))',
  film: 'sigmoid(W₁t) · x + W₂t',
  bilinear: 'relu(P (relu(U x) · relu(V t)))',
};
const ORDER = Object.keys(EQUATIONS);
/** The longest side of a picture here, in pixels. */
const SIDE = 960;

/** Shows what the layers make of the shown edit's photo and sentence. @param {Options} options */
export async function compareLayers({ text, models, work, run, closed }) {
  const edit = work.edits.shown;
  if (!edit) return;
  const own = /** @type {Own} */ (textsOf(COMPARISON, [text.lang]));
  const [photo] = await Promise.all([work.source(), styled(new URL('./compare.css', import.meta.url))]);
  // A second press may come before the first has shown anything.
  if (document.querySelector('.comparison')) return;
  const end = new AbortController();
  const close = iconButton('close', own('close'));
  const title = make('h2', { id: 'comparison-title' }, own('compared'));
  const note = make('p', {}, make('q', { dir: 'auto' }, edit.prompt), ' ', own('comparedWhy'));
  const list = make('ol', {});
  const dialog = make('dialog', { class: 'comparison', 'aria-labelledby': title.id },
    make('header', {}, make('div', {}, title, note), close), list);
  const place = ({ fusion = '' }) => ORDER.indexOf(fusion);
  const layers = models.layers(edit.model).sort((a, b) => place(a) - place(b));
  const tiles = layers.map((model) => new Tile({ models, photo, edit, signal: end.signal, text, own }, model, () => {
    dialog.close();
    run({ prompt: edit.prompt, seed: edit.seed, model: model.name }, edit.from);
  }));
  list.append(original(text, photo), ...tiles.map(({ root }) => root));
  dialog.style.setProperty('--width', String(photo.width));
  dialog.style.setProperty('--height', String(photo.height));
  close.addEventListener('click', () => dialog.close());
  // The page's own keys are not meant here.
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('close', () => {
    end.abort();
    dialog.remove();
    closed();
  });
  document.body.append(dialog);
  dialog.showModal();
  for (const tile of tiles) void tile.weave();
}

class Tile {
  /** Edits take turns, so that none costs another's time. */
  static #turn = Promise.resolve();
  #task;
  #model;
  #picture = make('div', { class: 'picture' }, make('div', { class: 'weaving' }));
  #took = make('small', { role: 'status' });
  #progress = make('progress', {});
  #bytes = make('span', {});
  #fetching = make('div', { class: 'fetching' }, this.#bytes, this.#progress);
  #error = make('p', { class: 'error', role: 'alert' });
  #retry;
  #take;

  /**
   * @param {Task} task
   * @param {Model} model
   * @param {() => void} take
   */
  constructor(task, model, take) {
    const { text, own, photo } = task;
    const fusion = model.fusion ?? 'bilinear';
    const name = own(fusion);
    this.#task = task;
    this.#model = model;
    this.#retry = make('button', { type: 'button' }, text('retry'));
    this.#take = make('button', { type: 'button', 'aria-label': `${own('adopt')}: ${name}` }, own('adopt'));
    this.#retry.addEventListener('click', () => {
      this.#picture.focus();
      void this.weave();
    });
    this.#take.addEventListener('click', take);
    this.#picture.tabIndex = -1;
    this.#progress.setAttribute('aria-label', `${text('fetching')}: ${name}`);
    this.root = make('li', { class: 'tile' }, this.#picture, make('div', { class: 'about' },
      make('h3', {}, name, this.#took),
      make('p', {}, own(`${fusion}Does`)),
      make('code', { dir: 'ltr' }, EQUATIONS[fusion]),
      this.#fetching, this.#error, this.#retry, this.#take));
    this.#picture.append(blank(photo));
  }

  async weave() {
    const { text, own, models, edit, signal } = this.#task;
    this.#error.textContent = '';
    this.#retry.hidden = true;
    this.#take.hidden = true;
    this.#picture.ariaBusy = 'true';
    this.#fetching.hidden = !models.missing([this.#model]);
    const progress = (/** @type {number} */ received, /** @type {number} */ total) => {
      this.#progress.value = received / total;
      this.#bytes.textContent = text('bytes', { received: megabytes(text, received), total: megabytes(text, total) });
    };
    progress(0, this.#model.bytes);
    try {
      const source = await models.source(signal, this.#model, progress);
      this.#fetching.hidden = true;
      const { bitmap, ms } = await this.#inTurn(() => this.#edit(source));
      const picture = small(bitmap);
      bitmap.close();
      picture.role = 'img';
      picture.ariaLabel = text('edited', { prompt: edit.prompt });
      this.#picture.querySelector('canvas')?.replaceWith(picture);
      this.#took.textContent = own('took', { ms: Math.round(ms) });
      this.#take.hidden = false;
    } catch (error) {
      if (signal.aborted) return;
      this.#error.textContent = wordsOf(text, error);
      this.#retry.hidden = false;
      this.#fetching.hidden = true;
    }
    this.#picture.ariaBusy = 'false';
  }

  /**
   * On an engine of its own, which goes again: all layers alike, whatever the page's own runs on.
   *
   * @param {import('../engine.js').Source} source
   */
  async #edit(source) {
    const { photo, edit: { prompt, strength, seed }, signal } = this.#task;
    const engine = new Engine();
    try {
      await engine.begin(signal, source, 'cpu');
      // Once for the picture, once for the time: what it takes to get going is no layer's.
      const { bitmap } = await engine.edit(signal, photo, prompt, { strength, seed });
      const began = performance.now();
      (await engine.edit(signal, photo, prompt, { strength, seed })).bitmap.close();
      return { bitmap, ms: performance.now() - began };
    } finally {
      engine.close();
    }
  }

  /**
   * @template T
   * @param {() => Promise<T>} task
   * @returns {Promise<T>}
   */
  #inTurn(task) {
    const mine = Tile.#turn.then(() => {
      this.#task.signal.throwIfAborted();
      return task();
    });
    Tile.#turn = mine.then(() => {}, () => {});
    return mine;
  }
}

/** @param {import('../texts.js').Text} text @param {Photo} photo */
function original(text, photo) {
  const picture = small(photo.canvas);
  picture.role = 'img';
  picture.ariaLabel = text('photo');
  return make('li', { class: 'tile' }, make('div', { class: 'picture' }, picture),
    make('div', { class: 'about' }, make('h3', {}, text('original'))));
}

/** @param {HTMLCanvasElement | ImageBitmap} picture */
function small(picture) {
  const canvas = blank(picture);
  const to = canvas.getContext('2d');
  if (to) to.imageSmoothingQuality = 'high';
  to?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A canvas for a picture of this shape. @param {{width: number, height: number}} picture */
function blank({ width, height }) {
  const canvas = document.createElement('canvas');
  const shrink = Math.min(1, SIDE / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * shrink));
  canvas.height = Math.max(1, Math.round(height * shrink));
  return canvas;
}
