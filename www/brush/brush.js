// The brush: corrects by hand where the edit on the stage acts. Every stroke is another edit in the place of the last
// one, so undo takes it back. It comes behind the model.
import { Aim } from '../stage/aim.js';
import { cuts } from './cut.js';
import { button } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { make, styled } from '../ui/parts.js';
import { textsOf } from '../i18n/texts.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../edits/work.js').Work} work
 * @property {import('../stage/stage.js').Stage} stage
 * @property {(error: unknown) => void} fail
 */

const en = {
  brush: 'Correct with a brush',
  add: 'Add',
  take: 'Take away',
  size: 'Size',
  soft: 'Soft edge',
  close: 'Done',
  place: 'Brush on the picture. Arrow keys move it, Space paints, [ and ] change its size.',
  begin: 'Paint over what the edit missed, or take away what it should leave alone.',
  added: 'Added {x} % from the left, {y} % from the top. Undo takes it back.',
  took: 'Taken away {x} % from the left, {y} % from the top. Undo takes it back.',
  sized: 'Size {size}',
};
/** @type {Record<keyof typeof en, string>} */
const zh = {
  brush: '用画笔修正',
  add: '添加',
  take: '去除',
  size: '大小',
  soft: '柔边',
  close: '完成',
  place: '图片上的画笔。方向键移动，空格键涂抹，[ 和 ] 键改变大小。',
  begin: '涂抹漏掉的部分，或去除不该修改的部分。',
  added: '已添加：距左 {x} %，距上 {y} %。可用“撤销”取消。',
  took: '已去除：距左 {x} %，距上 {y} %。可用“撤销”取消。',
  sized: '大小 {size}',
};

const ICON = 'M20 4 10.5 13.5M20 4 8.5 12a4 4 0 0 1 3.5 3.5ZM8.5 13A3.5 3.5 0 0 0 5 16.5C5 18.5 4 20 3 20c4.5 1 9-.5 9-4A3.5 3.5 0 0 0 8.5 13Z';
/** Radii in CSS pixels, and what a step makes of one. */
const [SMALLEST, LARGEST, STEP] = [3, 150, 1.2];
/** How much of a soft brush fades. */
const SOFT = 0.6;
/** A stroke has no more points than its shape needs, in shares of its radius. */
const APART = 0.25;
/** The longest side of what shows a stroke until it is made, and its colours: no veil, and the veil's. */
const SIDE = 900;
const TINTS = { add: 'rgb(255 255 255 / 0.6)', take: 'rgb(27 34 112 / 0.75)' };

/** @typedef {{adds: boolean, radius: number, soft: number, path: import('../stage/aim.js').Point[]}} Stroke Sizes in shares of the photo. */

export class Brush {
  #options;
  #own;
  #button;
  #panel = make('div', { class: 'brushes', role: 'group', hidden: '' });
  #says = make('p', { role: 'status' });
  #size = make('input', { type: 'range', id: 'brush-size', min: '0', max: '100' });
  #soft = make('input', { type: 'checkbox', id: 'brush-soft', checked: '' });
  #add = make('button', { type: 'button', 'aria-pressed': 'true' });
  #take = make('button', { type: 'button', 'aria-pressed': 'false' });
  #radius = 24;
  /** @type {Aim | undefined} */
  #aim;
  /** Whether the brush has laid the veil over what stays. */
  #veiled = false;
  /** Strokes that are not made yet, the one that is painted last. @type {Stroke[]} */
  #strokes = [];
  #canvas = make('canvas', {});
  /** Settles when all strokes before are made: each is a step. */
  #made = Promise.resolve();

  /** @param {Options} options */
  static async make(options) {
    await styled(new URL('../brush/brush.css', import.meta.url));
    cuts(options);
    return new Brush(options);
  }

