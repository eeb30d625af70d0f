// What can be edited, and with what: the models of the manifest, the one that was chosen, and an
// engine for each that is used. Only the engine used last has a worker.
import { button, byId, say } from './dom.js';
import { abortable, Engine, loadSource } from './engine.js';
import { catalogue } from './load.js';
import { megabytes, wordsOf } from './texts.js';

/**
 * @typedef {import('./load.js').Model} Model
 * @typedef {import('./load.js').Progress} Progress
 * @typedef {object} Options
 * @property {import('./texts.js').Text} text
 * @property {import('./engine.js').Wanted} [wanted] What is to compute.
 * @property {(model: Model) => void} chosen The next sentence is for this one.
 * @property {() => void} settled Nothing is under way any more, whether it has arrived or not.
 * @property {(device: import('./engine.js').Device) => void} device
 */

/** Words, and Chinese characters, which stand for words of their own. */
const WORDS = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}'’])+/gu;

const forever = new AbortController().signal;

export class Models {
  #options;
  /** @type {Awaited<ReturnType<typeof catalogue>> | undefined} */
  #catalogue;
  /** What the next sentence is for, once the manifest is here. @type {Model | undefined} */
  chosen;
  #tell = () => {};
  /** Settles when the manifest is here. @type {Promise<void>} */
  listed = new Promise((resolve) => { this.#tell = resolve; });
  /** @type {Map<string, import('./engine.js').Source>} */
  #sources = new Map();
  /** @type {Map<string, Engine>} */
  #engines = new Map();
  /** @type {Engine | undefined} */
  #used;
  /** What is under way, and how far; what went wrong, and how to try again. */
  #loads = /** @type {Map<string, [received: number, total: number]>} */ (new Map());
  #failed = /** @type {Map<string, {error: unknown, again: () => void}>} */ (new Map());

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    byId('subjects', HTMLElement).addEventListener('change', ({ target }) => {
      if (target instanceof HTMLInputElement) this.choose(target.value);
    });
    button('retry').addEventListener('click', () => {
      // The button is about to go; the keyboard's place must not go with it.
      byId('prompt', HTMLElement).focus();
      for (const { again } of [...this.#failed.values()]) again();
    });
  }

  /** Fetches the list of models, and the one to begin with. @param {() => string} first Its name, or that of another of its subject. */
  start(first) {
    return this.#attempt('', async () => {
      this.#catalogue = await catalogue(forever);
      this.#offer();
      this.choose(first());
      this.#tell();
    });
  }

  /** @param {string | undefined} name */
  find(name) {
    return this.#models.find((model) => model.name === name);
  }

  /** The model that edits a subject. @param {string} subject */
  of(subject) {
    return this.#models.find((model) => subjectOf(model) === subject);
  }

  /** The model that makes pictures, where there is one. */
  get maker() {
    return this.#catalogue?.maker;
  }

  /** What the next sentence is for: the subject of this model, or else the first. @param {string} name */
  choose(name) {
    const model = this.#first(this.find(name) ?? this.#models[0]);
    if (!model || model === this.chosen) return;
    this.chosen = model;
    const { text, chosen } = this.#options;
    for (const radio of byId('subjects', HTMLElement).querySelectorAll('input')) radio.checked = radio.value === model.name;
    say('about', text('about', { edits: model.edits }));
    this.propose([]);
    chosen(model);
    void this.use(forever);
  }

  /**
   * The engine of a model, or where there is no such model of the chosen one. It may still be on its
   * way: what it is asked for waits.
   *
   * @param {AbortSignal} signal
   * @param {string} [name]
   * @returns {Promise<{engine: Engine, name: string}>}
   */
  async use(signal, name) {
    await abortable(signal, (resolve) => this.listed.then(resolve));
    const model = /** @type {Model} */ (this.find(name) ?? this.chosen);
    const engine = this.#engines.get(model.name) ?? this.#make(model);
    this.#used = engine;
    this.rest(engine);
    return { engine, name: model.name };
  }

  /** Gives the memory of all engines back, but for this one's. @param {Engine} [used] */
  rest(used) {
    for (const engine of this.#engines.values()) if (engine !== used) engine.rest();
  }

  /** Whether the chosen model is here. */
  get ready() {
    return Boolean(this.#engines.get(this.chosen?.name ?? '')?.opened);
  }

  /**
   * What an engine of this model is opened with, fetched once.
   *
   * @param {AbortSignal} signal
   * @param {Model} model
   * @param {Progress} [progress]
   */
  async source(signal, model, progress) {
    const kept = this.#sources.get(model.name);
    if (kept || !this.#catalogue) return /** @type {import('./engine.js').Source} */ (kept);
    const [any] = this.#sources.values();
    const parts = this.#catalogue.partsOf(model);
    const source = await loadSource(signal, { ...parts, code: any?.code ?? parts.code }, progress);
    this.#sources.set(model.name, source);
    return source;
  }

  /** The models whose layers can be compared with this one's, itself among them. @param {string | undefined} name */
  layers(name) {
    const model = this.find(name) ?? this.chosen;
    const all = this.#models.filter((other) => other.fusion && model?.fusion && subjectOf(other) === subjectOf(model));
    return all.length > 1 ? all : [];
  }

  /** How many bytes of models have to be fetched first. @param {Model[]} models */
  missing(models) {
    return models.reduce((sum, { name, bytes }) => sum + (this.#sources.has(name) ? 0 : bytes), 0);
  }

  /** A sentence, with its layer where that is not the usual one. @param {{prompt: string, model?: string}} edit */
  title({ prompt, model: name }) {
    const model = this.find(name);
    return model && this.#first(model) !== model ? `${prompt} (${model.fusion})` : prompt;
  }

  /** Says so where words that the chosen model doesn't know are words of another subject. @param {string[]} unknown */
  propose(unknown) {
    const { text } = this.#options;
    const words = wordsIn(unknown);
    const model = this.#subjects().find((model) => model !== this.chosen
      && wordsIn([...model.prompts, ...model.prompts_zh ?? [], ...model.words ?? []]).some((word) => words.includes(word)));
    const line = byId('sounds', HTMLElement);
    line.replaceChildren();
    if (!model) return;
    const subject = this.#named(model).toLowerCase();
    const change = document.createElement('button');
    change.type = 'button';
    change.className = 'plain';
    change.textContent = text('change');
    change.addEventListener('click', () => {
      byId('prompt', HTMLElement).focus();
      this.choose(model.name);
    });
    line.replaceChildren(`${text('sounds', { subject })} `, change);
  }

  // ---- inside

  get #models() {
    return this.#catalogue?.models ?? [];
  }

  /** The models that there is a choice between. */
  #subjects() {
    return this.#models.filter((model) => this.#first(model) === model);
  }

  /** @template {Model | undefined} T @param {T} model */
  #first(model) {
    return model && this.of(subjectOf(model));
  }

  /** In the visitor's language, if texts.js knows it. @param {Model} model */
  #named(model) {
    return this.#options.text(/** @type {import('./texts.js').Key} */ (subjectOf(model)));
  }

  #offer() {
    const subjects = this.#subjects();
    const choice = byId('subjects', HTMLElement);
    choice.hidden = subjects.length < 2;
    choice.append(...subjects.map((model) => {
      const label = document.createElement('label');
      const radio = document.createElement('input');
      Object.assign(radio, { type: 'radio', name: 'subject', value: model.name });
      label.append(radio, this.#named(model));
      return label;
    }));
  }

  /** @param {Model} model */
  #make(model) {
    const { device, wanted } = this.#options;
    const engine = new Engine();
    this.#engines.set(model.name, engine);
    engine.addEventListener('device', () => {
      if (engine === this.#used) device(engine.device);
    });
    void this.#attempt(model.name, (progress) => engine.begin(forever, this.source(forever, model, progress), wanted));
    return engine;
  }

  /**
   * Fetches something, says how far it is, and offers another try where it fails.
   *
   * @param {string} name
   * @param {(progress: Progress) => Promise<void>} task
   */
  async #attempt(name, task) {
    this.#failed.delete(name);
    this.#loads.set(name, [0, 0]);
    this.#show();
    try {
      await task((received, total) => {
        this.#loads.set(name, [received, total]);
        this.#show();
      });
    } catch (error) {
      this.#failed.set(name, { error, again: () => this.#attempt(name, task) });
    }
    this.#loads.delete(name);
    this.#show();
    if (!this.#loads.size) this.#options.settled();
  }

  #show() {
    const { text } = this.#options;
    const [received, total] = [...this.#loads.values()].reduce(([a, b], [received, total]) => [a + received, b + total], [0, 0]);
    const progress = byId('progress', HTMLProgressElement);
    byId('loading', HTMLElement).hidden = !this.#loads.size;
    if (total) progress.value = received / total;
    else progress.removeAttribute('value');
    say('loading-text', text(total && received === total ? 'settingUp' : 'fetching'));
    say('loading-bytes', total ? text('bytes', { received: megabytes(text, received), total: megabytes(text, total) }) : '');
    const [failed] = this.#failed.values();
    say('trouble', failed ? wordsOf(text, failed.error) : '');
    button('retry').hidden = !failed;
  }
}

/** @param {Model} model */
function subjectOf({ subject, name }) {
  return subject ?? name;
}

/** "Shirts" and "shirt" are one word. @param {string[]} texts */
function wordsIn(texts) {
  return (texts.join(' ').toLowerCase().match(WORDS) ?? []).map((word) => word.replace(/s$/, ''));
}

