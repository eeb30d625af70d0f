// What runs in the page: the two runtimes behind one face. `open` loads; `look` opens a photo; `sees` says what is in it,
// which brings ours a second look; `edit` does what a sentence says to it.

/**
 * @typedef {'cpu' | 'gpu'} Device
 * @typedef {{width: number, height: number, pixels: Uint8Array<ArrayBuffer>}} Photo RGBA.
 * @typedef {{open(): Promise<void>, look(photo: Photo): Promise<void>, sees?(): Promise<void>, edit(): Promise<void>,
 *            mask(): Promise<ArrayLike<number>>}} Runtime
 *   `mask` is that of the last edit, in [0, 1], of half the photo's height and width.
 */

/** Numbers of a sentence embedding. */
const SENTENCE = 128;

/**
 * Ours, as the page uses it: a worker, and pixels in and out.
 *
 * @param {{prompt: string, device: Device}} options
 * @returns {Promise<Runtime>}
 */
export async function wordloom({ prompt, device }) {
  const [{ Engine }, { catalogue }] = await Promise.all([import('../../www/engine/engine.js'), import('../../www/engine/load.js')]);
  const { signal } = new AbortController();
  const engine = new Engine();
  /** @type {import('../../www/engine/engine.js').Pixels} */
  let photo;
  return {
    async open() {
      const settled = new Promise((resolve) => engine.addEventListener('device', resolve, { once: true }));
      await engine.open(signal, (await catalogue(signal)).parts, undefined, device);
      await settled;
      if (engine.device.name.toLowerCase() !== device) throw new Error(JSON.stringify(engine.device));
    },
    async look({ width, height, pixels }) {
      photo = { width, height, pixels: () => pixels.slice() };
      await engine.look(signal, photo);
    },
    async sees() {
      await engine.sees(signal, photo);
    },
    async edit() {
      const { bitmap } = await engine.edit(signal, photo, prompt);
      bitmap.close();
    },
    async mask() {
      const mask = await engine.mask(signal);
      const [width, height] = [photo.width >> 1, photo.height >> 1];
      return Array.from({ length: width * height }, (_, i) => {
        const at = 2 * Math.floor(i / width) * photo.width + 2 * (i % width);
        const four = [at, at + 1, at + photo.width, at + photo.width + 1];
        return four.reduce((sum, at) => sum + (mask[at] ?? NaN), 0) / 4 / 255;
      });
    },
  };
}

/**
 * The sentence embedding of a prompt, as our engine reads it: the other runtime has only trunk and head.
 *
 * @param {string} prompt
 * @returns {Promise<number[]>}
 */
export async function embedding(prompt) {
  const { default: init, EditModel } = await import('../../pkg/cpu/wordloom.js');
  const { catalogue } = await import('../../www/engine/load.js');
  await init({ module_or_path: new URL('../../pkg/cpu/wordloom_bg.wasm', import.meta.url) });
  const { parts } = await catalogue(new AbortController().signal);
  const weights = new Uint8Array(await (await fetch(parts.weights.url)).arrayBuffer());
  const model = await EditModel.open(weights, false);
  const { condition } = await model.read(prompt);
  return Array.from(condition.slice(0, SENTENCE));
}

/**
 * Ours again, making pictures: `open` loads, `draw` makes one of a sentence that is read each time.
 *
 * @param {{prompt: string}} options
 */
export async function maker({ prompt }) {
  const [{ Engine }, { catalogue }] = await Promise.all([import('../../www/engine/engine.js'), import('../../www/engine/load.js')]);
  const { signal } = new AbortController();
  const engine = new Engine();
  return {
    async open() {
      await engine.open(signal, (await catalogue(signal, undefined, 'make')).parts);
    },
    draw(/** @type {number} */ seed) {
      return engine.take(signal, async (send) => {
        const { condition, features, words, paint } = await send({ type: 'read', prompt });
        await send({ type: 'sketch', place: 0, condition, features, noise: [[seed, 1]], paint, side: 256 });
        return send({ type: 'finish', place: 0, words: words.length, paint, side: 512 });
      });
    },
  };
}

/**
 * onnxruntime-web on one thread: more need headers that a blog cannot set.
 *
 * @param {{sentence: number[], device: Device}} options The sentence embedding.
 * @returns {Promise<Runtime>}
 */
export async function onnxruntime({ sentence, device }) {
  const address = new URL('/ort/', location.href).href;
  const [build, provider] = { cpu: ['wasm', 'wasm'], gpu: ['webgpu', 'webgpu'] }[device];
  const ort = await import(`${address}ort.${build}.min.mjs`);
  ort.env.wasm.wasmPaths = address;
  ort.env.wasm.numThreads = 1;
  const query = new ort.Tensor('float32', Float32Array.from(sentence), [1, sentence.length]);
  /** @type {any} */
  let trunk;
  /** @type {any} */
  let head;
  /** @type {any} */
  let seen;
  /** @type {any} */
  let last;
  return {
    async open() {
      const options = { executionProviders: [provider] };
      // One after the other: the runtime opens no two at once.
      trunk = await ort.InferenceSession.create('/weights-onnx/trunk.onnx', options);
      head = await ort.InferenceSession.create('/weights-onnx/head.onnx', options);
    },
    async look({ width, height, pixels }) {
      const area = width * height;
      const planes = Float32Array.from({ length: 3 * area }, (_, i) => (pixels[(i % area) * 4 + Math.floor(i / area)] ?? 0) / 127.5 - 1);
      seen = await trunk.run({ photo: new ort.Tensor('float32', planes, [1, 3, height, width]) });
    },
    async edit() {
      last = await head.run({ ...seen, sentence: query });
    },
    async mask() {
      return Array.from(last.mask.data, (logit) => 1 / (1 + Math.exp(-logit)));
    },
  };
}

/**
 * A pink flower on grass.
 *
 * @param {[number, number]} size
 * @returns {Photo}
 */
export function drawn([width, height]) {
  const pixels = new Uint8Array(width * height * 4);
  const half = Math.min(width, height) / 2;
  for (let i = 0; i < width * height; i += 1) {
    const x = (i % width) - width / 2;
    const y = Math.floor(i / width) - height / 2;
    const petal = 0.6 + 0.2 * Math.cos(8 * Math.atan2(y, x));
    const colour = Math.hypot(x, y) < petal * half ? [236, 120, 150] : [58, 104, 48];
    pixels.set([...colour, 255], i * 4);
  }
  return { width, height, pixels };
}
