// The interface's texts in the visitor's language, and errors in words.
import { en } from './en.js';

/**
 * @typedef {keyof typeof en} Key
 * @typedef {{en: string, zh: string}} Both
 * @typedef {Record<string, string | number | Both>} Values Some are another in each language.
 * @typedef {TextOf<Key>} Text
 */

/**
 * @template {string} K
 * @typedef {((key: K, values?: Values) => string) & {lang: string}} TextOf
 */

/**
 * The texts in the first of these languages that there is, or in English, also where the other does not come.
 *
 * @param {readonly string[]} [wanted]
 * @returns {Promise<Text>}
 */
export async function texts(wanted = navigator.languages) {
  const there = langOf(wanted) === 'zh' && await import('./zh.js').catch(() => undefined);
  return there ? textsOf({ en, zh: there.zh }, wanted) : textsOf({ en, zh: en }, ['en']);
}

/** @param {readonly string[]} wanted @returns {keyof Both} */
function langOf(wanted) {
  const known = wanted.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag === 'en' || tag === 'zh');
  return /** @type {keyof Both} */ (known ?? 'en');
}

/**
 * The same for texts that are here.
 *
 * @template {string} K
 * @param {{en: Record<K, string>, zh: Record<K, string>}} languages
 * @param {readonly string[]} wanted
 * @returns {TextOf<K>}
 */
export function textsOf(languages, wanted) {
  const lang = langOf(wanted);
  const text = (/** @type {K} */ key, /** @type {Values} */ values = {}) => (languages[lang][key] ?? key)
    .replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name] ?? '';
      if (typeof value === 'object') return value[lang];
      return typeof value === 'number' ? value.toLocaleString(lang) : value;
    });
  return Object.assign(text, { lang: lang === 'zh' ? 'zh-Hans' : lang });
}

/** @param {Text} text @param {number} bytes */
export function megabytes(text, bytes) {
  return decimal(text, bytes / 1e6);
}

/** How many unknown words are named, and how much of each. */
export const NAMED = 8;
export const LONGEST = 30;

/** Words as they were typed. @param {readonly string[]} words */
export function quoted(words) {
  return words.slice(0, NAMED).map((word) => `“${word.slice(0, LONGEST)}”`).join(', ');
}

/** Things, to say that there are none of them: "hat and no shoes". @param {readonly string[]} things */
export function noneOf(things) {
  return { en: things.join(' and no '), zh: things.join('、') };
}

/** What the photo lacks, or what nobody here can do, in words. @param {TextOf<'missing' | 'noShorter'>} text @param {readonly string[]} missing */
export function lacking(text, missing) {
  const things = missing.filter((thing) => thing !== 'noShorter');
  return (things.length ? text('missing', { things: noneOf(things) }) : '') + (things.length < missing.length ? text('noShorter') : '');
}

/** A number with one digit behind the point. @param {Text} text @param {number} number */
export function decimal(text, number) {
  return number.toLocaleString(text.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** An error in the visitor's words: a text and what to fill in. Its `message` is English, for the console. */
export class Trouble extends Error {
  /**
   * @param {Key} key
   * @param {Values} [values]
   * @param {ErrorOptions} [options]
   */
  constructor(key, values = {}, options) {
    super(textsOf({ en, zh: en }, ['en'])(key, values), options);
    this.name = 'Trouble';
    this.key = key;
    this.values = values;
  }
}

/** A sentence says nothing; `unknown` are its words that nobody knows. */
export class Unread extends Trouble {
  /** @param {Key} key @param {string[]} unknown */
  constructor(key, unknown) {
    super(key, { words: quoted(unknown) });
    this.unknown = unknown;
  }
}

/**
 * A sentence names nothing that is in the photo. What is there instead, in the visitor's language.
 *
 * @param {string[]} missing
 * @param {import('../engine/worker.js').Things} [sees]
 */
export function notThere(missing, { en, zh } = { en: [], zh: [] }) {
  const seen = { en: en.join(', '), zh: zh.join('、') };
  const named = missing.filter((thing) => thing && thing !== 'noShorter');
  if (!named.length) return new Trouble(en.length ? 'aboutNothing' : 'seesNothing', { seen });
  return new Trouble(en.length ? 'missingAll' : 'missingNothing', { things: noneOf(named), seen });
}

/**
 * An error in words that come with a part of the page.
 *
 * @param {Both} words
 * @param {ErrorOptions} [options]
 */
export function told(words, options) {
  return new Trouble('told', { words }, options);
}

/**
 * What to tell the visitor about an error. Errors from inside the engine are in English only.
 *
 * @param {Text} text
 * @param {unknown} error
 */
export function wordsOf(text, error) {
  if (error instanceof Trouble) return text(error.key, error.values);
  return error instanceof Error ? error.message : String(error);
}

/** Whether something ended because something newer or the visitor wanted it so. @param {unknown} error */
export function isAbort(error) {
  return error instanceof DOMException && error.name === 'AbortError';
}
