// The worker's part of "Compare the layers": one look, and an edit by each layer.
import { Layers } from '../../pkg/cpu/wordloom.js';

/**
 * @typedef {{type: 'compare', prompt: string, weights: Uint8Array, verified: boolean, pixels: Uint8Array<ArrayBuffer>,
 *   width: number, height: number}} Message
 * @typedef {{name: string, iou: number, milliseconds: number, pixels?: Uint8ClampedArray<ArrayBuffer>}} Compared
 *   Without pixels the layer finds nothing of what the sentence names.
 */

/** Opened once. @type {Promise<Layers> | undefined} */
let opened;

/**
 * @param {import('../../pkg/cpu/wordloom.js').EditModel} engine
 * @param {Message} message
 * @returns {Promise<Compared[]>}
 */
export async function compare(engine, { prompt, weights, verified, pixels, width, height }) {
  opened ??= Layers.open(weights, verified);
  const layers = await opened.catch((/** @type {unknown} */ error) => {
    opened = undefined;
    throw error;
  });
  const reading = await engine.read(prompt);
  const { condition } = reading;
  reading.free();
  const look = await engine.look(pixels, width, height);
  try {
    const { names, scores } = layers;
    /** @type {Compared[]} */
    const compared = [];
    for (const [n, name] of names.entries()) {
      const began = performance.now();
      const edit = await layers.edit(engine, look, condition, n);
      const milliseconds = performance.now() - began;
      const found = edit.shares.some((share) => share > 0);
      const edited = found ? new Uint8ClampedArray(edit.apply(pixels, 1)) : undefined;
      edit.free();
      compared.push({ name, iou: scores[n] ?? 0, milliseconds, ...edited && { pixels: edited } });
    }
    return compared;
  } finally {
    look.free();
  }
}
