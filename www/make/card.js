// What an open <word-loom mode="make"> shows: a sentence and its pictures. The element's attributes
// say what is wanted, as for card.js.
import { MakeView } from './view.js';
import { make } from '../ui/parts.js';
import { toBlob } from '../photo/photo.js';
import { isAbort, texts, Trouble } from '../i18n/texts.js';
import { join } from '../wordloom.js';

/**
 * @typedef {import('../element.js').WordLoom} WordLoom
 * @typedef {import('../types/element.d.ts').EditDetail} EditDetail
 */

export class Card {
  #host;
  #view;
  #sheets;
  #end = new AbortController();
  #leave = () => {};
  /** What is asked for now, as one string; how that will end, and whether it has failed. */
  #asked = '';
  #outcome = /** @type {Promise<EditDetail | undefined>} */ (Promise.resolve(undefined));
  #failed = false;

  /**
   * A card that is ready to be shown: its style sheets are here.
   *
   * @param {WordLoom} host
   * @param {ShadowRoot} root
   */
  static async make(host, root) {
    const lang = /** @type {HTMLElement | null} */ (host.closest('[lang]'))?.lang;
    const card = new Card(host, await texts(lang ? [lang] : navigator.languages));
    const loaded = card.#sheets.map((sheet) => new Promise((resolve, reject) => {
      sheet.addEventListener('load', resolve);
      sheet.addEventListener('error', reject);
    }));
    // Before the element's own, which has the last word.
    root.prepend(...card.#sheets);
    root.append(card.#view.root);
    try {
      await Promise.all(loaded);
      return card;
    } catch (error) {
      card.close();
      throw error;
    }
  }

  /** @param {WordLoom} host @param {import('../i18n/texts.js').Text} text */
  constructor(host, text) {
    this.#host = host;
    this.#sheets = ['../ui/base.css', '../make/make.css'].map((name) => make('link', { rel: 'stylesheet', href: new URL(name, import.meta.url).href }));
    this.#view = new MakeView({
      text,
      controls: host.controls,
      open: (progress) => this.#open(progress),
      wish: (prompt) => {
        if (prompt.trim()) host.prompt = prompt;
        // That a sentence is empty is said, and changes nothing.
        (prompt.trim() ? this.edit() : this.#view.ask(prompt)).catch(() => {});
      },
    });
    const { root } = this.#view;
    root.lang = text.lang;
    root.hidden = true;
    root.part.add('card');
    root.role = 'group';
    if (host.alt) root.ariaLabel = host.alt;
  }

  /** @param {boolean} focus */
  show(focus) {
    this.#view.root.hidden = false;
    if (focus) this.#view.root.focus({ preventScroll: true });
    this.update();
  }

  /** Brings what is shown into line with the attributes. */
  update() {
    const { prompt, seed } = this.#host;
    const asked = JSON.stringify([prompt, seed]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#view.prompt = prompt;
    this.#start();
  }

  /** @returns {Promise<EditDetail>} */
  async edit() {
    this.update();
    if (this.#failed) this.#start();
    const detail = await this.#outcome;
    if (!detail) throw new Trouble('emptyPrompt');
    return detail;
  }

  /** The first picture, large. @param {import('../types/wordloom.d.ts').Type} [type] */
  async toBlob(type) {
    await this.edit();
    const [first] = this.#view.pictures;
    return toBlob(await this.#view.large(/** @type {NonNullable<typeof first>} */ (first)), type);
  }

  /** Ends what is running, and takes the card away. */
  close() {
    this.#view.stop();
    this.#end.abort();
    this.#leave();
    for (const element of [...this.#sheets, this.#view.root]) element.remove();
  }

  #start() {
    this.#failed = false;
    const asked = this.#asked;
    this.#outcome = this.#make();
    this.#outcome.catch((error) => {
      if (asked !== this.#asked) return;
      this.#failed = true;
      if (!isAbort(error)) this.#host.dispatchEvent(new CustomEvent('error', { detail: error }));
    });
  }

  async #make() {
    const { prompt, seed, strength, controls } = this.#host;
    if (!prompt.trim()) {
      if (controls) await this.#view.load();
      return undefined;
    }
    const { unknown, milliseconds } = await this.#view.ask(prompt, seed);
    const detail = { prompt, seed, strength, unknown, missing: [], milliseconds };
    this.#host.dispatchEvent(new CustomEvent('edit', { detail }));
    return detail;
  }

  /** @param {import('../engine/load.js').Progress} progress @returns {Promise<import('./loom.js').Loom>} */
  async #open(progress) {
    const [model, shared, leave] = await join('make', this.#host.model, this.#end.signal, (received, total) => {
      progress(received, total);
      this.#host.dispatchEvent(new CustomEvent('progress', { detail: { received, total } }));
    });
    this.#leave = leave;
    return { model, take: (signal, run) => shared.take(signal, run) };
  }
}
