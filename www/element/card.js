// What an open <word-loom> shows: the stage, and below it progress, messages and controls. The
// element's attributes say what is wanted; controls change them like any script of the page may.
import { Controls } from './controls.js';
import { promptsOf } from '../engine/load.js';
import { download, toBlob } from '../photo/photo.js';
import { Stage } from '../stage/stage.js';
import { make } from '../ui/parts.js';
import { decimal, isAbort, lacking, megabytes, texts, Trouble, wordsOf } from '../i18n/texts.js';
import { open, photoAt } from '../wordloom.js';

/**
 * @typedef {import('../element.js').WordLoom} WordLoom
 * @typedef {import('../types/wordloom.d.ts').Edit} Edit
 * @typedef {import('../types/wordloom.d.ts').Loom} Loom
 * @typedef {import('../types/element.d.ts').EditDetail} EditDetail
 */

/** How long an edit takes before a button to stop it is offered. */
const PATIENCE_MS = 700;

export class Card {
  #host;
  #text;
  /** What is asked for now, as one string; whether it is done, or how it will end. */
  #asked = '';
  #state = /** @type {'running' | 'done' | 'failed'} */ ('done');
  #outcome = /** @type {Promise<EditDetail | undefined>} */ (Promise.resolve(undefined));
  #run = new AbortController();

  /** @type {{src: string, photo: Promise<import('../photo/photo.js').Photo>} | undefined} */
  #opened;
  /** @type {{model: string, end: AbortController, loom: Promise<Loom>} | undefined} */
  #joined;
  /** @type {Edit | undefined} */
  #edit;
  /** The photo on the stage. @type {import('../photo/photo.js').Photo | undefined} */
  #shown;
  /** The strength that the edit is shown at. */
  #drawn = 1;
  /** Settles when it is the one that is wanted. @type {Promise<void> | undefined} */
  #drawing;

  #style = make('link', { rel: 'stylesheet', href: new URL('../ui/base.css', import.meta.url).href });
  #box = make('div', { class: 'card', part: 'card', role: 'group', tabindex: '-1', hidden: '' });
  #stage;
  #status = make('p', { role: 'status', part: 'status' });
  #bytes = make('span', { class: 'bytes', hidden: '' });
  #progress = /** @type {HTMLProgressElement} */ (make('progress', { part: 'progress', hidden: '' }));
  #stop = make('button', { type: 'button', part: 'button', hidden: '' });
  #error = make('p', { class: 'error', role: 'alert', part: 'error' });
  #retry = make('button', { type: 'button', part: 'button', hidden: '' });
  #note = make('p', { class: 'note', role: 'status' });
  #controls;

