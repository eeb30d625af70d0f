// The page's tab "Make": its model, its view, a link to its pictures, and the way of a picture to the editor.
import { Engine } from '../engine/engine.js';
import { linkTo } from './link.js';
import { ownTexts } from './texts.js';
import { MakeView } from './view.js';
import { make, sure } from '../ui/parts.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../page/models.js').Models} models
 * @property {import('../edits/work.js').Work} work
 * @property {(picture: HTMLCanvasElement, name: string) => void} edit Shows a picture where it can be edited.
 */

export class Making {
  #engine = new Engine();
  #view;
  /** When the engine is free again. @type {Promise<unknown>} */
  #turn = Promise.resolve();
  #copy = make('button', { type: 'button' });
  #copied = make('p', { class: 'copied', role: 'status' });
  #address = make('input', { type: 'text', dir: 'ltr', readonly: '', hidden: '' });

  /** @param {Options} options */
  constructor({ text, models, work, edit }) {
    const own = ownTexts(text);
    const { signal } = new AbortController();
    this.#copy.textContent = own('link');
    this.#address.ariaLabel = own('linkLabel');
    this.#view = new MakeView({
      text,
      controls: true,
      foot: [this.#copy, this.#copied, this.#address],
      // What was copied was a link to those before.
      begins: () => this.#copying(''),
      open: async (progress) => {
        const model = /** @type {import('../engine/load.js').Model} */ (models.maker);
        await this.#engine.begin(signal, models.source(signal, model, progress));
        return { model, take: (signal, run) => this.#take(signal, run) };
      },
      wish: (prompt) => void this.#view.ask(prompt).catch(() => {}),
      pick: async (name, draw) => {
        if (!work.edits.all.size || await sure(own('replaces'), text('cancel'), own('goOn'))) edit(await draw(), name);
      },
    });
    this.#copy.addEventListener('click', async () => {
      const { link } = this.#view;
      if (!link) return;
      this.#address.value = linkTo(link);
      try {
        await navigator.clipboard.writeText(this.#address.value);
        this.#copying(own('linkCopied'));
      } catch {
        this.#copying(text('linkFailed'), true);
        this.#address.focus();
      }
    });
    this.#address.addEventListener('focus', () => this.#address.select());
  }

  get root() {
    return this.#view.root;
  }

  /** The visitor has come to the tab, or to pictures in it. @param {import('./link.js').Link} [link] */
  show(link) {
    if (!link) return void this.#view.load().catch(() => {});
    this.#view.prompt = link.prompt;
    return void this.#view.ask(link.prompt, link.seed, link.rows).catch(() => {});
  }

  /** The visitor has left it; what runs goes on. */
  leave() {
    if (!this.#view.busy) this.#engine.rest();
  }

  /** @param {string} words What came of it. @param {boolean} [byHand] */
  #copying(words, byHand = false) {
    this.#copied.textContent = words;
    this.#address.hidden = !byHand;
  }

  /**
   * One after the other: the engine itself forgets what waits when something newer is asked for.
   *
   * @type {import('./loom.js').Loom['take']}
   */
  #take(signal, run) {
    const job = this.#turn.then(() => {
      signal.throwIfAborted();
      return run(this.#engine);
    });
    this.#turn = job.catch(() => {});
    return job;
  }
}
