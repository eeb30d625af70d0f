// Where one looks at a picture: how much it is enlarged, and which point is in the middle.

/** Screen pixels that one pixel of the photo covers at most. */
const LARGEST = 8;

export class View {
  /** 1 is the whole picture. */
  scale = 1;
  /** The point in the middle of the frame, in shares of the picture. */
  #x = 0.5;
  #y = 0.5;
  /** Sizes in CSS pixels: of the frame, of the picture in it at scale 1, and one screen pixel's. */
  #frame = { width: 1, height: 1 };
  #fit = { width: 1, height: 1 };
  #real = 1;

  /**
   * @param {{width: number, height: number}} picture
   * @param {{width: number, height: number}} frame
   * @param {number} density Screen pixels in a CSS pixel.
   */
  measure(picture, frame, density) {
    const share = Math.min(frame.width / picture.width, frame.height / picture.height) || 1;
    this.#frame = frame;
    this.#fit = { width: picture.width * share, height: picture.height * share };
    this.#real = 1 / (share * density);
    this.#settle();
  }

  /** The scale at which a pixel of the photo is a pixel of the screen. */
  get real() {
    return this.#real;
  }

  get largest() {
    return Math.max(1, this.#real * LARGEST);
  }

  get percent() {
    return Math.round(this.scale / this.#real * 100);
  }

  /** Shows the whole picture. */
  fit() {
    this.scale = 1;
    this.#settle();
  }

  /**
   * Another scale; the point of the picture under `at` stays there.
   *
   * @param {number} scale
   * @param {{x: number, y: number}} [at] From the middle of the frame, in CSS pixels.
   */
  zoom(scale, at = { x: 0, y: 0 }) {
    const to = Math.min(Math.max(scale, 1), this.largest);
    const moved = 1 / this.scale - 1 / to;
    this.#x += at.x / this.#fit.width * moved;
    this.#y += at.y / this.#fit.height * moved;
    this.scale = to;
    this.#settle();
  }

  /**
   * @param {number} dx CSS pixels.
   * @param {number} dy
   */
  pan(dx, dy) {
    this.#x -= dx / (this.#fit.width * this.scale);
    this.#y -= dy / (this.#fit.height * this.scale);
    this.#settle();
  }

  /** The point of the picture under one of the frame, in shares of the picture. @param {{x: number, y: number}} from The middle of the frame. */
  at({ x, y }) {
    return { x: this.#x + x / (this.#fit.width * this.scale), y: this.#y + y / (this.#fit.height * this.scale) };
  }

  /** The CSS transform of a picture that is centred in the frame. */
  get transform() {
    const shift = (/** @type {number} */ middle) => `${((0.5 - middle) * this.scale * 100).toFixed(4)}%`;
    return `translate(${shift(this.#x)}, ${shift(this.#y)}) scale(${this.scale})`;
  }

  /** No more ground than there has to be beside the picture. */
  #settle() {
    this.scale = Math.min(Math.max(this.scale, 1), this.largest);
    const settle = (/** @type {number} */ middle, /** @type {number} */ frame, /** @type {number} */ size) => {
      const half = Math.min(0.5, frame / (2 * size * this.scale));
      return Math.min(Math.max(middle, half), 1 - half);
    };
    this.#x = settle(this.#x, this.#frame.width, this.#fit.width);
    this.#y = settle(this.#y, this.#frame.height, this.#fit.height);
  }
}
