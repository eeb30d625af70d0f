// A link to pictures: the sentence, and what each picture is drawn from, behind the #, which browsers send to no
// server. `seed` alone stands for the first row; where there is more, each `row` names its pictures and, behind a
// space, the colour and cloth that they have instead of the sentence's.
import { nameOf, noiseOf, row } from './noise.js';

/**
 * @typedef {{noise: readonly import('./noise.js').Noise[], words: string}} Row
 * @typedef {{prompt: string, seed: number, rows: Row[]}} Link
 */

/** As many pictures as a link may ask for. */
const MOST = 120;
/** As long as a sentence of a link may be. */
const LONGEST = 2000;

/** @param {Link} link */
export function linkTo({ prompt, seed, rows }) {
  const url = new URL(location.href);
  const parts = new URLSearchParams({ make: prompt, seed: String(seed) });
  const written = rows.map(write);
  if (written.join() !== write({ noise: row(seed), words: '' })) for (const row of written) parts.append('row', row);
  url.hash = parts.toString();
  return url.href;
}

/**
 * What a link says; whatever makes no sense in it is as if it were not there.
 *
 * @returns {Link | undefined}
 */
export function linkHere() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const prompt = parts.get('make')?.slice(0, LONGEST);
  if (!prompt?.trim()) return undefined;
  const number = Number(parts.get('seed') || '1');
  const seed = Number.isInteger(number) && number >= 0 && number < 2 ** 32 ? number : 1;
  let left = MOST;
  const rows = parts.getAll('row').map((text) => {
    const { noise, words } = read(text);
    const some = noise.slice(0, left);
    left -= some.length;
    return { noise: some, words };
  }).filter(({ noise }) => noise.length);
  return { prompt, seed, rows: rows.length ? rows : [{ noise: row(seed), words: '' }] };
}

/** @param {Row} row */
function write({ noise, words }) {
  return `${noise.map(nameOf).join('.')} ${words}`.trim();
}

/** @param {string} text @returns {Row} */
function read(text) {
  const [numbers = '', ...words] = text.split(' ');
  const noise = numbers.split('.').map(noiseOf);
  return { noise: noise.filter((noise) => noise !== undefined), words: words.join(' ').slice(0, LONGEST) };
}
