// Where an edit differs from what was shown before it: the slider between photo and edit should let one see that.

/** Pictures are compared so small, in pixels. */
const SIZE = 64;
/** From this sum over its channels on, of 255 each, a pixel differs. */
const DIFFERS = 24;

/** The pixels of a picture made small. @param {CanvasImageSource} picture */
export function small(picture) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.drawImage(picture, 0, 0, SIZE, SIZE);
  return context.getImageData(0, 0, SIZE, SIZE).data;
}

/**
 * Where the slider has to go for a change to be seen, 0 to 1; undefined where there is none, or enough of it is right of the
 * slider.
 *
 * @param {Uint8ClampedArray} before As `small` gives it.
 * @param {Uint8ClampedArray} after
 * @param {number} split Where the slider is, 0 to 1.
 */
export function seek(before, after, split) {
  const by = (/** @type {number} */ i) => Math.abs((before[i] ?? 0) - (after[i] ?? 0));
  /** The columns of all pixels that differ. */
  const columns = [];
  for (let i = 0; i < before.length; i += 4) {
    if (by(i) + by(i + 1) + by(i + 2) >= DIFFERS) columns.push(i / 4 % SIZE);
  }
  const seen = columns.filter((column) => column >= split * SIZE).length;
  if (seen >= columns.length / 4) return undefined;
  columns.sort((one, other) => one - other);
  return ((columns[columns.length >> 1] ?? 0) + 0.5) / SIZE;
}
