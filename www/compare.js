// The picture on the stage: the photo, and over it the edit, with a slider between the two.

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`no ${kind.name} #${id}`);
  return found;
}

export class Compare {
  #frame = byId('frame', HTMLElement);
  #before = byId('before', HTMLElement);
  #after = byId('after', HTMLElement);
  #compare = byId('compare', HTMLElement);
  #split = byId('split', HTMLInputElement);

  constructor() {
    this.#split.addEventListener('input', () => {
      this.#frame.classList.remove('unveil');
      this.#place();
    });
  }

  /** Shows a photo alone. @param {HTMLCanvasElement} canvas */
  showPhoto(canvas) {
    describe(canvas, 'The photo');
    this.#before.replaceChildren(canvas);
    this.#after.replaceChildren();
    this.#frame.style.setProperty('--width', String(canvas.width));
    this.#frame.style.setProperty('--height', String(canvas.height));
    this.#frame.hidden = false;
    this.#compare.hidden = true;
    this.#frame.classList.remove('unveil');
    this.#frame.style.setProperty('--split', '100%');
  }

  /** Shows an edit of the photo; the slider stays where it is, or for a first edit goes to the middle. @param {HTMLCanvasElement} canvas */
  showEdit(canvas) {
    describe(canvas, 'The edited photo');
    if (canvas.parentElement !== this.#after) this.#after.replaceChildren(canvas);
    if (!this.#compare.hidden) return;
    this.#compare.hidden = false;
    this.#split.value = '50';
    this.#frame.classList.add('unveil');
    this.#place();
  }

  #place() {
    const percent = this.#split.valueAsNumber;
    this.#frame.style.setProperty('--split', `${percent}%`);
    this.#split.setAttribute('aria-valuetext', `${Math.round(percent)} % original, ${Math.round(100 - percent)} % edited`);
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} text
 */
function describe(canvas, text) {
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', text);
}
