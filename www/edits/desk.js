// What lies on a tab's desk: the photo and what is in it, its edits, their pictures, and which of them the stage shows. All of
// it is kept as it comes.
import { Edits } from './edits.js';
import { canvasOf, openPhoto, paint, Photo, release, thumbnail, toBlob } from '../photo/photo.js';

/**
 * @typedef {import('./edits.js').Edit} Edit
 * @typedef {import('./edits.js').Recipe & {about?: string}} Recipe `about` as in engine.js.
 * @typedef {{group?: number}} Held The group of an edit, once it is made and one of them.
 * @typedef {import('./edits.js').Recipe & {held?: Held}} Made
 * @typedef {Made & {done: Promise<Told | undefined>, shown: boolean}} Trial An edit that is
 *   no step yet, as its sentence is still being typed.
 * @typedef {{unknown: string[], missing: string[]}} Told Words that nobody knows, and things that the photo lacks.
 */

/** How long what may soon be another picture has to stay until it is kept: that is work for large photos. */
const KEEP_MS = 2000;
const THUMBNAIL = 144;
/** What is meant where somebody is dressed, and it is not clear in what. */
export const ALL = { en: 'clothes', zh: '衣服' };

const forever = new AbortController().signal;

export class Desk {
  #keep;

  /** @type {Photo | undefined} */
  photo;
  edits = new Edits();
  /** What the stage shows; the edits' own state is ahead of it while a picture is on its way. */
  #staged = this.edits.state;
  /** What is in the photo, once it has been looked at. @type {import('../engine/worker.js').Things | undefined} */
  things;
  /** And where each of that is, and of {@link ALL} in the end, a little later. @type {import('../engine/engine.js').Places | undefined} */
  places;
  /** Of the photo, for the strip. @type {HTMLCanvasElement | undefined} */
  thumbnail;
  /** Holds the edit that is shown. @type {HTMLCanvasElement | undefined} */
  canvas;
  /** The edit whose picture is in it, and not that of a trial or of another strength. @type {Edit | undefined} */
  #painted;
  /** The picture of an edit that others are made of, and its number; a new canvas each, as the engine may look at the old one again. @type {{id: number, photo: Photo} | undefined} */
  #base;
  /** What the engine was asked for last; it can draw that at any strength. @type {Held | undefined} */
  #held;
  /** What is tried now, and whether what was tried is on the stage. @type {Trial | undefined} */
  trial;
  tries = false;
  /** Settles when all so far is kept, or could not be. @type {Promise<unknown>} */
  #written = Promise.resolve();

  /**
   * @param {import('../engine/engine.js').Engine} engine
   * @param {import('../stage/stage.js').Stage} stage
   * @param {import('./keep.js').Keep} keep
   * @param {() => void} changed Called whenever there is something else to show beside the stage.
   */
  constructor(engine, stage, keep, changed) {
    this.engine = engine;
    this.stage = stage;
    this.#keep = keep;
    this.changed = changed;
  }

  /** Whether the engine draws this edit without making it once more. @param {Edit} edit */
  holds(edit) {
    return this.#held?.group === edit.group;
  }

  /** The engine was asked for something else: what it holds is none of the edits. */
  lose() {
    this.#held = undefined;
  }

