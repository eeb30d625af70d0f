// A ZIP archive of files that are compressed already: stored as they are, and never in memory twice, as a Blob takes
// other Blobs for its parts. (APPNOTE.TXT 6.3.10, PKWARE.)

/** @typedef {{name: string, blob: Blob, when: Date}} Entry */

/** What an archive of this kind holds, in bytes and files. */
export const LARGEST = 0xffff_ffff;
export const MOST = 0xffff;
/** Version 2.0; names are UTF-8. */
const VERSION = 20;
const UTF8 = 1 << 11;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

/**
 * @param {Entry[]} entries Names are without folders; where several are one, they are numbered.
 * @returns {Promise<Blob>}
 */
export async function zip(entries) {
  /** @type {BlobPart[]} */
  const parts = [];
  const directory = [];
  let at = 0;
  /** @type {Set<string>} */
  const names = new Set();
  for (const { name: whole, blob, when } of entries) {
    // Photos of several cameras may have one name.
    let name = whole;
    for (let i = 2; names.has(name); i += 1) name = whole.replace(/(\.\w+)$/, `-${i}$1`);
    names.add(name);
    const bytes = new TextEncoder().encode(name);
    // In both headers: version, flags, stored, time, date, checksum, both sizes, the name's length, nothing more.
    const common = numbers([2, VERSION], [2, UTF8], [2, 0], [2, timeOf(when)], [2, dateOf(when)], [4, await checksum(blob)],
      [4, blob.size], [4, blob.size], [2, bytes.length], [2, 0]);
    const header = numbers([4, 0x04034b50]);
    directory.push(numbers([4, 0x02014b50], [2, VERSION]), common, numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, at]), bytes);
    parts.push(header, common, bytes, blob);
    at += header.length + common.length + bytes.length + blob.size;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  if (at + length > LARGEST || entries.length > MOST) throw new RangeError('more than an archive holds');
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, entries.length], [2, entries.length], [4, length], [4, at], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: 'application/zip' });
}

/** CRC-32 of a file, which is read piece by piece. @param {Blob} blob */
async function checksum(blob) {
  let crc = ~0;
  const reader = blob.stream().getReader();
  for (let { value } = await reader.read(); value; { value } = await reader.read()) {
    for (const byte of value) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 255] ?? 0);
  }
  return ~crc >>> 0;
}

/** Little end first. @param {[size: number, value: number][]} values */
function numbers(...values) {
  const bytes = values.flatMap(([size, value]) => Array.from({ length: size }, (_, i) => (value >>> (8 * i)) & 255));
  return Uint8Array.from(bytes);
}

/** As MS-DOS has it, in steps of two seconds. @param {Date} when */
function timeOf(when) {
  return (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1);
}

/** @param {Date} when */
function dateOf(when) {
  return (Math.max(when.getFullYear() - 1980, 0) << 9) | ((when.getMonth() + 1) << 5) | when.getDate();
}
