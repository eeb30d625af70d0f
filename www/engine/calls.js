// A worker as the page sees it: started while what it needs is on the way, and asked, each question on a port of its own.
import { Trouble } from '../i18n/texts.js';

/** The worker is of no more use. */
export class Stopped extends Trouble {}

/** How long a worker may take to open a model that is here. */
const OPENS_MS = 60_000;

/**
 * Starts a worker while its source is still on the way.
 *
 * @param {AbortSignal} signal
 * @param {import('./load.js').Source | Promise<import('./load.js').Source>} source
 */
export async function start(signal, source) {
  const worker = spawn();
  try {
    // A script that does not come tells that once, and may do so before the model is here.
    await new Promise((resolve, reject) => {
      const fail = (/** @type {string} */ cause) => reject(new Trouble('unreachable', { name: 'worker.js' }, { cause }));
      worker.addEventListener('error', ({ message }) => (message ? reject(stopped(message)) : fail('It was not loaded.')));
      Promise.resolve(source).then((source) => {
        setTimeout(fail, OPENS_MS, 'It did not answer.');
        return call(signal, worker, { type: 'open', ...source });
      }).then(resolve, reject);
    });
    return worker;
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

/** A script of this page's own origin that imports the worker from ours; it serves every worker. @type {string | undefined} */
let shim;

/** Browsers start no worker from another origin. */
function spawn() {
  const { href, origin } = new URL('../engine/worker.js', import.meta.url);
  // Bundlers look for these very words.
  if (origin === location.origin) return new Worker(new URL('../engine/worker.js', import.meta.url), { type: 'module' });
  shim ??= URL.createObjectURL(new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' }));
  return new Worker(shim, { type: 'module' });
}

/**
 * Asks the worker, which answers on a port of its own for each call.
 *
 * @param {AbortSignal} signal
 * @param {Worker} worker
 * @param {object} message
 * @param {Transferable[]} [transfer]
 * @returns {Promise<any>}
 */
export function call(signal, worker, message, transfer = []) {
  const { port1, port2 } = new MessageChannel();
  const end = new AbortController();
  return abortable(signal, (resolve, reject) => {
    port1.onmessage = ({ data }) => {
      if ('error' in data) reject(new Error(data.error));
      else if ('stopped' in data) reject(stopped(data.stopped));
      else resolve(data.value);
    };
    // A panic inside an async wasm function settles no promise; it surfaces here.
    worker.addEventListener('error', (event) => reject(stopped(event.message)), { signal: end.signal });
    worker.postMessage({ ...message, port: port2 }, [port2, ...transfer]);
  }).finally(() => {
    port1.close();
    end.abort();
  });
}

/**
 * A promise that an abort rejects. It lets go of the signal in the end: one that outlives many
 * edits would otherwise keep the pixels of all of them.
 *
 * @template T
 * @param {AbortSignal} signal
 * @param {(resolve: (value: T) => void, reject: (error: unknown) => void) => unknown} begin
 * @returns {Promise<T>}
 */
export function abortable(signal, begin) {
  let stop = () => {};
  return new Promise((/** @type {(value: T) => void} */ resolve, reject) => {
    signal.throwIfAborted();
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    begin(resolve, reject);
  }).finally(() => signal.removeEventListener('abort', stop));
}

/** @param {string} cause */
function stopped(cause) {
  return new Stopped('engineStopped', {}, { cause });
}
