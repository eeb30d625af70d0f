// What can be done with the pictures that are chosen, or with all of them: a bar that stays in view while some are.
import { iconButton } from '../ui/icons.js';
import { make } from '../ui/parts.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('./texts.js').Own} own
 * @property {() => void} like More like the one that is chosen.
 * @property {() => void} between From one of the two to the other.
 * @property {(words: string) => void} dress The same in another colour or cloth.
 * @property {() => void} release Chooses none.
 */

export class Chosen {
  #options;
  #says = make('p', { class: 'says-chosen', role: 'status' });
  #like = make('button', { type: 'button', part: 'button', hidden: '' });
  #between = make('button', { type: 'button', part: 'button', hidden: '' });
  #none;
  #words = make('input', { type: 'text', id: 'make-words', part: 'prompt', dir: 'auto', autocomplete: 'off', autocapitalize: 'none', enterkeyhint: 'go', 'aria-describedby': 'make-refused' });
  #draw = make('button', { type: 'submit', part: 'button' });
  #refused = make('p', { class: 'refused', id: 'make-refused', role: 'alert' });

  root = make('div', { class: 'chosen', role: 'group', hidden: '' });

  /** @param {Options} options */
  constructor(options) {
    const { own, like, between, dress, release } = options;
    this.#options = options;
    this.#like.textContent = own('like');
    this.#between.textContent = own('between');
    this.#draw.textContent = own('draw');
    this.#words.placeholder = own('example');
    this.#none = iconButton('close', own('none'));
    this.#none.setAttribute('part', 'button');
    const form = make('form', { novalidate: '' }, make('label', { for: this.#words.id }, own('same')),
      make('div', { class: 'field', part: 'field' }, this.#words, this.#draw));
    this.root.ariaLabel = own('forPictures');
    this.root.append(make('div', { class: 'about' }, this.#says, this.#none, this.#like, this.#between), form, this.#refused);
    this.#like.addEventListener('click', like);
    this.#between.addEventListener('click', between);
    this.#none.addEventListener('click', () => {
      this.#words.focus({ preventScroll: true });
      release();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const words = this.#words.value.trim();
      if (words) dress(words);
      else this.refuse(own('noWords'));
    });
    this.#words.addEventListener('input', () => this.refuse(''));
    this.show([]);
  }

  /** @param {number[]} numbers Of the pictures that are chosen. */
  show(numbers) {
    const { text, own } = this.#options;
    const [number = 0, ...others] = numbers;
    const list = new Intl.ListFormat(text.lang).format(numbers.map(String));
    this.#like.hidden = numbers.length !== 1;
    this.#between.hidden = numbers.length !== 2;
    this.#none.hidden = !numbers.length;
    this.root.classList.toggle('some', numbers.length > 0);
    this.#says.textContent = others.length ? own('several', { numbers: list }) : own(number ? 'single' : 'howTo', { number });
  }

  /** @param {boolean} busy */
  set busy(busy) {
    for (const button of [this.#like, this.#between, this.#draw]) button.setAttribute('aria-disabled', String(busy));
  }

  /** Says what is wrong with the words for the same in another cloth. @param {string} why Nothing, where all is well. */
  refuse(why) {
    this.#refused.textContent = why;
    this.#words.setAttribute('aria-invalid', String(Boolean(why)));
    if (why) this.#words.focus();
  }
}
