// Many photos, and sentences for all of them: a grid that fills as they come, which can be stopped and goes on; each can be
// opened in the editor, and all are saved as one ZIP. In memory are one photo and the files of those that are done.
import { sentenceOf } from '../edits/chain.js';
import { byId, say } from '../ui/dom.js';
import { picturesOf } from '../save/folder.js';
import { iconButton } from '../ui/icons.js';
import { Item } from './item.js';
import { linkHere } from '../sentence/link.js';
import { make, styled } from '../ui/parts.js';
import { canvasOf, download, fileName, openPhoto, paint, release, toBlob } from '../photo/photo.js';
import { both, own } from './texts.js';
import { decimal, isAbort, lacking, told, Unread, wordsOf } from '../i18n/texts.js';

/**
 * @typedef {import('../photo/photo.js').Photo} Photo
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../engine/engine.js').Engine} engine
 * @property {import('../edits/work.js').Work} work
 * @property {import('../edits/keep.js').Keep} keep
 * @property {import('../sentence/prompt.js').Prompt} prompt
 * @property {(file: File, name: string) => Promise<void>} choose Opens a photo in the editor.
 * @property {() => Promise<void>} ask Carries out the sentence there.
 * @property {(step: () => Promise<void>) => Promise<void>} look Shows another moment of the work there.
 * @property {() => void} turned The grid is there, or the editor is again.
 * @property {(error: unknown) => void} fail
 */

export class Many {
  #options;
  /** @type {Item[]} */
  #items = [];
  /** The sentences for all photos, how strong each is, and what shows it. @type {Map<string, {strength: number, tag: HTMLElement}>} */
  #asks = new Map();
  /** Those of them that run, or ran last. @type {Set<string>} */
  #now = new Set();
  /** Ends what runs. @type {AbortController | undefined} */
  #end;
  /** How many seconds a photo took. */
  #seconds = '…';
  /** Whether all that is done is in an archive. */
  #saved = true;
  /** What the editor showed when it was last looked at. @type {unknown} */
  #taken;

  #root = make('section', { id: 'many', hidden: '' });
  #grid = make('ul', { class: 'grid' });
  #tags = make('ul', { class: 'chips' });
  #says = make('p', { role: 'status' });
  #progress = make('progress', { max: '1', value: '0' });
  #stop;
  #save;
  #add;
  #back;

  /** @param {Options} options */
  static async make(options) {
    await styled(new URL('../many/many.css', import.meta.url));
    return new Many(options);
  }

