// What a model that makes pictures is asked for: to read a sentence, a row of pictures, a large one.
import { ROW } from './noise.js';
import { painted } from './tile.js';
import { noKnownWord } from '../sentence/prompt.js';
import { isAbort } from '../i18n/texts.js';

/**
 * @typedef {import('./worker.js').Wording} Wording
 *
 * @typedef {object} Loom A model that makes pictures, once it is here.
 * @property {import('../engine/load.js').Model} model
 * @property {<T>(signal: AbortSignal, run: (engine: import('../engine/engine.js').Engine) => Promise<T>) => Promise<T>} take In turns.
 */

/** Pixels across and down: of a sketch, which is there at once, of a finished picture, and of one that leaves this place. */
const SKETCH = 256;
const SHOWN = 512;
export const LARGE = 1024;

/** @param {Loom} loom @param {AbortSignal} signal @param {string} prompt @returns {Promise<Wording>} */
export async function read(loom, signal, prompt) {
  try {
    return await loom.take(signal, (engine) => engine.take(signal, (send) => send({ type: 'read', prompt })));
  } catch (error) {
    if (isAbort(error)) throw error;
    // The engine's own errors are English. The one that everybody meets is not to be.
    const unknown = await loom.take(signal, (engine) => engine.unknownWords(signal, prompt)).catch(() => []);
    throw noKnownWord(prompt, unknown) ?? error;
  }
}

/**
 * First all sketches, then one finished picture after the other.
 *
 * @param {Loom} loom
 * @param {AbortSignal} signal
 * @param {Wording} wording
 * @param {readonly import('./tile.js').Tile[]} tiles
 * @param {() => void} check Throws where nobody wants them any more.
 */
export async function weave(loom, signal, { condition, features, words }, tiles, check) {
  for (let first = 0; first < tiles.length; first += ROW) {
    const some = [...tiles.slice(first, first + ROW).entries()];
    // In one turn, as the worker keeps their sketches meanwhile.
    await loom.take(signal, (engine) => engine.take(signal, async (send) => {
      for (const [place, tile] of some) {
        check();
        const { noise, paint } = tile.wanted;
        tile.sketch(await send({ type: 'sketch', place, condition, features, noise, paint, side: SKETCH }));
      }
      for (const [place, tile] of some) {
        check();
        tile.finish(await send({ type: 'finish', place, words: words.length, paint: tile.wanted.paint, side: SHOWN }));
      }
    }));
    check();
  }
}

/** A picture as large as it leaves this place. @param {Loom} loom @param {AbortSignal} signal @param {Wording} wording @param {import('./tile.js').Wanted} wanted */
export async function large(loom, signal, { condition, features }, { noise, paint }) {
  return painted(await loom.take(signal, (engine) => engine.take(signal, (send) => (
    send({ type: 'whole', condition, features, noise, paint, side: LARGE })))));
}
