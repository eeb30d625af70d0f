// What is done at the desk: edits and trials of them, by the engine; strength, undo, redo. The newest takes the place of what
// is under way.
import { Desk } from './desk.js';
import { canvasOf } from '../photo/photo.js';

/**
 * @typedef {import('./edits.js').Edit} Edit
 * @typedef {import('./desk.js').Trial} Trial
 * @typedef {import('./desk.js').Told} Told
 */

/** From here on, ending a running edit for a newer one is quicker than waiting for it. */
const LONG_MS = 1500;
/** How long the strength has to rest until it is a step that can be undone. */
const REST_MS = 400;

export class Work extends Desk {
  /** Trials that are under way. */
  #trying = 0;

  /** What is under way; whatever begins after it takes its place. */
  #end = new AbortController();
  #turn = 0;
  #began = 0;
  #running = 0;
  /** Settles when the stage shows what was asked for last. @type {Promise<void>} */
  #shown = Promise.resolve();
  /** Settles when the strength that was asked for last is on the stage. @type {Promise<void>} */
  #drawn = Promise.resolve();
  /** A strength that is not yet a step of its own. @type {{edit: Edit, strength: number, drawn: Promise<void>, timer: ReturnType<typeof setTimeout>} | undefined} */
  #loose;

  get busy() {
    return this.#running > 0;
  }

  /**
   * Another photo takes the place of this one and its edits.
   *
   * @param {import('../photo/photo.js').Photo} photo
   * @param {Blob} [file] The file it came from.
   */
  open(photo, file) {
    // What may fail comes first.
    const canvas = canvasOf(photo.width, photo.height, photo.colorSpace);
    this.stop();
    this.lay(photo, canvas);
    this.changed();
    void this.keepPhoto(photo, file);
  }

