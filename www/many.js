// Many photos and one sentence: a grid that fills as they come, which can be stopped and goes on; each can be opened in
// the editor, and all are saved as one ZIP. In memory are one photo and the files of those that are done.
import { byId } from './dom.js';
import { Unread } from './engine.js';
import { make, styled } from './parts.js';
import { download, fileName, noted, openPhoto, paint, release, thumbnail, toBlob } from './photo.js';
import { decimal, isAbort, lacking, textsOf, told, wordsOf } from './texts.js';

/**
 * @typedef {object} Options
 * @property {import('./texts.js').Text} text
 * @property {import('./engine.js').Engine} engine
 * @property {import('./work.js').Work} work
 * @property {(file: File, sentence: string) => void} open Opens a photo in the editor, and edits it.
 * @property {(open: boolean) => void} turned The grid is there, or the editor is again.
 * @property {(error: unknown) => void} fail
 *
 * @typedef {object} Item
 * @property {File} file
 * @property {HTMLElement} tile
 * @property {HTMLElement} note
 * @property {HTMLButtonElement} button
 * @property {string} [asked] The sentence and the strength that it has been asked for.
 * @property {string} [sentence] That of its file.
 * @property {Blob} [edited]
 */

const en = {
  many: 'Many photos',
  hint: '{count} photos. Say what should change in all of them.',
  doing: '{done} of {count} photos, {seconds} s each.',
  done: '{done} of {count} photos edited, {seconds} s each.',
  halted: 'Stopped after {done} of {count} photos.',
  stop: 'Stop',
  goOn: 'Go on',
  save: 'Save all as ZIP',
  back: 'All photos',
  close: 'Back to one photo',
  waits: 'waits',
  open: 'Open {name} in the editor',
  none: 'There are no pictures in this folder.',
  large: 'These files are more than a ZIP archive holds. Save the photos of fewer of them at a time.',
};
/** @type {Record<keyof typeof en, string>} */
const zh = {
  many: '多张照片',
  hint: '{count} 张照片。请说明要对所有照片做什么修改。',
  doing: '已完成 {done} / {count} 张，每张 {seconds} 秒。',
  done: '已修改 {done} / {count} 张照片，每张 {seconds} 秒。',
  halted: '已停止，完成了 {done} / {count} 张。',
  stop: '停止',
  goOn: '继续',
  save: '全部保存为 ZIP',
  back: '所有照片',
  close: '返回单张照片',
  waits: '等待中',
  open: '在编辑器中打开 {name}',
  none: '这个文件夹里没有图片。',
  large: '这些文件超出了 ZIP 压缩包的容量。请分批保存。',
};

const THUMBNAIL = 320;

export class Many {
  #options;
  #own;
  /** @type {Item[]} */
  #items = [];
  /** Ends what runs. @type {AbortController | undefined} */
  #end;
  #sentence = '';
  #strength = 1;
  /** Whether all that is done is in an archive. */
  #saved = true;
  /** What is open in the editor, and the photo that it became. @type {{item: Item, photo?: import('./photo.js').Photo} | undefined} */
  #opened;

  #root = make('section', { id: 'many' });
  #grid = make('ul', { class: 'grid' });
  #says = make('p', { role: 'status' });
  #progress = make('progress', { max: '1', value: '0' });
  #stop;
  #save;
  #back;

  /** @param {Options} options */
  static async make(options) {
    await styled(new URL('./many.css', import.meta.url));
    return new Many(options);
  }

