// The field that one types a sentence into: the model's suggestions, earlier sentences, words that nobody knows,
// things that the photo lacks.
import { byId, say } from '../ui/dom.js';
import { promptsOf } from '../engine/load.js';
import { lacking, LONGEST, NAMED, quoted, Trouble } from '../i18n/texts.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../edits/keep.js').Keep} keep
 * @property {() => void} ask A sentence is to be carried out.
 * @property {(prompt: string) => Promise<string[]>} check Which words nobody knows.
 * @property {(typed: boolean) => void} changed The sentence is another one.
 */

/** How long after a key the words are looked at, and how long after it the last one counts as finished. */
const CHECK_MS = 150;
const FINISHED_MS = 1000;

export class Prompt {
  #options;
  #field = byId('prompt', HTMLInputElement);
  #unknown = byId('unknown', HTMLElement);
  /** Where one is among the earlier sentences, and what one had typed before one went there. */
  #at = 0;
  #draft = '';
  /** @type {ReturnType<typeof setTimeout>[]} */
  #timers = [];
  /** The sentences to click. @type {readonly string[]} */
  offered = [];

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    this.#field.value = options.keep.prompt;
    this.#at = options.keep.sentences.length;
    byId('form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      // The edit will tell, and not only of words.
      this.#clearTimers();
      options.ask();
    });
    this.#field.addEventListener('input', (event) => this.#typed(/** @type {InputEvent} */ (event).isComposing));
    this.#field.addEventListener('compositionend', () => this.#typed());
    this.#field.addEventListener('keydown', (event) => {
      if (event.isComposing || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (step && this.#walk(step)) event.preventDefault();
    });
  }

  get value() {
    return this.#field.value;
  }

  set value(prompt) {
    this.#field.value = prompt;
    this.#at = this.#options.keep.sentences.length;
    this.#options.keep.prompt = prompt;
    this.#clearTimers();
    this.mark([]);
    this.#options.changed(false);
  }

  /** As if the visitor had typed it. @param {string} prompt */
  type(prompt) {
    this.#field.value = prompt;
    this.#typed();
  }

  focus() {
    this.#field.focus();
  }

  blur() {
    this.#field.blur();
  }

  /** Offers what the model says of itself. @param {import('../engine/load.js').Model} model */
  suggest(model) {
    const { text } = this.#options;
    const { prompts, lang } = promptsOf(model, text.lang);
    say('english', model.prompts_zh ? '' : text('english'));
    byId('chips', HTMLElement).lang = lang;
    this.offer(prompts);
    // What was typed before the model was here.
    if (this.value) this.#look();
  }

  /** Sentences to click. @param {readonly string[]} sentences */
  offer(sentences) {
    this.offered = sentences;
    this.#field.placeholder = sentences[0] ?? '';
    byId('chips', HTMLElement).replaceChildren(...sentences.map((sentence) => {
      const item = document.createElement('li');
      const chip = document.createElement('button');
      chip.type = 'button';
      chip.textContent = sentence;
      chip.addEventListener('click', () => {
        // What was typed is not lost.
        if (this.value.trim()) this.remember(this.value);
        this.value = sentence;
        this.#options.ask();
      });
      item.append(chip);
      return item;
    }));
  }

  /** Keeps a sentence for the arrow keys. @param {string} sentence */
  remember(sentence) {
    const { keep } = this.#options;
    keep.sentences = [...keep.sentences.filter((other) => other !== sentence), sentence];
    this.#at = keep.sentences.length;
  }

  /**
   * Says under the field which words nobody knows, and what the photo lacks.
   *
   * @param {string[]} words
   * @param {string[]} [missing]
   */
  mark(words, missing = []) {
    const { text } = this.#options;
    this.#unknown.replaceChildren(...named(text, words));
    say('missing', lacking(text, missing));
  }

  /** Like a shell: up to earlier sentences, down to what one was typing. @param {number} step */
  #walk(step) {
    const { keep } = this.#options;
    const { sentences } = keep;
    if (this.#at >= sentences.length) {
      this.#draft = this.value;
      // The newest may be what stands there already.
      if (step < 0 && sentences.at(-1) === this.value) this.#at = sentences.length - 1;
    }
    const to = this.#at + step;
    if (to < 0 || to > sentences.length) return false;
    this.#at = to;
    this.#field.value = sentences[to] ?? this.#draft;
    keep.prompt = this.value;
    this.#look();
    this.#options.changed(false);
    return true;
  }

  /** @param {boolean} [composing] Signs of an IME are no words yet. */
  #typed(composing = false) {
    this.#options.keep.prompt = this.value;
    if (composing) return;
    this.#at = this.#options.keep.sentences.length;
    this.#look();
    this.#options.changed(true);
  }

  #look() {
    this.#clearTimers();
    // The word that is being typed is not a word yet.
    this.#timers = [setTimeout(() => this.#check(this.value.replace(/[\p{L}\p{M}\p{N}'’]+$/u, '')), CHECK_MS),
      setTimeout(() => this.#check(this.value), FINISHED_MS)];
  }

  #clearTimers() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  /** @param {string} words */
  async #check(words) {
    const prompt = this.value;
    // An engine that is in trouble says so elsewhere; a newer check takes the place of this one.
    const unknown = words.trim() ? await this.#options.check(words).catch(() => undefined) : [];
    if (unknown && prompt === this.value) this.mark(unknown);
  }
}

/** Says which words the model doesn't know. @param {import('../i18n/texts.js').Text} text @param {readonly string[]} words */
export function named(text, words) {
  if (!words.length) return [];
  const [before = '', after = ''] = text('unknown', { words: '\n' }).split('\n');
  const some = words.slice(0, NAMED).map((word) => (word.length > LONGEST ? `${word.slice(0, LONGEST)}…` : word));
  // Their letters may run the other way.
  const marks = some.map((word) => {
    const mark = document.createElement('bdi');
    mark.textContent = `“${word}”`;
    return mark;
  });
  const list = new Intl.ListFormat(text.lang, { type: 'disjunction' })
    .formatToParts([...some.keys(), ...(words.length > NAMED ? ['…'] : [])].map(String))
    .map(({ type, value }) => (type === 'element' ? marks[Number(value)] ?? value : value));
  return [before, ...list, after];
}

/** What to say of a sentence where the words that the model doesn't know are all of it. @param {string} sentence @param {string[]} words */
export function noKnownWord(sentence, words) {
  const known = words.reduce((rest, word) => rest.replaceAll(word.toLowerCase(), ''), sentence.toLowerCase());
  if (!words.length || /[\p{L}\p{N}]/u.test(known)) return undefined;
  return new Trouble('noKnownWord', { words: quoted(words) });
}