  /** @param {Options} options */
  constructor(options) {
    const own = textsOf({ en, zh }, [options.text.lang]);
    this.#options = options;
    this.#own = own;
    this.#button = make('button', { type: 'button', id: 'brush', 'aria-pressed': 'false' }, icon(ICON), make('span', {}, own('brush')));
    this.#add.append(icon('zoomIn'), own('add'));
    this.#take.append(icon('zoomOut'), own('take'));
    const close = make('button', { type: 'button' }, own('close'));
    this.#panel.setAttribute('aria-label', own('brush'));
    this.#panel.append(
      make('div', { class: 'group' }, this.#add, this.#take),
      make('label', {}, own('size'), this.#size),
      make('label', { class: 'soft' }, this.#soft, own('soft')),
      close, this.#says);
    button('on-top').after(this.#button);
    options.stage.bar.after(this.#panel);
    this.#button.addEventListener('click', () => (this.#aim ? this.#aim.off() : this.#on()));
    close.addEventListener('click', () => this.#aim?.off());
    this.#add.addEventListener('click', () => this.#choose(true));
    this.#take.addEventListener('click', () => this.#choose(false));
    this.#size.addEventListener('input', () => this.#resize(SMALLEST * (LARGEST / SMALLEST) ** (this.#size.valueAsNumber / 100)));
    this.#soft.addEventListener('change', () => this.#resize(this.#radius));
  }

  /** Follows what is on the stage: without an edit there is nothing to correct. */
  show() {
    if (!this.#options.work.edits.shown) this.#aim?.off();
  }

  // ---- inside

  #on() {
    const { bar, root } = this.#options.stage;
    const veil = /** @type {HTMLElement} */ (bar.querySelector('.mask'));
    this.#veiled = veil.ariaPressed !== 'true';
    if (this.#veiled) veil.click();
    this.#aim = new Aim(this.#options.stage, {
      name: this.#own('place'),
      down: () => this.#begin(),
      move: () => this.#go(),
      up: () => this.#end(),
      drop: () => {
        this.#strokes.pop();
        this.#draw();
      },
      size: (bigger) => {
        this.#resize(this.#radius * STEP ** bigger);
        this.#say('sized', { size: Math.round(this.#radius) });
      },
      off: () => this.#off(),
    });
    root.classList.add('brushing');
    this.#button.ariaPressed = 'true';
    this.#panel.hidden = false;
    this.#say('begin');
    this.#resize(this.#radius);
  }

  #off() {
    const { bar, root } = this.#options.stage;
    const focused = root.contains(document.activeElement) || document.activeElement === document.body;
    this.#aim = undefined;
    this.#button.ariaPressed = 'false';
    this.#panel.hidden = true;
    root.classList.remove('brushing');
    const veil = /** @type {HTMLElement} */ (bar.querySelector('.mask'));
    if (this.#veiled && veil.ariaPressed === 'true') veil.click();
    if (focused) this.#button.focus();
  }

  /** @param {boolean} adds */
  #choose(adds) {
    this.#add.ariaPressed = String(adds);
    this.#take.ariaPressed = String(!adds);
  }

  /** @param {number} radius */
  #resize(radius) {
    this.#radius = Math.min(Math.max(radius, SMALLEST), LARGEST);
    this.#size.valueAsNumber = 100 * Math.log(this.#radius / SMALLEST) / Math.log(LARGEST / SMALLEST);
    const style = this.#aim?.ring.style;
    style?.setProperty('--size', `${2 * this.#radius}px`);
    style?.setProperty('--core', this.#soft.checked ? `${1 - SOFT}` : '1');
  }

  #begin() {
    const { x, y, width } = this.#aim?.at ?? { x: 0, y: 0, width: 1 };
    const soft = this.#soft.checked ? SOFT : 0;
    this.#strokes.push({ adds: this.#add.ariaPressed === 'true', radius: this.#radius / width, soft, path: [{ x, y }] });
    this.#draw();
  }

  #go() {
    if (!this.#aim?.pressed) return;
    const { path = [], radius = 1 } = this.#strokes.at(-1) ?? {};
    const { x, y } = this.#aim.at;
    const last = path.at(-1) ?? { x, y };
    const { photo } = this.#options.work;
    if (!photo || Math.hypot(x - last.x, (y - last.y) * photo.height / photo.width) < APART * radius) return;
    path.push({ x, y });
    this.#draw();
  }

  #end() {
    const stroke = this.#strokes.at(-1);
    if (!stroke) return;
    const { work, fail } = this.#options;
    const { photo } = work;
    const { adds, radius, soft, path } = stroke;
    const numbers = [adds ? radius : -radius, soft, path.length, ...path.flatMap(({ x, y }) => [x, y])];
    this.#made = this.#made.then(async () => {
      // Nobody corrects what has gone meanwhile.
      if (work.photo === photo) await work.correct(numbers.map((number) => Number(number.toFixed(4))).join(' '));
      const { x, y } = path[0] ?? { x: 0, y: 0 };
      this.#say(adds ? 'added' : 'took', { x: Math.round(100 * x), y: Math.round(100 * y) });
    }).catch(fail).then(() => {
      this.#strokes.splice(this.#strokes.indexOf(stroke), 1);
      this.#draw();
    });
  }

  /** Shows the strokes that are not made yet. */
  #draw() {
    const { photo } = this.#options.work;
    if (!photo || !this.#strokes.length) return this.#options.stage.point();
    const canvas = this.#canvas;
    const share = SIDE / Math.max(photo.width, photo.height);
    const size = { width: Math.max(1, Math.round(photo.width * share)), height: Math.max(1, Math.round(photo.height * share)) };
    Object.assign(canvas, size);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    for (const { adds, radius, path } of this.#strokes) {
      const [first, ...rest] = path.map(({ x, y }) => /** @type {const} */ ([x * size.width, y * size.height]));
      if (!first) continue;
      context.beginPath();
      context.moveTo(...first);
      // A line that goes nowhere is a dot.
      for (const point of rest.length ? rest : [first]) context.lineTo(...point);
      Object.assign(context, { lineWidth: 2 * radius * size.width, lineCap: 'round', lineJoin: 'round', strokeStyle: adds ? TINTS.add : TINTS.take });
      context.stroke();
    }
    if (!canvas.isConnected) this.#options.stage.point(canvas);
  }

  /** @param {keyof typeof en} key @param {import('../i18n/texts.js').Values} [values] */
  #say(key, values) {
    this.#says.textContent = this.#own(key, values);
  }
}
