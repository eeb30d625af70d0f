// What an element with `controls` has below its photo: the sentence, suggestions, strength, saving.
import { make } from '../ui/parts.js';

/**
 * @typedef {object} Actions
 * @property {(prompt: string) => void} wish
 * @property {() => void} halt
 * @property {(strength: number) => void} strength
 * @property {() => void} save
 */

export class Controls {
  root = make('div', { class: 'controls', part: 'controls' });
  #actions;
  #field = /** @type {HTMLInputElement} */ (make('input', { id: 'prompt', part: 'prompt', autocomplete: 'off', autocapitalize: 'none', enterkeyhint: 'go' }));
  #chips = make('ul', { class: 'chips' });
  /** What is of use only once there is an edit. */
  #fine = make('div', { class: 'fine', hidden: '' });
  #strength = /** @type {HTMLInputElement} */ (make('input', { type: 'range', id: 'strength', part: 'strength', min: '0', max: '1', step: '0.05' }));
  #percent = make('output', { for: 'strength' });

  /**
   * @param {import('../i18n/texts.js').Text} text
   * @param {Actions} actions
   */
  constructor(text, actions) {
    this.#actions = actions;
    this.#field.placeholder = text('placeholder');
    this.#chips.setAttribute('aria-label', text('chips'));
    const form = make('form', { class: 'sentence', novalidate: '' },
      make('label', { for: 'prompt' }, text('prompt')),
      make('div', { class: 'field', part: 'field' }, this.#field,
        make('button', { type: 'submit', class: 'primary', part: 'button' }, text('edit'))));
    const save = make('button', { type: 'button', part: 'button' }, text('download'));
    this.#fine.append(
      make('div', { class: 'strength' }, make('label', { for: 'strength' }, text('strength')), this.#strength, this.#percent),
      save);
    this.root.append(form, this.#chips, this.#fine);

    form.addEventListener('submit', (event) => {
      event.preventDefault();
      actions.wish(this.#field.value);
    });
    this.#field.addEventListener('keydown', ({ key, isComposing }) => {
      if (key === 'Escape' && !isComposing) actions.halt();
    });
    this.#strength.addEventListener('input', () => actions.strength(this.#strength.valueAsNumber));
    save.addEventListener('click', actions.save);
  }

  /** @param {string} prompt */
  set prompt(prompt) {
    this.#field.value = prompt;
  }

  /** @param {number} strength */
  set strength(strength) {
    this.#strength.valueAsNumber = strength;
    this.#percent.textContent = `${Math.round(strength * 100)} %`;
  }

  /** Whether there is an edit. @param {boolean} made */
  set made(made) {
    this.#fine.hidden = !made;
  }

  focus() {
    this.#field.focus();
  }

  /** @param {readonly string[]} prompts */
  suggest(prompts) {
    this.#field.placeholder = prompts[0] ?? '';
    this.#chips.replaceChildren(...prompts.map((prompt) => {
      const chip = make('button', { type: 'button', part: 'button chip' }, prompt);
      chip.addEventListener('click', () => this.#actions.wish(prompt));
      return make('li', {}, chip);
    }));
  }
}