  /** What was kept of an earlier visit. What is begun before all of it is read stays. @param {import('./keep.js').Kept} kept */
  async restore(kept) {
    await this.layKept(kept, this.#end.signal);
    await this.#show();
  }

  /** Forgets everything. */
  clear() {
    this.stop();
    this.sweep();
    this.stage.clear();
    this.changed();
  }

  /** Ends what is under way. */
  stop() {
    this.#settleStrength();
    this.trial = undefined;
    this.#end.abort();
    this.#end = new AbortController();
    this.stay();
  }

  /**
   * Makes an edit of the photo, or of the edit that is to be built on, and shows it.
   *
   * @param {string} prompt
   * @param {number} strength
   * @returns {Promise<Told>}
   */
  async run(prompt, strength) {
    const trial = this.trial;
    const same = trial?.prompt === prompt && trial.strength === strength;
    return this.#alone(async (signal, overtaken) => {
      const from = await this.#from(prompt, signal);
      if (overtaken()) overtake();
      const told = same ? await trial.done.catch(() => undefined) : undefined;
      if (told && trial && this.trial === trial && trial.from === from && !overtaken()) {
        this.keepTrial();
        return told;
      }
      return this.#edit({ from, prompt, strength, ...this.#strokes(from) }, signal, overtaken);
    });
  }

  /** Corrects where the edit that is shown acts: another edit in its place. @param {string} stroke */
  async correct(stroke) {
    await this.settled();
    const { shown, now } = this.edits;
    if (!shown) return;
    const recipe = { ...shown, strokes: [shown.strokes, stroke].join(' ') };
    await this.#alone((...end) => this.#edit(recipe, ...end, now.base === now.shown));
  }

  /**
   * Shows what a sentence would do: an edit like any other, but no step until it is {@link run}.
   *
   * @param {string} prompt
   * @param {number} strength
   * @returns {Promise<Told | undefined>}
   */
  async try(prompt, strength) {
    /** @type {Trial} */
    const trial = { from: 0, prompt, strength, done: Promise.resolve(undefined), shown: false };
    this.trial = trial;
    this.#began = performance.now();
    this.#trying += 1;
    trial.done = this.#try(trial, this.#end.signal).finally(() => { this.#trying -= 1; });
    return trial.done;
  }

  /** Gives up what is tried: the stage shows again what was there before. */
  async forget() {
    this.trial = undefined;
    if (this.tries) await this.#show();
  }

  /** What is tried becomes an edit and a step. */
  keepTrial() {
    const trial = this.trial;
    this.trial = undefined;
    if (!trial?.shown) return;
    const edit = this.#add(trial);
    this.settle();
    void this.rest(edit);
    this.note();
  }

  /** Shows an edit of the strip; 0 is the photo. @param {number} id */
  show(id) {
    this.#settleStrength();
    return this.#step(() => this.edits.go({ shown: id, base: this.edits.all.get(id)?.from ?? 0 }));
  }

  undo() {
    this.#settleStrength();
    // The last step is the one that is not yet one.
    if (this.tries) return this.forget();
    return this.#step(() => this.edits.undo());
  }

  redo() {
    this.#settleStrength();
    return this.#step(() => this.edits.redo());
  }

  /** The next sentence changes the edit that is shown, whatever it names. */
  build() {
    this.#settleStrength();
    this.keepTrial();
    this.go({ base: this.edits.now.shown });
  }

  /** Draws the shown edit at another strength; once it rests, that is an edit of its own. @param {number} strength */
  async strengthen(strength) {
    this.keepTrial();
    const edit = this.edits.shown;
    if (!edit) return;
    clearTimeout(this.#loose?.timer);
    const drawn = this.#drawn = this.#draw(edit, strength);
    const loose = { edit, strength, drawn, timer: setTimeout(() => this.#settleStrength(), REST_MS) };
    this.#loose = loose;
    await drawn.catch((error) => {
      // What could not be drawn is no step.
      if (this.#loose === loose) this.#loose = undefined;
      throw error;
    });
  }

  /** Makes steps of what is on the stage, once a strength that was asked for is drawn. The canvas of the edit there. */
  async settled() {
    // Also where it has become a step meanwhile: while the engine is busy, that comes first.
    await this.#drawn.catch(() => {});
    this.#settleStrength();
    this.keepTrial();
    return this.canvas;
  }

  /** @override */
  async kept() {
    await this.settled();
    return super.kept();
  }

  /** What the edit on the stage was made of: the photo, or the picture of another edit. */
  basis() {
    return this.base(this.staged?.from ?? 0, this.#end.signal);
  }

  /** Where what is on the stage changes the photo. @param {AbortSignal} [signal] */
  async mask(signal = this.#end.signal) {
    const edit = this.edits.shown;
    if (!(edit || this.tries) || !this.photo) return undefined;
    if (edit && !this.tries && !this.holds(edit)) (await this.redraw(edit, signal)).close();
    const { width, height } = this.photo;
    return { bytes: await this.engine.mask(signal), width, height };
  }

  // ---- inside

  /**
   * @param {import('./desk.js').Recipe} recipe
   * @param {AbortSignal} signal
   * @param {() => boolean} overtaken
   * @param {boolean} [onTop] Whether the next sentence changes this one.
   * @returns {Promise<Told>}
   */
  async #edit(recipe, signal, overtaken, onTop) {
    const { bitmap, unknown, missing, ...made } = await this.make(recipe, signal);
    if (overtaken()) discard(bitmap);
    this.put(this.#add({ ...recipe, ...made }, onTop), bitmap);
    return { unknown, missing };
  }

  /** What was made becomes an edit and a step. @param {import('./desk.js').Made} made @param {boolean} [onTop] */
  #add({ from, prompt, strength, strokes, reshapes, held }, onTop) {
    const edit = this.edits.add({ from, prompt, strength, strokes, reshapes });
    if (held) held.group = edit.group;
    this.edits.go({ shown: edit.id, base: onTop ? edit.id : from });
    return edit;
  }

  /**
   * What a sentence changes: the edit that is shown, where it names nothing of what that changed, so that a coat stays
   * navy when hair becomes pink; else what that edit was made of.
   *
   * @param {string} prompt
   * @param {AbortSignal} signal
   */
  async #from(prompt, signal) {
    const { shown, now } = this.edits;
    return shown && await this.engine.apart(signal, prompt, shown.prompt) ? shown.id : now.base;
  }

  /** The strokes that another sentence may have use for. @param {number} from What it changes. */
  #strokes(from) {
    const { shown } = this.edits;
    return shown?.from === from ? { strokes: shown.strokes, about: shown.prompt } : {};
  }

  /**
   * Runs something that ends in a picture on the stage. It takes the place of what ran before.
   *
   * @template T
   * @param {(signal: AbortSignal, overtaken: () => boolean) => Promise<T>} task
   */
  async #alone(task) {
    this.#settleStrength();
    // Ending it means a new worker, which takes a while itself.
    if (this.#running + this.#trying && performance.now() - this.#began > LONG_MS) {
      this.#end.abort();
      this.#end = new AbortController();
    }
    const { signal } = this.#end;
    const turn = ++this.#turn;
    this.#began = performance.now();
    this.#running += 1;
    this.stage.busy = true;
    try {
      return await task(signal, () => signal.aborted || this.#turn !== turn);
    } finally {
      this.#running -= 1;
      this.stage.busy = this.busy;
      if (this.#turn === turn) this.stay();
    }
  }

  /** @param {() => void} move */
  async #step(move) {
    const { state } = this.edits;
    move();
    if (this.edits.state !== state || this.tries) await this.#show();
  }

  /** Puts on the stage what is said to be there. */
  async #show() {
    const edit = this.edits.shown;
    this.note();
    this.#shown = this.#alone(async (signal, overtaken) => {
      if (!edit) {
        this.settle();
        this.stage.showOriginal();
        return;
      }
      const bitmap = await this.picture(edit, signal);
      if (overtaken()) discard(bitmap);
      this.put(edit, bitmap);
    });
    await this.#shown;
  }

  /** @param {Trial} trial @param {AbortSignal} signal */
  async #try(trial, signal) {
    const { prompt, strength } = trial;
    const from = await this.#from(prompt, signal);
    if (this.trial !== trial) overtake();
    const { bitmap, unknown, missing, ...made } = await this.make({ from, prompt, strength, ...this.#strokes(from) }, signal);
    if (this.trial !== trial || !this.canvas) discard(bitmap);
    Object.assign(trial, { from, ...made });
    trial.shown = this.tries = true;
    this.paint(this.canvas, bitmap);
    this.stage.showEdit(this.canvas, prompt);
    return { unknown, missing };
  }

  // ---- strength

  /** @param {Edit} edit @param {number} strength */
  async #draw(edit, strength) {
    const { canvas } = this;
    await this.#shown.catch(() => {});
    const bitmap = await this.redraw(edit, this.#end.signal, strength);
    if (canvas && canvas === this.canvas && this.staged?.group === edit.group) this.paint(canvas, bitmap);
    else bitmap.close();
  }

  #settleStrength() {
    const loose = this.#loose;
    if (!loose) return;
    clearTimeout(loose.timer);
    this.#loose = undefined;
    const { id, group, picture, thumbnail, ...recipe } = loose.edit;
    if (this.edits.now.shown !== id) return;
    const edit = this.edits.add({ ...recipe, strength: loose.strength });
    edit.thumbnail ??= thumbnail;
    this.go({ shown: edit.id });
    void loose.drawn.then(() => {
      if (this.staged !== edit) return;
      void this.rest(edit, true);
      this.changed();
    }, () => {});
  }
}

/** A picture that nobody will see. @param {ImageBitmap} bitmap @returns {never} */
function discard(bitmap) {
  bitmap.close();
  return overtake();
}

/** @returns {never} */
function overtake() {
  throw new DOMException('A newer one took its place.', 'AbortError');
}
