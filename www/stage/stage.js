// The picture on the stage: the photo, over it the edit with a slider between the two, what the
// edit changes, zoom. Everything lives below the element that it is given; base.css styles it.
import { seek, small } from './change.js';
import { Gestures } from './gestures.js';
import { iconButton } from '../ui/icons.js';
import { release } from '../photo/photo.js';
import { View } from './view.js';

/**
 * @typedef {{bytes: Uint8Array, width: number, height: number}} Mask A byte a pixel, 0 to 255.
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {() => Promise<Mask | undefined>} mask Asked for when the visitor wants to see it.
 * @property {(at: {x: number, y: number}) => boolean} [tap] A press at a point of the photo, in shares of it; whether there is
 *   something for it. Without it, presses move the slider.
 */

/** The longest side of the overlay that shows the mask: it is soft, and memory is short. */
const OVERLAY = 1024;
/** What one press of a zoom button or key does, and one step of a pan. */
const STEP = 1.5;
const STRIDE = 60;
/** A press that is shorter switches, a longer one is a hold. */
const HOLD_MS = 400;

export class Stage {
  #text;
  #askMask;
  #tap;
  #view = new View();
  #edit = /** @type {HTMLCanvasElement | undefined} */ (undefined);
  #size = { width: 1, height: 1 };
  /** The edit that was shown last. */
  #small = new Uint8ClampedArray();
  /** Whether the original is to be seen without a hold. */
  #stays = false;

  #frame = make('div', 'frame');
  #before = make('div', 'layer before');
  #after = make('div', 'layer after');
  #veil = make('div', 'layer veil');
  #point = make('div', 'layer point');
  #compare = make('div', 'compare');
  #split = document.createElement('input');
  #says = make('p', 'says');
  #percent = document.createElement('button');
  #hold;
  #mask;
  #zoomIn;
  #zoomOut;
  /** Buttons below the picture; a page may put its own beside them. */
  bar = make('div', 'bar');