  /** The edit that the stage shows, if it is not the photo itself. */
  get staged() {
    return this.edits.all.get(this.#staged.now.shown);
  }

  /** Another photo takes the place of this one and its edits. @param {Photo} photo @param {HTMLCanvasElement} canvas @param {Edits} [edits] */
  lay(photo, canvas, edits) {
    this.sweep(edits);
    this.photo = photo;
    this.canvas = canvas;
    this.thumbnail = thumbnail(photo.canvas, THUMBNAIL);
    this.stage.showPhoto(photo.canvas);
    void this.#look(photo);
  }

  /** What was kept of an earlier visit, where nothing has begun meanwhile. @param {import('./keep.js').Kept} kept @param {AbortSignal} signal */
  async layKept(kept, signal) {
    const photo = await openPhoto(kept.file, kept.name);
    const canvas = canvasOf(photo.width, photo.height, photo.colorSpace);
    const edits = new Edits();
    for (const { thumbnail, ...edit } of kept.edits) {
      edits.all.set(edit.id, { ...edit, thumbnail: await drawn(thumbnail) });
    }
    signal.throwIfAborted();
    edits.state = kept.state;
    // Where its picture cannot be had, the photo is what came after it.
    edits.go({ shown: 0, base: 0 });
    this.lay(photo, canvas, edits);
    edits.state = kept.state;
  }

  /** Lets go of all that lies there. */
  sweep(edits = new Edits()) {
    for (const canvas of [this.photo?.canvas, this.canvas, this.#base?.photo.canvas]) release(canvas);
    this.photo = this.canvas = this.thumbnail = this.things = this.places = this.#base = this.#painted = this.#held = undefined;
    this.edits = edits;
    this.settle();
  }

  /** The stage shows what is said to be there, and nothing that is only tried. */
  settle() {
    this.#staged = this.edits.state;
    this.trial = undefined;
    this.tries = false;
  }

  /** Goes to where the stage is already. @param {Partial<import('./edits.js').Moment>} to */
  go(to) {
    const there = this.#staged === this.edits.state;
    this.edits.go(to);
    if (there) this.#staged = this.edits.state;
    this.note();
  }

  /** What did not come to the stage is not where one is. */
  stay() {
    if (this.edits.state === this.#staged) return;
    this.edits.state = this.#staged;
    this.note();
  }

  /** Puts on the stage what is said to be there. @param {Edit} edit @param {ImageBitmap} bitmap */
  put(edit, bitmap) {
    if (!this.canvas) return;
    paint(this.canvas, bitmap);
    this.settle();
    this.stage.showEdit(this.canvas, edit.prompt);
    // There may be another stroke at once.
    void this.rest(edit, Boolean(edit.strokes));
    this.note();
  }

  /** Paints what is no edit, or not yet. @param {HTMLCanvasElement} canvas @param {ImageBitmap} bitmap */
  paint(canvas, bitmap) {
    paint(canvas, bitmap);
    this.#painted = undefined;
  }

  // ---- by the engine

  /** Nobody waits for that: what goes wrong, goes wrong again with an edit, and is told then. @param {Photo} photo */
  async #look(photo) {
    await this.engine.look(forever, photo).catch(() => {});
    const things = this.photo === photo && await this.engine.sees(forever, photo).catch(() => {});
    if (!things || this.photo !== photo) return;
    // What has no name may still be clothes.
    this.things = things.en.length ? things : { en: [ALL.en], zh: [ALL.zh] };
    this.changed();
    const places = await this.engine.places(forever, photo, [...this.things.en, ALL.en]).catch(() => {});
    if (!places || this.photo !== photo) return;
    this.places = places;
    this.changed();
  }

  /** One that the engine holds from then on, and that is none of the edits yet. @param {Recipe} recipe @param {AbortSignal} signal */
  async make({ from, prompt, strength, strokes, about }, signal) {
    const base = await this.base(from, signal);
    // What it held until now is gone when the next question has its turn, which may be asked before this is made.
    /** @type {Held} */
    const held = this.#held = {};
    const edited = await this.engine.edit(signal, base, prompt, { strength, strokes, about });
    return { ...edited, reshapes: edited.reshapes || this.edits.all.get(from)?.reshapes, held };
  }

  /** An edit's picture: kept, or made once more. @param {Edit} edit @param {AbortSignal} signal */
  async picture(edit, signal) {
    // Browsers may give the bytes of a blob up when memory or disk is short.
    const colours = this.photo?.colorSpace === 'display-p3' ? {} : /** @type {const} */ ({ colorSpaceConversion: 'none' });
    const kept = edit.picture && await createImageBitmap(edit.picture, colours).catch(() => undefined);
    return kept ?? this.redraw(edit, signal);
  }

  /** @param {Edit} edit @param {AbortSignal} signal */
  async redraw(edit, signal, strength = edit.strength) {
    if (this.holds(edit)) return this.engine.draw(signal, strength);
    const { bitmap, held } = await this.make({ ...edit, strength }, signal);
    held.group = edit.group;
    return bitmap;
  }

  /**
   * What an edit is made of: the photo, or the picture of another edit.
   *
   * @param {number} id
   * @param {AbortSignal} signal
   * @returns {Promise<Photo>}
   */
  async base(id, signal) {
    const { photo, edits } = this;
    if (!photo) throw new DOMException('The photo is gone.', 'AbortError');
    if (this.#base?.id === id) return this.#base.photo;
    const edit = edits.all.get(id);
    if (!edit) return photo;
    const canvas = canvasOf(photo.width, photo.height, photo.colorSpace);
    paint(canvas, await this.picture(edit, signal));
    const base = new Photo(canvas, photo.name);
    if (!edit.reshapes) base.of = photo;
    if (this.photo === photo) {
      release(this.#base?.photo.canvas);
      // What the engine holds may be of that one.
      this.lose();
      this.#base = { id, photo: base };
    }
    return base;
  }

  // ---- keeping

  /** Waits until everything up to here is kept, or cannot be. @returns {Promise<unknown>} */
  kept() {
    return this.#written;
  }

  /** Keeps where one is. */
  note() {
    void this.#write(() => this.#keep.state(this.edits.state));
    this.changed();
  }

  /** @param {Photo} photo @param {Blob} [file] It came from. */
  keepPhoto(photo, file) {
    return this.#write(async () => {
      const bytes = file ?? await toBlob(photo.canvas).catch(() => undefined);
      if (bytes && this.photo === photo) await this.#keep.photo(bytes, photo.name, this.edits.state);
      this.changed();
    });
  }

  /** What is painted is this edit, and kept as its picture. @param {Edit} edit @param {boolean} [later] Where it may not last. */
  async rest(edit, later) {
    const { canvas, edits } = this;
    this.#painted = edit;
    if (!canvas || edit.picture) return;
    edit.thumbnail = thumbnail(canvas, THUMBNAIL);
    const small = toBlob(edit.thumbnail);
    // No room for the picture is no trouble: it can be made again.
    const large = () => toBlob(canvas).catch(() => undefined);
    const now = later ? undefined : large();
    // And it takes its time: a page that goes before has the edit.
    await this.#keepEdit(edits, edit, small);
    if (later) {
      await new Promise((resolve) => { setTimeout(resolve, KEEP_MS); });
      if (this.#painted !== edit) return;
    }
    const picture = await (now ?? large());
    const over = picture && this.edits === edits ? edits.keep(edit, picture) : [];
    await this.#keepEdit(edits, { ...edit, picture }, small);
    for (const other of over) if (other.thumbnail) await this.#keepEdit(edits, other, toBlob(other.thumbnail));
  }

  /** @param {Edits} edits It is one of these. @param {Edit} edit @param {Promise<Blob>} thumbnail */
  #keepEdit(edits, edit, thumbnail) {
    return this.#write(async () => this.edits === edits && this.#keep.edit({ ...edit, thumbnail: await thumbnail }));
  }

  /** One after the other, as the photo comes before what belongs to it; where it is gone, so is that. @param {() => Promise<unknown>} write */
  #write(write) {
    const { photo } = this;
    this.#written = this.#written.then(() => this.photo === photo && write()).catch(() => {});
    return this.#written;
  }
}

/** @param {Blob} blob */
async function drawn(blob) {
  const bitmap = await createImageBitmap(blob);
  return thumbnail(bitmap, THUMBNAIL);
}
