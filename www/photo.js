// Pictures in and out: files to upright pixels, pixels to files.
import { Trouble } from './texts.js';

/** @typedef {'image/png' | 'image/jpeg' | 'image/webp'} Type */

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
   * @param {Type} type
   */
  fileName(prompt, type) {
    const words = prompt.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
    const stem = this.name.replace(/\.[^.]*$/, '') || 'photo';
    return `${[stem, ...words].join('-').slice(0, 80)}.${type === 'image/jpeg' ? 'jpg' : type.slice(6)}`;
  }
}

/**
 * Decodes a picture. It comes out as its EXIF data says it was held, in sRGB, with its transparency.
 *
 * @param {ImageBitmapSource} source
 * @param {string} name
 */
export async function openPhoto(source, name) {
  const bitmap = await createImageBitmap(source, { imageOrientation: 'from-image' }).catch(async (error) => {
    throw await unreadable(source, name, error);
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
 * @param {ImageBitmapSource} source
 * @param {string} name
 * @param {unknown} cause
 */
async function unreadable(source, name, cause) {
  // A file that has been moved since it was chosen cannot even be looked at.
  const why = source instanceof Blob && await import('./formats.js').then(({ because }) => because(source)).catch(() => undefined);
  return new Trouble(why ? 'unreadableFor' : 'unreadable', { name, ...why && { why } }, { cause });
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
    throw new Trouble('tooLarge', { width, height }, { cause: error });
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
 * A small copy, for the strip.
 *
 * @param {CanvasImageSource & {width: number, height: number}} picture
 * @param {number} side Of the square that it is cut to.
 */
export function thumbnail(picture, side) {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const { width, height } = picture;
  const cut = Math.min(width, height);
  const to = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  to.imageSmoothingQuality = 'high';
  to.drawImage(picture, (width - cut) / 2, (height - cut) / 2, cut, cut, 0, 0, side, side);
  return canvas;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Type} [type]
 * @returns {Promise<Blob>}
 */
export function toBlob(canvas, type = 'image/png') {
  return new Promise((resolve, reject) => {
    (type === 'image/jpeg' ? onWhite(canvas) : canvas).toBlob((blob) => {
      if (blob?.type === type) resolve(blob);
      else reject(new Trouble(blob ? 'cannotWrite' : 'noMemory', { format: type.slice(6).toUpperCase() }));
    }, type, 0.92);
  });
}

/** What a picture at an address is called. @param {URL} url @param {string} otherwise */
export function nameOf({ pathname }, otherwise) {
  const last = pathname.split('/').pop() || otherwise;
  try {
    return decodeURIComponent(last);
  } catch {
    // "100%.jpg" is a name, too.
    return last;
  }
}

/** Hands a file to the visitor. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has to have begun before the address goes.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** JPEG has no transparency, and would make it black. @param {HTMLCanvasElement} canvas */
function onWhite(canvas) {
  const copy = canvasOf(canvas.width, canvas.height);
  const to = context(copy);
  to.fillStyle = '#fff';
  to.fillRect(0, 0, copy.width, copy.height);
  to.drawImage(canvas, 0, 0);
  return copy;
}

/** @param {HTMLCanvasElement} canvas */
function context(canvas) {
  const found = canvas.getContext('2d', { willReadFrequently: true });
  if (!found) throw new RangeError('no canvas context');
  return found;
}