  /** @param {Options} options */
  constructor(options) {
    const own = textsOf({ en, zh }, [options.text.lang]);
    this.#options = options;
    this.#own = own;
    this.#stop = make('button', { type: 'button' }, own('stop'));
    this.#save = make('button', { type: 'button', class: 'primary' }, own('save'));
    this.#back = make('button', { type: 'button', id: 'all-photos', hidden: '' }, own('back'));
    const close = make('button', { type: 'button' }, own('close'));
    this.#root.ariaLabel = own('many');
    this.#progress.ariaLabel = own('many');
    this.#root.append(make('div', { class: 'head' }, this.#says, this.#stop, this.#save, close), this.#progress, this.#grid);
    byId('place', HTMLElement).before(this.#back, this.#root);
    this.#stop.addEventListener('click', () => {
      if (this.#end) this.stop();
      else void this.run(this.#sentence, this.#strength).catch(options.fail);
    });
    this.#save.addEventListener('click', () => void this.#saveAll().catch(options.fail));
    this.#back.addEventListener('click', () => void this.#return().catch(options.fail));
    close.addEventListener('click', () => this.#show(false));
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

  /**
   * Photos take the place of those before.
   *
   * @param {File[]} files
   * @param {FileSystemEntry[]} entries What was dropped, folders among it.
   */
  async add(files, entries) {
    this.stop();
    const found = entries.some((entry) => entry.isDirectory) ? (await Promise.all(entries.map(filesOf))).flat() : files;
    const pictures = found.filter(({ name, type }) => type.startsWith('image/') && !name.startsWith('.'));
    if (!pictures.length) throw told({ en: en.none, zh: zh.none });
    this.#items = pictures.map((file) => this.#item(file));
    this.#grid.replaceChildren(...this.#items.map(({ tile }) => tile));
    this.#sentence = '';
    this.#saved = true;
    this.#opened = undefined;
    this.#show(true);
    this.#tell('hint');
    for (const item of this.#items) await this.#preview(item);
  }

  /**
   * Edits all photos that have not been edited like this.
   *
   * @param {string} sentence
   * @param {number} strength
   */
  async run(sentence, strength) {
    this.stop();
    const end = this.#end = new AbortController();
    [this.#sentence, this.#strength] = [sentence, strength];
    const asked = JSON.stringify([sentence, strength]);
    const began = performance.now();
    let made = 0;
    for (const item of this.#items) if (item.asked !== asked) item.note.textContent = this.#own('waits');
    try {
      for (const item of this.#items.filter((item) => item.asked !== asked)) {
        this.#tell('doing', made ? (performance.now() - began) / made : undefined);
        item.tile.ariaBusy = 'true';
        await this.#edit(item, end.signal).finally(() => { item.tile.ariaBusy = 'false'; });
        item.asked = asked;
        made += 1;
      }
      this.#end = undefined;
      this.#tell('done', made ? (performance.now() - began) / made : undefined);
    } catch (error) {
      if (this.#end === end) this.stop();
      if (!isAbort(error)) throw error;
    }
  }

  /** Stops where it is; it can go on from there. */
  stop() {
    if (!this.#end) return;
    this.#end.abort();
    this.#end = undefined;
    this.#tell('halted');
  }

  // ---- one photo

  /** @param {File} file @returns {Item} */
  #item(file) {
    const note = make('small', {});
    const button = make('button', { type: 'button', 'aria-label': this.#own('open', { name: file.name }), title: file.name });
    const tile = make('li', {}, button, make('span', {}, file.name), note);
    /** @type {Item} */
    const item = { file, tile, note, button };
    button.addEventListener('click', () => {
      this.stop();
      this.#show(false);
      this.#opened = { item };
      this.#options.open(file, item.sentence ?? this.#sentence);
    });
    return item;
  }

  /** The photo as it is, small. @param {Item} item */
  async #preview({ file, button, note }) {
    try {
      const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
      if (!button.firstChild) button.append(thumbnail(bitmap, THUMBNAIL));
      bitmap.close();
    } catch {
      note.textContent = this.#options.text('unreadable', { name: file.name });
    }
  }

  /** @param {Item} item @param {AbortSignal} signal */
  async #edit(item, signal) {
    const { engine, text } = this.#options;
    item.note.textContent = '';
    item.edited = item.sentence = undefined;
    item.tile.classList.remove('done');
    let photo;
    try {
      photo = await openPhoto(item.file, item.file.name);
      signal.throwIfAborted();
      const { bitmap, unknown, missing } = await engine.edit(signal, photo, this.#sentence, { strength: this.#strength });
      paint(photo.canvas, bitmap);
      await this.#finish(item, photo, photo.canvas, this.#sentence);
      item.note.textContent = lacking(text, missing);
      if (unknown.length) item.note.textContent += text('unknown', { words: unknown.join(', ') });
    } catch (error) {
      // A sentence that says nothing says nothing to the others either.
      if (signal.aborted || isAbort(error) || error instanceof Unread) throw error;
      item.note.textContent = wordsOf(text, error);
    } finally {
      release(photo?.canvas);
    }
  }

  /** @param {Item} item @param {import('./photo.js').Photo} photo @param {HTMLCanvasElement} canvas @param {string} sentence */
  async #finish(item, photo, canvas, sentence) {
    item.button.replaceChildren(thumbnail(canvas, THUMBNAIL));
    const type = item.file.type === 'image/jpeg' ? 'image/jpeg' : 'image/png';
    item.edited = await noted(await toBlob(canvas, type), photo);
    item.sentence = sentence;
    item.tile.classList.add('done');
    this.#saved = false;
  }

  // ---- all of them

  async #saveAll() {
    const { zip } = await import('./zip.js');
    /** @type {Map<string, import('./zip.js').Entry>} */
    const entries = new Map();
    for (const { file, edited, sentence } of this.#items) {
      if (!edited || !sentence) continue;
      const whole = fileName(file.name, sentence, edited.type === 'image/jpeg' ? 'image/jpeg' : 'image/png');
      // Photos of several cameras may have one name.
      let name = whole;
      for (let i = 2; entries.has(name); i += 1) name = whole.replace(/(\.\w+)$/, `-${i}$1`);
      entries.set(name, { name, blob: edited, when: new Date() });
    }
    const archive = await zip([...entries.values()]).catch((error) => {
      throw error instanceof RangeError ? told({ en: en.large, zh: zh.large }, { cause: error }) : error;
    });
    download(archive, 'wordloom.zip');
    this.#saved = true;
  }

  /** Back from the editor, with what was made of the photo there. */
  async #return() {
    const { work } = this.#options;
    const { item, photo } = this.#opened ?? {};
    if (item && photo && photo === work.photo) {
      const canvas = await work.settled();
      if (canvas && work.staged) await this.#finish(item, photo, canvas, work.staged.prompt);
    }
    this.#show(true);
    (item?.button ?? this.#save).focus();
  }

  /** A photo has been opened in the editor. @param {import('./photo.js').Photo} photo */
  came(photo) {
    if (this.#opened && !this.#opened.photo) this.#opened.photo = photo;
  }

  /** @param {boolean} open */
  #show(open) {
    this.#root.hidden = !open;
    this.#back.hidden = open;
    byId('place', HTMLElement).hidden = open;
    byId('editing', HTMLElement).classList.toggle('gathered', open);
    if (open) this.#tell();
    this.#options.turned(open);
  }

  /** @param {'hint' | 'doing' | 'done' | 'halted'} [key] @param {number} [each] How long one took. */
  #tell(key, each) {
    const done = this.#items.filter(({ edited }) => edited).length;
    const count = this.#items.length;
    const seconds = each === undefined ? '…' : decimal(this.#options.text, each / 1000);
    if (key) this.#says.textContent = this.#own(key, { done, count, seconds });
    this.#progress.value = count && done / count;
    const rest = this.#sentence && this.#items.some(({ asked }) => asked !== JSON.stringify([this.#sentence, this.#strength]));
    this.#stop.hidden = !this.#end && !rest;
    this.#stop.textContent = this.#own(this.#end ? 'stop' : 'goOn');
    this.#save.hidden = !done;
  }
}

/** The files of what was dropped. @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => { /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject); })];
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const files = [];
  // A reader gives a hundred at a time.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length) return files;
    files.push(...(await Promise.all(some.map(filesOf))).flat());
  }
}
