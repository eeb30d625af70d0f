// Pictures in and out: files to upright pixels, pixels to a PNG.

/** A photo, upright, in a canvas of its own size. */
export class Photo {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {string} name
   */
  constructor(canvas, name) {
    this.canvas = canvas;
    this.name = name;
  }

  get width() {
    return this.canvas.width;
  }

  get height() {
    return this.canvas.height;
  }

  /** A fresh copy of the pixels: RGBA, not premultiplied. */
  pixels() {
    const { data } = context(this.canvas).getImageData(0, 0, this.width, this.height);
    return new Uint8Array(data.buffer);
  }

  /**
   * The name for an edit of this photo: "garden.jpg" and "Make it blue!" are "garden-make-it-blue.png".
   *
   * @param {string} prompt
   */
  fileName(prompt) {
    const words = prompt.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
    const stem = this.name.replace(/\.[^.]*$/, '') || 'photo';
    return `${[stem, ...words].join('-').slice(0, 80)}.png`;
  }
}

/**
 * Decodes a picture. It comes out as its EXIF data says it was held, in sRGB, with its transparency.
 *
 * @param {ImageBitmapSource} source
 * @param {string} name
 */
export async function openPhoto(source, name) {
  const bitmap = await createImageBitmap(source, { imageOrientation: 'from-image' }).catch((error) => {
    throw new Error(`“${name}” could not be read as a picture. Choose a JPEG, PNG, WebP or another kind that this browser can show.`, { cause: error });
  });
  try {
    const { width, height } = bitmap;
    const canvas = canvasOf(width, height);
    context(canvas).drawImage(bitmap, 0, 0);
    return new Photo(canvas, name);
  } finally {
    bitmap.close();
  }
}

/**
 * A canvas that is certain to hold pixels: beyond their limits (16384 pixels a side in Chromium,
 * 16.7 megapixels on older iPhones) browsers draw nothing, and mostly without saying so.
 *
 * @param {number} width
 * @param {number} height
 */
export function canvasOf(width, height) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  try {
    const probe = context(canvas);
    probe.fillRect(width - 1, height - 1, 1, 1);
    if (probe.getImageData(width - 1, height - 1, 1, 1).data[3] !== 255) throw new RangeError('blank canvas');
    probe.clearRect(width - 1, height - 1, 1, 1);
  } catch (error) {
    throw new Error(`This photo has ${width.toLocaleString('en')} x ${height.toLocaleString('en')} pixels, `
      + 'more than this browser can hold in one picture. Make it smaller, then choose it again.', { cause: error });
  }
  return canvas;
}

/**
 * Puts a picture of the canvas's size into it, and lets go of it.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} bitmap
 */
export function paint(canvas, bitmap) {
  const to = context(canvas);
  to.globalCompositeOperation = 'copy';
  to.drawImage(bitmap, 0, 0);
  bitmap.close();
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
export function toPng(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('The browser could not make a PNG of this edit, most likely for lack of memory. Close other tabs, then try again.'));
    }, 'image/png');
  });
}

/** @param {HTMLCanvasElement} canvas */
function context(canvas) {
  const found = canvas.getContext('2d', { willReadFrequently: true });
  if (!found) throw new RangeError('no canvas context');
  return found;
}
