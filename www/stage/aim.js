// A place on the picture, for tools that need one: it follows the pointer and the arrow keys. While a tool has the
// picture, one finger is the tool's, and two zoom as ever.
import { make } from '../ui/parts.js';

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {object} Tool
 * @property {string} name What a screen reader calls it.
 * @property {() => void} [down] The place is pressed.
 * @property {(aim: Aim) => void} [move] It is elsewhere, pressed or not.
 * @property {(aim: Aim) => void} up It is let go of.
 * @property {() => void} [drop] What is pressed counts for nothing: a second finger came, or one went elsewhere.
 * @property {(bigger: number) => void} [size] The wheel turns, or a bracket is pressed: by so many steps.
 * @property {() => void} off The tool is put away.
 */

/** How far an arrow key goes, in CSS pixels. */
const STEP = 10;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The tool that has the picture. @type {Aim | undefined} */
let current;

export class Aim {
  /** Whether it is pressed. */
  pressed = false;
  ring = make('span', { class: 'ring' });
  #frame;
  #tool;
  #end = new AbortController();
  /** From the left and from the top of the frame, in CSS pixels. */
  #at;
  /** @type {Set<number>} */
  #fingers = new Set();

  /** @param {import('./stage.js').Stage} stage @param {Tool} tool */
  constructor({ root }, tool) {
    current?.off();
    current = this;
    this.#tool = tool;
    this.#frame = /** @type {HTMLElement} */ (root.querySelector('.frame'));
    this.#at = { x: this.#frame.clientWidth / 2, y: this.#frame.clientHeight / 2 };
    this.place = make('div', { class: 'layer aim', role: 'application', tabindex: '0', 'aria-label': tool.name }, this.ring);
    this.#frame.append(this.place);
    this.#frame.classList.add('aimed');
    const on = (/** @type {HTMLElement} */ at, /** @type {string} */ name, /** @type {(event: any) => void} */ act, capture = false) => at.addEventListener(name, act, { signal: this.#end.signal, capture, passive: false });
    on(this.#frame, 'pointerdown', (event) => this.#down(event));
    on(this.#frame, 'pointermove', (event) => this.#follow(event));
    on(this.#frame, 'pointerup', (event) => this.#up(event));
    on(this.#frame, 'pointercancel', (event) => this.#up(event, true));
    on(root, 'wheel', (event) => this.#wheel(event), true);
    // That would zoom.
    on(root, 'dblclick', (event) => event.stopPropagation(), true);
    on(root, 'keydown', (event) => this.#key(event));
    on(this.place, 'keyup', ({ key }) => key === ' ' && this.#let());
    on(this.place, 'blur', () => this.#let(true));
    this.#move(0, 0);
    this.place.focus({ preventScroll: true });
    // What chose the tool may be far below.
    this.#frame.scrollIntoView({ block: 'nearest' });
  }

  /** The place in shares of the photo, and how wide that is, in CSS pixels. @returns {Point & {width: number}} */
  get at() {
    const [frame, photo] = [this.#frame, /** @type {Element} */ (this.#frame.querySelector('canvas'))].map((element) => element.getBoundingClientRect());
    if (!frame || !photo) return { x: 0, y: 0, width: 1 };
    return { x: (frame.x + this.#at.x - photo.x) / photo.width, y: (frame.y + this.#at.y - photo.y) / photo.height, width: photo.width };
  }

  /** What is seen there, the photo or the edit. @returns {HTMLCanvasElement | undefined} */
  get seen() {
    const { x, y } = this.#frame.getBoundingClientRect();
    const there = document.elementsFromPoint(x + this.#at.x, y + this.#at.y);
    return /** @type {HTMLCanvasElement | undefined} */ (there.find((element) => element.matches('.before canvas, .after canvas')));
  }

  /** Puts the tool away. */
  off() {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    if (current === this) current = undefined;
    this.place.remove();
    this.#frame.classList.remove('aimed');
    this.#tool.off();
  }

  // ---- inside

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    this.#fingers.add(event.pointerId);
    this.place.focus({ preventScroll: true });
    if (this.#fingers.size > 1) this.#let(true);
    else {
      this.#to(event);
      this.#press();
    }
  }

  /** @param {PointerEvent} event */
  #follow(event) {
    // Two fingers have the picture, and the one that is left of them.
    if (this.pressed ? this.#fingers.size === 1 : !this.#fingers.size) this.#to(event);
  }

  /** @param {PointerEvent} event */
  #to({ clientX, clientY }) {
    const { x, y } = this.#frame.getBoundingClientRect();
    this.#move(clientX - x - this.#at.x, clientY - y - this.#at.y);
  }

  /** @param {PointerEvent} event */
  #up({ pointerId }, cancelled = false) {
    if (this.#fingers.delete(pointerId)) this.#let(cancelled);
  }

  #press() {
    this.pressed = true;
    this.#tool.down?.();
  }

  #let(dropped = false) {
    if (!this.pressed) return;
    this.pressed = false;
    if (dropped) this.#tool.drop?.();
    else this.#tool.up(this);
  }

  /** @param {number} dx @param {number} dy */
  #move(dx, dy) {
    const within = (/** @type {number} */ at, /** @type {number} */ side) => Math.min(Math.max(at, 0), side - 1);
    this.#at = { x: within(this.#at.x + dx, this.#frame.clientWidth), y: within(this.#at.y + dy, this.#frame.clientHeight) };
    this.ring.style.translate = `${this.#at.x}px ${this.#at.y}px`;
    this.#tool.move?.(this);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    // With Ctrl, or by a pinch on a touchpad, it zooms.
    if (event.ctrlKey || event.metaKey || !this.#tool.size || !this.#frame.contains(/** @type {Node} */ (event.target))) return;
    event.preventDefault();
    event.stopPropagation();
    // A mouse's wheel goes a step at a time, which browsers count in pixels or in lines; a touchpad goes by less.
    this.#tool.size(-event.deltaY / (event.deltaMode ? 3 : 100));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, target, ctrlKey, altKey } = event;
    const size = { '[': -1, ']': 1 }[key];
    // Many keyboards have the brackets behind AltGr, which may count as Ctrl and Alt, or behind Option.
    if (event.metaKey || event.isComposing || (size ? ctrlKey && !altKey : ctrlKey || altKey)) return;
    const [dx, dy] = target === this.place && !event.shiftKey ? ARROWS[/** @type {keyof typeof ARROWS} */ (key)] ?? [] : [];
    if (key === 'Escape') this.off();
    else if (size && this.#tool.size) this.#tool.size(size);
    else if (dx !== undefined && dy !== undefined) this.#move(dx * STEP, dy * STEP);
    else if (target === this.place && (key === ' ' || key === 'Enter')) {
      if (!event.repeat) this.#press();
      // Of that key nobody needs to wait for the end.
      if (key === 'Enter') this.#let();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
