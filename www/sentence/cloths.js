// A colour and cloths to choose from, each a swatch; and below them how large the pattern is. All that they do is
// to change the sentence, so that a link, undo and "Save" know of it.
import { say } from '../ui/dom.js';
import { dropper } from '../stage/dropper.js';
import { icon } from '../ui/icons.js';
import { make, styled } from '../ui/parts.js';
import { several } from './several.js';
import { isAbort, textsOf, wordsOf } from '../i18n/texts.js';

/**
 * @typedef {import('../engine/swatches.js').Swatch} Swatch
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../engine/engine.js').Engine} engine
 * @property {import('../edits/work.js').Work} work
 * @property {import('../stage/stage.js').Stage} stage
 * @property {import('./prompt.js').Prompt} prompt
 * @property {() => void} ask Carries the sentence out.
 */

const en = {
  cloths: 'Colour and fabrics',
  colour: 'A colour of your own',
  drop: 'A colour from the picture',
  how: 'Press the colour in the picture, or go there with the arrow keys and press Space. Escape gives it up.',
  size: 'Size of the pattern',
  another: 'Another one',
  several: 'Several …',
  sizes: 'tiny small medium large huge',
  ways: 'horizontal vertical diagonal',
};
/** @type {Record<keyof typeof en, string>} */
const zh = { cloths: '颜色和布料', colour: '自选颜色', drop: '从图片取色', how: '点按图片中的颜色，或用方向键移动后按空格键。按 Esc 键取消。', size: '图案大小', another: '换一个', several: '多选一…', sizes: '微小 小 中号 大 超大', ways: '横向 竖向 斜向' };

/** What a cloth is for where the sentence names nothing. */
const LARGE = ['dress', 'coat', 'jacket', 'suit', 'sweater', 'shirt', 'skirt', 'trousers', 'shorts', 'flower', 'bag', 'hat'];
const DROPPER = 'm13 7 4 4M15 5l1.5-1.5a2.5 2.5 0 0 1 4 4L19 9M14 8 5 17l-1 3 3-1 9-9';
/** In how many sizes a cloth is shown beside each other. */
const SIZES = 3;
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
  #well = make('input', { type: 'color', value: '#3a47b5' });
  /** @type {import('../stage/aim.js').Aim | undefined} */
  #aim;
  /** The sentence that is shown, and was looked at. */
  #prompt = '';
  /** Counts the colours that were chosen. */
  #dyes = 0;

  /** @param {Options} options */
  static async make(options) {
    await Promise.all(['../sentence/cloths.css', '../brush/brush.css'].map((name) => styled(new URL(name, import.meta.url))));
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
    list.append(this.#field(), this.#dropper(), ...swatches.map((swatch) => this.#button(swatch)));
    const another = make('button', { type: 'button' }, own('another'));
    const some = make('button', { type: 'button', id: 'several' }, own('several'));
    this.#woven.append(make('label', { for: this.#size.id }, own('size')), this.#size, another, some);
    this.#root.append(list, this.#woven);
    document.getElementById('chips')?.before(this.#root);
    this.#size.addEventListener('change', () => void this.#say(this.#words('sizes')[this.#size.valueAsNumber] ?? ''));
    another.addEventListener('click', () => {
      const [size, way] = [this.#any('sizes'), this.#any('ways')];
      this.#size.valueAsNumber = this.#words('sizes').indexOf(size);
      void this.#say(size, way);
    });
    some.addEventListener('click', () => void this.#several().catch((error) => say('error', wordsOf(options.text, error))));
  }

  /** Follows the photo and the edit that is shown. */
  async show() {
    const { work } = this.#options;
    const { prompt = '' } = work.staged ?? {};
    this.#root.hidden = !work.things;
    if (!work.things) this.#aim?.off();
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
    return make('li', {}, button);
  }

  /** The photo follows the colour while it is chosen. */
  #field() {
    const [name, well] = [this.#own('colour'), this.#well];
    well.title = well.ariaLabel = name;
    well.addEventListener('input', () => void this.#dye(well.value));
    well.addEventListener('change', () => void this.#dye(well.value).then(this.#options.ask));
    return make('li', {}, well);
  }

  #dropper() {
    const name = this.#own('drop');
    const button = make('button', { type: 'button', title: name, 'aria-label': name, 'aria-pressed': 'false' }, icon(DROPPER));
    button.addEventListener('click', () => {
      if (this.#aim) return this.#aim.off();
      button.ariaPressed = 'true';
      say('status', this.#own('how'));
      this.#aim = dropper(this.#options.stage, name, (colour) => {
        this.#well.value = colour;
        void this.#dye(colour).then(this.#options.ask);
      }, () => {
        this.#aim = undefined;
        button.ariaPressed = 'false';
        button.focus({ preventScroll: true });
      });
    });
    return make('li', {}, button);
  }

  /** Puts a colour into the sentence, for the first that it names, else behind it. @param {string} colour */
  async #dye(colour) {
    const { prompt, engine } = this.#options;
    const sentence = prompt.value;
    const dye = ++this.#dyes;
    let found;
    // While it waits, an edit or another question may take its place.
    do found = await engine.marks(forever, sentence).catch((error) => (isAbort(error) ? undefined : []));
    while (!found && dye === this.#dyes && prompt.value === sentence);
    if (!found || dye !== this.#dyes || prompt.value !== sentence) return;
    const marks = [...found];
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

  async #several() {
    const { text, engine, work, prompt, ask } = this.#options;
    // Horizontal and vertical look alike in many cloths.
    const [straight = '', upright = '', diagonal = ''] = this.#words('ways');
    const ways = [Math.random() < 0.5 ? straight : upright, diagonal];
    // In a picture as small as these, tiny is no smaller than small.
    const sizes = this.#words('sizes').slice(1).sort(() => Math.random() - 0.5).slice(0, SIZES);
    const some = sizes.flatMap((size) => ways.map((way) => [size, way]));
    const reworded = /** @type {(string | undefined)[]} */ (await this.#reworded(prompt.value, ...some) ?? []);
    const sentences = reworded.flatMap((sentence, i) => (sentence ? [/** @type {[string, string]} */ ([some[i]?.join(this.#second ? '' : ', ') ?? '', sentence])] : []));
    if (!sentences.length) return;
    await several({
      text, engine, work, sentences,
      choose: (sentence) => {
        prompt.value = sentence;
        ask();
      },
    });
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
