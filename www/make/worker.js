// The worker's part of "Make": what it answers where its model makes pictures.

/**
 * @typedef {import('./noise.js').Noise} Noise
 * @typedef {object} Look How large a picture is, in pixels across and down, and colour and cloth as numbers.
 * @property {number} side
 * @property {Float32Array} paint
 *
 * @typedef {object} Form
 * @property {Float32Array} condition
 * @property {Float32Array} features
 * @property {Noise} noise
 *
 * @typedef {{type: 'read', prompt: string}} Read
 * @typedef {{type: 'sketch', place: number} & Form & Look} Draw
 * @typedef {{type: 'finish', place: number, words: number} & Look} Finish The sketch that was drawn last for this place.
 * @typedef {{type: 'whole'} & Form & Look} Whole The finished picture at once.
 * @typedef {Read | Draw | Finish | Whole} Message
 *
 * @typedef {{condition: Float32Array, features: Float32Array, words: string[], unknown: string[], paint: Float32Array}} Wording
 *   What a sentence says; `words` are those that regions attend to, as they were typed; `paint` is empty where it names neither
 *   colour nor cloth.
 * @typedef {{side: number, picture: Uint8Array<ArrayBuffer>}} Drawn RGBA.
 * @typedef {Drawn & {attention: Uint8Array<ArrayBuffer>[], regions: number}} Finished For each word a byte for each region, of which
 *   there are `regions` across and down.
 */

/** Sketches by their places, until they are finished. @type {Map<number, import('../../pkg/cpu/wordloom.js').Sketch>} */
const sketches = new Map();

/**
 * @param {import('../../pkg/cpu/wordloom.js').GarmentModel} model
 * @param {Message} message
 * @returns {Promise<[value: unknown, transfer: Transferable[]]>}
 */
export async function make(model, message) {
  switch (message.type) {
    case 'read': {
      const wording = await model.read(message.prompt);
      const { condition, features, words, unknown, paint } = wording;
      wording.free();
      return [{ condition, features, words, unknown, paint }, []];
    }
    case 'sketch': {
      const { place } = message;
      forget(place);
      const sketch = await sketched(model, message);
      sketches.set(place, sketch);
      return drawn(sketch, message);
    }
    case 'finish': {
      const { place, words } = message;
      const sketch = sketches.get(place);
      if (!sketch) throw new Error('There is no sketch yet.');
      const finished = await sketch.finish();
      const regions = sketch.side;
      const attention = Array.from({ length: words }, (_, word) => finished.attention(word));
      const [picture, transfer] = drawn(finished, message);
      finished.free();
      forget(place);
      return [{ ...picture, attention, regions }, [...transfer, ...attention.map(({ buffer }) => buffer)]];
    }
    case 'whole': {
      const sketch = await sketched(model, message);
      const finished = await sketch.finish();
      const answer = drawn(finished, message);
      finished.free();
      sketch.free();
      return answer;
    }
  }
}

/** @param {import('../../pkg/cpu/wordloom.js').GarmentModel} model @param {Form} form */
function sketched(model, { condition, features, noise }) {
  const seeds = Uint32Array.from(noise, ([seed]) => seed);
  const shares = Float32Array.from(noise, ([, share]) => share);
  return model.sketch(condition, features, seeds, shares);
}

/**
 * @param {Pick<import('../../pkg/cpu/wordloom.js').Sketch, 'picture'>} form
 * @param {Look} look
 * @returns {[Drawn, Transferable[]]}
 */
function drawn(form, { paint, side }) {
  const picture = /** @type {Uint8Array<ArrayBuffer>} */ (form.picture(paint, side));
  return [{ side, picture }, [picture.buffer]];
}

/** @param {number} place */
function forget(place) {
  sketches.get(place)?.free();
  sketches.delete(place);
}
