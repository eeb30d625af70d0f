// What mouse, fingers and wheel do on the picture: move the slider, or the picture itself, or choose what is there.

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {object} Actions Points are from the middle of the frame, in CSS pixels.
 * @property {() => boolean} zoomed
 * @property {() => number | undefined} split Where the slider is, 0 to 1; undefined when there is none.
 * @property {(share: number) => void} slide
 * @property {(at: Point) => boolean} [tap] A press that goes nowhere, beside the slider's line; whether it did something.
 * @property {(dx: number, dy: number) => void} pan
 * @property {(factor: number, at: Point) => void} zoom
 * @property {(at: Point) => void} zoomOver
 * @property {() => void} focus
 * @property {() => boolean} wheel Whether the wheel zooms without a key held.
 */

/** How near to the slider's line a press takes hold of it, in CSS pixels. */
const REACH = 22;
/** How far a finger may wander in a tap. */
const WANDER = 6;

export class Gestures {
  #frame;
  #actions;
  /** Where the fingers are now. @type {Map<number, Point>} */
  #fingers = new Map();
  /** @type {'slide' | 'pan' | 'wait' | undefined} */
  #mode;
  #start = { x: 0, y: 0 };
  /** Whether this may still become a tap. */
  #still = false;

  /**
   * @param {HTMLElement} frame
   * @param {Actions} actions
   */
  constructor(frame, actions) {
    this.#frame = frame;
    this.#actions = actions;
    frame.addEventListener('pointerdown', (event) => this.#down(event));
    frame.addEventListener('pointermove', (event) => this.#move(event));
    frame.addEventListener('pointerup', (event) => this.#up(event));
    frame.addEventListener('pointercancel', (event) => this.#end(event));
    frame.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    frame.addEventListener('dblclick', (event) => actions.zoomOver(this.#from(event)));
    // Two fingers on the picture are for the picture, one may scroll the page while it is whole.
    for (const name of /** @type {const} */ (['touchstart', 'touchmove'])) {
      frame.addEventListener(name, (event) => {
        if (event.cancelable && (event.touches.length > 1 || actions.zoomed())) event.preventDefault();
      }, { passive: false });
    }
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    // The mouse would begin to select or to drag.
    if (event.pointerType === 'mouse') event.preventDefault();
    this.#frame.setPointerCapture(event.pointerId);
    const at = { x: event.clientX, y: event.clientY };
    this.#fingers.set(event.pointerId, at);
    this.#actions.focus();
    // One finger may be a tool's: see aim.js.
    this.#still = this.#fingers.size === 1 && !this.#frame.classList.contains('aimed');
    if (!this.#still) return;
    this.#start = at;
    const split = this.#actions.split();
    const box = this.#frame.getBoundingClientRect();
    const near = split !== undefined && Math.abs(at.x - box.left - split * box.width) <= REACH;
    this.#still = Boolean(this.#actions.tap) && !near;
    if (this.#actions.zoomed() && !near) this.#mode = 'pan';
    else if (split === undefined) this.#mode = undefined;
    else if (event.pointerType === 'touch' || this.#still) this.#mode = 'wait';
    else this.#slide(at);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const last = this.#fingers.get(event.pointerId);
    if (!last) return;
    const at = { x: event.clientX, y: event.clientY };
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.#fingers.set(event.pointerId, at);
    if (Math.hypot(at.x - this.#start.x, at.y - this.#start.y) > WANDER) this.#still = false;
    if (other) this.#pinch(last, at, other);
    else if (this.#mode === 'pan') this.#actions.pan(at.x - last.x, at.y - last.y);
    else if (this.#mode === 'slide') this.#slide(at);
    // A finger that goes up or down scrolls the page, and the browser ends this gesture.
    else if (this.#mode === 'wait' && Math.abs(at.x - this.#start.x) > WANDER) this.#slide(at);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (this.#fingers.has(event.pointerId) && this.#fingers.size === 1) {
      const tapped = this.#still && this.#actions.tap?.(this.#from(event));
      if (!tapped && this.#mode === 'wait') this.#slide({ x: event.clientX, y: event.clientY });
    }
    this.#end(event);
  }

  /** @param {PointerEvent} event */
  #end(event) {
    this.#still = false;
    this.#fingers.delete(event.pointerId);
    // The finger that is left after a pinch moves the picture.
    this.#mode = this.#fingers.size && this.#actions.zoomed() ? 'pan' : undefined;
  }

  /** @param {Point} at */
  #slide(at) {
    const box = this.#frame.getBoundingClientRect();
    this.#mode = 'slide';
    this.#actions.slide(Math.min(Math.max((at.x - box.left) / box.width, 0), 1));
  }

  /**
   * @param {Point} last
   * @param {Point} at
   * @param {Point} other
   */
  #pinch(last, at, other) {
    this.#mode = 'pan';
    const apart = (/** @type {Point} */ point) => Math.max(Math.hypot(point.x - other.x, point.y - other.y), 1);
    const middle = this.#from({ clientX: (at.x + other.x) / 2, clientY: (at.y + other.y) / 2 });
    this.#actions.pan((at.x - last.x) / 2, (at.y - last.y) / 2);
    this.#actions.zoom(apart(at) / apart(last), middle);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    // Browsers report a pinch on a touchpad as a wheel with Ctrl held.
    if (!event.ctrlKey && !event.metaKey && !this.#actions.wheel()) return;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const turn = Math.min(Math.max(event.deltaY * lines * (event.ctrlKey ? 4 : 1), -240), 240);
    if (turn > 0 && !event.ctrlKey && !this.#actions.zoomed()) return;
    event.preventDefault();
    this.#actions.zoom(Math.exp(-turn / 400), this.#from(event));
  }

  /** @param {{clientX: number, clientY: number}} event */
  #from(event) {
    const box = this.#frame.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  }
}