  /**
   * A card that is ready to be shown: its style sheet is here.
   *
   * @param {WordLoom} host
   * @param {ShadowRoot} root
   */
  static async make(host, root) {
    const lang = /** @type {HTMLElement | null} */ (host.closest('[lang]'))?.lang;
    const card = new Card(host, await texts(lang ? [lang] : navigator.languages));
    const loaded = new Promise((resolve, reject) => {
      card.#style.addEventListener('load', resolve);
      card.#style.addEventListener('error', reject);
    });
    // Before the element's own, which has the last word.
    root.prepend(card.#style);
    root.append(card.#box);
    try {
      await loaded;
      return card;
    } catch (error) {
      card.close();
      throw error;
    }
  }

  /** @param {WordLoom} host @param {import('../i18n/texts.js').Text} text */
  constructor(host, text) {
    this.#host = host;
    this.#text = text;
    this.#box.lang = this.#text.lang;
    this.#box.setAttribute('aria-label', host.alt || this.#text('stage'));
    const stage = make('div', {});
    this.#stage = new Stage(stage, { text: this.#text, mask: async () => this.#edit?.mask() });
    this.#controls = new Controls(this.#text, {
      wish: (prompt) => this.#wish(prompt),
      halt: () => this.#halt(),
      strength: (strength) => { host.strength = strength; },
      save: () => void this.#save(),
    });
    const doing = make('div', { class: 'doing' }, this.#status, this.#bytes, this.#stop, this.#progress);
    this.#box.append(stage, doing, make('div', { class: 'trouble' }, this.#error, this.#retry), this.#note, this.#controls.root);
    this.#progress.setAttribute('aria-label', this.#text('fetching'));
    this.#stop.textContent = this.#text('stop');
    this.#retry.textContent = this.#text('retry');
    this.#stop.addEventListener('click', () => {
      this.#halt();
      this.#box.focus();
    });
    this.#retry.addEventListener('click', () => {
      this.#box.focus();
      this.#start();
    });
  }

  /** @param {boolean} focus */
  show(focus) {
    this.#box.hidden = false;
    if (focus) this.#box.focus({ preventScroll: true });
    this.update();
  }

  /** Brings what is shown into line with the attributes. */
  update() {
    const { src, model, prompt, strength, controls } = this.#host;
    this.#controls.root.hidden = !controls;
    this.#controls.strength = strength;
    const asked = JSON.stringify([src, model, prompt]);
    if (asked === this.#asked) {
      void this.#redraw();
      return;
    }
    this.#asked = asked;
    this.#controls.prompt = prompt;
    this.#start();
  }

  /** @returns {Promise<EditDetail>} */
  async edit() {
    this.update();
    if (this.#state === 'failed') this.#start();
    const detail = await this.#outcome;
    if (!detail) throw new Trouble('emptyPrompt');
    await this.#redraw();
    return detail;
  }

  /** @param {import('../types/wordloom.d.ts').Type} [type] */
  async toBlob(type) {
    this.update();
    // What went wrong has been told; what is shown is still there.
    await this.#outcome.catch(() => {});
    await this.#redraw();
    return toBlob(this.#edit?.canvas ?? (await this.#photo(this.#host.src)).canvas, type);
  }

  /** Ends what is running, and takes the card away. */
  close() {
    this.#run.abort();
    this.#leave();
    for (const element of [this.#style, this.#box]) element.remove();
  }

  // ---- from what is asked for to what is shown

  #start() {
    this.#run.abort();
    this.#run = new AbortController();
    this.#outcome = this.#weave(this.#run.signal);
    // Reported already, to the visitor and as an event.
    this.#outcome.catch(() => {});
  }

  /** Ends what is running, the download among it. */
  #halt() {
    if (this.#state !== 'running') return;
    this.#run.abort();
    if (!this.#progress.hidden) this.#leave();
  }

  /** @param {AbortSignal} signal */
  async #weave(signal) {
    const { src, model, prompt, controls } = this.#host;
    const patience = setTimeout(() => { this.#stop.hidden = false; }, PATIENCE_MS);
    this.#state = 'running';
    this.#stage.busy = true;
    this.#fail('');
    this.#tell();
    try {
      if (!src) throw new Trouble('noSource');
      const [photo, loom] = await Promise.all([
        this.#photo(src, signal),
        prompt.trim() || controls ? this.#loom(model) : undefined,
      ]);
      signal.throwIfAborted();
      const detail = loom && prompt.trim() ? await this.#ask(loom, photo, prompt, signal) : undefined;
      // While the visitor thinks of a sentence. What goes wrong, goes wrong again with it, and is told then.
      if (!detail) void loom?.look(photo).catch(() => {});
      if (!detail) this.#unmake();
      this.#state = 'done';
      return detail;
    } catch (error) {
      // Something newer runs already, or the card is gone.
      if (signal !== this.#run.signal) throw error;
      this.#state = 'failed';
      this.#say(signal.aborted ? this.#text('stopped') : '');
      if (!signal.aborted) this.#report(error);
      this.#retry.hidden = false;
      throw error;
    } finally {
      clearTimeout(patience);
      if (signal === this.#run.signal) {
        this.#stop.hidden = true;
        this.#stage.busy = false;
      }
    }
  }

  /**
   * @param {Loom} loom
   * @param {import('../photo/photo.js').Photo} photo
   * @param {string} prompt
   * @param {AbortSignal} signal
   */
  async #ask(loom, photo, prompt, signal) {
    const { strength } = this.#host;
    const began = performance.now();
    this.#say(this.#text('weaving'));
    const edit = await loom.edit(photo, prompt, { strength, signal });
    this.#edit = edit;
    this.#drawn = strength;
    this.#stage.showEdit(edit.canvas, prompt);
    this.#controls.made = true;
    const milliseconds = performance.now() - began;
    this.#say(this.#text('done', { seconds: decimal(this.#text, milliseconds / 1000) }));
    const { unknown, missing } = edit;
    this.#tell(
      unknown.length ? this.#text('unknown', { words: unknown.join(', ') }) : '',
      lacking(this.#text, missing),
    );
    const detail = { prompt, strength, unknown, missing, milliseconds };
    this.#host.dispatchEvent(new CustomEvent('edit', { detail }));
    void this.#redraw();
    return detail;
  }

  /**
   * The photo, on the stage as soon as it is here.
   *
   * @param {string} src
   * @param {AbortSignal} [signal]
   */
  async #photo(src, signal) {
    if (this.#opened?.src !== src) {
      this.#opened = { src, photo: photoAt(src) };
    }
    const { photo } = this.#opened;
    const opened = await photo.catch((error) => {
      if (this.#opened?.photo === photo) this.#opened = undefined;
      throw error;
    });
    if (!signal?.aborted && this.#shown !== opened) {
      this.#shown = opened;
      this.#unmake();
      this.#stage.showPhoto(opened.canvas);
      this.#tell();
      if (this.#host.alt) opened.canvas.setAttribute('aria-label', this.#host.alt);
    }
    return opened;
  }

  /** There is no edit any more, or not yet. */
  #unmake() {
    this.#edit = undefined;
    this.#controls.made = false;
    this.#stage.showOriginal();
    this.#say('');
  }

  /** @param {string} model */
  async #loom(model) {
    if (this.#joined?.model !== model) {
      this.#leave();
      const end = new AbortController();
      this.#joined = { model, end, loom: this.#join(model, end.signal) };
    }
    const { loom } = this.#joined;
    return loom.catch((error) => {
      if (this.#joined?.loom === loom) this.#joined = undefined;
      throw error;
    });
  }

  /**
   * @param {string} model
   * @param {AbortSignal} signal
   */
  async #join(model, signal) {
    this.#progress.removeAttribute('value');
    this.#progress.hidden = false;
    this.#say(this.#text('fetching'));
    try {
      const loom = await open({
        model,
        signal,
        progress: (received, total) => {
          this.#progress.value = received / total;
          this.#bytes.hidden = false;
          if (received === total) this.#say(this.#text('settingUp'));
          this.#bytes.textContent = this.#text('bytes', { received: megabytes(this.#text, received), total: megabytes(this.#text, total) });
          this.#host.dispatchEvent(new CustomEvent('progress', { detail: { received, total } }));
        },
      });
      this.#controls.suggest(promptsOf(loom.model, this.#text.lang).prompts);
      return loom;
    } finally {
      // Another model may be on its way by now.
      if (!this.#joined || this.#joined.end.signal === signal) {
        this.#progress.hidden = true;
        this.#bytes.hidden = true;
      }
    }
  }

  #leave() {
    this.#joined?.end.abort();
    this.#joined?.loom.then((loom) => loom.close(), () => {});
    this.#joined = undefined;
  }

  #redraw() {
    this.#drawing ??= this.#draw().catch((error) => this.#report(error)).finally(() => { this.#drawing = undefined; });
    return this.#drawing;
  }

  /** The shown edit at the strength that is wanted, until that does not change any more. */
  async #draw() {
    for (let edit = this.#edit; edit && this.#drawn !== this.#host.strength; edit = this.#edit) {
      this.#drawn = this.#host.strength;
      await edit.draw(this.#drawn);
    }
  }

  // ---- words

  /** @param {string} text */
  #say(text) {
    this.#status.textContent = text;
  }

  /** What there is to know of the photo, and of its edit. @param {string[]} notes */
  #tell(...notes) {
    const { full } = this.#shown ?? {};
    this.#note.textContent = [full ? this.#text('shrunk', { ...full }) : '', ...notes].join(' ').trim();
  }

  /** @param {string} text */
  #fail(text) {
    this.#error.textContent = text;
    this.#retry.hidden = !text;
  }

  /** @param {unknown} error */
  #report(error) {
    if (isAbort(error)) return;
    this.#fail(wordsOf(this.#text, error));
    this.#host.dispatchEvent(new CustomEvent('error', { detail: error }));
  }

  // ---- what a visitor asks for

  /** @param {string} prompt */
  #wish(prompt) {
    if (!prompt.trim()) {
      this.#fail(this.#text('emptyPrompt'));
      this.#controls.focus();
      return;
    }
    this.#host.prompt = prompt;
    this.edit().catch(() => {});
  }

  async #save() {
    try {
      const photo = await this.#photo(this.#host.src);
      download(await this.toBlob(), photo.fileName(this.#host.prompt, 'image/png'));
    } catch (error) {
      this.#report(error);
    }
  }
}