  /** @param {Options} options */
  constructor(options) {
    const press = (/** @type {string} */ words, /** @type {() => unknown} */ act, /** @type {Record<string, string>} */ attributes = {}) => {
      const button = make('button', { type: 'button', ...attributes }, words);
      button.addEventListener('click', () => void (async () => act())().catch(options.fail));
      return button;
    };
    this.#options = options;
    this.#stop = press('', () => (this.#end ? this.stop() : this.#go(this.#asks.keys())));
    this.#save = press(own('save'), () => this.#saveAll(), { class: 'primary' });
    this.#add = press(own('add'), () => byId('file', HTMLElement).click());
    this.#back = press(own('back'), () => this.#return(), { id: 'all-photos', hidden: '' });
    this.#root.ariaLabel = this.#progress.ariaLabel = own('back');
    this.#root.append(
      make('div', { class: 'head' }, this.#says, this.#stop, this.#save, this.#add, press(own('close'), () => this.#show(false))),
      this.#progress, this.#tags, this.#grid);
    byId('place', HTMLElement).before(this.#back, this.#root);
    window.addEventListener('beforeunload', (event) => {
      if (!this.#saved) event.preventDefault();
    });
  }

  /** Whether the grid is there, and sentences are for all of it. */
  get open() {
    return !this.#root.hidden;
  }

  get running() {
    return Boolean(this.#end);
  }

  /** More photos; they take the place of those before where the grid is closed, and all is saved. @param {[File[], FileSystemEntry[]?]} files */
  async add(...files) {
    const items = (await picturesOf(...files)).map((file) => this.#item(file));
    if (!items.length) throw told(both('none'));
    if (!this.open) await this.#take();
    if (!this.open && this.#saved) {
      this.#items = [];
      this.#asks.clear();
      this.#grid.replaceChildren();
      this.#tags.replaceChildren();
    }
    // What runs is for these, too; what has run is for them when the visitor says so.
    if (!this.#end) this.#now.clear();
    this.#items.push(...items);
    this.#grid.append(...items.map(({ tile }) => tile));
    this.#show(true);
    for (const item of items) await this.#preview(item);
    this.#tell();
  }

  /** Another sentence for all photos; once more for those where it failed. @param {string} sentence */
  async run(sentence) {
    const link = linkHere();
    // In steps of the slider that the editor has.
    const strength = link?.prompt.trim() === sentence ? Math.round(20 * link.strength) / 20 : 1;
    // Another link may say another one.
    if (this.#strength(sentence) !== strength) this.#drop(sentence);
    for (const { results } of this.#items) if (!results.get(sentence)?.blob) results.delete(sentence);
    if (!this.#asks.has(sentence)) {
      const drop = iconButton('close', own('drop', { sentence }));
      drop.addEventListener('click', () => {
        this.#drop(sentence);
        this.#add.focus();
      });
      const tag = make('li', { class: 'base' }, make('span', {}), drop);
      this.#tags.append(tag);
      this.#asks.set(sentence, { strength, tag });
    }
    if (!this.#end) return this.#go([sentence]);
    this.#now.add(sentence);
    return this.#tell();
  }

  /** Stops where it is; it can go on from there. */
  stop() {
    this.#end?.abort();
    this.#end = undefined;
    this.#tell();
  }

  /** Does what has not been done. @param {Iterable<string>} sentences */
  async #go(sentences) {
    this.#now = new Set(sentences);
    const end = this.#end = new AbortController();
    const began = performance.now();
    let made = 0;
    this.#seconds = '…';
    const next = () => this.#items.find((item) => this.#left(item).length);
    try {
      for (let item = next(); item; item = next()) {
        const { tile } = item;
        tile.ariaBusy = 'true';
        this.#tell();
        await this.#edit(item, end.signal).finally(() => { tile.ariaBusy = null; });
        made += 1;
        this.#seconds = decimal(this.#options.text, (performance.now() - began) / made / 1000);
      }
      if (this.#end !== end) return;
      this.#end = undefined;
      this.#tell();
    } catch (error) {
      if (this.#end === end) this.stop();
      if (!isAbort(error)) throw error;
    }
  }

  /** @param {File} file */
  #item(file) {
    const item = new Item(file, this.#options.text);
    item.button.addEventListener('click', () => void this.#open(item).catch(this.#options.fail));
    return item;
  }

  /** @param {Item} item @param {[string, import('./item.js').Result, Photo, HTMLCanvasElement]} made */
  async #put(item, ...made) {
    await item.put(...made);
    this.#saved = false;
  }

  /** @param {string} sentence */
  #strength(sentence) {
    return this.#asks.get(sentence)?.strength ?? 1;
  }

  /** The sentences that a photo waits for. @param {Item} item */
  #left({ results }) {
    return [...this.#now].filter((sentence) => !results.has(sentence));
  }

  /** @param {Item} item @param {AbortSignal} signal */
  async #edit(item, signal) {
    const { engine, text, work } = this.#options;
    /** @type {[Photo?, HTMLCanvasElement?]} */
    let [photo, canvas] = [];
    try {
      // It is looked at once for all of them.
      for (let [sentence] = this.#left(item); sentence; [sentence] = this.#left(item)) {
        const asked = this.#asks.get(sentence);
        try {
          signal.throwIfAborted();
          photo ??= await openPhoto(item.file, item.file.name);
          canvas ??= canvasOf(photo.width, photo.height, photo.colorSpace);
          const { bitmap, unknown, missing } = await engine.edit(signal, photo, sentence, { strength: this.#strength(sentence) });
          paint(canvas, bitmap);
          const note = lacking(text, missing) + (unknown.length ? text('unknown', { words: unknown.join(', ') }) : '');
          await this.#put(item, sentence, { note }, photo, canvas);
        } catch (error) {
          // A sentence that says nothing says nothing to the others either.
          if (error instanceof Unread) this.#drop(sentence);
          if (signal.aborted || isAbort(error) || error instanceof Unread) throw error;
          item.results.set(sentence, { note: wordsOf(text, error) });
        }
        // Dropped meanwhile, or at another strength.
        if (this.#asks.get(sentence) !== asked) this.#spare(sentence);
      }
    } finally {
      release(photo?.canvas);
      release(canvas);
      work.lose();
    }
  }

  /** @param {string} sentence */
  #drop(sentence) {
    this.#asks.get(sentence)?.tag.remove();
    this.#asks.delete(sentence);
    this.#now.delete(sentence);
    this.#spare(sentence);
  }

  /** Its pictures can be made again, but for those by hand. @param {string} sentence */
  #spare(sentence) {
    for (const item of this.#items) {
      if (!item.results.get(sentence)?.byHand && item.results.delete(sentence)) void this.#preview(item);
    }
    this.#tell();
  }

  async #saveAll() {
    const { zip } = await import('./zip.js');
    this.#saved = true;
    const entries = this.#items.flatMap((item) => item.pictures.map(([sentence, blob]) => (
      { name: fileName(item.file.name, sentence, /** @type {import('../photo/photo.js').Type} */ (blob.type)), blob, when: new Date() })));
    const archive = await zip(entries).catch((error) => {
      this.#saved = false;
      throw error instanceof RangeError ? told(both('large'), { cause: error }) : error;
    });
    download(archive, 'wordloom.zip');
  }

  // ---- one of them in the editor

  /** Opens a photo as it was left there. @param {Item} item */
  async #open(item) {
    const { work, keep, prompt, choose, look, ask } = this.#options;
    const there = item === this.#opened;
    this.stop();
    this.#show(false);
    if (prompt.value.trim()) prompt.remember(prompt.value);
    prompt.value = '';
    if (!there) await choose(item.file, item.file.name);
    // It could not be read, or another one has been chosen.
    if (item !== this.#opened) return;
    const { edits } = item;
    if (edits?.state.past.length && !there) {
      work.edits = edits;
      // So that there is something to show.
      edits.undo();
      await work.redo();
    }
    const [sentence = ''] = item.pictures.at(-1) ?? [...this.#asks.keys()].slice(-1);
    if (edits && sentenceOf(edits) === sentence) {
      await look(async () => {});
    } else {
      if (edits) await work.show(0);
      prompt.value = sentence;
      byId('strength', HTMLInputElement).valueAsNumber = this.#strength(sentence);
      if (sentence) void ask();
    }
    if (!edits || there) return;
    // What a reload finds was the other photo's.
    await work.kept();
    for (const edit of edits.all.values()) {
      if (edit.thumbnail && work.edits === edits) await keep.edit({ ...edit, thumbnail: await toBlob(edit.thumbnail) });
    }
  }

  /** What is in the editor. */
  get #opened() {
    const { photo } = this.#options.work;
    return photo && this.#items.find((item) => item.photo === photo);
  }

  /** Back from the editor. */
  async #return() {
    await this.#options.work.settled();
    await this.#take();
    this.#show(true);
    (this.#opened?.button ?? this.#save).focus();
  }

  /** The editor shows something else: what was still under way when the visitor came back. */
  changed() {
    if (this.open && this.#options.work.staged !== this.#taken) void this.#take().catch(this.#options.fail);
  }

  /** A photo comes into the editor. @param {Photo} photo @param {ImageBitmapSource} source */
  came(photo, source) {
    void this.#take().catch(this.#options.fail);
    const item = this.#items.find(({ file }) => file === source);
    if (item) item.photo = photo;
    // They can be made again, and there may be many.
    for (const other of this.#items) if (other !== item) other.edits?.all.forEach((edit) => { delete edit.picture; });
    // From elsewhere, such as "Make".
    if (!this.open) return;
    this.stop();
    this.#show(false);
  }

  /** What was made of a photo in the editor is its picture. */
  async #take() {
    const { work } = this.#options;
    // What is only tried is on the stage as well.
    work.keepTrial();
    if (work.tries) return;
    const { staged, canvas, edits } = work;
    this.#taken = staged;
    const item = this.#opened;
    if (!item) return;
    item.edits = edits;
    const { past, future } = edits.state;
    if (!past.length && future.length && !work.busy) {
      // All of it was undone.
      for (const [sentence, { byHand }] of item.results) if (byHand) item.results.delete(sentence);
      void this.#preview(item);
    }
    if (!item.photo || !staged || !canvas) return this.#tell();
    const sentence = sentenceOf(edits);
    const plain = !staged.from && !staged.strokes && staged.strength === this.#strength(sentence);
    const { blob, byHand } = item.results.get(sentence) ?? {};
    if (!plain || !blob || byHand) await this.#put(item, sentence, { byHand: true }, item.photo, canvas);
    this.#tell();
  }

  /** @param {boolean} open */
  #show(open) {
    this.#root.hidden = !open;
    this.#back.hidden = byId('place', HTMLElement).hidden = open;
    byId('editing', HTMLElement).classList.toggle('gathered', open);
    this.#tell();
    // What was pressed may be hidden now.
    if (!document.activeElement?.checkVisibility()) (open ? this.#add : this.#back).focus();
    for (const id of ['error', 'status']) say(id, '');
    this.#options.turned();
  }

  #tell() {
    const items = this.#items;
    const count = items.length;
    const made = (/** @type {string[]} */ asks) => items.filter(({ results }) => asks.every((ask) => results.get(ask)?.blob)).length;
    const left = items.filter((item) => this.#left(item).length).length;
    const key = !this.#now.size ? 'hint' : this.#end ? 'doing' : left ? 'halted' : 'done';
    this.#says.textContent = own(key, { done: made([...this.#now]), count, seconds: this.#seconds });
    this.#progress.value = this.#now.size && 1 - left / count;
    this.#stop.hidden = !this.#end && items.every(({ results }) => [...this.#asks.keys()].every((ask) => results.has(ask)));
    this.#stop.textContent = this.#end ? this.#options.text('stop') : own('goOn');
    this.#save.hidden = !items.some((item) => item.pictures.length);
    if (this.#stop.hidden && document.activeElement === this.#stop) this.#add.focus();
    for (const [sentence, { strength, tag }] of this.#asks) {
      const share = strength < 1 ? ` · ${Math.round(strength * 100)} %` : '';
      if (tag.firstChild) tag.firstChild.textContent = `${made([sentence])} / ${count} · ${sentence}${share}`;
    }
    for (const item of items) this.#label(item);
  }

  /** @param {Item} item */
  async #preview(item) {
    await item.preview();
    this.#label(item);
  }

  /** @param {Item} item */
  #label(item) {
    item.label(Boolean(this.#end && this.#left(item).length));
  }
}
