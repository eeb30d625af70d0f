// What the page computes with: the model that edits, its engine, and the model that makes pictures.
import { button, byId, say } from '../ui/dom.js';
import { Engine } from '../engine/engine.js';
import { catalogue, loadParts, loadSource } from '../engine/load.js';
import { megabytes, wordsOf } from '../i18n/texts.js';

/**
 * @typedef {import('../engine/load.js').Model} Model
 * @typedef {import('../engine/load.js').Progress} Progress
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../engine/engine.js').Wanted} [wanted] What is to compute.
 * @property {(model: Model) => void} listed What there is to load is known.
 * @property {() => void} settled Nothing is under way any more, whether it has arrived or not.
 * @property {(device: import('../engine/engine.js').Device) => void} device
 */

const forever = new AbortController().signal;

export class Models {
  #options;
  /** Makes the edits. It may still be on its way: what it is asked for waits. */
  engine = new Engine();
  /** @type {Awaited<ReturnType<typeof catalogue>> | undefined} */
  #catalogue;
  #tell = () => {};
  /** Settles when the manifest is here. @type {Promise<void>} */
  listed = new Promise((resolve) => { this.#tell = resolve; });
  /** What is here or on its way. @type {Map<string, Promise<import('../engine/engine.js').Source>>} */
  #sources = new Map();
  #starting = false;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    this.engine.addEventListener('device', () => options.device(this.engine.device));
    button('retry').addEventListener('click', () => {
      // The button is about to go; the keyboard's place must not go with it.
      byId('prompt', HTMLElement).focus();
      void this.start();
    });
  }

  /** Fetches the list of models and the one that edits; says how far it is, and offers another try where it fails. */
  async start() {
    this.#starting = true;
    this.#show();
    let trouble = '';
    try {
      const { model } = await this.#list();
      const source = this.source(forever, model, (received, total) => {
        // What is on its way when something else fails is here for the next try.
        if (this.#starting) this.#show(received, total);
      });
      await this.engine.begin(forever, source, this.#options.wanted);
    } catch (error) {
      trouble = wordsOf(this.#options.text, error);
    }
    this.#starting = false;
    byId('loading', HTMLElement).hidden = true;
    say('trouble', trouble);
    button('retry').hidden = !trouble;
    this.#options.settled();
  }

  /** The model that makes pictures, where there is one. */
  get maker() {
    return this.#catalogue?.maker;
  }

  /** Whether there are layers to compare. */
  get compares() {
    return Boolean(this.#catalogue?.layers);
  }

  /** The layers' weights. @param {AbortSignal} signal @returns {Promise<Uint8Array>} */
  async layers(signal) {
    const { layers, partsOf } = await this.#list();
    if (!layers) throw new Error('There are no layers to compare.');
    return (await loadParts(signal, [partsOf(layers).weights]))[0];
  }

  /** Gives the memory back until there is an edit to make. */
  rest() {
    this.engine.rest();
  }

  /** Whether edits need not wait for anything to arrive. */
  get ready() {
    return this.engine.opened;
  }

  /**
   * What an engine of this model is opened with, fetched once.
   *
   * @param {AbortSignal} signal
   * @param {Model} model
   * @param {Progress} [progress]
   */
  source(signal, model, progress) {
    const [any] = this.#sources.values();
    const source = this.#sources.get(model.name) ?? this.#load(signal, model, progress, any).catch((error) => {
      this.#sources.delete(model.name);
      throw error;
    });
    this.#sources.set(model.name, source);
    return source;
  }

  // ---- inside

  /**
   * @param {AbortSignal} signal
   * @param {Model} model
   * @param {Progress} [progress]
   * @param {Promise<import('../engine/engine.js').Source>} [other] Has the code that this one needs, too.
   */
  async #load(signal, model, progress, other) {
    const { partsOf } = await this.#list();
    const parts = partsOf(model);
    const code = (await other?.catch(() => {}))?.code ?? parts.code;
    return loadSource(signal, { ...parts, code }, progress);
  }

  async #list() {
    if (!this.#catalogue) {
      this.#catalogue = await catalogue(forever);
      this.#options.listed(this.#catalogue.model);
      this.#tell();
    }
    return this.#catalogue;
  }

  /** How far the model is. @param {number} [received] @param {number} [total] */
  #show(received = 0, total = 0) {
    const { text } = this.#options;
    const progress = byId('progress', HTMLProgressElement);
    byId('loading', HTMLElement).hidden = false;
    if (total) progress.value = received / total;
    else progress.removeAttribute('value');
    say('loading-text', text(total && received === total ? 'settingUp' : 'fetching'));
    say('loading-bytes', total ? text('bytes', { received: megabytes(text, received), total: megabytes(text, total) }) : '');
    say('trouble', '');
    button('retry').hidden = true;
  }
}
