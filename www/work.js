// The photo, its edits, and the engine that makes them: what is on the stage, and what is kept of it.
import { Edits } from './edits.js';
import { canvasOf, openPhoto, paint, Photo, release, thumbnail, toBlob } from './photo.js';

/**
 * @typedef {import('./edits.js').Edit} Edit
 * @typedef {import('./edits.js').Moment} Moment
 * @typedef {import('./edits.js').Recipe & {done: Promise<Told | undefined>, shown: boolean}} Trial An edit that is
 *   no step yet, as its sentence is still being typed.
 * @typedef {{unknown: string[], missing: string[]}} Told Words that nobody knows, and things that the photo lacks.
 */

/** From here on, ending a running edit for a newer one is quicker than waiting for it. */
const LONG_MS = 1500;
/** How long the strength has to rest until it is a step that can be undone. */
const REST_MS = 400;
/** And until its picture is kept, too: that is work for large photos. */
const KEEP_MS = 2000;
const THUMBNAIL = 144;
/** What is meant where somebody is dressed, and it is not clear in what. */
export const ALL = { en: 'clothes', zh: '衣服' };

const forever = new AbortController().signal;

export class Work {
  #engine;
  #stage;
  #keep;
  #changed;

  /** @type {Photo | undefined} */
  photo;
  edits = new Edits();
  /** What the stage shows; the edits' own state is ahead of it while a picture is on its way. */
  #staged = this.edits.state;
  /** What is in the photo, once it has been looked at. @type {import('./worker.js').Things | undefined} */
  things;
  /** And where each of that is, and of {@link ALL} in the end, a little later. @type {import('./engine.js').Places | undefined} */
  places;
  /** Of the photo, for the strip. @type {HTMLCanvasElement | undefined} */
  thumbnail;
  /** Holds the edit that is shown. @type {HTMLCanvasElement | undefined} */
  canvas;
  /** What the next sentence changes, and its number; a new canvas each, as the engine may look at the old one again. @type {{id: number, photo: Photo} | undefined} */
  #base;
  /** The group of the edit that its engine holds, which can draw it at any strength. @type {number | undefined} */
  #held;

  /** What is tried now, and whether what was tried is on the stage. @type {Trial | undefined} */
  #trial;
  #tried = false;
  /** Trials that are under way. */
  #trying = 0;

  /** What is under way; whatever begins after it takes its place. */
  #end = new AbortController();
  #turn = 0;
  #began = 0;
  #running = 0;
  /** Settles when the stage shows what was asked for last. @type {Promise<void>} */
  #shown = Promise.resolve();
  /** Settles when the photo has been kept, or could not be: what belongs to it comes after it. */
  #photoKept = Promise.resolve();
  /** What is being written of it. @type {Set<Promise<unknown>>} */
  #writing = new Set();
  /** Settles when the strength that was asked for last is on the stage. @type {Promise<void>} */
  #drawn = Promise.resolve();
  /** A strength that is not yet a step of its own. @type {{edit: Edit, strength: number, drawn: Promise<void>, timer: ReturnType<typeof setTimeout>} | undefined} */
  #loose;

  /**
   * @param {import('./engine.js').Engine} engine
   * @param {import('./stage.js').Stage} stage
   * @param {import('./keep.js').Keep} keep
   * @param {() => void} changed Called whenever there is something else to show beside the stage.
   */
  constructor(engine, stage, keep, changed) {
    this.#engine = engine;
    this.#stage = stage;
    this.#keep = keep;
    this.#changed = changed;
  }

  get busy() {
    return this.#running > 0;
  }

  /** Whether the stage shows what is no step yet. */
  get tries() {
    return this.#tried;
  }

