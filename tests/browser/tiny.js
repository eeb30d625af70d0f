// A model so small that software that plays a GPU makes a thousand edits in a minute: the packed
// model's own sentences, and an editor of random weights.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const [FULL, HALF, QUARTER, RANK] = [4, 6, 8, 4];

/** Of the tensors whose shape is another one than in the packed model. */
const SHAPES = /** @type {[RegExp, number[]][]} */ ([
  [/Film.(gamma|beta).weight$/, [128, QUARTER]],
  [/Concat.weight$/, [QUARTER, QUARTER + 128, 3, 3]],
  [/stem.weight$/, [FULL, 3, 3, 3]],
  [/downs.0.conv.weight$/, [HALF, FULL, 4, 4]],
  [/downs.1.conv.weight$/, [QUARTER, HALF, 4, 4]],
  [/(pre.conv|conv[12].conv).weight$/, [QUARTER, QUARTER, 3, 3]],
  [/LowRank.u.weight$/, [RANK, QUARTER, 1, 1]],
  [/LowRank.v.weight$/, [128, RANK]],
  [/LowRank.p.weight$/, [QUARTER, RANK, 1, 1]],
  [/ups.0.conv.weight$/, [HALF, QUARTER, 3, 3]],
  [/ups.1.conv.weight$/, [FULL, HALF, 3, 3]],
  [/out.weight$/, [4, FULL, 3, 3]],
]);

/** The layers: their configuration, and which of the packed model's tensors theirs are like. */
const LAYERS = {
  bilinear: { fusion: { LowRank: RANK }, tensors: { 'LowRank.u': 'u', 'LowRank.v': 'v', 'LowRank.p': 'p' } },
  film: { fusion: 'Film', tensors: { 'Film.gamma': 'v', 'Film.beta': 'v' } },
  concat: { fusion: 'Concat', tensors: { Concat: 'p' } },
};

/**
 * @param {keyof typeof LAYERS} [name] Of its fusion layer.
 * @param {number} [salt] Another one makes another model.
 * @returns {Promise<Buffer>} A packed model; its self-test lets everything pass.
 */
export async function tinyModel(name = 'bilinear', salt = 0) {
  const { fusion, tensors: layer } = LAYERS[name];
  const file = await readFile(new URL('../../weights/flowers.safetensors', import.meta.url));
  const length = Number(file.readBigUInt64LE());
  const { __metadata__: metadata, ...tensors } = JSON.parse(file.toString('utf8', 8, 8 + length));
  const config = JSON.parse(metadata.config);
  Object.assign(config.editor, { widths: [FULL, HALF, QUARTER], blocks: 1, fusion });
  metadata.config = JSON.stringify({ ...config, short_side: 16 });
  metadata.self_test = JSON.stringify({ ...JSON.parse(metadata.self_test), tolerance: 1e9 });
  metadata.sha256 = '0'.repeat(64);

  /** @type {Record<string, object>} */
  const header = { __metadata__: metadata };
  const data = [];
  let end = 0;
  const kept = Object.entries(tensors).filter(([name]) => !/blocks\.[1-9]|LowRank/.test(name));
  for (const [name, like] of Object.entries(layer)) {
    const from = `editor.blocks.0.fusion.LowRank.${like}.`;
    const parts = Object.keys(tensors).filter((other) => other.startsWith(from)).map((other) => other.slice(from.length));
    // V itself has no bias.
    if (name.startsWith('Film')) parts.push('bias');
    for (const part of parts) kept.push([`editor.blocks.0.fusion.${name}.${part}`, tensors[part === 'bias' ? from.replace(/\w\.$/, 'p.bias') : from + part]]);
  }
  kept.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  for (const [name, { dtype, shape: large, data_offsets: [from, to] }] of kept) {
    const weight = name.replace(/\.scale$/, '').replace(/bias$/, 'weight');
    const shape = SHAPES.find(([pattern]) => pattern.test(weight))?.[1];
    let bytes = file.subarray(8 + length + from, 8 + length + to);
    let own = large;
    if (shape) {
      const outputs = shape.length === 2 ? shape[1] ?? 0 : shape[0] ?? 0;
      const count = shape.reduce((a, b) => a * b);
      if (dtype === 'F32') {
        own = large.map((/** @type {number} */ side) => (side === 1 ? 1 : outputs));
        bytes = Buffer.from(Float32Array.from({ length: outputs }, () => 2 / 127 / Math.sqrt(count / outputs)).buffer);
      } else if (dtype === 'F16') {
        own = [outputs];
        bytes = Buffer.alloc(2 * outputs);
      } else {
        own = shape;
        bytes = Buffer.from(Int8Array.from({ length: count }, (_, i) => (i * 7919 + name.length * 31 + salt) % 255 - 127).buffer);
      }
    }
    header[name] = { dtype, shape: own, data_offsets: [end, end + bytes.length] };
    data.push(bytes);
    end += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padding = Buffer.alloc((8 - (text.length % 8)) % 8, ' ');
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(text.length + padding.length));
  const packed = Buffer.concat([start, text, padding, ...data]);
  packed.write(createHash('sha256').update(packed).digest('hex'), packed.indexOf('"sha256":"') + 10, 'latin1');
  return packed;
}
