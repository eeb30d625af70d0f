// The page's tab "Make": its model, its view, and the way of a picture to the editor.
import { Engine } from '../engine.js';
import { ownTexts } from './texts.js';
import { MakeView } from './view.js';
import { make } from '../parts.js';

/**
 * @typedef {object} Options
 * @property {import('../texts.js').Text} text
 * @property {import('../models.js').Models} models
 * @property {import('../work.js').Work} work
 * @property {(picture: HTMLCanvasElement, name: string) => void} edit Shows a picture where it can be edited.
 */

export class Making {
  #engine = new Engine();
  #view;

  /** @param {Options} options */
  constructor({ text, models, work, edit }) {
    const own = ownTexts(text);
    const { signal } = new AbortController();
    this.#view = new MakeView({
      text,
      controls: true,
      open: async (progress) => {
        const model = /** @type {import('../load.js').Model} */ (models.maker);
        await this.#engine.begin(signal, models.source(signal, model, progress));
        return { model, take: (_, run) => run(this.#engine) };
      },
      wish: (prompt) => void this.#view.ask(prompt).catch(() => {}),
      pick: async (picture, name) => {
        if (!work.edits.all.size || await sure(own('replaces'), text('cancel'), own('goOn'))) edit(picture, name);
      },
    });
  }

  get root() {
    return this.#view.root;
  }

  /** The visitor has come to the tab. */
  show() {
    void this.#view.load().catch(() => {});
  }

  /** The visitor has left it; what runs goes on. */
  leave() {
    if (!this.#view.busy) this.#engine.rest();
  }
}

/**
 * Asks before something is lost.
 *
 * @param {string} question
 * @param {string} no
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
function sure(question, no, yes) {
  const dialog = make('dialog', { 'aria-labelledby': 'make-sure' }, make('p', { id: 'make-sure' }, question),
    make('form', { method: 'dialog', class: 'answers' },
      make('button', { value: '' }, no), make('button', { class: 'primary', value: 'yes' }, yes)));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