  /** The edit that the stage shows, if it is not the photo itself. */
  get staged() {
    return this.edits.all.get(this.#staged.now.shown);
  }

  /**
   * Another photo takes the place of this one and its edits.
   *
   * @param {Photo} photo
   * @param {Blob} [file] The file it came from.
   */
  open(photo, file) {
    // What may fail comes first.
    const canvas = canvasOf(photo.width, photo.height, photo.colorSpace);
    this.stop();
    this.#set(photo, canvas);
    this.#changed();
    this.#photoKept = this.#keepPhoto(photo, file);
    this.#writes(this.#photoKept);
  }

  /** What was kept of an earlier visit. What is begun before all of it is read stays. @param {import('./keep.js').Kept} kept */
  async restore(kept) {
    const { signal } = this.#end;
    const photo = await openPhoto(kept.file, kept.name);
    const canvas = canvasOf(photo.width, photo.height, photo.colorSpace);
    const edits = new Edits();
    for (const { thumbnail, ...edit } of kept.edits) {
      edits.all.set(edit.id, { ...edit, thumbnail: await drawn(thumbnail) });
    }
    signal.throwIfAborted();
    this.#set(photo, canvas, edits);
    edits.state = kept.state;
    // Where its picture cannot be had, the photo is what came after it.
    edits.go({ shown: 0, base: 0 });
    this.#staged = edits.state;
    edits.state = kept.state;
    await this.#show();
  }

  /** Forgets everything. */
  clear() {
    this.stop();
    this.#release();
    this.photo = undefined;
    this.things = this.places = undefined;
    this.canvas = undefined;
    this.thumbnail = undefined;
    this.edits = new Edits();
    this.#settle();
    this.#stage.clear();
    this.#changed();
  }

  /** Ends what is under way. */
  stop() {
    this.#settleStrength();
    this.#trial = undefined;
    this.#end.abort();
    this.#end = new AbortController();
    this.#stay();
  }

  /**
   * Makes an edit of the photo, or of the edit that is to be built on, and shows it.
   *
   * @param {string} prompt
   * @param {number} strength
   * @returns {Promise<Told>}
   */
  async run(prompt, strength) {
    const trial = this.#trial;
    const same = trial?.prompt === prompt && trial.strength === strength;
    return this.#alone(async (signal, overtaken) => {
      const from = await this.#from(prompt, signal);
      if (overtaken()) overtake();
      const told = same ? await trial.done.catch(() => undefined) : undefined;
      if (told && trial && this.#trial === trial && trial.from === from && !overtaken()) {
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
    const { from, prompt, strength, strokes } = shown;
    const recipe = { from, prompt, strength, strokes: [strokes, stroke].join(' ') };
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
    this.#trial = trial;
    this.#began = performance.now();
    this.#trying += 1;
    trial.done = this.#try(trial, this.#end.signal).finally(() => { this.#trying -= 1; });
    return trial.done;
  }

  /** Gives up what is tried: the stage shows again what was there before. */
  async forget() {
    this.#trial = undefined;
    if (this.#tried) await this.#show();
  }

  /** What is tried becomes an edit and a step. */
  keepTrial() {
    const trial = this.#trial;
    this.#trial = undefined;
    if (!trial?.shown) return;
    const { from, prompt, strength, strokes } = trial;
    const edit = this.edits.add({ from, prompt, strength, strokes });
    this.#held = edit.group;
    this.edits.go({ shown: edit.id, base: from });
    this.#settle();
    void this.#keepEdit(edit);
    this.#noted();
  }

  /** Shows an edit of the strip; 0 is the photo. @param {number} id */
  show(id) {
    this.#settleStrength();
    return this.#step(() => this.edits.go({ shown: id, base: this.edits.all.get(id)?.from ?? 0 }));
  }

  undo() {
    this.#settleStrength();
    // The last step is the one that is not yet one.
    if (this.#tried) return this.forget();
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
    this.#go({ base: this.edits.now.shown });
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

  /** Waits until everything up to here is kept, or cannot be. */
  async kept() {
    await this.settled();
    await Promise.allSettled(this.#writing);
  }

  /** What the edit on the stage was made of: the photo, or the picture of another edit. */
  basis() {
    return this.#baseOf(this.staged?.from ?? 0, this.#end.signal);
  }

  /** The engine was asked for something else: what it holds is none of the edits. */
  lose() {
    this.#held = undefined;
  }

  /** Where the shown edit changes the photo. @param {AbortSignal} [signal] */
  async mask(signal = this.#end.signal) {
    const edit = this.edits.shown;
    if (!(edit || this.#tried) || !this.photo) return undefined;
    if (edit && !this.#tried && this.#held !== edit.group) (await this.#make(edit, edit.strength, signal)).close();
    const { width, height } = this.photo;
    return { bytes: await this.#engine.mask(signal), width, height };
  }

  // ---- inside

  /**
   * @param {import('./edits.js').Recipe & {about?: string}} recipe
   * @param {AbortSignal} signal
   * @param {() => boolean} overtaken
   * @param {boolean} [onTop] Whether the next sentence changes this one.
   * @returns {Promise<Told>}
   */
  async #edit(recipe, signal, overtaken, onTop) {
    const { from, prompt, strength } = recipe;
    const base = await this.#baseOf(from, signal);
    const { bitmap, unknown, missing, strokes } = await this.#engine.edit(signal, base, prompt, recipe);
    if (overtaken()) {
      // The engine holds this one now, which nobody will see.
      this.#held = undefined;
      discard(bitmap);
    }
    const edit = this.edits.add({ from, prompt, strength, strokes });
    this.#held = edit.group;
    this.edits.go({ shown: edit.id, base: onTop ? edit.id : from });
    this.#put(edit, bitmap);
    return { unknown, missing };
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
    return shown && await this.#engine.apart(signal, prompt, shown.prompt) ? shown.id : now.base;
  }

  /** The strokes that another sentence may have use for. @param {number} from What it changes. */
  #strokes(from) {
    const { shown } = this.edits;
    return shown?.from === from ? { strokes: shown.strokes, about: shown.prompt } : {};
  }

  /** @param {Photo} photo @param {HTMLCanvasElement} canvas @param {Edits} [edits] */
  #set(photo, canvas, edits = new Edits()) {
    this.#release();
    this.photo = photo;
    this.canvas = canvas;
    this.edits = edits;
    this.#settle();
    this.thumbnail = thumbnail(photo.canvas, THUMBNAIL);
    this.#base = { id: 0, photo };
    this.#held = undefined;
    this.#stage.showPhoto(photo.canvas);
    void this.#look(photo);
  }

  /** Lets go of the canvases of a photo that goes. */
  #release() {
    for (const canvas of [this.photo?.canvas, this.canvas, this.#base?.photo.canvas]) release(canvas);
    this.#base = undefined;
  }

  /** Nobody waits for that: what goes wrong, goes wrong again with an edit, and is told then. @param {Photo} photo */
  async #look(photo) {
    this.things = this.places = undefined;
    await this.#engine.look(forever, photo).catch(() => {});
    const things = this.photo === photo && await this.#engine.sees(forever, photo).catch(() => {});
    if (!things || this.photo !== photo) return;
    // What has no name may still be clothes.
    this.things = things.en.length ? things : { en: [ALL.en], zh: [ALL.zh] };
    this.#changed();
    const places = await this.#engine.places(forever, photo, [...this.things.en, ALL.en]).catch(() => {});
    if (!places || this.photo !== photo) return;
    this.places = places;
    this.#changed();
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
    this.#stage.busy = true;
    try {
      return await task(signal, () => signal.aborted || this.#turn !== turn);
    } finally {
      this.#running -= 1;
      this.#stage.busy = this.busy;
      if (this.#turn === turn) this.#stay();
    }
  }

  /** What did not come to the stage is not where one is. */
  #stay() {
    if (this.edits.state === this.#staged) return;
    this.edits.state = this.#staged;
    this.#noted();
  }

  /** @param {() => void} move */
  async #step(move) {
    const { state } = this.edits;
    move();
    if (this.edits.state !== state || this.#tried) await this.#show();
  }

  /** Goes to where the stage is already. @param {Partial<Moment>} to */
  #go(to) {
    const there = this.#staged === this.edits.state;
    this.edits.go(to);
    if (there) this.#staged = this.edits.state;
    this.#noted();
  }

  /** Puts on the stage what is said to be there. */
  async #show() {
    const edit = this.edits.shown;
    this.#noted();
    this.#shown = this.#alone(async (signal, overtaken) => {
      if (!edit) {
        this.#settle();
        this.#stage.showOriginal();
        return;
      }
      const bitmap = await this.#picture(edit, signal);
      if (overtaken()) discard(bitmap);
      this.#put(edit, bitmap);
    });
    await this.#shown;
  }

  /** @param {Edit} edit @param {ImageBitmap} bitmap */
  #put(edit, bitmap) {
    if (!this.canvas) return;
    paint(this.canvas, bitmap);
    this.#settle();
    this.#stage.showEdit(this.canvas, edit.prompt);
    // There may be another stroke at once.
    void this.#keepEdit(edit, edit.strokes ? KEEP_MS : 0);
    this.#noted();
  }

  /** The stage shows what is said to be there, and nothing that is only tried. */
  #settle() {
    this.#staged = this.edits.state;
    this.#trial = undefined;
    this.#tried = false;
  }

  /** @param {Trial} trial @param {AbortSignal} signal */
  async #try(trial, signal) {
    const { prompt, strength } = trial;
    const from = await this.#from(prompt, signal);
    if (this.#trial !== trial) overtake();
    const recipe = { strength, ...this.#strokes(from) };
    const base = await this.#baseOf(from, signal);
    const { bitmap, unknown, missing, strokes } = await this.#engine.edit(signal, base, prompt, recipe);
    // The engine holds what is none of the edits.
    this.#held = undefined;
    if (this.#trial !== trial || !this.canvas) discard(bitmap);
    Object.assign(trial, { from, strokes });
    trial.shown = this.#tried = true;
    paint(this.canvas, bitmap);
    this.#stage.showEdit(this.canvas, prompt);
    return { unknown, missing };
  }

  /** An edit's picture: kept, or made once more. @param {Edit} edit @param {AbortSignal} signal */
  async #picture(edit, signal) {
    // Browsers may give the bytes of a blob up when memory or disk is short.
    const colours = this.photo?.colorSpace === 'display-p3' ? {} : /** @type {const} */ ({ colorSpaceConversion: 'none' });
    const kept = edit.picture && await createImageBitmap(edit.picture, colours).catch(() => undefined);
    return kept ?? this.#make(edit, edit.strength, signal);
  }

  /**
   * @param {Edit} edit
   * @param {number} strength
   * @param {AbortSignal} signal
   */
  async #make(edit, strength, signal) {
    if (this.#held === edit.group) return this.#engine.draw(signal, strength);
    const base = await this.#baseOf(edit.from, signal);
    const { prompt, strokes } = edit;
    const { bitmap } = await this.#engine.edit(signal, base, prompt, { strength, strokes });
    this.#held = edit.group;
    return bitmap;
  }

  /**
   * What an edit is made of: the photo, or the picture of another edit.
   *
   * @param {number} id
   * @param {AbortSignal} signal
   * @returns {Promise<Photo>}
   */
  async #baseOf(id, signal) {
    const { photo, edits } = this;
    if (!photo) throw new DOMException('The photo is gone.', 'AbortError');
    if (this.#base?.id === id) return this.#base.photo;
    const edit = edits.all.get(id);
    if (!edit) return photo;
    const canvas = canvasOf(photo.width, photo.height, photo.colorSpace);
    paint(canvas, await this.#picture(edit, signal));
    const base = new Photo(canvas, photo.name);
    if (this.photo === photo) {
      if (this.#base?.id) release(this.#base.photo.canvas);
      // What the engine holds may be of that one.
      this.#held = undefined;
      this.#base = { id, photo: base };
    }
    return base;
  }

  // ---- strength

  /** @param {Edit} edit @param {number} strength */
  async #draw(edit, strength) {
    const { canvas } = this;
    await this.#shown.catch(() => {});
    const bitmap = await this.#make(edit, strength, this.#end.signal);
    if (canvas && canvas === this.canvas && this.staged?.group === edit.group) paint(canvas, bitmap);
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
    this.#go({ shown: edit.id });
    void loose.drawn.then(() => {
      if (this.staged !== edit) return;
      void this.#keepEdit(edit, KEEP_MS);
      this.#changed();
    }, () => {});
  }

  // ---- keeping

  #noted() {
    this.#writes(this.#photoKept.then(() => this.#keep.state(this.edits.state)));
    this.#changed();
  }

  /** @param {Promise<unknown>} writing */
  #writes(writing) {
    this.#writing.add(writing);
    const written = () => this.#writing.delete(writing);
    writing.then(written, written);
  }

  /** @param {Photo} photo @param {Blob} [file] */
  async #keepPhoto(photo, file) {
    const bytes = file ?? await toBlob(photo.canvas).catch(() => undefined);
    if (bytes && this.photo === photo) await this.#keep.photo(bytes, photo.name, this.edits.state);
    this.#changed();
  }

  /** Keeps the picture on the stage as this edit's. @param {Edit} edit @param {number} [later] */
  async #keepEdit(edit, later) {
    const { canvas, edits } = this;
    if (!canvas || edit.picture) return;
    edit.thumbnail = thumbnail(canvas, THUMBNAIL);
    const small = toBlob(edit.thumbnail);
    // No room for the picture is no trouble: it can be made again.
    const large = () => toBlob(canvas).catch(() => undefined);
    const now = later ? undefined : large();
    // And it takes its time: a page that goes before has the edit.
    const without = this.#write(edits, edit, small);
    this.#writes(without);
    await without;
    if (later) {
      await new Promise((resolve) => { setTimeout(resolve, later); });
      if (this.staged !== edit || this.#loose || this.#tried) return;
    }
    const picture = await (now ?? large());
    const over = picture && this.edits === edits ? edits.keep(edit, picture) : [];
    await this.#write(edits, { ...edit, picture }, small);
    for (const other of over) if (other.thumbnail) await this.#write(edits, other, toBlob(other.thumbnail));
  }

  /** @param {Edits} edits @param {Edit} edit @param {Promise<Blob>} thumbnail */
  async #write(edits, edit, thumbnail) {
    const kept = { ...edit, thumbnail: await thumbnail };
    await this.#photoKept;
    if (this.edits === edits) await this.#keep.edit(kept);
  }
}

/** @param {Blob} blob */
async function drawn(blob) {
  const bitmap = await createImageBitmap(blob);
  return thumbnail(bitmap, THUMBNAIL);
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
