// Bytes come through here: with true progress, checked, and kept for the next visit.
import { isAbort, Trouble } from '../i18n/texts.js';

/**
 * A model, as `weights/manifest.json` lists it.
 *
 * @typedef {object} Model
 * @property {string} name
 * @property {string} file
 * @property {number} bytes
 * @property {string} sha256
 * @property {string} edits What it edits, in a few words.
 * @property {string[]} prompts Sentences to try.
 * @property {string[]} [prompts_zh] The same for Chinese visitors, where the model reads Chinese.
 * @property {Task | 'compare'} [task] What it does with a sentence: edits a photo, when left out, makes a picture, or compares layers.
 *
 * @typedef {'edit' | 'make'} Task
 * @typedef {{code: Part, weights: Part, task?: Task}} Parts
 * @typedef {{url: URL, bytes: number, sha256: string, code?: boolean}} Part A file and what it must turn out
 *   to be; `code` is compiled as soon as it is there.
 * @typedef {{code: WebAssembly.Module, weights: Uint8Array, verified: boolean, task?: Task}} Source What an engine is opened with.
 * @typedef {(received: number, total: number) => void} Progress
 */

/** Of this place alone, be it of whatever version: a version's folder lies beside `www`. */
const CACHE = `wordloom ${new URL('../../..', import.meta.url).href}`;
/** An engine opens first: keeping what it is made of takes a core as long. */
const KEEP_AFTER_MS = 500;

/** A module with a function that gives a vector of 128 bits. */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123];
/** What a browser has to have. The last that they came to have are what `tooOld` names them by. @type {Record<string, () => unknown>} */
const NEEDS = {
  'WebAssembly SIMD': () => WebAssembly.validate(Uint8Array.from(SIMD)),
  'AbortSignal.any()': () => AbortSignal.any,
  'light-dark()': () => CSS.supports('color', 'light-dark(red, red)'),
};

/**
 * What there is to load for a task: a model of the manifest, the first when none is named, and the
 * files that make an engine of it.
 *
 * @param {AbortSignal} signal
 * @param {string} [name]
 * @param {Task} [task]
 * @returns {Promise<{model: Model, parts: Parts, maker?: Model, layers?: Model, partsOf(model: Model): Parts}>}
 */
export async function catalogue(signal, name, task = 'edit') {
  const lacks = Object.keys(NEEDS).filter((name) => !NEEDS[name]?.());
  if (lacks.length) throw new Trouble('tooOld', { lacks: lacks.join(', ') });
  const built = new URL('../../pkg/cpu/manifest.json', import.meta.url);
  const listed = new URL('../../weights/manifest.json', import.meta.url);
  // The first time takes a while, and the manifests as long.
  void quietly(() => caches.open(CACHE));
  const [{ files }, { models: all }] = await Promise.all([json(signal, built), json(signal, listed)]);
  const does = (/** @type {Model['task']} */ task) => all.filter((/** @type {Model} */ model) => (model.task ?? 'edit') === task);
  /** @type {Model[]} */
  const models = does(task);
  const model = models.find((model) => !name || model.name === name);
  if (!model) {
    const names = models.map((model) => `“${model.name}”`).join(', ');
    throw new Trouble('noModel', { name: name ?? '', names });
  }
  setTimeout(quietly, KEEP_AFTER_MS, () => forget(({ pathname, search }) => (
    pathname.startsWith('/wordloom/weights/') && !all.some((/** @type {Model} */ { sha256 }) => search.endsWith(sha256)))));
  const partsOf = (/** @type {Model} */ { file, bytes, sha256, task }) => ({
    ...task !== 'compare' && { task },
    code: wasm(built, files),
    weights: { url: new URL(file, listed), bytes, sha256 },
  });
  return { model, parts: partsOf(model), maker: does('make')[0], layers: does('compare')[0], partsOf };
}

/**
 * Sentences to try, in the visitor's language where the model reads it.
 *
 * @param {{prompts: readonly string[], prompts_zh?: readonly string[]}} model
 * @param {string} lang
 */
export function promptsOf({ prompts, prompts_zh: chinese }, lang) {
  return lang.startsWith('zh') && chinese ? { prompts: chinese, lang } : { prompts, lang: 'en' };
}

/**
 * The build for the GPU, asked for only where there is one.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<Part>}
 */
export async function gpuPart(signal) {
  const built = new URL('../../pkg/gpu/manifest.json', import.meta.url);
  const { files } = await json(signal, built);
  return wasm(built, files);
}

/**
 * @param {URL} built A build's manifest.
 * @param {{'wordloom_bg.wasm': {bytes: number, sha256: string}}} files What it lists.
 * @returns {Part}
 */
function wasm(built, { 'wordloom_bg.wasm': file }) {
  return { url: new URL('wordloom_bg.wasm', built), code: true, ...file };
}

/**
 * Loads several files at once. Progress is one count for all of them, in bytes after decompression:
 * the sizes in the manifests are those, while Content-Length counts what went over the wire.
 *
 * @param {AbortSignal} signal
 * @param {Part[]} parts
 * @param {Progress} [progress]
 * @returns {Promise<any[]>} Bytes, and modules of code.
 */
