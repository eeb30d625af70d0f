// What is under the pointer: a tap on the photo begins a sentence about the thing there, and shows where that is; so
// does a thing's chip. It comes behind the model.
import { ALL } from '../edits/desk.js';
import { byId } from '../ui/dom.js';
import { make, styled } from '../ui/parts.js';
import { release } from '../photo/photo.js';
import { BACKGROUND, sentences } from './suggest.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../engine/engine.js').Engine} engine
 * @property {import('../edits/keep.js').Keep} keep
 * @property {import('../edits/work.js').Work} work
 * @property {import('../stage/stage.js').Stage} stage
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
/** How long a press shows its thing, and how long a second one may make it a double one, which zooms. */
const SHOWS_MS = 1300;
const DOUBLE_MS = 250;

/** When the page has nothing else to do; not every browser tells that. @type {(act: () => void) => unknown} */
const idle = globalThis.requestIdleCallback ?? setTimeout;
const forever = new AbortController().signal;

export class Pointing {
  #options;
  #lang;
  /** What is in the photo. @type {import('../engine/worker.js').Things | undefined} */
  #things;
  /** The same in the visitor's language, and the background behind it. @type {string[]} */
  #names = [];
  /** The model's own sentences, for when there is no photo. */
  #own;
  /** What a thing made of the sentence, and of which words. */
  #made = { value: '', words: '' };
  /** What is laid over the photo, once made. @type {Map<Uint8Array, HTMLCanvasElement>} */
  #drawn = new Map();
  /** The places that are drawn. @type {import('../engine/engine.js').Places | undefined} */
  #places;
  /** Those of the things, of the background, and of all clothes. @type {Uint8Array[]} */
  #masks = [];
  /** Which of them is meant first where several are, but for the background. @type {number[]} */
  #order = [];
  /** @type {ReturnType<typeof setTimeout>[]} */
  #timers = [];

