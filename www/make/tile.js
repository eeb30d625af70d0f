// One picture: first the sketch, then the finished one; the veil that shows where a word acted; what
// can be done with it.
import { iconButton } from '../icons.js';
import { make } from '../parts.js';
import { canvasOf, download, Photo, toBlob } from '../photo.js';
import { overlay } from '../stage.js';
import { wordsOf } from '../texts.js';

/**
 * @typedef {import('./worker.js').Drawn} Drawn
 * @typedef {object} Options
 * @property {import('../texts.js').Text} text
 * @property {import('./texts.js').Own} own
 * @property {string} prompt
 * @property {(error: string) => void} fail
 * @property {(picture: HTMLCanvasElement, name: string) => void} [pick] Goes on with a picture elsewhere.
 * @property {boolean} save Whether it can be downloaded.
 */

/** The side of a picture that leaves this place, in pixels. */
const SIDE = 512;

export class Tile {
  #options;
  #number;
  #picture = make('div', { class: 'picture', 'aria-busy': 'true' }, make('div', { class: 'weaving' }));
  #actions = make('div', { class: 'actions', hidden: '' });
  #veil = make('div', { class: 'veil', hidden: '' });
  /** The finished picture, in its own size. @type {HTMLCanvasElement | undefined} */
  #canvas;
  /** The sketch's side, and a byte for each of its pixels for each word. */
  #side = 0;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #attention = [];

  root = make('li', { class: 'tile' }, this.#picture, this.#actions);

  /** @param {Options} options @param {number} number */
  constructor(options, number) {
    this.#options = options;
    this.#number = number;
    const { own, pick, save } = options;
    const which = (/** @type {string} */ what) => own('which', { what, number: String(number) });
    this.#actions.append(make('span', { 'aria-hidden': 'true' }, String(number)));
    if (pick) {
      const button = make('button', { type: 'button', class: 'take', 'aria-label': which(own('pick')) }, own('pick'));
      button.addEventListener('click', () => pick(this.enlarged(), this.name));
      this.#actions.append(button);
    }
    if (save) {
      const button = iconButton('save', which(own('save')));
      button.addEventListener('click', () => void this.#save());
      this.#actions.append(button);
    }
  }

  get finished() {
    return Boolean(this.#canvas);
  }

  /** Of a file with this picture. */
  get name() {
    const { prompt } = this.#options;
    return new Photo(/** @type {HTMLCanvasElement} */ (this.#canvas), 'wordloom').fileName(`${this.#number} ${prompt}`, 'image/png');
  }

  /** @param {Drawn} drawn */
  sketch(drawn) {
    this.#side = drawn.side;
    this.#picture.append(painted(drawn));
  }

  /** @param {import('./worker.js').Finished} finished */
  finish({ attention, ...drawn }) {
    this.#attention = attention;
    this.#canvas = painted(drawn);
    this.#canvas.role = 'img';
    this.#canvas.ariaLabel = this.#options.own('picture', { prompt: this.#options.prompt, number: String(this.#number) });
    // Over the sketch, which it fades into.
    this.#picture.append(this.#canvas, this.#veil);
    this.#picture.ariaBusy = 'false';
    this.#actions.hidden = false;
  }

  /** Shows where a word acted, or the picture alone. @param {number | undefined} word */
  point(word) {
    const bytes = this.#attention[word ?? -1];
    this.#veil.hidden = !bytes;
    if (!bytes) return;
    // The regions beside each other: the strongest is as it is, whatever its share is in numbers.
    const most = Math.max(1, ...bytes);
    const colour = getComputedStyle(this.root).getPropertyValue('--veil');
    this.#veil.replaceChildren(overlay({ bytes: bytes.map((byte) => byte / most * 255), width: this.#side, height: this.#side }, colour));
  }

  /** The picture as large as a photo. */
  enlarged() {
    const canvas = canvasOf(SIDE, SIDE);
    const to = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    to.imageSmoothingQuality = 'high';
    if (this.#canvas) to.drawImage(this.#canvas, 0, 0, SIDE, SIDE);
    return canvas;
  }

  async #save() {
    const { text, fail } = this.#options;
    try {
      download(await toBlob(this.enlarged()), this.name);
    } catch (error) {
      fail(wordsOf(text, error));
    }
  }
}

/** @param {Drawn} drawn */
function painted({ side, picture }) {
  const canvas = make('canvas', { width: String(side), height: String(side) });
  const pixels = new ImageData(new Uint8ClampedArray(picture.buffer), side, side);
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  return canvas;
}
