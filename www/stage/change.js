// Where an edit differs from its photo, across: the slider between the two should show it.

/** Both are looked at so small, in pixels. */
const SIZE = 64;
/** From this sum over its channels on, of 255 each, a pixel differs. */
const DIFFERS = 24;

/**
 * Where the slider has to go for a change to be seen; undefined where there is none, or enough of it is right of the slider.
 *
 * @param {CanvasImageSource} before
 * @param {CanvasImageSource} after
 * @param {number} split Where the slider is, 0 to 1.
 */
export function seek(before, after, split) {
  const [a = [], b = []] = [before, after].map((picture) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = SIZE;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(picture, 0, 0, SIZE, SIZE);
    return context.getImageData(0, 0, SIZE, SIZE).data;
  });
  /** The columns of all pixels that differ, in order. */
  const columns = [];
  for (let at = 0; at < SIZE * SIZE; at += 1) {
    const by = (/** @type {number} */ i) => Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    if (by(4 * at) + by(4 * at + 1) + by(4 * at + 2) >= DIFFERS) columns.push(at % SIZE);
  }
  const seen = columns.filter((column) => column >= split * SIZE).length;
  if (seen >= columns.length / 4) return undefined;
  columns.sort((one, other) => one - other);
  return ((columns[columns.length >> 1] ?? 0) + 0.5) / SIZE;
}