  /** @param {Options} options */
  static async make(options) {
    await styled(new URL('../sentence/point.css', import.meta.url));
    return new Pointing(options);
  }

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    this.#lang = /** @type {keyof import('../i18n/texts.js').Both} */ (options.text.lang === 'en' ? 'en' : 'zh');
    this.#own = options.prompt.offered;
    const things = byId('things', HTMLElement);
    const at = (/** @type {EventTarget | null} */ target) => {
      const item = target instanceof Element ? target.closest('button')?.parentElement : undefined;
      // The first item says what follows.
      return item ? [...things.children].indexOf(item) - 1 : -1;
    };
    for (const name of ['pointerover', 'focusin']) things.addEventListener(name, ({ target }) => this.#show(at(target)));
    for (const name of ['pointerleave', 'focusout']) things.addEventListener(name, () => this.#hide());
    things.addEventListener('click', ({ target }) => {
      const thing = at(target);
      if (thing < 0) return;
      this.#begin(thing);
      this.#flash(thing);
    });
    options.stage.root.addEventListener('dblclick', () => this.#hide());
  }

  /** Follows the photo, and draws while nothing else is to be done what a press will show, each thing for itself. */
  show() {
    const { text, engine, work: { photo, things, places }, prompt } = this.#options;
    const list = byId('things', HTMLElement);
    if (this.#things !== things) {
      this.#things = things;
      this.#names = things ? [...things[this.#lang], BACKGROUND[this.#lang]] : [];
      list.hidden = !things;
      list.replaceChildren(make('li', {}, text('iSee')), ...this.#names.map((name) => make('li', {}, make('button', { type: 'button' }, name))));
      // Whether that is there, its place will tell.
      if (things?.en[0] === ALL.en) list.children[1]?.toggleAttribute('hidden', true);
      if (!things) prompt.offer(this.#own);
    }
    if (this.#places === places) return;
    this.#places = places;
    // Those of a photo that is gone are of no more use.
    for (const canvas of this.#drawn.values()) release(canvas);
    this.#drawn.clear();
    this.#masks = [...places?.masks ?? []];
    for (const mask of this.#masks) idle(() => this.#over(mask));
    const sizes = this.#masks.map((mask) => mask.reduce((sum, value) => sum + value, 0));
    const clothes = sizes.length - 1;
    // The smallest, as it is the one that lies on the others; all clothes are the largest, whatever they cover.
    this.#order = [...sizes.keys()].slice(0, -1).sort((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0));
    this.#order.push(clothes + 1);
    // The background is none of the things; until it is known where it is, it is nowhere.
    this.#masks.splice(clothes, 0, new Uint8Array());
    if (!places || !photo) return;
    void engine.places(forever, photo, [BACKGROUND.en]).then(({ masks: [mask] }) => {
      if (!mask || this.#places !== places) return;
      this.#masks[clothes] = mask;
      idle(() => this.#over(mask));
    }).catch(() => {});
    // What is nowhere is not there after all.
    for (const [i, chip] of [...list.children].slice(1, -1).entries()) chip.toggleAttribute('hidden', !sizes[i]);
    if (things) prompt.offer(sentences(things.en.map((thing, i) => (sizes[i] ? thing : '')), this.#names, text));
  }

  /** A press on the photo. Whether there is something. @param {{x: number, y: number}} at In shares of the photo. */
  tap(at) {
    const thing = this.thingAt(at);
    if (thing < 0) return false;
    this.#flash(thing);
    this.#timers.push(setTimeout(() => this.#begin(thing), DOUBLE_MS));
    return true;
  }

  /** The mask that is meant there, that of the background where no thing is; -1 for none. @param {{x: number, y: number}} at */
  thingAt({ x, y }) {
    const { places } = this.#options.work;
    if (!places || Math.min(x, y) < 0 || Math.max(x, y) >= 1) return -1;
    this.show();
    const { width, height } = places;
    const place = Math.floor(y * height) * width + Math.floor(x * width);
    const there = (/** @type {number} */ least) => (/** @type {number} */ i) => (this.#masks[i]?.[place] ?? 0) >= least;
    const order = this.#order;
    return order.find(there(SURE)) ?? order.find(there(LIKELY)) ?? [this.#masks.length - 2].find(there(LIKELY)) ?? -1;
  }

  // ---- inside

  /** Begins a sentence about a thing, or goes on with the one that is being typed. @param {number} i */
  #begin(i) {
    const { text, keep, work, prompt } = this.#options;
    const thing = this.#names[i] ?? ALL[this.#lang];
    const typed = prompt.value;
    // What was asked for is kept elsewhere; and another thing takes the place of the last one, unless something is typed behind it.
    const words = keep.sentences.includes(typed) || typed === work.staged?.prompt ? '' : typed === this.#made.value ? this.#made.words : typed.trimStart();
    const [joint, space] = this.#lang === 'en' ? [', the ', ' '] : ['，', ''];
    const value = words ? words + (/[\s把和，、]$/.test(words) ? '' : joint) + thing + space : text('begin', { thing });
    this.#made = { value, words };
    if (words) prompt.type(value);
    else prompt.value = value;
    // A phone's keyboard would cover what is shown.
    if (!matchMedia('(pointer: coarse)').matches) prompt.focus();
  }

  /** @param {number} i */
  #flash(i) {
    this.#show(i);
    this.#timers.push(setTimeout(() => this.#hide(), SHOWS_MS));
  }

  /** @param {number} i */
  #show(i) {
    this.#hide();
    const mask = this.#masks[i];
    const canvas = mask && this.#over(mask);
    if (canvas) this.#options.stage.point(canvas);
  }

  /** What is laid over the photo for a thing. @param {Uint8Array} mask */
  #over(mask) {
    const { places, photo } = this.#options.work;
    if (!places || !this.#masks.includes(mask) || !photo) return undefined;
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
