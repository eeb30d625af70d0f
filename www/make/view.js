// A sentence and the pictures that are made of it, for the page's tab and for the element alike.
import { Asking } from './asking.js';
import { Chosen } from './chosen.js';
import { abortable } from '../engine/calls.js';
import { Grid } from './grid.js';
import { LARGE, large, read, weave } from './loom.js';
import { between, nameOf, near, ROW, row } from './noise.js';
import { Running } from './running.js';
import { ownTexts } from './texts.js';
import { Words } from './words.js';
import { make } from '../ui/parts.js';
import { download, toBlob } from '../photo/photo.js';
import { isAbort, quoted, Trouble, wordsOf } from '../i18n/texts.js';

/**
 * @typedef {import('./tile.js').Tile} Tile
 * @typedef {import('./tile.js').Wanted} Wanted
 * @typedef {import('./loom.js').Loom} Loom
 * @typedef {import('./worker.js').Wording & {prompt: string, seed: number}} Asked `seed`: of the first picture.
 *
 * @typedef {object} Made
 * @property {string} prompt
 * @property {number} seed Of the first picture.
 * @property {readonly string[]} unknown
 * @property {number} milliseconds
 *
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {(progress: import('../engine/load.js').Progress) => Promise<Loom>} open
 * @property {(prompt: string) => void} wish A visitor asks for this sentence.
 * @property {boolean} controls Whether visitors may ask for other sentences and pictures.
 * @property {(name: string, draw: () => Promise<HTMLCanvasElement>) => Promise<void>} [pick] Goes on with a picture elsewhere.
 * @property {Node[]} [foot] What is beside the button for more.
 * @property {() => void} [begins] Other pictures are on their way.
 */

export class MakeView {
  #options;
  #own;
  /** @type {Promise<Loom> | undefined} */
  #loom;
  #ready = false;
  /** What the pictures are of. @type {Asked | undefined} */
  #wording;

  #asking;
  #running;
  #words;
  #grid;
  #chosen;
  #more = make('button', { type: 'button', class: 'more', part: 'button' });
  #foot;

  root = make('div', { class: 'maker', tabindex: '-1' });