  /**
   * @param {HTMLElement} root
   * @param {Options} options
   */
  constructor(root, { text, mask, tap }) {
    this.#text = text;
    this.#askMask = mask;
    this.#tap = tap;
    this.root = root;

    const tags = [make('span', 'tag left', text('original')), make('span', 'tag right', text('after'))];
    const handle = make('span', 'handle');
    for (const element of [...tags, handle]) element.setAttribute('aria-hidden', 'true');
    Object.assign(this.#split, { type: 'range', className: 'split', min: '0', max: '100', step: 'any', value: '50' });
    this.#split.setAttribute('aria-label', text('split'));
    this.#compare.append(this.#split, ...tags, handle);
    this.#compare.hidden = true;
    this.#veil.hidden = true;
    this.#frame.hidden = true;
    this.#frame.tabIndex = -1;
    // Left is the original in every language: the slider is about the picture, not about reading.
    this.#frame.dir = 'ltr';
    this.#frame.append(this.#after, this.#before, this.#veil, this.#point, this.#compare, make('div', 'weaving'));

    this.#hold = iconButton('original', text('hold'));
    this.#mask = iconButton('mask', text('mask'));
    this.#zoomOut = iconButton('zoomOut', text('zoomOut'));
    this.#percent.type = 'button';
    this.#percent.className = 'percent';
    this.#zoomIn = iconButton('zoomIn', text('zoomIn'));
    const look = group(this.#hold, this.#mask);
    const zoom = group(this.#zoomOut, this.#percent, this.#zoomIn);
    this.bar.append(look, zoom);
    this.bar.hidden = true;
    this.#says.role = 'status';

    root.classList.add('stage');
    root.append(this.#frame, this.bar, this.#says);
    for (const [element, name] of /** @type {[Element, string][]} */ ([[this.#frame, 'frame'], [this.bar, 'bar'], [handle, 'handle']])) {
      element.setAttribute('part', name);
    }
    for (const button of this.bar.querySelectorAll('button')) button.setAttribute('part', 'button');

    this.#listen();
    new ResizeObserver(() => this.#measure()).observe(this.#frame);
  }

  /** Shows a photo alone. @param {HTMLCanvasElement} canvas */
  showPhoto(canvas) {
    describe(canvas, this.#text('photo'));
    this.#before.replaceChildren(canvas);
    this.#size = { width: canvas.width, height: canvas.height };
    this.root.style.setProperty('--width', String(canvas.width));
    this.root.style.setProperty('--height', String(canvas.height));
    this.#frame.hidden = false;
    this.bar.hidden = false;
    this.showOriginal();
    this.#view.fit();
    this.#measure();
  }

  /** Shows nothing. */
  clear() {
    this.showOriginal();
    this.#before.replaceChildren();
    this.#frame.hidden = true;
    this.bar.hidden = true;
  }

  /** Takes the edit away. */
  showOriginal() {
    this.#edit = undefined;
    this.#holdOriginal(false);
    this.#after.replaceChildren();
    this.#compare.hidden = true;
    this.#frame.classList.remove('unveil');
    this.#frame.style.setProperty('--split', '100%');
    this.#hideMask();
    this.#refresh();
  }

  /**
   * Shows an edit of the photo; the slider goes to the middle of the change, unless enough of that is to be seen. To repaint
   * the canvas of the edit that is shown, paint: nothing has to be called.
   *
   * @param {HTMLCanvasElement} canvas
   * @param {string} prompt
   */
  showEdit(canvas, prompt) {
    describe(canvas, this.#text('edited', { prompt }));
    this.#edit = canvas;
    this.#holdOriginal(false);
    this.#after.replaceChildren(canvas);
    const first = this.#compare.hidden;
    const before = first ? small(/** @type {HTMLCanvasElement} */ (this.#before.firstChild)) : this.#small;
    this.#small = small(canvas);
    const at = seek(before, this.#small, first ? 1 : this.#split.valueAsNumber / 100);
    if (first || at) {
      this.#compare.hidden = false;
      this.#split.value = String(100 * (at ?? 0.5));
      this.#frame.classList.add('unveil');
      this.#place();
    }
    if (this.#mask.ariaPressed === 'true') void this.#showMask();
    this.#refresh();
  }

  /** Threads run over the picture while something is computed. @param {boolean} busy */
  set busy(busy) {
    this.root.setAttribute('aria-busy', String(busy));
  }

  // ---- the slider

  #place() {
    const percent = this.#split.valueAsNumber;
    this.#frame.style.setProperty('--split', `${percent}%`);
    this.#split.setAttribute('aria-valuetext', this.#text('splitAt', { before: Math.round(percent), after: Math.round(100 - percent) }));
  }

  /** @param {number} share */
  #slide(share) {
    this.#holdOriginal(false);
    this.#frame.classList.remove('unveil');
    // Chromium lets a transition that has begun run on.
    for (const unveiling of this.#frame.getAnimations()) unveiling.cancel();
    this.#split.value = String(share * 100);
    this.#place();
  }

  /** @param {boolean} only @param {boolean} [stays] */
  #holdOriginal(only, stays = false) {
    this.#stays = stays;
    this.#frame.classList.toggle('held', only);
    this.#hold.ariaPressed = String(only);
  }

  // ---- the mask

  #hideMask() {
    this.#mask.ariaPressed = 'false';
    this.#veil.hidden = true;
    this.#unveil();
  }

  /** @param {HTMLCanvasElement[]} canvas Takes the place of the last one. */
  #unveil(...canvas) {
    release(/** @type {HTMLCanvasElement | null} */ (this.#veil.firstChild));
    this.#veil.replaceChildren(...canvas);
  }

  async #showMask() {
    this.#mask.ariaPressed = 'true';
    const edit = this.#edit;
    const mask = await this.#askMask();
    if (this.#edit !== edit || this.#mask.ariaPressed !== 'true') return;
    if (!mask) return this.#hideMask();
    this.#unveil(overlay(mask, getComputedStyle(this.root).getPropertyValue('--veil') || '#1b2270'));
    this.#veil.hidden = false;
    this.#refresh();
  }

  /** Lays a picture of the photo's shape over it, or takes it away. @param {HTMLCanvasElement[]} canvas */
  point(...canvas) {
    this.#point.replaceChildren(...canvas);
    this.#refresh();
  }

  // ---- zoom

  #measure() {
    const { clientWidth: width, clientHeight: height } = this.#frame;
    if (!width || !height) return;
    this.#view.measure(this.#size, { width, height }, devicePixelRatio);
    this.#refresh();
  }

  /**
   * @param {number} scale
   * @param {{x: number, y: number}} [at] From the middle of the frame.
   */
  #zoom(scale, at) {
    this.#view.zoom(scale, at);
    this.#refresh();
  }

  /** Between the whole picture and every pixel of it. @param {{x: number, y: number}} [at] */
  #zoomOver(at) {
    this.#zoom(this.#view.scale > 1 ? 1 : this.#view.real > 1.05 ? this.#view.real : 2, at);
  }

  #refresh() {
    const { scale, largest, percent, transform } = this.#view;
    this.#frame.classList.toggle('zoomed', scale > 1);
    // Beyond two screen pixels for one of the photo, one wants to see the pixels.
    this.#frame.classList.toggle('pixels', percent >= 200 && scale > 1);
    for (const canvas of this.#frame.querySelectorAll('canvas')) canvas.style.transform = transform;
    this.#percent.textContent = `${percent} %`;
    const name = this.#text(scale > 1 ? 'zoomToFit' : 'zoomToReal', { percent: String(percent) });
    this.#percent.setAttribute('aria-label', name);
    this.#percent.title = name;
    enable(this.#zoomOut, scale > 1);
    enable(this.#zoomIn, scale < largest);
    enable(this.#hold, Boolean(this.#edit));
    enable(this.#mask, Boolean(this.#edit));
  }

  #sayZoom() {
    this.#says.textContent = this.#text('zoomAt', { percent: String(this.#view.percent) });
  }

  // ---- what can be pressed

  #listen() {
    this.#split.addEventListener('input', () => this.#slide(this.#split.valueAsNumber / 100));
    this.#zoomIn.addEventListener('click', () => this.#press(() => this.#zoom(this.#view.scale * STEP)));
    this.#zoomOut.addEventListener('click', () => this.#press(() => this.#zoom(this.#view.scale / STEP)));
    this.#percent.addEventListener('click', () => this.#press(() => this.#zoomOver()));
    this.#mask.addEventListener('click', () => {
      if (this.#mask.ariaPressed === 'true') this.#hideMask();
      else if (this.#edit) void this.#showMask();
    });
    // Of a press by voice or a screen reader, there is the click alone.
    let began = Infinity;
    const press = (/** @type {Event} */ { timeStamp }) => {
      began = timeStamp;
      this.#holdOriginal(Boolean(this.#edit), this.#stays);
    };
    this.#hold.addEventListener('pointerdown', press);
    for (const end of ['pointerup', 'pointercancel', 'pointerleave', 'keyup', 'blur']) {
      this.#hold.addEventListener(end, () => this.#holdOriginal(this.#stays, this.#stays));
    }
    this.#hold.addEventListener('keydown', (event) => {
      if (event.repeat) event.preventDefault();
      else if (event.key === ' ') press(event);
    });
    this.#hold.addEventListener('click', ({ timeStamp }) => {
      const stays = Boolean(this.#edit) && this.#stays !== (timeStamp - began < HOLD_MS);
      this.#holdOriginal(stays, stays);
      began = Infinity;
    });
    // A long press is for looking, not for the browser's menu.
    this.#hold.addEventListener('contextmenu', (event) => event.preventDefault());
    this.root.addEventListener('keydown', (event) => this.#key(event));
    new Gestures(this.#frame, {
      zoomed: () => this.#view.scale > 1,
      split: () => (this.#edit ? this.#split.valueAsNumber / 100 : undefined),
      slide: (share) => this.#slide(share),
      tap: this.#tap && ((at) => {
        this.#holdOriginal(false);
        return Boolean(this.#tap?.(this.#view.at(at)));
      }),
      pan: (dx, dy) => {
        this.#view.pan(dx, dy);
        this.#refresh();
      },
      zoom: (factor, at) => this.#zoom(this.#view.scale * factor, at),
      zoomOver: (at) => this.#zoomOver(at),
      focus: () => (this.#edit ? this.#split : this.#frame).focus({ preventScroll: true }),
      // The wheel belongs to the page, until one has taken hold of the picture.
      wheel: () => this.root.matches(':focus-within'),
    });
  }

  /** @param {() => void} act */
  #press(act) {
    act();
    this.#sayZoom();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#frame.hidden) return;
    // A field beside the picture has its own keys.
    if (event.target instanceof HTMLInputElement && event.target !== this.#split) return;
    const pans = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const pan = pans[/** @type {keyof typeof pans} */ (event.key)];
    const zooms = { '+': this.#view.scale * STEP, '=': this.#view.scale * STEP, '-': this.#view.scale / STEP, 0: 1, 1: this.#view.real };
    const zoom = zooms[/** @type {keyof typeof zooms} */ (event.key)];
    if (zoom) this.#press(() => this.#zoom(zoom));
    else if (pan && event.shiftKey) {
      this.#view.pan((pan[0] ?? 0) * STRIDE, (pan[1] ?? 0) * STRIDE);
      this.#refresh();
    } else return;
    event.preventDefault();
  }
}

/**
 * The mask as a veil over what stays as it was.
 *
 * @param {Mask} mask
 * @param {string} colour
 */
export function overlay({ bytes, width, height }, colour) {
  const shrink = Math.min(1, OVERLAY / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * shrink));
  canvas.height = Math.max(1, Math.round(height * shrink));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const veil = context.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y += 1) {
    const row = Math.floor((y + 0.5) / canvas.height * height) * width;
    for (let x = 0; x < canvas.width; x += 1) {
      const at = row + Math.floor((x + 0.5) / canvas.width * width);
      veil.data[(y * canvas.width + x) * 4 + 3] = 255 - (bytes[at] ?? 0);
    }
  }
  context.putImageData(veil, 0, 0);
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A button that cannot be used now stays where the keyboard is. @param {HTMLButtonElement} button @param {boolean} on */
function enable(button, on) {
  button.setAttribute('aria-disabled', String(!on));
}

/** @param {HTMLElement[]} buttons */
function group(...buttons) {
  const element = make('div', 'group');
  element.append(...buttons);
  return element;
}

/**
 * @param {string} tag
 * @param {string} name
 * @param {string} [content]
 */
function make(tag, name, content = '') {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = content;
  return element;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} label
 */
function describe(canvas, label) {
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
}
