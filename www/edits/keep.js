// What a reload must not lose: the sentence that is being typed in the session's storage, those before it in
// the browser's, photo and edits in IndexedDB. Every tab has a desk of its own; a new tab goes on at the one
// that was left last. All of it is a convenience: private windows may have none of it.
import { quietly } from '../engine/load.js';

/**
 * @typedef {Omit<import('./edits.js').Edit, 'thumbnail'> & {thumbnail: Blob}} KeptEdit
 * @typedef {{name: string, file: Blob, state: import('./edits.js').State, edits: KeptEdit[]}} Kept
 * @typedef {{desk: string, when: number}} Visit When a desk was used last.
 */

const DATABASE = 'wordloom';
/** How long a desk that nobody uses stays (texts.js tells it), and how many of them. */
const STAYS_MS = 30 * 86_400_000;
const DESKS = 8;
/** How long a tab may take to go: the page that it loads anew waits for its desk. */
const LEAVES_MS = 3000;
/** How many sentences the arrow keys go back to. */
const SENTENCES = 50;

export class Keep {
  /** Whether a photo is kept. */
  holds = false;
  /** The database, where there can be one. */
  #database = quietly(database);
  /** The desk's name, once the tab has it for itself. */
  #desk = this.#sit();

  async #sit() {
    const own = session.get('desk');
    // A tab that was made as a copy of another has the other's name.
    const left = own ? [own] : navigator.locks ? (await this.#left()).map(({ desk }) => desk) : [];
    let desk = '';
    for (desk of [...left, String(crypto.getRandomValues(new Uint32Array(1))[0])]) if (await take(desk)) break;
    session.set('desk', desk);
    return desk;
  }

  /** The desks that no tab has open, the last one first. */
  async #left() {
    const visits = await this.#read(/** @returns {IDBRequest<Visit[]>} */ (store) => store.getAll(all('visit'))) ?? [];
    const now = await quietly(async () => navigator.locks.query());
    const open = new Set(now?.held?.map(({ name }) => name));
    return visits.filter(({ desk }) => !open.has(lockOf(desk))).sort((a, b) => b.when - a.when);
  }

  /** Throws away desks that were not used for long, and the oldest of many. */
  async sweep() {
    const own = await this.#desk;
    const left = (await this.#left()).filter(({ desk }) => desk !== own);
    for (const [i, { desk, when }] of left.entries()) {
      if (i >= DESKS || Date.now() - when > STAYS_MS) await this.#write((store) => forget(store, desk));
    }
  }

  /** @returns {Promise<Kept | undefined>} */
  async load() {
    const desk = await this.#desk;
    const photo = await this.#read(/** @returns {IDBRequest<{file: Blob, name: string} | undefined>} */ (store) => store.get([desk, 'photo']));
    const state = await this.#read((store) => store.get([desk, 'state']));
    const edits = await this.#read(/** @returns {IDBRequest<KeptEdit[]>} */ (store) => store.getAll(all(desk, 'edit')));
    if (!photo || !state || !edits) return undefined;
    this.holds = true;
    return { ...photo, state, edits };
  }

  /** @param {Blob} file @param {string} name @param {import('./edits.js').State} state */
  async photo(file, name, state) {
    const desk = await this.#desk;
    this.holds = await this.#write((store) => {
      forget(store, desk);
      store.put({ file, name }, [desk, 'photo']);
      store.put(state, [desk, 'state']);
      visit(store, desk);
    });
  }

  /** @param {import('./edits.js').State} state */
  async state(state) {
    await this.#add('state', state);
  }

  /** @param {KeptEdit} edit */
  async edit(edit) {
    // Without its picture it takes next to no room, and can be made again.
    if (!(await this.#add('edit', edit, edit.id))) await this.#add('edit', { ...edit, picture: undefined }, edit.id);
  }

  /** Everything of every tab. */
  async clear() {
    this.prompt = '';
    this.sentences = [];
    await this.#write((store) => store.clear());
    this.holds = false;
  }

  /** The sentence as it stands in its field. */
  get prompt() {
    return session.get('prompt') ?? '';
  }

  set prompt(prompt) {
    session.set('prompt', prompt);
  }

  /** The sentences that were asked for, the newest last. @returns {string[]} */
  get sentences() {
    return (local.get('sentences') ?? '').split('\n').filter(Boolean);
  }

  set sentences(sentences) {
    local.set('sentences', sentences.slice(-SENTENCES).join('\n'));
  }

  // ---- inside

  /**
   * Writes what belongs to the photo. Where another tab has cleared that, nothing is kept from then on.
   *
   * @param {string} kind
   * @param {unknown} value
   * @param {number[]} id
   */
  async #add(kind, value, ...id) {
    const desk = await this.#desk;
    return this.holds && this.#write((store) => {
      const photo = store.count([desk, 'photo']);
      photo.onsuccess = () => {
        this.holds = photo.result > 0;
        if (!this.holds) return;
        visit(store, desk);
        store.put(value, [desk, kind, ...id]);
      };
    });
  }

  /**
   * @template T
   * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
   * @returns {Promise<T | undefined>}
   */
  #read(ask) {
    return quietly(async () => {
      const store = await this.#store('readonly');
      return done(ask(store));
    });
  }

  /** @param {(store: IDBObjectStore) => void} put @returns {Promise<boolean>} Whether it is kept. */
  async #write(put) {
    const kept = await quietly(async () => {
      const store = await this.#store('readwrite');
      return new Promise((resolve, reject) => {
        store.transaction.oncomplete = () => resolve(true);
        store.transaction.onabort = () => reject(store.transaction.error);
        put(store);
      });
    });
    return Boolean(kept);
  }

  /** @param {IDBTransactionMode} mode */
  async #store(mode) {
    const database = await this.#database;
    if (!database) throw new Error('There is no database here.');
    return database.transaction('desks', mode).objectStore('desks');
  }
}

/** @returns {Promise<IDBDatabase>} */
function database() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore('desks');
  return done(request);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBObjectStore} store @param {string} desk */
function visit(store, desk) {
  store.put({ desk, when: Date.now() }, ['visit', desk]);
}

/** @param {IDBObjectStore} store @param {string} desk */
function forget(store, desk) {
  store.delete(all(desk));
  store.delete(['visit', desk]);
}

/** Every key that begins so. @param {string[]} start */
function all(...start) {
  // Arrays come after everything else.
  return IDBKeyRange.bound(start, [...start, []]);
}

/** @param {string} desk */
function lockOf(desk) {
  return `wordloom ${desk}`;
}

/**
 * Has a desk for this tab as long as it is open. Whether no other tab has it.
 *
 * @param {string} desk
 * @returns {Promise<boolean>}
 */
function take(desk) {
  return new Promise((resolve) => {
    if (!navigator.locks) resolve(true);
    navigator.locks?.request(lockOf(desk), { signal: AbortSignal.timeout(LEAVES_MS) }, () => {
      resolve(true);
      return new Promise(() => {});
    }).catch(() => resolve(false));
  });
}

/** A storage of words, which may be forbidden or full. @param {() => Storage} storage */
const words = (storage) => ({
  /** @param {string} key */
  get: (key) => attempt(() => storage().getItem(`wordloom ${key}`)),
  /** @param {string} key @param {string} value */
  set: (key, value) => attempt(() => storage().setItem(`wordloom ${key}`, value)),
});

const session = words(() => sessionStorage);
export const local = words(() => localStorage);

/**
 * @template T
 * @param {() => T} act
 */
function attempt(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
