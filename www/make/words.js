// The sentence that pictures were made of: each word that their regions attend to shows where.
import { make } from '../ui/parts.js';

export class Words {
  #point;
  #prompt = make('p', { class: 'words', dir: 'auto' });
  #hint = make('p', { class: 'note', id: 'make-hint' });
  /** The word whose places are shown as long as it is pointed at, and the one that was pressed. @type {number | undefined} */
  #pointed;
  /** @type {number | undefined} */
  #pressed;

  root = make('div', { hidden: '' });

  /**
   * @param {string} hint
   * @param {() => void} point Another word is meant, or none.
   */
  constructor(hint, point) {
    this.#point = point;
    this.#hint.textContent = hint;
    this.root.append(this.#prompt, this.#hint);
  }

  /** The word whose places are to be shown. */
  get shown() {
    return this.#pointed ?? this.#pressed;
  }

  /** @param {import('./worker.js').Wording & {prompt: string}} wording Its words are in the order of the sentence. */
  spell({ prompt, words, unknown }) {
    this.#pointed = undefined;
    this.#pressed = undefined;
    this.#prompt.replaceChildren();
    let at = 0;
    for (const [i, word] of words.entries()) {
      const found = find(prompt, word, at);
      if (found < 0) continue;
      // What the model does not know says nothing, wherever regions looked for it.
      this.#prompt.append(prompt.slice(at, found), unknown.includes(word) ? make('bdi', {}, word) : this.#button(i, word));
      at = found + word.length;
    }
    this.#prompt.append(prompt.slice(at));
    this.#hint.hidden = !this.#prompt.querySelector('button');
    this.root.hidden = false;
  }

  /** Lets go of the word that was pressed; whether there was one. */
  release() {
    const pressed = /** @type {HTMLElement | null} */ (this.#prompt.querySelector('[aria-pressed="true"]'));
    pressed?.click();
    return Boolean(pressed);
  }

  /** @param {number} i @param {string} word */
  #button(i, word) {
    const button = make('button', { type: 'button', 'aria-pressed': 'false', 'aria-describedby': 'make-hint' }, word);
    const point = (/** @type {number | undefined} */ to) => {
      this.#pointed = to;
      this.#point();
    };
    button.addEventListener('pointerenter', ({ pointerType }) => { if (pointerType === 'mouse') point(i); });
    button.addEventListener('pointerleave', () => point(undefined));
    // A finger's press is no more than a press.
    button.addEventListener('focus', () => { if (button.matches(':focus-visible')) point(i); });
    button.addEventListener('blur', () => point(undefined));
    button.addEventListener('click', () => {
      this.#pressed = this.#pressed === i ? undefined : i;
      for (const other of this.#prompt.querySelectorAll('button')) other.ariaPressed = String(other === button && this.#pressed === i);
      this.#point();
    });
    return button;
  }
}

const LETTER = /[\p{Script=Latin}\p{N}]/u;

/**
 * Where a word is in a sentence that has other words as well: the "a" of "black" is none. -1 where it is not.
 *
 * @param {string} prompt
 * @param {string} word
 * @param {number} at
 */
function find(prompt, word, at) {
  const joined = (/** @type {number} */ i) => LETTER.test(prompt[i - 1] ?? '') && LETTER.test(prompt[i] ?? '');
  let found = prompt.indexOf(word, at);
  while (found >= 0 && (joined(found) || joined(found + word.length))) found = prompt.indexOf(word, found + 1);
  return found;
}
