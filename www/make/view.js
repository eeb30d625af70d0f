// A sentence and the pictures that are made of it, for the page's tab and for the element alike.
import { abortable } from '../engine.js';
import { promptsOf } from '../load.js';
import { ownTexts } from './texts.js';
import { Tile } from './tile.js';
import { Words } from './words.js';
import { make } from '../parts.js';
import { named, noKnownWord } from '../prompt.js';
import { isAbort, megabytes, Trouble, wordsOf } from '../texts.js';

/**
 * @typedef {object} Loom A model that makes pictures, once it is here.
 * @property {import('../load.js').Model} model
 * @property {<T>(signal: AbortSignal, run: (engine: import('../engine.js').Engine) => Promise<T>) => Promise<T>} take
 *
 * @typedef {object} Made
 * @property {string} prompt
 * @property {number} seed Of the first picture.
 * @property {readonly string[]} unknown
 * @property {number} milliseconds
 *
 * @typedef {object} Options
 * @property {import('../texts.js').Text} text
 * @property {(progress: import('../load.js').Progress) => Promise<Loom>} open
 * @property {(prompt: string) => void} wish A visitor asks for this sentence.
 * @property {boolean} controls Whether visitors may ask for other sentences and pictures.
 * @property {(picture: HTMLCanvasElement, name: string) => void} [pick] Goes on with a picture elsewhere.
 */

/** How many pictures are made at a time. */
const ROW = 6;
/** How long something takes before a button to stop it is offered. */
const PATIENCE_MS = 700;
/** How long after a key the words are looked at. */
const CHECK_MS = 600;

export class MakeView {
  #options;
  #own;
  /** @type {Promise<Loom> | undefined} */
  #loom;
  #ready = false;
  /** Whatever begins takes the place of what ran before. */
  #turn = 0;
  #end = new AbortController();
  #busy = false;
  /** Tries again what failed. */
  #again = () => {};

  /** What the pictures are of. @type {import('./worker.js').Wording & {prompt: string, seed: number} | undefined} */
  #wording;
  /** @type {Tile[]} */
  #tiles = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #checking;

  #field = make('input', { type: 'text', id: 'make-prompt', part: 'prompt', dir: 'auto', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'true', enterkeyhint: 'go', 'aria-describedby': 'make-note' });
  #note = make('p', { class: 'note', id: 'make-note', role: 'status' });
  #english = make('p', { class: 'note' });
  #chips = make('ul', { class: 'chips' });
  #status = make('p', { role: 'status', part: 'status' });
  #stop = make('button', { type: 'button', part: 'button', hidden: '' });
  #bytes = make('span', {});
  #progress = make('progress', { part: 'progress' });
  #loading = make('div', { class: 'loading', hidden: '' }, this.#bytes, this.#progress);
  #error = make('p', { class: 'error', role: 'alert', part: 'error' });
  #retry = make('button', { type: 'button', part: 'button', hidden: '' });
  #words;
  #list = make('ul', { class: 'pictures' });
  #more = make('button', { type: 'button', class: 'more', part: 'button', hidden: '' });

  root = make('div', { class: 'maker', tabindex: '-1' });