  /** @param {Options} options */
  constructor(options) {
    const { text, controls, foot = [] } = options;
    const own = ownTexts(text);
    this.#options = options;
    this.#own = own;
    this.#asking = new Asking({ text, own, wish: (prompt) => this.#wish(prompt), check: (prompt) => this.#unknown(prompt) });
    this.#running = new Running({
      text,
      focus: () => this.focus(),
      tidy: () => this.#grid.tidy(),
      count: () => this.#count(),
      busy: (busy) => this.#busy(busy),
    });
    this.#words = new Words(own('words'), () => this.#grid.point(this.#words.shown));
    this.#grid = new Grid(own('pictures'));
    this.#chosen = new Chosen({
      text,
      own,
      like: () => this.#like(),
      between: () => this.#between(),
      dress: (words) => this.#dress(words),
      release: () => this.#release(),
    });
    this.#more.textContent = own('more');
    this.#more.addEventListener('click', () => this.more());
    this.#foot = make('div', { class: 'foot', hidden: '' }, this.#more, ...foot);
    this.root.append(make('div', { class: 'asking' }, ...this.#asking.parts(controls), ...this.#running.parts),
      this.#words.root, this.#grid.root, ...controls ? [this.#foot, this.#chosen.root] : []);
    this.root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.isComposing) return;
      if (this.busy) this.stop();
      else if (!this.#words.release()) this.#release();
    });
  }

  get busy() {
    return this.#running.busy;
  }

  /** The sentence in the field. @param {string} prompt */
  set prompt(prompt) {
    this.#asking.prompt = prompt;
  }

  /** The pictures that are there. */
  get pictures() {
    return this.#grid.pictures;
  }

  /** What a link to the pictures says, where there are some. @returns {import('./link.js').Link | undefined} */
  get link() {
    const rows = this.#grid.rows.map((row) => ({ noise: row.map(({ wanted }) => wanted.noise), words: row[0]?.wanted.words ?? '' }));
    return this.#wording && rows.length ? { prompt: this.#wording.prompt, seed: this.#wording.seed, rows } : undefined;
  }

  focus() {
    if (this.#options.controls) this.#asking.focus();
    else this.root.focus();
  }

  /** Ends what is running; what is finished stays. */
  stop() {
    this.#running.stop();
  }

  /** Fetches the model, if it is not here yet. */
  async load() {
    if (!this.#ready && !this.busy) await this.#running.run(this.#own('early'), () => void this.load().catch(() => {}), (signal) => this.#here(signal));
  }

  /**
   * Makes pictures of a sentence. They take the place of those before once it has been read.
   *
   * @param {string} prompt
   * @param {number} [seed] Of the first picture; the others follow.
   * @param {readonly import('./link.js').Row[]} [rows] Those of a link.
   * @returns {Promise<Made>}
   */
  async ask(prompt, seed = 1, rows) {
    const { text, wish } = this.#options;
    const began = performance.now();
    if (!prompt.trim()) {
      this.#running.fail(this.#own('empty'));
      this.focus();
      throw new RangeError(this.#own('empty'));
    }
    const again = () => (rows ? void this.ask(prompt, seed, rows).catch(() => {}) : wish(prompt));
    return this.#running.run(this.#ready ? text('weaving') : this.#own('wait'), again, async (signal, check) => {
      const loom = await this.#here(signal);
      check();
      this.#running.say(text('weaving'));
      const wording = await read(loom, signal, prompt);
      check();
      this.#wording = { ...wording, prompt, seed };
      this.#asking.mark(wording.unknown);
      this.#grid.clear();
      this.#choose();
      this.#words.spell({ ...wording, prompt });
      for (const { noise, words } of rows ?? [{ noise: row(seed), words: '' }]) {
        const other = words ? await paintOf(loom, signal, words) : undefined;
        const own = other?.length ? { paint: other, words } : { paint: wording.paint, words: '' };
        await this.#weave(loom, signal, check, noise.map((noise) => ({ noise, ...own })), own.words && this.#own('titleSame', { words }));
      }
      this.#running.say(this.#count());
      return { prompt, seed, unknown: wording.unknown, milliseconds: performance.now() - began };
    });
  }

  /** Other pictures of the same sentence. */
  more() {
    const paint = this.#wording?.paint ?? new Float32Array();
    this.#further('', async () => row(this.#next).map((noise) => ({ noise, paint, words: '' })));
  }

  /** A picture as large as it leaves this place. @param {Tile} tile */
  async large({ wanted }) {
    const { signal } = this.#running;
    const wording = /** @type {Asked} */ (this.#wording);
    return large(await this.#here(signal), signal, wording, wanted);
  }

  // ---- what can be asked for

  /** The first seed that no picture was drawn from. */
  get #next() {
    return (this.#wording?.seed ?? 0) + this.pictures.length;
  }

  /** @param {string} prompt */
  #wish(prompt) {
    // A phone's keyboard would cover what comes.
    if (matchMedia('(pointer: coarse)').matches) this.root.focus({ preventScroll: true });
    this.#options.wish(prompt);
  }

  /** More like the one that is chosen. */
  #like() {
    const [tile] = this.#grid.chosen;
    if (!tile) return;
    const { number, wanted } = tile;
    this.#further(this.#own('titleLike', { number }), async () => (
      Array.from({ length: ROW }, (_, i) => ({ ...wanted, noise: near(wanted.noise, this.#next + i) }))));
  }

  /** From the first of the two that are chosen to the other, in its colour and cloth. */
  #between() {
    const [one, other] = this.#grid.chosen;
    if (!one || !other) return;
    this.#further(this.#own('titleBetween', { one: one.number, other: other.number }), async () => (
      between(one.wanted.noise, other.wanted.noise).map((noise) => ({ ...one.wanted, noise }))));
  }

  /** The chosen ones in another colour or cloth, or where none is chosen each form once. @param {string} words */
  #dress(words) {
    const { chosen, pictures } = this.#grid;
    const forms = new Map((chosen.length ? chosen : pictures).map(({ wanted: { noise } }) => [nameOf(noise), noise]));
    this.#further(this.#own('titleSame', { words }), async (loom, signal) => {
      const paint = await paintOf(loom, signal, words);
      if (!paint.length) this.#chosen.refuse(this.#own('noPaint', { words: quoted([words]) }));
      return paint.length ? [...forms.values()].map((noise) => ({ noise, paint, words })) : [];
    });
  }

  /**
   * One more row of the same sentence.
   *
   * @param {string} title
   * @param {(loom: Loom, signal: AbortSignal) => Promise<Wanted[]>} wants
   */
  #further(title, wants) {
    if (this.busy || !this.#wording) return;
    this.#chosen.refuse('');
    this.#running.run(this.#options.text('weaving'), () => this.#further(title, wants), async (signal, check) => {
      const loom = await this.#here(signal);
      const wanted = await wants(loom, signal);
      check();
      if (wanted.length) await this.#weave(loom, signal, check, wanted, title);
      this.#running.say(wanted.length && title ? this.#own('came', { title, count: this.#count() }) : this.#count());
    }).catch(() => {});
  }

  /** Names the words that the model does not know, where it can be asked now. @param {string} prompt */
  async #unknown(prompt) {
    if (!this.#ready || this.busy) return undefined;
    const { signal } = this.#running;
    const loom = await this.#here(signal);
    // An engine that is in trouble says so when it is asked for pictures.
    return loom.take(signal, (engine) => engine.unknownWords(signal, prompt)).catch(() => undefined);
  }

  // ---- from a sentence to pictures

  /** @param {AbortSignal} signal Ends the waiting; what is on its way may come. */
  #here(signal) {
    const loom = this.#loom ??= this.#running.fetch(this.#options.open).then((loom) => {
      this.#ready = true;
      this.#asking.suggest(loom.model);
      return loom;
    }).catch((error) => {
      this.#loom = undefined;
      throw error;
    });
    return abortable(signal, (/** @type {(loom: Loom) => void} */ resolve, reject) => loom.then(resolve, reject));
  }

  /**
   * One more row of pictures.
   *
   * @param {Loom} loom
   * @param {AbortSignal} signal
   * @param {() => void} check
   * @param {readonly Wanted[]} wanted
   * @param {string} title
   */
  async #weave(loom, signal, check, wanted, title) {
    const { controls, pick } = this.#options;
    const wording = /** @type {Asked} */ (this.#wording);
    const { row, tiles } = this.#grid.add({
      own: this.#own,
      prompt: wording.prompt,
      ...pick && { pick: (tile) => void this.#pick(tile, pick) },
      ...controls && { save: (tile) => void this.#save(tile), choose: () => this.#choose() },
    }, wanted, title);
    // Whoever reads another part of the page is left there.
    if (this.root.matches(':focus-within')) row.scrollIntoView({ block: 'nearest' });
    for (const tile of tiles) tile.point(this.#words.shown);
    await weave(loom, signal, wording, tiles, check);
  }

  // ---- out of here

  /** @param {Tile} tile @param {NonNullable<Options['pick']>} pick */
  async #pick(tile, pick) {
    try {
      await pick(tile.name, async () => {
        this.#say(this.#own('drawing', { number: tile.number, side: String(LARGE) }));
        const picture = onWhite(await this.large(tile));
        this.#say(this.#count());
        return picture;
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {Tile} tile */
  async #save(tile) {
    const { number, name } = tile;
    this.#say(this.#own('drawing', { number, side: String(LARGE) }));
    try {
      download(await toBlob(await this.large(tile)), name);
      this.#say(this.#own('saved', { number, side: String(LARGE) }));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {string} words */
  #say(words) {
    this.#running.fail('');
    this.#running.say(words);
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#running.say(this.#count());
    if (!isAbort(error)) this.#running.fail(wordsOf(this.#options.text, error));
  }

  // ---- what is shown

  /** How many pictures there are, in words. */
  #count() {
    const count = this.pictures.length;
    return count ? this.#own(count === 1 ? 'one' : 'many', { count }) : '';
  }

  /** @param {boolean} busy */
  #busy(busy) {
    if (busy) this.#options.begins?.();
    this.#grid.busy = busy;
    this.#foot.hidden = !this.#wording;
    this.#chosen.root.hidden = this.#foot.hidden || !this.pictures.length;
    this.#more.setAttribute('aria-disabled', String(busy));
    this.#chosen.busy = busy;
  }

  /** Another picture is chosen, or one less. */
  #choose() {
    this.#chosen.show(this.#grid.chosen.map(({ number }) => number));
  }

  #release() {
    this.#grid.release();
    this.#choose();
  }
}

/**
 * Colour and cloth that words name; empty where they name neither.
 *
 * @param {Loom} loom
 * @param {AbortSignal} signal
 * @param {string} words
 */
async function paintOf(loom, signal, words) {
  try {
    return (await read(loom, signal, words)).paint;
  } catch (error) {
    if (error instanceof Trouble && error.key === 'noKnownWord') return new Float32Array();
    throw error;
  }
}

/** An editor has no use for what can be seen through. @param {HTMLCanvasElement} canvas */
function onWhite(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}
