// One photo of the grid: its tile, what was made of it by each sentence, and what there is to say of that.
import { make } from '../ui/parts.js';
import { noted, openPhoto, thumbnail, toBlob } from '../photo/photo.js';
import { own } from './texts.js';
import { wordsOf } from '../i18n/texts.js';

/**
 * @typedef {{note?: string, byHand?: boolean, blob?: Blob}} Result What there is to say of it, and its picture; `byHand` in the editor.
 */

const THUMBNAIL = 320;

export class Item {
  #text;
  #note = make('small', {});
  /** By their sentences, the newest last. @type {Map<string, Result>} */
  results = new Map();
  /** What it was in the editor. @type {import('../photo/photo.js').Photo | undefined} */
  photo;
  /** And what was made of it there. @type {import('../edits/edits.js').Edits | undefined} */
  edits;

  /** @param {File} file @param {import('../i18n/texts.js').Text} text */
  constructor(file, text) {
    const { name } = file;
    this.file = file;
    this.#text = text;
    this.button = make('button', { type: 'button', 'aria-label': own('open', { name }), title: name });
    this.tile = make('li', {}, this.button, make('span', {}, name), this.#note);
  }

  /** The newest last. @returns {[sentence: string, blob: Blob][]} */
  get pictures() {
    return [...this.results].flatMap(([sentence, { blob }]) => (blob ? [[sentence, blob]] : []));
  }

  /** Shows the newest picture, or the photo as it is. */
  async preview() {
    const { file } = this;
    const newest = () => this.pictures.at(-1)?.[1];
    const shown = newest();
    try {
      const bitmap = await createImageBitmap(shown ?? file, { imageOrientation: 'from-image' });
      // There may be another by now.
      if (newest() === shown) this.button.replaceChildren(thumbnail(bitmap, THUMBNAIL));
      bitmap.close();
    } catch {
      // It fails once more, and then says why.
      await openPhoto(file, file.name).catch((error) => this.results.set('', { note: wordsOf(this.#text, error) }));
    }
  }

  /**
   * A picture takes its place.
   *
   * @param {string} sentence
   * @param {Result} result
   * @param {import('../photo/photo.js').Photo} photo
   * @param {HTMLCanvasElement} canvas
   */
  async put(sentence, result, photo, canvas) {
    const small = thumbnail(canvas, THUMBNAIL);
    const blob = await noted(await toBlob(canvas, this.file.type === 'image/jpeg' ? 'image/jpeg' : 'image/png'), photo);
    this.results.delete(sentence);
    this.results.set(sentence, { ...result, blob });
    this.button.replaceChildren(small);
  }

  /** Says what there is to say. @param {boolean} waits Whether there is more to be made of it. */
  label(waits) {
    const { length } = this.pictures;
    this.tile.classList.toggle('done', length > 0 && !waits);
    const says = [...this.results.values()].flatMap(({ note, byHand }) => [byHand && own('byHand'), note]);
    const all = [length > 1 && own('pictures', { count: length }), ...says, waits && !this.tile.ariaBusy && own('waits')];
    this.#note.textContent = [...new Set(all)].filter(Boolean).join(' · ');
  }
}
