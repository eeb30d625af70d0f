// While one types: the photo follows the sentence, and words wear what they mean, a colour's name its colour.
// It comes behind the model.
import { byId, say } from '../ui/dom.js';
import { styled } from '../ui/parts.js';
import { textsOf } from '../i18n/texts.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../engine/engine.js').Engine} engine
 * @property {import('../edits/work.js').Work} work
 * @property {() => number} strength
 */

const en = { trying: 'Edit or Enter keeps this, Escape gives it up.' };
/** @type {Record<keyof typeof en, string>} */
const zh = { trying: '按“修改”或回车键保留，按 Esc 键放弃。' };

/** An edit that takes no longer is made at every key; else keys have to rest for as long as the last edit took. */
const AT_ONCE_MS = 120;
const LONGEST_MS = 1500;
/** Before it is known how long one takes. */
const FIRST_MS = 250;
/** While something else is made, it is asked again after this time. */
const BUSY_MS = 100;
/** A word that nobody knows is marked once it counts as finished. */
const FINISHED_MS = 1000;

/** What a part of a sentence is, by its number. */
const KINDS = ['thing', 'colour', 'cloth', '', 'unknown'];
const forever = new AbortController().signal;

export class Live {
  #options;
  #field = byId('prompt', HTMLInputElement);
  #marks = byId('marks', HTMLElement);
  #took = FIRST_MS;
  /** The sentence that the photo is to follow, until it does. @type {string | undefined} */
  #wanted;
  #running = false;
  /** Counts what put an end to what was typed before. */
  #turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #finished;

  /** @param {Options} options */
  static async make(options) {
    await styled(new URL('../sentence/live.css', import.meta.url));
    return new Live(options);
  }

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    for (const name of ['scroll', 'keyup', 'pointerup', 'blur']) this.#field.addEventListener(name, () => this.#scroll());
    this.#field.addEventListener('compositionstart', () => this.#marks.replaceChildren());
    // What was typed before this was here counts as well; what was only put there does not, nor what is asked for already.
    const { busy, staged } = options.work;
    this.changed(!busy && staged?.prompt !== this.#field.value && this.#field.matches(':focus, :user-valid'));
  }

  /** The sentence is another one. @param {boolean} [typed] By the visitor, so that the photo follows. */
  changed(typed = false) {
    this.stop();
    void this.#mark(false);
    this.#finished = setTimeout(() => void this.#mark(true), FINISHED_MS);
    if (!typed) return;
    this.#wanted = this.#field.value;
    // What runs goes on with the newest sentence by itself.
    this.#timer = setTimeout(() => this.follow(), this.#took <= AT_ONCE_MS ? 0 : Math.min(this.#took, LONGEST_MS));
  }

  /** The photo follows what is typed, if not before, then once it and the model are here. */
  follow() {
    if (this.#wanted !== undefined && !this.#running) void this.#follow();
  }

  /** The photo does not follow any more: the sentence is carried out, or given up. */
  stop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#finished);
    this.#turn += 1;
    this.#wanted = undefined;
  }

  // ---- inside

  async #follow() {
    const { text, engine, work, strength } = this.#options;
    this.#running = true;
    while (this.#wanted !== undefined && work.photo && engine.opened) {
      if (work.busy) {
        await new Promise((resolve) => { setTimeout(resolve, BUSY_MS); });
        continue;
      }
      const [sentence, turn] = [this.#wanted, this.#turn];
      this.#wanted = undefined;
      const began = performance.now();
      // What goes wrong is told when the sentence is asked for.
      const told = sentence.trim() ? await work.try(sentence, strength()).catch(() => undefined) : undefined;
      if (told) {
        this.#took = performance.now() - began;
        say('error', '');
        say('status', textsOf({ en, zh }, [text.lang])('trying'));
      } else if (turn === this.#turn) await work.forget().catch(() => {});
    }
    this.#running = false;
  }

  /** @param {boolean} finished Whether the last word counts as a word. */
  async #mark(finished) {
    const sentence = this.#field.value;
    const marks = await this.#options.engine.marks(forever, sentence).catch(() => undefined);
    if (!marks || this.#field.value !== sentence) return;
    const parts = [];
    let at = 0;
    for (let i = 0; i < marks.length; i += 4) {
      const [start = 0, end = 0, kind = 0, colour = 0] = marks.subarray(i, i + 4);
      const name = KINDS[kind];
      if (!name || (name === 'unknown' && end === sentence.length && !finished)) continue;
      const part = document.createElement('span');
      part.className = name;
      part.textContent = sentence.slice(start, end);
      part.style.setProperty('--colour', `#${colour.toString(16).padStart(6, '0')}`);
      parts.push(sentence.slice(at, start), part);
      at = end;
    }
    this.#marks.replaceChildren(...parts, sentence.slice(at));
    this.#scroll();
  }

  #scroll() {
    this.#marks.scrollLeft = this.#field.scrollLeft;
  }
}
