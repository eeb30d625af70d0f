// Pictures in and out: files to upright pixels, pixels to files.
import { Trouble } from '../i18n/texts.js';

/**
 * @typedef {'image/png' | 'image/jpeg' | 'image/webp'} Type
 * @typedef {{width: number, height: number}} Size
 */

/** How far colours that sRGB lacks change in it, of 255, before they count. */
const GAMUT = 4;
/** As many places in a row, and rows, are looked at for them. */
const PLACES = 256;

/** A photo, upright, in a canvas of its own size. */
export class Photo {
  /** What its file says beside the pixels. @type {Promise<import('./file.js').About>} */
  about = Promise.resolve({});
  /** The photo whose things lie where they lie in this one, where it is an edited picture. @type {Photo | undefined} */
  of;
  /** Its own size, where this is a smaller copy. @type {Size | undefined} */
  full;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {string} name
   */
  constructor(canvas, name) {
    this.canvas = canvas;
    this.name = name;
  }

  get colorSpace() {
    return spaceOf(this.canvas);
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

  /** The name for an edit of this photo: see {@link fileName}. @param {string} prompt @param {Type} type */
  fileName(prompt, type) {
    return fileName(this.name, prompt, type);
  }
}

/**
 * The name for an edit: "garden.jpg" and "Make it blue!" are "garden-make-it-blue.png".
 *
 * @param {string} name
 * @param {string} prompt
 * @param {Type} type
 */
export function fileName(name, prompt, type) {
  const words = prompt.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const stem = name.replace(/\.[^.]*$/, '') || 'photo';
  return `${[stem, ...words].join('-').slice(0, 80)}.${type === 'image/jpeg' ? 'jpg' : type.slice(6)}`;
}

/**
 * Decodes a picture. It comes out as its EXIF data says it was held, with its transparency, in sRGB or
 * where that lacks its colours and the browser can, in Display P3; smaller where no canvas is as large.
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
    const canvas = largest(bitmap, isWide(bitmap) ? 'display-p3' : 'srgb');
    const to = context(canvas);
    to.imageSmoothingQuality = 'high';
    to.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const photo = new Photo(canvas, name);
    if (canvas.width !== width) photo.full = { width, height };
    // All that is lost without it is told nowhere else.
    if (source instanceof Blob) photo.about = about(source).catch(() => ({}));
    return photo;
  } finally {
    bitmap.close();
  }
}

/** Photos of cameras, and those of more than 8 bits, say more than their pixels. @param {Blob} file */
async function about(file) {
  const head = new Uint8Array(await file.slice(0, 25).arrayBuffer());
  return head[0] === 0xff || head[24] === 16 ? (await import('./file.js')).about(file) : {};
}

/** Whether a picture has colours that sRGB lacks. @param {ImageBitmap} bitmap */
function isWide(bitmap) {
  const [wide = [], narrow = []] = /** @type {const} */ (['display-p3', 'srgb']).map((colorSpace) => {
    const context = new OffscreenCanvas(PLACES, PLACES).getContext('2d', { colorSpace, willReadFrequently: true });
    if (!context) return [];
    // Mixed colours would differ with the space that they are mixed in.
    context.imageSmoothingEnabled = false;
    context.drawImage(bitmap, 0, 0, PLACES, PLACES);
    return [...context.getImageData(0, 0, PLACES, PLACES, { colorSpace: 'display-p3' }).data];
  });
  return wide.some((value, i) => wide[i | 3] === 255 && Math.abs(value - (narrow[i] ?? 0)) > GAMUT);
}

/** The largest canvas of a picture's shape that the browser holds. @param {Size} size @param {PredefinedColorSpace} space */
function largest({ width, height }, space) {
  for (let share = 1; ; share *= 0.8) {
    const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * share)));
    try {
      return canvasOf(Number(w), Number(h), space);
    } catch (error) {
      if (share < 0.1) throw new Trouble('tooLarge', { width, height }, { cause: error });
    }
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
 * @param {PredefinedColorSpace} [space]
 */
export function canvasOf(width, height, space) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  try {
    const probe = context(canvas, space);
    probe.fillRect(width - 1, height - 1, 1, 1);
    if (probe.getImageData(width - 1, height - 1, 1, 1).data[3] !== 255) throw new RangeError('blank canvas');
    probe.clearRect(width - 1, height - 1, 1, 1);
  } catch (error) {
    release(canvas);
    throw new Trouble('tooLarge', { width, height }, { cause: error });
  }
  return canvas;
}

/** Gives a canvas's memory back at once: some browsers count it long after the canvas is gone. @param {HTMLCanvasElement | null} [canvas] */
export function release(canvas) {
  if (canvas) canvas.width = canvas.height = 0;
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
 * @param {number} [quality] 0 to 1.
 * @returns {Promise<Blob>}
 */
export function toBlob(canvas, type = 'image/png', quality = 0.92) {
  return new Promise((resolve, reject) => {
    const from = type === 'image/jpeg' ? onWhite(canvas) : canvas;
    from.toBlob((blob) => {
      if (from !== canvas) release(from);
      if (blob?.type === type) resolve(blob);
      else reject(new Trouble(blob ? 'cannotWrite' : 'noMemory', { format: type.slice(6).toUpperCase() }));
    }, type, quality);
  });
}

/** A JPEG gets what the camera noted, and the place only `withPlace`. @param {Blob} blob @param {Photo} [photo] */
export async function noted(blob, photo, withPlace = false) {
  const about = await photo?.about;
  const exif = withPlace ? about?.placed : about?.exif;
  return exif && blob.type === 'image/jpeg' ? new Blob([blob.slice(0, 2), exif, blob.slice(2)], { type: blob.type }) : blob;
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
  const copy = canvasOf(canvas.width, canvas.height, spaceOf(canvas));
  const to = context(copy);
  to.fillStyle = '#fff';
  to.fillRect(0, 0, copy.width, copy.height);
  to.drawImage(canvas, 0, 0);
  return copy;
}

/** @param {HTMLCanvasElement} canvas */
function spaceOf(canvas) {
  return context(canvas).getContextAttributes?.().colorSpace;
}

/** @param {HTMLCanvasElement} canvas @param {PredefinedColorSpace} [colorSpace] Counts where the canvas is new. */
function context(canvas, colorSpace) {
  const found = canvas.getContext('2d', { willReadFrequently: true, colorSpace });
  if (!found) throw new RangeError('no canvas context');
  return found;
}
