// Pictures for the tests: drawn here, written and read as PNG, compared.
import assert from 'node:assert/strict';
import { deflateSync, inflateSync } from 'node:zlib';

/**
 * @typedef {{width: number, height: number, pixels: Uint8Array}} Picture RGBA.
 */

/**
 * A round flower with shaded petals on grass: enough of a flower for the model.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} [middle] Where it is across, in shares of the width.
 * @returns {Picture}
 */
export function drawFlower(width, height, middle = 0.5) {
  const pixels = new Uint8Array(width * height * 4);
  const size = Math.min(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const dx = (x - width * middle) / size;
      const dy = (y - height / 2) / size;
      const r = Math.hypot(dx, dy);
      const petal = 0.3 + 0.1 * Math.cos(8 * Math.atan2(dy, dx));
      const grain = ((x * 7919 + y * 104729) % 23) - 11;
      let colour = [58 + 30 * (y / height), 104 + 24 * (1 - y / height), 48];
      if (r < petal) colour = [236, 120 - 90 * (1 - r / petal), 150 - 40 * (1 - r / petal)];
      if (r < 0.09) colour = [222, 178, 44];
      pixels.set([...colour.map((value) => Math.max(0, Math.min(255, value + grain))), 255], (y * width + x) * 4);
    }
  }
  return { width, height, pixels };
}

/** @param {Picture} picture */
export function encodePng({ width, height, pixels }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Buffer.alloc((width * 4 + 1) * height);
  for (let y = 0; y < height; y += 1) {
    rows.set(pixels.subarray(y * width * 4, (y + 1) * width * 4), y * (width * 4 + 1) + 1);
  }
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/**
 * @param {string} kind
 * @param {Uint8Array} data
 */
export function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  out.set(body, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/**
 * Reads a PNG of 8 bits a channel, grey to RGBA, without interlacing; checks every checksum.
 *
 * @param {Buffer} file
 * @returns {Picture}
 */
export function decodePng(file) {
  assert.equal(file.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  let width = 0;
  let height = 0;
  let channels = 0;
  const data = [];
  let at = 8;
  for (let kind = ''; kind !== 'IEND';) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    assert.equal(crc32(body), file.readUInt32BE(at + 8 + length));
    kind = body.toString('latin1', 0, 4);
    if (kind === 'IDAT') data.push(body.subarray(4));
    if (kind === 'IHDR') {
      width = body.readUInt32BE(4);
      height = body.readUInt32BE(8);
      assert.equal(body[12], 8, 'bits a channel');
      assert.equal(body[16], 0, 'interlacing');
      channels = /** @type {Record<number, number>} */ ({ 0: 1, 2: 3, 4: 2, 6: 4 })[body[13] ?? -1] ?? NaN;
    }
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(data));
  const stride = width * channels;
  assert.equal(raw.length, (stride + 1) * height);
  const lines = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const left = x < channels ? 0 : lines[y * stride + x - channels] ?? 0;
      const up = y === 0 ? 0 : lines[(y - 1) * stride + x] ?? 0;
      const corner = x < channels || y === 0 ? 0 : lines[(y - 1) * stride + x - channels] ?? 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 5] ?? NaN;
      lines[y * stride + x] = (raw[y * (stride + 1) + 1 + x] ?? 0) + guess;
    }
  }
  const pixels = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i += 1) {
    const p = [...lines.subarray(i * channels, (i + 1) * channels)];
    const [a = 0, b = 0] = p;
    pixels.set({ 1: [a, a, a, 255], 2: [a, a, a, b], 3: [...p, 255], 4: p }[channels] ?? [], i * 4);
  }
  return { width, height, pixels };
}

/**
 * @param {number} a
 * @param {number} b
 * @param {number} c
 */
function paeth(a, b, c) {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}

/**
 * The mean and the largest difference of the colours of two pictures, where `where` holds.
 *
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 * @param {(pixel: number) => boolean} [where]
 */
export function difference(a, b, where = () => true) {
  assert.equal(a.length, b.length);
  let [sum, count, largest] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 4) {
    if (!where(i / 4)) continue;
    for (let c = 0; c < 3; c += 1) {
      const d = Math.abs((a[i + c] ?? 0) - (b[i + c] ?? 0));
      sum += d;
      largest = Math.max(largest, d);
    }
    count += 1;
  }
  return { mean: count ? sum / count / 3 : 0, largest, count };
}
