// A colour and cloths to choose from, each a swatch; and below them how large the pattern is. All that they do is
// to change the sentence, so that a link, undo and "Save" know of it.
import { make, styled } from './parts.js';
import { textsOf } from './texts.js';

/**
 * @typedef {import('./swatches.js').Swatch} Swatch
 * @typedef {object} Options
 * @property {import('./texts.js').Text} text
 * @property {import('./engine.js').Engine} engine
 * @property {import('./work.js').Work} work
 * @property {import('./prompt.js').Prompt} prompt
 * @property {() => void} ask Carries the sentence out.
 */

const en = {
  cloths: 'Colour and fabrics',
  colour: 'A colour of your own',
  size: 'Size of the pattern',
  another: 'Another one',
  sizes: 'tiny small medium large huge',
  ways: 'horizontal vertical diagonal',
};
/** @type {Record<keyof typeof en, string>} */
const zh = { cloths: '颜色和布料', colour: '自选颜色', size: '图案大小', another: '换一个', sizes: '微小 小 中号 大 超大', ways: '横向 竖向 斜向' };

/** What a cloth is for where the sentence names nothing. */
const LARGE = ['dress', 'coat', 'jacket', 'suit', 'sweater', 'shirt', 'skirt', 'trousers', 'shorts', 'flower', 'bag', 'hat'];
/** The number of a colour among the parts of a sentence. */
const COLOUR = 1;
const forever = new AbortController().signal;

export class Cloths {
  #options;
  #own;
  /** Which of the two names of everything is the visitor's. */
  #second;
  #size = /** @type {HTMLInputElement} */ (make('input', { type: 'range', id: 'cloth-size', min: '0', max: '4', value: '2' }));
  #woven = make('div', { class: 'woven', hidden: '' });
  #root = make('section', { id: 'cloths', hidden: '' });
  /** The sentence that is shown, and was looked at. */
  #prompt = '';

  /** @param {Options} options */
  static async make(options) {
    await styled(new URL('./cloths.css', import.meta.url));
    const swatches = /** @type {Swatch[]} */ (await options.engine.cloth(forever, { type: 'cloth' }));
    const cloths = new Cloths(options, swatches);
    void cloths.show();
    return cloths;
  }

  /** @param {Options} options @param {Swatch[]} swatches */
  constructor(options, swatches) {
    const own = textsOf({ en, zh }, [options.text.lang]);
    this.#options = options;
    this.#own = own;
    this.#second = Number(options.text.lang.startsWith('zh'));
    const list = make('ul', { class: 'cloths', 'aria-label': own('cloths') });
    list.append(this.#well(), ...swatches.map((swatch) => this.#button(swatch)));
    const another = make('button', { type: 'button' }, own('another'));
    this.#woven.append(make('label', { for: this.#size.id }, own('size')), this.#size, another);
    this.#root.append(list, this.#woven);
    document.getElementById('chips')?.before(this.#root);
    this.#size.addEventListener('change', () => void this.#say(this.#words('sizes')[this.#size.valueAsNumber] ?? ''));
    another.addEventListener('click', () => {
      const [size, way] = [this.#any('sizes'), this.#any('ways')];
      this.#size.valueAsNumber = this.#words('sizes').indexOf(size);
      void this.#say(size, way);
    });
  }

  /** Follows the photo and the edit that is shown. */
  async show() {
    const { work } = this.#options;
    const { prompt = '' } = work.staged ?? {};
    this.#root.hidden = !work.things;
    if (prompt === this.#prompt) return;
    this.#prompt = prompt;
    const sized = await this.#reworded(prompt, ...this.#words('sizes').map((size) => [size]));
    if (!sized || prompt !== this.#prompt) return;
    this.#woven.hidden = !sized[0];
    // The size that changes nothing is there already.
    const at = sized.indexOf(prompt);
    this.#size.valueAsNumber = at < 0 ? 2 : at;
  }

  // ---- inside

  /** @param {Swatch} swatch */
  #button({ names, side, pixels }) {
    const name = names[this.#second] ?? '';
    const canvas = make('canvas', { width: String(side), height: String(side) });
    canvas.getContext('2d')?.putImageData(new ImageData(pixels, side), 0, 0);
    const button = make('button', { type: 'button', title: name, 'aria-label': name });
    button.append(canvas);
    button.addEventListener('click', () => void this.#wear(name));
    const item = make('li', {});
    item.append(button);
    return item;
  }

  /** The photo follows the colour while it is chosen. */
  #well() {
    const name = this.#own('colour');
    const well = make('input', { type: 'color', value: '#3a47b5', title: name, 'aria-label': name });
    well.addEventListener('input', () => void this.#dye(well.value));
    well.addEventListener('change', () => void this.#dye(well.value).then(this.#options.ask));
    const item = make('li', {});
    item.append(well);
    return item;
  }

  /** Puts a colour into the sentence, for the first that it names, else behind it. @param {string} colour */
  async #dye(colour) {
    const { prompt, engine } = this.#options;
    const sentence = prompt.value;
    const marks = [...await engine.marks(forever, sentence).catch(() => [])];
    if (prompt.value !== sentence) return;
    const first = marks.findIndex((kind, i) => i % 4 === 2 && kind === COLOUR);
    const [start = 0, end = 0] = marks.slice(first - 2, first);
    const space = this.#second ? '' : ' ';
    if (first >= 0) prompt.type(sentence.slice(0, start) + colour + sentence.slice(end));
    else if (marks.length) prompt.type(sentence.trimEnd() + space + colour);
    else {
      const thing = this.#worn();
      prompt.type((thing && this.#options.text('begin', { thing })) + colour);
    }
  }

  /** What is meant where nothing is said: the largest thing that is worn, if any. */
  #worn() {
    const things = this.#options.work.things ?? { en: [], zh: [] };
    const at = things.en.findIndex((thing) => LARGE.includes(thing));
    return (this.#second ? things.zh : things.en)[at] ?? '';
  }

  /** @param {string} name */
  async #wear(name) {
    const { prompt, ask } = this.#options;
    const thing = this.#worn();
    const answer = await this.#reworded(prompt.value, [name]);
    // Nobody answered: what was typed stays.
    if (!answer) return;
    prompt.value = answer[0] ?? (this.#second ? `${name}${thing}` : `${name} ${thing}`).trim();
    ask();
  }

  /** @param {string[]} words */
  async #say(...words) {
    const { prompt, ask } = this.#options;
    const [reworded] = await this.#reworded(prompt.value, words) ?? [];
    if (!reworded) return;
    prompt.value = reworded;
    ask();
  }

  /** Nothing where a newer press takes its place. @param {string} prompt @param {string[][]} words */
  #reworded(prompt, ...words) {
    return this.#options.engine.cloth(forever, { type: 'cloth', prompt, words }).catch(() => undefined);
  }

  /** @param {keyof typeof en} key */
  #words(key) {
    return this.#own(key).split(' ');
  }

  /** @param {keyof typeof en} key */
  #any(key) {
    const words = this.#words(key);
    return words[Math.floor(Math.random() * words.length)] ?? '';
  }
}