  /** @param {Options} options */
  constructor(options) {
    const { text } = options;
    const own = ownTexts(text);
    this.#options = options;
    this.#own = own;
    this.#chips.setAttribute('aria-label', text('chips'));
    this.#list.setAttribute('aria-label', own('pictures'));
    this.#progress.setAttribute('aria-label', text('fetching'));
    this.#stop.textContent = text('stop');
    this.#retry.textContent = text('retry');
    this.#more.textContent = own('more');
    this.#words = new Words(own('words'), () => this.#point());
    const form = make('form', { novalidate: '' },
      make('label', { for: this.#field.id }, own('prompt')),
      make('div', { class: 'field sentence', part: 'field' }, this.#field,
        make('button', { type: 'submit', class: 'primary', part: 'button' }, own('make'))),
      this.#note, this.#english);
    const state = make('div', { class: 'state' }, this.#status, this.#stop);
    this.root.append(make('div', { class: 'asking' }, ...(options.controls ? [form, this.#chips] : [this.#note]),
      state, this.#loading, this.#error, this.#retry), this.#words.root, this.#list, this.#more);
    this.#blank();
    this.#listen(form);
  }

  get busy() {
    return this.#busy;
  }

  /** The sentence in the field. @param {string} prompt */
  set prompt(prompt) {
    this.#field.value = prompt;
    clearTimeout(this.#checking);
  }

  /** The pictures that are there. */
  get pictures() {
    return this.#tiles.filter((tile) => tile.finished);
  }

  focus() {
    (this.#options.controls ? this.#field : this.root).focus();
  }

  /** Fetches the model, if it is not here yet. */
  async load() {
    if (!this.#ready && !this.#busy) await this.#run(this.#own('early'), () => void this.load().catch(() => {}), (signal) => this.#here(signal));
  }

  /**
   * Makes pictures of a sentence. They take the place of those before once it has been read.
   *
   * @param {string} prompt
   * @param {number} [seed] Of the first picture; the others follow.
   * @returns {Promise<Made>}
   */
  async ask(prompt, seed = 1) {
    const { text, wish } = this.#options;
    const began = performance.now();
    if (!prompt.trim()) {
      this.#fail(this.#own('empty'));
      this.focus();
      throw new RangeError(this.#own('empty'));
    }
    return this.#run(this.#ready ? text('weaving') : this.#own('wait'), () => wish(prompt), async (signal, check) => {
      const loom = await this.#here(signal);
      check();
      this.#say(text('weaving'));
      const wording = await this.#read(loom, signal, prompt);
      check();
      this.#wording = { ...wording, prompt, seed };
      this.#note.replaceChildren(...named(text, wording.unknown));
      this.#tiles = [];
      this.#list.replaceChildren();
      this.#words.spell({ ...wording, prompt });
      await this.#weave(loom, signal, check);
      return { prompt, seed, unknown: wording.unknown, milliseconds: performance.now() - began };
    });
  }

  /** Other pictures of the same sentence. */
  async more() {
    if (this.#busy || !this.#wording) return;
    await this.#run(this.#options.text('weaving'), () => void this.more().catch(() => {}), async (signal, check) => {
      await this.#weave(await this.#here(signal), signal, check);
    });
  }

  /** Ends what is running; what is finished stays. */
  stop() {
    if (!this.#busy) return;
    this.#end.abort();
    this.#end = new AbortController();
  }

  // ---- from a sentence to pictures

  /** @param {AbortSignal} signal Ends the waiting; what is on its way may come. */
  #here(signal) {
    const loom = this.#loom ??= this.#fetch().catch((error) => {
      this.#loom = undefined;
      throw error;
    });
    return abortable(signal, (/** @type {(loom: Loom) => void} */ resolve, reject) => loom.then(resolve, reject));
  }

  async #fetch() {
    const { text, open } = this.#options;
    this.#loading.hidden = false;
    this.#progress.removeAttribute('value');
    this.#bytes.textContent = text('fetching');
    try {
      const loom = await open((received, total) => {
        this.#progress.value = received / total;
        const done = received === total;
        this.#bytes.textContent = `${text(done ? 'settingUp' : 'fetching')} · ${text('bytes', { received: megabytes(text, received), total: megabytes(text, total) })}`;
      });
      this.#ready = true;
      this.#suggest(loom.model);
      return loom;
    } finally {
      this.#loading.hidden = true;
    }
  }

  /** @param {Loom} loom @param {AbortSignal} signal @param {string} prompt @returns {Promise<import('./worker.js').Wording>} */
  async #read(loom, signal, prompt) {
    try {
      return await loom.take(signal, (engine) => engine.take(signal, (send) => send({ type: 'read', prompt })));
    } catch (error) {
      if (isAbort(error)) throw error;
      // The engine's own errors are English. The one that everybody meets is not to be.
      const unknown = await loom.take(signal, (engine) => engine.unknownWords(signal, prompt)).catch(() => []);
      const trouble = noKnownWord(prompt, unknown);
      if (trouble) this.#note.replaceChildren(...named(this.#options.text, unknown));
      throw trouble ?? error;
    }
  }

  /**
   * One more row of pictures, one after the other.
   *
   * @param {Loom} loom
   * @param {AbortSignal} signal
   * @param {() => void} check
   */
  async #weave(loom, signal, check) {
    const { text, pick, controls } = this.#options;
    const wording = this.#wording;
    if (!wording) return;
    const { prompt, condition, features, words, seed } = wording;
    const fail = (/** @type {string} */ error) => this.#fail(error);
    const first = this.#tiles.length;
    const row = Array.from({ length: ROW }, (_, i) => new Tile({ text, own: this.#own, prompt, fail, pick, save: controls }, first + i + 1));
    this.#tiles.push(...row);
    this.#list.append(...row.map(({ root }) => root));
    // Whoever reads another part of the page is left there.
    if (this.root.matches(':focus-within')) row[0]?.root.scrollIntoView({ block: 'nearest' });
    for (const [i, tile] of row.entries()) {
      await loom.take(signal, (engine) => engine.take(signal, async (send) => {
        check();
        tile.sketch(await send({ type: 'sketch', condition, features, seed: (seed + first + i) >>> 0 }));
        check();
        tile.finish(await send({ type: 'finish', words: words.length }));
      }));
      check();
      tile.point(this.#words.shown);
    }
    this.#count();
  }

  /**
   * Does something that takes a while, and reports what goes wrong with it.
   *
   * @template T
   * @param {string} words
   * @param {() => void} again
   * @param {(signal: AbortSignal, check: () => void) => Promise<T>} task
   */
  async #run(words, again, task) {
    const turn = ++this.#turn;
    const { signal } = this.#end;
    // A newer sentence does not end the step that runs, which is short: that would cost the worker.
    const check = () => {
      signal.throwIfAborted();
      if (turn !== this.#turn) throw new DOMException('A newer one took its place.', 'AbortError');
    };
    const patience = setTimeout(() => { this.#stop.hidden = turn !== this.#turn; }, PATIENCE_MS);
    this.#setBusy(true);
    this.#fail('');
    this.#say(words);
    this.#tidy();
    try {
      const outcome = await task(signal, check);
      if (turn === this.#turn && this.#status.textContent === words) this.#say(this.#options.text('ready'));
      return outcome;
    } catch (error) {
      if (turn === this.#turn) {
        this.#tidy();
        if (!isAbort(error)) this.#report(error, again);
        else if (this.pictures.length) this.#count();
        else this.#say(this.#options.text('stopped'));
      }
      throw error;
    } finally {
      clearTimeout(patience);
      if (turn === this.#turn) this.#setBusy(false);
    }
  }

  // ---- what is shown

  #point() {
    for (const tile of this.#tiles) tile.point(this.#words.shown);
  }

  /** @param {import('../load.js').Model} model */
  #suggest(model) {
    const { text, wish } = this.#options;
    const { prompts, lang } = promptsOf(model, text.lang);
    this.#field.placeholder = prompts[0] ?? '';
    this.#english.textContent = model.prompts_zh ? '' : text('english');
    this.#chips.lang = lang;
    this.#chips.replaceChildren(...prompts.map((prompt) => {
      const chip = make('button', { type: 'button', part: 'button chip' }, prompt);
      chip.addEventListener('click', () => {
        this.prompt = prompt;
        wish(prompt);
      });
      return make('li', {}, chip);
    }));
  }

  /** Places for the first pictures. */
  #blank() {
    this.#list.replaceChildren(...Array.from({ length: ROW }, () => make('li', { class: 'tile', 'aria-hidden': 'true' }, make('div', { class: 'picture' }))));
  }

  /** Takes the places away that no picture came to. */
  #tidy() {
    for (const tile of this.#tiles) if (!tile.finished) tile.root.remove();
    this.#tiles = this.pictures;
    if (!this.#tiles.length) this.#blank();
  }

  #count() {
    const count = this.pictures.length;
    this.#say(this.#own(count === 1 ? 'one' : 'many', { count }));
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy;
    this.#list.ariaBusy = String(busy);
    if (!busy) this.#stop.hidden = true;
    this.#more.hidden = !this.#options.controls || !this.#wording;
    this.#more.setAttribute('aria-disabled', String(busy));
  }

  /** @param {string} words */
  #say(words) {
    this.#status.textContent = words;
  }

  /** @param {string} words */
  #fail(words) {
    this.#error.textContent = words;
    this.#retry.hidden = true;
  }

  /** @param {unknown} error @param {() => void} again */
  #report(error, again) {
    this.#say('');
    this.#fail(wordsOf(this.#options.text, error));
    this.#again = again;
    this.#retry.hidden = error instanceof Trouble && error.key === 'noKnownWord';
  }

  // ---- what can be pressed

  /** @param {HTMLFormElement} form */
  #listen(form) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      // A phone's keyboard would cover what comes.
      if (matchMedia('(pointer: coarse)').matches) this.root.focus({ preventScroll: true });
      this.#options.wish(this.#field.value);
    });
    this.#field.addEventListener('input', () => {
      clearTimeout(this.#checking);
      this.#checking = setTimeout(() => void this.#look(), CHECK_MS);
    });
    this.#stop.addEventListener('click', () => {
      this.stop();
      this.focus();
    });
    this.#retry.addEventListener('click', () => {
      this.focus();
      this.#again();
    });
    this.#more.addEventListener('click', () => this.more().catch(() => {}));
    this.root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.isComposing) return;
      if (this.#busy) this.stop();
      else this.#words.release();
    });
  }

  /** Names the words that the model doesn't know. */
  async #look() {
    const prompt = this.#field.value;
    if (!this.#ready || this.#busy) return;
    const { signal } = this.#end;
    const loom = await this.#here(signal);
    // An engine that is in trouble says so when it is asked; a newer check takes the place of this one.
    const unknown = await loom.take(signal, (engine) => engine.unknownWords(signal, prompt)).catch(() => undefined);
    if (unknown && prompt === this.#field.value) this.#note.replaceChildren(...named(this.#options.text, unknown));
  }
}
