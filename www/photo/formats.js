// What kind of file it is, by its first bytes: names say little, and media types are guessed from names.
// It is asked of files that turn out to be no pictures, and comes when it is.

/**
 * `offset`, bytes (as Latin-1), and what such a file is. The first that fits counts.
 *
 * @type {[number, string, string][]}
 */
const MAGIC = [
  [0, '\xff\xd8\xff', 'JPEG'],
  [0, '\x89PNG', 'PNG'],
  [0, 'GIF8', 'GIF'],
  [8, 'WEBP', 'WebP'],
  [0, 'BM', 'BMP'],
  [4, 'ftypavi', 'AVIF'],
  [4, 'ftyphei', 'HEIC'],
  [4, 'ftyphev', 'HEIC'],
  [4, 'ftypmif1', 'HEIC'],
  [4, 'ftypmsf1', 'HEIC'],
  [4, 'ftypcrx', 'Canon RAW'],
  [4, 'ftyp', 'MP4'],
  [8, 'CR', 'Canon RAW'],
  [0, 'FUJIFILM', 'Fujifilm RAW'],
  [0, 'IIU\0', 'Panasonic RAW'],
  [0, 'IIRO', 'Olympus RAW'],
  [0, 'II*\0', 'TIFF'],
  [0, 'MM\0*', 'TIFF'],
  [0, '\xff\x0a', 'JPEG XL'],
  [4, 'JXL ', 'JPEG XL'],
  [4, 'jP  ', 'JPEG 2000'],
  [0, '8BPS', 'Photoshop'],
  [0, '%PDF', 'PDF'],
  [0, '\x1aE\xdf\xa3', 'WebM'],
  [0, 'PK\x03\x04', 'ZIP'],
];

/** Formats that every browser shows: such a file that cannot be read is damaged. */
const COMMON = new Set(['JPEG', 'PNG', 'GIF', 'WebP', 'BMP']);

/**
 * A file's format, where it is a known one, and whether every browser shows it.
 *
 * @param {Blob} blob
 */
export async function formatOf(blob) {
  const start = String.fromCharCode(...new Uint8Array(await blob.slice(0, 256).arrayBuffer()));
  const format = MAGIC.find(([offset, bytes]) => start.startsWith(bytes, offset))?.[2]
    ?? (/^\s*(<\?xml[^]*|<!--[^]*)?<svg/i.test(start) ? 'SVG' : undefined)
    ?? (/^\s*<(!doctype html|html)/i.test(start) ? 'HTML' : undefined);
  return format === undefined ? undefined : { format, common: COMMON.has(format) };
}

/**
 * Why a file is no picture here, in both languages, and what to do; nothing where nobody can tell.
 *
 * @param {Blob} blob
 */
export async function because(blob) {
  if (!blob.size) return { en: 'the file is empty. Choose another one.', zh: '文件是空的。请选择其他文件。' };
  const found = await formatOf(blob);
  if (!found) return undefined;
  const { format, common } = found;
  if (common) {
    return {
      en: `the ${format} file is damaged or cut off. Choose another copy of it.`,
      zh: `这个 ${format} 文件已损坏或不完整。请选择另一份。`,
    };
  }
  if (format === 'HEIC') {
    return {
      en: 'it is HEIC, which this browser cannot open. Save it as JPEG, then choose that. (An iPhone takes JPEGs with Settings › Camera › Formats › Most Compatible.)',
      zh: '它是 HEIC 格式，此浏览器打不开。请先另存为 JPEG，再选择它。（iPhone 可在“设置 › 相机 › 格式 › 兼容性最佳”中改为拍摄 JPEG。）',
    };
  }
  return {
    en: `it is ${format}, which this browser cannot open. Save it as JPEG or PNG, then choose that.`,
    zh: `它是 ${format} 格式，此浏览器打不开。请先另存为 JPEG 或 PNG，再选择它。`,
  };
}
