// One picture: first the sketch, then the finished one; the veil that shows where a word acted; what
// can be done with it.
import { iconButton } from '../ui/icons.js';
import { make } from '../ui/parts.js';
import { fileName, release } from '../photo/photo.js';
import { overlay } from '../stage/stage.js';

/**
 * @typedef {import('./worker.js').Drawn} Drawn
 *
 * @typedef {object} Wanted What a picture is to be.
 * @property {import('./noise.js').Noise} noise
 * @property {Float32Array} paint
 * @property {string} words Of its colour and cloth, where they are not the sentence's.
 *
 * @typedef {object} Options
 * @property {import('./texts.js').Own} own
 * @property {string} prompt
 * @property {(tile: Tile) => void} [pick] Goes on with a picture elsewhere.
 * @property {(tile: Tile) => void} [save]
 * @property {() => void} [choose] One more is chosen, or one less.
 */

export class Tile {
  #options;
  #picture = make('div', { class: 'picture', 'aria-busy': 'true' }, make('div', { class: 'weaving' }));
  #actions = make('div', { class: 'actions', hidden: '' });
  #veil = make('div', { class: 'veil', hidden: '' });
  /** @type {HTMLButtonElement | undefined} */
  #choose;
  /** @type {HTMLCanvasElement | undefined} */
  #sketch;
  #finished = false;
  /** Regions across and down, and a byte for each of them for each word. */
  #regions = 0;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #attention = [];
  /** The word whose places are shown. @type {number | undefined} */
  #word;

  root = make('li', { class: 'tile' }, this.#picture, this.#actions);

  /** @param {Options} options @param {Wanted} wanted @param {number} number */
  constructor(options, wanted, number) {
    this.#options = options;
    this.wanted = wanted;
    this.number = number;
    const { own, pick, save, choose } = options;
    const which = (/** @type {string} */ what) => own('which', { what, number: String(number) });
    this.#actions.append(make('span', { 'aria-hidden': 'true' }, String(number)));
    if (pick) {
      const button = make('button', { type: 'button', class: 'take', 'aria-label': which(own('pick')) }, own('pick'));
      button.addEventListener('click', () => pick(this));
      this.#actions.append(button);
    }
    if (save) {
      const button = iconButton('save', which(own('save')));
      button.addEventListener('click', () => save(this));
      this.#actions.append(button);
    }
    if (choose) {
      const button = make('button', { type: 'button', class: 'chooser', 'aria-pressed': 'false', 'aria-label': which(own('choose')) });
      button.addEventListener('click', () => {
        this.chosen = !this.chosen;
        choose();
      });
      this.#choose = button;
    }
  }

  get finished() {
    return this.#finished;
  }

  get chosen() {
    return this.#choose?.ariaPressed === 'true';
  }

  /** @param {boolean} chosen */
  set chosen(chosen) {
    if (this.#choose) this.#choose.ariaPressed = String(chosen);
  }

  /** Of a file with this picture. */
  get name() {
    return fileName('wordloom', `${this.number} ${this.#options.prompt} ${this.wanted.words}`, 'image/png');
  }

  /** @param {Drawn} drawn */
  sketch(drawn) {
    this.#sketch = painted(drawn);
    this.#picture.append(this.#sketch);
  }

  /** @param {import('./worker.js').Finished} finished */
  finish({ attention, regions, ...drawn }) {
    const { own, prompt } = this.#options;
    const { words } = this.wanted;
    this.#attention = attention;
    this.#regions = regions;
    this.#finished = true;
    const canvas = painted(drawn);
    canvas.role = 'img';
    canvas.ariaLabel = own(words ? 'dressed' : 'picture', { prompt, words, number: String(this.number) });
    this.#picture.append(canvas, this.#veil, ...(this.#choose ? [this.#choose] : []));
    this.#picture.ariaBusy = 'false';
    this.#actions.hidden = false;
    this.point(this.#word);
    void leave(this.#sketch);
  }

  /** Shows where a word acted, or the picture alone. @param {number | undefined} word */
  point(word) {
    this.#word = word;
    const bytes = this.#attention[word ?? -1];
    this.#veil.hidden = !bytes?.length;
    if (!bytes?.length) return;
    // The regions beside each other: the strongest is as it is, whatever its share is in numbers.
    const most = Math.max(1, ...bytes);
    const colour = getComputedStyle(this.root).getPropertyValue('--veil');
    this.#veil.replaceChildren(overlay({ bytes: bytes.map((byte) => byte / most * 255), width: this.#regions, height: this.#regions }, colour));
  }
}

/** @param {Drawn} drawn */
export function painted({ side, picture }) {
  const canvas = make('canvas', { width: String(side), height: String(side) });
  const pixels = new ImageData(new Uint8ClampedArray(picture.buffer), side, side);
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  return canvas;
}

/** A sketch fades out as the finished picture comes, which has nothing behind it. @param {HTMLCanvasElement} [sketch] */
async function leave(sketch) {
  sketch?.classList.add('leaving');
  await Promise.allSettled(sketch?.getAnimations().map(({ finished }) => finished) ?? []);
  sketch?.remove();
  release(sketch);
}
