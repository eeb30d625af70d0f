// What runs in the page: the two runtimes behind one face. `open` loads; `edit` runs one edit.

/**
 * @typedef {'cpu' | 'gpu'} Device
 * @typedef {{width: number, height: number, pixels: Uint8Array<ArrayBuffer>}} Photo RGBA.
 * @typedef {{open(): Promise<void>, edit(photo: Photo): Promise<void>,
 *            mask(): Promise<ArrayLike<number>>}} Runtime
 *   `mask` is that of the last edit, in [0, 1].
 */

/**
 * Ours, as the page uses it: a worker, and pixels in and out.
 *
 * @param {{prompt: string, device: Device}} options
 * @returns {Promise<Runtime>}
 */
export async function wordloom({ prompt, device }) {
  const [{ Engine }, { catalogue }] = await Promise.all([import('../../www/engine.js'), import('../../www/load.js')]);
  const { signal } = new AbortController();
  const engine = new Engine();
  return {
    async open() {
      const settled = new Promise((resolve) => engine.addEventListener('device', resolve, { once: true }));
      await engine.open(signal, (await catalogue(signal)).parts, undefined, device);
      await settled;
      if (engine.device.name.toLowerCase() !== device) throw new Error(JSON.stringify(engine.device));
    },
    async edit({ width, height, pixels }) {
      const photo = { width, height, pixels: () => pixels.slice() };
      const { bitmap } = await engine.edit(signal, photo, prompt);
      bitmap.close();
    },
    async mask() {
      return Array.from(await engine.mask(signal), (value) => value / 255);
    },
  };
}

/**
 * Ours again, making pictures: `open` loads, `draw` makes one of a sentence that is read each time.
 *
 * @param {{prompt: string}} options
 */
export async function maker({ prompt }) {
  const [{ Engine }, { catalogue }] = await Promise.all([import('../../www/engine.js'), import('../../www/load.js')]);
  const { signal } = new AbortController();
  const engine = new Engine();
  return {
    async open() {
      await engine.open(signal, (await catalogue(signal, undefined, 'make')).parts);
    },
    draw(/** @type {number} */ seed) {
      return engine.take(signal, async (send) => {
        const { condition, features, words } = await send({ type: 'read', prompt });
        await send({ type: 'sketch', condition, features, seed });
        return send({ type: 'finish', words: words.length });
      });
    },
  };
}

/**
 * onnxruntime-web on one thread: more need headers that a blog cannot set.
 *
 * @param {{words: number[], device: Device}} options The ids of the sentence's words.
 * @returns {Promise<Runtime>}
 */
export async function onnxruntime({ words, device }) {
  const address = new URL('/ort/', location.href).href;
  const [build, provider] = { cpu: ['wasm', 'wasm'], gpu: ['webgpu', 'webgpu'] }[device];
  const ort = await import(`${address}ort.${build}.min.mjs`);
  ort.env.wasm.wasmPaths = address;
  ort.env.wasm.numThreads = 1;
  const ids = new ort.Tensor('int64', BigInt64Array.from(words, BigInt), [1, words.length]);
  /** @type {any} */
  let session;
  /** @type {any} */
  let last;
  return {
    async open() {
      session = await ort.InferenceSession.create('/weights-onnx/flowers.onnx', { executionProviders: [provider] });
    },
    async edit({ width, height, pixels }) {
      const area = width * height;
      const planes = Float32Array.from({ length: 3 * area }, (_, i) => (pixels[(i % area) * 4 + Math.floor(i / area)] ?? 0) / 127.5 - 1);
      const photo = new ort.Tensor('float32', planes, [1, 3, height, width]);
      last = await session.run({ ids, photo });
    },
    async mask() {
      return last.mask.data;
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
