// What is under the pointer: a tap on the photo begins a sentence about the thing there, and shows where that is; so
// does pointing at a thing's chip. It comes behind the model.
import { byId } from './dom.js';
import { styled } from './parts.js';
import { release } from './photo.js';
import { ALL } from './work.js';

/**
 * @typedef {object} Options
 * @property {import('./texts.js').Text} text
 * @property {import('./work.js').Work} work
 * @property {import('./stage.js').Stage} stage
 * @property {import('./prompt.js').Prompt} prompt
 */

/** From here on a place belongs to a thing; and where none does, to one that is at least so likely there. */
const SURE = 128;
const LIKELY = 77;
/** The longest side of what is laid over the photo, and how wide the line around a thing is in it. */
const SIDE = 720;
const LINE = 2;
/** Its colours, as 0xaabbggrr: the line is white within the edge and dark around it, to be seen on any photo. */
const TINT = 0x6ee8685a;
const WITHIN = 0xffffffff;
const AROUND = 0xc83c1c18;
/** How long a tap shows its thing, and how long a second press may make it a double one, which zooms. */
const SHOWS_MS = 1300;
const DOUBLE_MS = 250;

/** When the page has nothing else to do; not every browser tells that. @type {(act: () => void) => unknown} */
const idle = globalThis.requestIdleCallback ?? setTimeout;

export class Pointing {
  #options;
  /** What is laid over the photo, once made. @type {Map<Uint8Array, HTMLCanvasElement>} */
  #drawn = new Map();
  /** The places whose things are drawn, and how large each is. @type {import('./engine.js').Places | undefined} */
  #sized;
  /** @type {number[]} */
  #sizes = [];
  /** @type {ReturnType<typeof setTimeout>[]} */
  #timers = [];

  /** @param {Options} options */
  static async make(options) {
    await styled(new URL('./point.css', import.meta.url));
    return new Pointing(options);
  }

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    const things = byId('things', HTMLElement);
    const at = (/** @type {EventTarget | null} */ target) => {
      const item = target instanceof Element ? target.closest('button')?.parentElement : undefined;
      // The first item says what follows.
      return item ? [...things.children].indexOf(item) - 1 : -1;
    };
    for (const name of ['pointerover', 'focusin']) things.addEventListener(name, ({ target }) => this.#show(at(target)));
    for (const name of ['pointerleave', 'focusout', 'click']) things.addEventListener(name, () => this.#hide());
    options.stage.root.addEventListener('dblclick', () => this.#hide());
  }

  /** Draws while nothing else is to be done what a tap will show, each thing for itself. */
  show() {
    const { places } = this.#options.work;
    if (this.#sized === places) return;
    this.#sized = places;
    // Those of a photo that is gone are of no more use.
    for (const canvas of this.#drawn.values()) release(canvas);
    this.#drawn.clear();
    const { masks = [] } = places ?? {};
    this.#sizes = masks.map((mask, i) => (i === masks.length - 1 ? Infinity : total(mask)));
    for (const mask of masks) idle(() => this.#over(mask));
  }

  /** A press on the photo. Whether there is a thing. @param {{x: number, y: number}} at In shares of the photo. */
  tap(at) {
    const thing = this.thingAt(at);
    if (thing < 0) return false;
    this.#show(thing);
    this.#timers = [
      setTimeout(() => this.#begin(thing), DOUBLE_MS),
      setTimeout(() => this.#hide(), SHOWS_MS),
    ];
    return true;
  }

  /** The smallest thing that is there, as it is the one that lies on the others; -1 for none. @param {{x: number, y: number}} at */
  thingAt({ x, y }) {
    const { places } = this.#options.work;
    if (!places || Math.min(x, y) < 0 || Math.max(x, y) >= 1) return -1;
    this.show();
    const { width, height, masks } = places;
    const place = Math.floor(y * height) * width + Math.floor(x * width);
    // All clothes are the largest, whatever they cover.
    const sizes = this.#sizes;
    for (const least of [SURE, LIKELY]) {
      const there = [...masks.keys()].filter((i) => (masks[i]?.[place] ?? 0) >= least);
      const [smallest] = there.sort((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0));
      if (smallest !== undefined) return smallest;
    }
    return -1;
  }

  // ---- inside

  /** @param {number} i */
  #begin(i) {
    const { text, work, prompt } = this.#options;
    const { things } = work;
    if (!things) return;
    const names = text.lang.startsWith('zh') ? [...things.zh, ALL.zh] : [...things.en, ALL.en];
    prompt.about(names[i] ?? '');
  }

  /** @param {number} i */
  #show(i) {
    this.#hide();
    const { work: { places }, stage } = this.#options;
    const mask = places?.masks[i];
    const canvas = mask && this.#over(mask);
    if (canvas) stage.point(canvas);
  }

  /** What is laid over the photo for a thing. @param {Uint8Array} mask */
  #over(mask) {
    const { places, photo } = this.#options.work;
    if (!places?.masks.includes(mask) || !photo) return undefined;
    const shrink = SIDE / Math.max(photo.width, photo.height);
    const size = { width: Math.max(1, Math.round(photo.width * shrink)), height: Math.max(1, Math.round(photo.height * shrink)) };
    const canvas = this.#drawn.get(mask) ?? outlined(mask, places, size);
    this.#drawn.set(mask, canvas);
    return canvas;
  }

  #hide() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#options.stage.point();
  }
}

/** @param {Uint8Array} mask */
function total(mask) {
  let sum = 0;
  for (let i = 0; i < mask.length; i += 1) sum += mask[i] ?? 0;
  return sum;
}

/**
 * A thing in a tint, with a line around it.
 *
 * @param {Uint8Array} mask
 * @param {{width: number, height: number}} from The mask's size.
 * @param {{width: number, height: number}} to
 */
function outlined(mask, from, to) {
  const small = new OffscreenCanvas(from.width, from.height);
  const dots = new ImageData(from.width, from.height);
  for (let i = 0; i < mask.length; i += 1) dots.data[4 * i + 3] = mask[i] ?? 0;
  small.getContext('2d')?.putImageData(dots, 0, 0);
  const canvas = document.createElement('canvas');
  Object.assign(canvas, to);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  context.drawImage(small, 0, 0, to.width, to.height);
  const picture = context.getImageData(0, 0, to.width, to.height);
  const pixels = new Uint32Array(picture.data.buffer);
  const { width, height } = to;
  // The highest bit says whether a place is as opaque as SURE.
  const inside = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 1) inside[i] = (pixels[i] ?? 0) >>> 31;
  for (let y = 0, i = 0; y < height; y += 1) {
    const [above, below] = [Math.max(y - LINE, 0) - y, Math.min(y + LINE, height - 1) - y];
    for (let x = 0; x < width; x += 1, i += 1) {
      const here = inside[i];
      const edge = inside[i + above * width] !== here || inside[i + below * width] !== here
        || inside[i - Math.min(LINE, x)] !== here || inside[i + Math.min(LINE, width - 1 - x)] !== here;
      pixels[i] = here ? (edge ? WITHIN : TINT) : edge ? AROUND : 0;
    }
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}
