// What a reload must not lose: words in the session's storage, photo and edits in IndexedDB. Every
// tab has a desk of its own. All of it is a convenience: private windows may have none of it.

/**
 * @typedef {Omit<import('./edits.js').Edit, 'thumbnail'> & {thumbnail: Blob}} KeptEdit
 * @typedef {{name: string, file: Blob, state: import('./edits.js').State, edits: KeptEdit[]}} Kept
 * @typedef {{desk: string, when: number}} Visit
 */

const DATABASE = 'wordloom';
const DAY_MS = 86_400_000;
/** How many sentences the arrow keys go back to. */
const SENTENCES = 50;

export class Keep {
  #desk = '';
  /** Whether a photo is kept. */
  holds = false;
  /** The database, where there can be one; from then on the desk has a name. */
  #database = this.#open();

  async #open() {
    const held = await locks();
    const kept = words.get('desk');
    // A tab that was made as a copy of another has the other's name.
    this.#desk = kept && !held.has(kept) ? kept : String(crypto.getRandomValues(new Uint32Array(1))[0]);
    words.set('desk', this.#desk);
    void navigator.locks?.request(lockOf(this.#desk), () => new Promise(() => {}));
    return quietly(database);
  }

  /** Throws away the desks of tabs that have been closed for a day. */
  async sweep() {
    const visits = await this.#read(/** @returns {IDBRequest<Visit[]>} */ (store) => store.getAll(all('visit')));
    const held = await locks();
    for (const { desk, when } of visits ?? []) {
      if (desk !== this.#desk && !held.has(desk) && Date.now() - when > DAY_MS) await this.#write((store) => forget(store, desk));
    }
  }

  /** @returns {Promise<Kept | undefined>} */
  async load() {
    const photo = await this.#read(/** @returns {IDBRequest<{file: Blob, name: string} | undefined>} */ (store) => store.get([this.#desk, 'photo']));
    const state = await this.#read((store) => store.get([this.#desk, 'state']));
    const edits = await this.#read(/** @returns {IDBRequest<KeptEdit[]>} */ (store) => store.getAll(all(this.#desk, 'edit')));
    if (!photo || !state || !edits) return undefined;
    this.holds = true;
    return { ...photo, state, edits };
  }

  /** @param {Blob} file @param {string} name @param {import('./edits.js').State} state */
  async photo(file, name, state) {
    this.holds = await this.#write((store) => {
      forget(store, this.#desk);
      store.put({ file, name }, [this.#desk, 'photo']);
      store.put(state, [this.#desk, 'state']);
      store.put({ desk: this.#desk, when: Date.now() }, ['visit', this.#desk]);
    });
  }

  /** @param {import('./edits.js').State} state */
  async state(state) {
    if (this.holds) await this.#write((store) => store.put(state, [this.#desk, 'state']));
  }

  /** @param {KeptEdit} edit */
  async edit(edit) {
    const put = (/** @type {KeptEdit} */ edit) => this.#write((store) => store.put(edit, [this.#desk, 'edit', edit.id]));
    // Without its picture it takes next to no room, and can be made again.
    if (this.holds && !(await put(edit))) await put({ ...edit, picture: undefined });
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
    return words.get('prompt') ?? '';
  }

  set prompt(prompt) {
    words.set('prompt', prompt);
  }

  /** The sentences that were asked for, the newest last. @returns {string[]} */
  get sentences() {
    return (words.get('sentences') ?? '').split('\n').filter(Boolean);
  }

  set sentences(sentences) {
    words.set('sentences', sentences.slice(-SENTENCES).join('\n'));
  }

  // ---- inside

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

/** The desks that tabs have open now. */
async function locks() {
  const now = await quietly(async () => navigator.locks.query());
  return new Set((now?.held ?? []).map(({ name = '' }) => name.replace(/^wordloom /, '')));
}

/** The session's storage, which may be forbidden or full. */
const words = {
  /** @param {string} key */
  get: (key) => attempt(() => sessionStorage.getItem(`wordloom ${key}`)),
  /** @param {string} key @param {string} value */
  set: (key, value) => attempt(() => sessionStorage.setItem(`wordloom ${key}`, value)),
};

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

/**
 * @template T
 * @param {() => Promise<T>} attempt
 * @returns {Promise<T | undefined>}
 */
async function quietly(attempt) {
  try {
    return await attempt();
  } catch {
    return undefined;
  }
}
