// Every text of the interface, in every language it speaks. `{name}` is filled in.

const en = {
  // The stage
  stage: 'Photo',
  photo: 'The photo',
  edited: 'The photo, edited: {prompt}',
  original: 'Original',
  after: 'Edited',
  split: 'Share of the original shown, from the left',
  splitAt: '{before} % original, {after} % edited',
  hold: 'Hold to see the original',
  mask: 'Show what the edit changes',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomToReal: '{percent} %. Show every pixel',
  zoomToFit: '{percent} %. Show the whole photo',
  zoomAt: 'Zoom: {percent} %',
};

/** @type {Record<keyof typeof en, string>} */
const zh = {
  stage: '照片',
  photo: '照片',
  edited: '修改后的照片：{prompt}',
  original: '原图',
  after: '修改后',
  split: '从左侧起显示原图的比例',
  splitAt: '原图 {before} %，修改后 {after} %',
  hold: '按住查看原图',
  mask: '显示修改的区域',
  zoomIn: '放大',
  zoomOut: '缩小',
  zoomToReal: '{percent} %，显示实际像素',
  zoomToFit: '{percent} %，显示整张照片',
  zoomAt: '缩放：{percent} %',
};

const LANGUAGES = { en, zh };

/**
 * @typedef {keyof typeof en} Key
 * @typedef {Record<string, string | number>} Values
 * @typedef {((key: Key, values?: Values) => string) & {lang: string}} Text
 */

/**
 * The texts in the first of these languages that there is, or in English.
 *
 * @param {readonly string[]} [wanted]
 * @returns {Text}
 */
export function texts(wanted = navigator.languages) {
  const known = wanted.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find((tag) => tag in LANGUAGES);
  const lang = /** @type {keyof typeof LANGUAGES} */ (known ?? 'en');
  const text = (/** @type {Key} */ key, /** @type {Values} */ values = {}) => LANGUAGES[lang][key]
    .replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name] ?? '';
      return typeof value === 'number' ? value.toLocaleString(lang) : value;
    });
  return Object.assign(text, { lang: lang === 'zh' ? 'zh-Hans' : lang });
}

/** An error in the visitor's words: a text and what to fill in. Its `message` is English, for the console. */
export class Trouble extends Error {
  /**
   * @param {Key} key
   * @param {Values} [values]
   * @param {ErrorOptions} [options]
   */
  constructor(key, values = {}, options) {
    super(texts(['en'])(key, values), options);
    this.name = 'Trouble';
    this.key = key;
    this.values = values;
  }
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
