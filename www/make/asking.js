// Where a sentence is typed: the field, what the model does not know of it, and suggestions.
import { promptsOf } from '../engine/load.js';
import { make } from '../ui/parts.js';
import { named } from '../sentence/prompt.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('./texts.js').Own} own
 * @property {(prompt: string) => void} wish A visitor asks for this sentence.
 * @property {(prompt: string) => Promise<readonly string[] | undefined>} check Which of its words nobody knows, where that can be told now.
 */

/** How long after a key the words are looked at. */
const CHECK_MS = 600;

export class Asking {
  #options;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #checking;
  #field = make('input', { type: 'text', id: 'make-prompt', part: 'prompt', dir: 'auto', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'true', enterkeyhint: 'go', 'aria-describedby': 'make-note' });
  #note = make('p', { class: 'note', id: 'make-note', role: 'status' });
  #english = make('p', { class: 'note' });
  #chips = make('ul', { class: 'chips' });
  #form;

  /** @param {Options} options */
  constructor(options) {
    const { text, own, wish } = options;
    this.#options = options;
    this.#chips.setAttribute('aria-label', text('chips'));
    this.#form = make('form', { novalidate: '' },
      make('label', { for: this.#field.id }, own('prompt')),
      make('div', { class: 'field sentence', part: 'field' }, this.#field,
        make('button', { type: 'submit', class: 'primary', part: 'button' }, own('make'))),
      this.#note, this.#english);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      wish(this.#field.value);
    });
    this.#field.addEventListener('input', () => {
      clearTimeout(this.#checking);
      this.#checking = setTimeout(() => void this.#check(), CHECK_MS);
    });
  }

  /** All of it, or without controls only what the model does not know. @param {boolean} controls */
  parts(controls) {
    return controls ? [this.#form, this.#chips] : [this.#note];
  }

  /** @param {string} prompt */
  set prompt(prompt) {
    this.#field.value = prompt;
    clearTimeout(this.#checking);
  }

  focus() {
    this.#field.focus();
  }

  /** Says which words nobody knows. @param {readonly string[]} unknown */
  mark(unknown) {
    this.#note.replaceChildren(...named(this.#options.text, unknown));
  }

  /** @param {import('../engine/load.js').Model} model */
  suggest(model) {
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

  async #check() {
    const prompt = this.#field.value;
    const unknown = await this.#options.check(prompt);
    if (unknown && prompt === this.#field.value) this.mark(unknown);
  }
}
