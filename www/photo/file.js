// What a photo's file says beside its pixels: the camera's notes, which a saved JPEG keeps, with the place only
// where that is asked for, and what a picture in a browser cannot hold. The page loads this for files that may have it.

/**
 * @typedef {{tag: number, type: number, count: number, bytes: Uint8Array}} Entry Of a TIFF directory.
 * @typedef {{exif?: Uint8Array<ArrayBuffer>, placed?: Uint8Array<ArrayBuffer>, lost?: {en: string, zh: string}}} About `exif` is
 *   a segment of a JPEG, `placed` the same with the place, where there is one.
 */

/** Where notes and profiles lie: well before the pixels. */
const HEAD = 1 << 20;
/** Bytes of a value, by its type. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
/** Directories of their own: the camera's notes, and the place. */
const NOTES = 0x8769;
const PLACE = 0x8825;
/** How the camera was held, as the pixels are upright now; sizes, previews and a maker's own notes; XMP and IPTC. */
const SPARE = new Set([0x0112, 0xa002, 0xa003, 0xa005, 0x0100, 0x0101, 0x0111, 0x0117, 0x014a, 0x0201, 0x0202, 0x927c, 0x9286, 0x02bc, 0x83bb, 0x8649, 0xea1c]);
/** What belongs to no note of a camera, and what a segment of a JPEG holds. */
const LONGEST = 4096;
const SEGMENT = 65_000;

const LOST = {
  deep: { en: 'Of its 16 bits a colour, 8 are kept.', zh: '每种颜色的 16 位只保留 8 位。' },
  print: { en: 'Its colours for print (CMYK) became those of a screen.', zh: '印刷颜色（CMYK）已转换为屏幕颜色。' },
};

/** @param {Blob} file @returns {Promise<About>} */
export async function about(file) {
  const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  // A file that is not what it seems has nothing to say.
  try {
    return bytes[0] === 0xff ? jpeg(bytes) : { lost: bytes[24] === 16 ? LOST.deep : undefined };
  } catch {
    return {};
  }
}

/** @param {Uint8Array} bytes @returns {About} */
function jpeg(bytes) {
  const view = new DataView(bytes.buffer);
  /** @type {About} */
  const found = {};
  for (let at = 2; at + 4 < bytes.length;) {
    const [mark, length] = [view.getUint16(at), view.getUint16(at + 2)];
    if (mark === 0xffda) break;
    // A frame's header, but no table: its last number is that of its colours.
    if (mark >= 0xffc0 && mark <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(mark) && bytes[at + 9] === 4) found.lost = LOST.print;
    // "Exif"
    if (mark === 0xffe1 && view.getUint32(at + 4) === 0x45786966) {
      const tiff = bytes.slice(at + 10, at + 2 + length);
      found.exif ??= notes(tiff, [NOTES]);
      found.placed ??= notes(tiff, [NOTES, PLACE], PLACE);
    }
    at += 2 + length;
  }
  return found;
}

/**
 * The camera's notes, written anew: what is not named cannot come along. Nothing where there are none.
 *
 * @param {Uint8Array} tiff
 * @param {number[]} wanted Which directories come along with the first.
 * @param {number} [needed] The one without which there is nothing.
 */
function notes(tiff, wanted, needed) {
  const view = new DataView(tiff.buffer);
  const little = view.getUint16(0) === 0x4949;
  const directory = (/** @type {number} */ at) => {
    /** @type {Entry[]} */
    const entries = [];
    for (let i = 0, end = view.getUint16(at, little); i < end; i += 1) {
      const entry = at + 2 + 12 * i;
      const [tag, type, count] = [view.getUint16(entry, little), view.getUint16(entry + 2, little), view.getUint32(entry + 4, little)];
      const length = (SIZES[type] ?? 0) * count;
      const from = length > 4 ? view.getUint32(entry + 8, little) : entry + 8;
      if (length && length <= LONGEST && from + length <= tiff.length && !SPARE.has(tag)) entries.push({ tag, type, count, bytes: tiff.subarray(from, from + length) });
    }
    return entries;
  };
  const first = directory(view.getUint32(4, little)).filter(({ tag }) => wanted.includes(tag) || ![NOTES, PLACE].includes(tag));
  const pointers = first.filter(({ tag }) => wanted.includes(tag));
  const others = pointers.map(({ bytes }) => directory(new DataView(bytes.slice().buffer).getUint32(0, little)));
  if (needed && !others[pointers.findIndex(({ tag }) => tag === needed)]?.length) return undefined;
  const size = (/** @type {Entry[]} */ entries) => entries.reduce((sum, { bytes }) => sum + 12 + (bytes.length > 4 ? bytes.length + bytes.length % 2 : 0), 6);
  let end = 8 + size(first);
  const places = others.map((entries) => (end += size(entries)) - size(entries));
  for (const [i, pointer] of pointers.entries()) {
    pointer.bytes = new Uint8Array(4);
    new DataView(pointer.bytes.buffer).setUint32(0, places[i] ?? 0, little);
  }
  const length = 10 + end;
  if (length > SEGMENT || !(first.length - pointers.length + others.flat().length)) return undefined;
  const out = new Uint8Array(length);
  const to = new DataView(out.buffer, 10);
  // The mark, the length after it, "Exif", the order of bytes, and where the first directory is.
  out.set([0xff, 0xe1, (length - 2) >> 8, (length - 2) & 255, 0x45, 0x78, 0x69, 0x66, 0, 0]);
  out.set(tiff.subarray(0, 4), 10);
  to.setUint32(4, 8, little);
  write(to, 8, first, little);
  for (const [i, entries] of others.entries()) write(to, places[i] ?? 0, entries, little);
  return out;
}

/** @param {DataView} to @param {number} at @param {Entry[]} entries @param {boolean} little */
function write(to, at, entries, little) {
  const put = (/** @type {number} */ at, /** @type {Uint8Array} */ bytes) => new Uint8Array(to.buffer, to.byteOffset + at, bytes.length).set(bytes);
  let data = at + 6 + 12 * entries.length;
  to.setUint16(at, entries.length, little);
  for (const [i, { tag, type, count, bytes }] of entries.entries()) {
    const entry = at + 2 + 12 * i;
    to.setUint16(entry, tag, little);
    to.setUint16(entry + 2, type, little);
    to.setUint32(entry + 4, count, little);
    if (bytes.length <= 4) put(entry + 8, bytes);
    else {
      to.setUint32(entry + 8, data, little);
      put(data, bytes);
      data += bytes.length + bytes.length % 2;
    }
  }
}