export async function loadParts(signal, parts, progress = () => {}) {
  const total = parts.reduce((sum, part) => sum + part.bytes, 0);
  const received = parts.map(() => 0);
  // When one file fails, the others need not arrive any more.
  const rest = new AbortController();
  signal.addEventListener('abort', () => rest.abort(signal.reason));
  try {
    return await Promise.all(parts.map(async (part, i) => {
      const bytes = await load(rest.signal, part, (bytes) => {
        received[i] = bytes;
        // A piece that was under way when another file failed tells nobody.
        if (!rest.signal.aborted) progress(received.reduce((a, b) => a + b, 0), total);
      });
      return part.code ? compile(part.url, bytes) : bytes;
    }));
  } finally {
    rest.abort();
  }
}

/**
 * What an engine is opened with. Its code may be here already, from another model's.
 *
 * @param {AbortSignal} signal
 * @param {Omit<Parts, 'code'> & {code: Part | WebAssembly.Module}} parts
 * @param {Progress} [progress]
 * @returns {Promise<Source>}
 */
export async function loadSource(signal, { code, weights, task }, progress) {
  const here = code instanceof WebAssembly.Module;
  // The code comes first: it is compiled while the model is on the way.
  const loaded = await loadParts(signal, here ? [weights] : [code, weights], progress);
  return { code: here ? code : loaded[0], weights: loaded.at(-1), verified: verifies, task };
}

/** @param {URL} url @param {Uint8Array<ArrayBuffer>} code */
async function compile(url, code) {
  try {
    return await WebAssembly.compile(code);
  } catch (error) {
    // Without https nobody has looked at its bytes; else memory is short.
    throw error instanceof WebAssembly.CompileError ? damaged(url) : new Trouble('engineStopped', {}, { cause: error });
  }
}

/**
 * @param {AbortSignal} signal
 * @param {Part} part
 * @param {(received: number) => void} progress
 */
async function load(signal, part, progress) {
  // The digest in the key keeps an older file from ever being taken for this one. The folder of a
  // version is not in it: what a new version did not change is not fetched again.
  const place = `/wordloom/${part.url.pathname.split('/').slice(-2).join('/')}`;
  const key = `${place}?sha256=${part.sha256}`;
  const cache = await quietly(() => caches.open(CACHE));
  // Without one, reading fails as it does of a damaged one.
  const kept = await quietly(async () => read(/** @type {Response} */ (await cache?.match(key)), part, progress));
  if (kept) return kept;
  const bytes = await read(await request(signal, part.url), part, progress);
  // Nobody waits for that.
  setTimeout(quietly, KEEP_AFTER_MS, async () => {
    await forget(({ pathname }) => pathname === place);
    await cache?.put(key, new Response(bytes));
  });
  return bytes;
}

/** What is kept and not needed any more goes. @param {(key: URL) => boolean} spare */
async function forget(spare) {
  const cache = await caches.open(CACHE);
  for (const key of await cache.keys()) if (spare(new URL(key.url))) await cache.delete(key);
}

/**
 * Reads a response to its end and checks that it is the file that was promised.
 *
 * @param {Response} response
 * @param {Part} part
 * @param {(received: number) => void} progress
 */
async function read(response, part, progress) {
  const bytes = new Uint8Array(part.bytes);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw unreachable(part.url, error);
    });
    if (done) break;
    if (received + value.length > bytes.length) {
      await reader.cancel();
      throw damaged(part.url);
    }
    bytes.set(value, received);
    received += value.length;
    progress(received);
  }
  if (received !== bytes.length || !(await digestIs(bytes, part.sha256))) throw damaged(part.url);
  return bytes;
}

/** Browsers compute digests on https and on this machine only; elsewhere the length must do. */
export const verifies = Boolean(globalThis.crypto?.subtle);

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} sha256
 */
async function digestIs(bytes, sha256) {
  if (!verifies) return true;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
}

/**
 * @param {AbortSignal} signal
 * @param {URL} url
 */
async function json(signal, url) {
  const response = await request(signal, url);
  return response.json().catch(() => {
    throw damaged(url);
  });
}

/**
 * @param {AbortSignal} signal
 * @param {URL} url
 */
async function request(signal, url) {
  const response = await fetch(url, { signal, cache: 'no-cache' }).catch((error) => {
    throw unreachable(url, error);
  });
  if (!response.ok) {
    throw new Trouble('notServed', { name: nameOf(url), status: String(response.status) });
  }
  return response;
}

/**
 * @param {URL} url
 * @param {unknown} error
 */
function unreachable(url, error) {
  if (isAbort(error)) return error;
  return new Trouble('unreachable', { name: nameOf(url) }, { cause: error });
}

/** @param {URL} url */
function damaged(url) {
  return new Trouble('damaged', { name: nameOf(url) });
}

/** @param {URL} url */
function nameOf(url) {
  return url.pathname.split('/').pop() ?? '';
}

/**
 * The cache is a convenience: it may be missing (plain http), forbidden (private windows) or full.
 *
 * @template T
 * @param {() => Promise<T>} attempt
 * @returns {Promise<T | undefined>}
 */
export async function quietly(attempt) {
  try {
    return await attempt();
  } catch {
    return undefined;
  }
}
