// The worker's part of cloths.js: what cloths there are, and sentences with another one in them.
import { cloth_names, reword, swatch } from '../../pkg/cpu/wordloom.js';

/**
 * @typedef {{type: 'cloth', prompt?: string, words?: string[][]}} Message With words, a sentence to put them in, each list
 *   for itself.
 * @typedef {{names: string[], side: number, pixels: Uint8ClampedArray<ArrayBuffer>}} Swatch Its names
 *   in English and Chinese, and `side * side` RGBA pixels.
 */

/** Pixels of a swatch's side, and the cloth's own colour where it has one. */
const SIDE = 88;
const OWN = new Uint8Array([58, 71, 181]);

/** @param {Message} message @returns {Swatch[] | (string | undefined)[]} */
export function cloth({ prompt = '', words }) {
  const put = (/** @type {string | undefined} */ sentence, /** @type {string} */ word) => (sentence === undefined ? sentence : reword(sentence, word));
  if (words) return words.map((list) => list.reduce(put, prompt));
  const all = [];
  for (let kind = 0, names = cloth_names(kind); names.length; names = cloth_names(kind += 1)) {
    all.push({ names, side: SIDE, pixels: new Uint8ClampedArray(swatch(kind, OWN, SIDE)) });
  }
  return all;
}
