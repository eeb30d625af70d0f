// The worker's part of "Make": what it answers where its model makes pictures.

/**
 * @typedef {{type: 'read', prompt: string}} Read
 * @typedef {{type: 'sketch', condition: Float32Array, features: Float32Array, seed: number}} Draw
 * @typedef {{type: 'finish', words: number}} Finish The sketch that was drawn last.
 * @typedef {Read | Draw | Finish} Message
 *
 * @typedef {{condition: Float32Array, features: Float32Array, words: string[], unknown: string[]}} Wording
 *   What a sentence says; `words` are those that regions attend to, as they were typed.
 * @typedef {{side: number, picture: Uint8Array<ArrayBuffer>}} Drawn RGBA.
 * @typedef {Drawn & {attention: Uint8Array<ArrayBuffer>[]}} Finished For each word a byte for each pixel of the sketch.
 */

/** The last sketch, until it is finished. @type {import('../../pkg/cpu/wordloom.js').Sketch | undefined} */
let sketch;

/**
 * @param {import('../../pkg/cpu/wordloom.js').Maker} maker
 * @param {Message} message
 * @returns {Promise<[value: unknown, transfer: Transferable[]]>}
 */
export async function make(maker, message) {
  switch (message.type) {
    case 'read': {
      const wording = await maker.read(message.prompt);
      const { condition, features, words, unknown } = wording;
      wording.free();
      return [{ condition, features, words, unknown }, []];
    }
    case 'sketch': {
      sketch?.free();
      sketch = undefined;
      sketch = await maker.sketch(message.condition, message.features, message.seed);
      const { side, picture } = sketch;
      return [{ side, picture }, [picture.buffer]];
    }
    case 'finish': {
      if (!sketch) throw new Error('There is no sketch yet.');
      const finished = await sketch.finish();
      const { side, picture } = finished;
      const attention = Array.from({ length: message.words }, (_, word) => finished.attention(word));
      finished.free();
      sketch.free();
      sketch = undefined;
      return [{ side, picture, attention }, [picture, ...attention].map(({ buffer }) => buffer)];
    }
  }
}
