// What the worker needs of its devices, be there a GPU or not.

/**
 * @typedef {import('../../pkg/gpu/wordloom.js').Edit | import('../../pkg/cpu/wordloom.js').Edit} Edit
 * @typedef {'noGpu' | 'softwareGpu' | 'wrongGpu' | 'slowGpu' | 'brokenGpu'} Why A key of texts.js.
 * @typedef {{width: number, height: number, pixels: Uint8Array<ArrayBuffer>, colorSpace?: PredefinedColorSpace}} Photo
 */

/** Why the CPU goes on computing. */
export class NoGpu extends Error {
  /**
   * @param {Why} why
   * @param {string} [detail]
   */
  constructor(why, detail = '') {
    super(detail);
    this.why = why;
  }
}

/**
 * Looks for a GPU before anything is fetched for it.
 *
 * @param {boolean} any Software that plays a GPU will do.
 */
export async function findGpu(any) {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) throw new NoGpu('noGpu');
  // The property moved in 2025.
  const { isFallbackAdapter = /** @type {any} */ (adapter).isFallbackAdapter } = adapter.info;
  if (isFallbackAdapter && !any) throw new NoGpu('softwareGpu');
}

/**
 * An edit's picture: by the GPU, or where that holds no picture so large, by the CPU.
 *
 * @param {Edit} edit
 * @param {Photo} photo
 * @param {number} strength
 * @returns {Promise<ImageBitmap>}
 */
export async function draw(edit, { width, height, pixels, colorSpace = 'srgb' }, strength) {
  let drawn = 'draw' in edit ? await edit.draw(strength) : undefined;
  if (drawn instanceof ImageBitmap) {
    if (colorSpace === 'srgb') return drawn;
    // The GPU knows of no other space.
    drawn = pixelsOf(drawn);
  }
  const bytes = new Uint8ClampedArray((drawn ?? edit.apply(pixels, strength)).buffer);
  return createImageBitmap(new ImageData(/** @type {Uint8ClampedArray<ArrayBuffer>} */ (bytes), width, height, { colorSpace }));
}

/** @param {ImageBitmap} bitmap */
export function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  canvas?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
}
