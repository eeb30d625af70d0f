// A whole folder of photos: chosen, where the browser has that, as phones and keyboards have nothing to drop one with,
// or dropped.
import { byId } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { make } from '../ui/parts.js';

const ICON = 'M3 6h6l2 2h10v11H3Z';

/** A button that asks for one. @param {import('../page/more.js').Options} options */
export function folder({ text, gather }) {
  const input = make('input', { type: 'file', webkitdirectory: '' });
  const button = make('button', { type: 'button', class: 'folder' }, icon(ICON), make('span', {}, text.lang === 'en' ? 'Choose a folder' : '选择文件夹'));
  button.hidden = !('webkitdirectory' in input);
  input.onchange = () => gather([...input.files ?? []]);
  button.onclick = () => {
    // So that the same folder can be chosen again.
    input.value = '';
    input.click();
  };
  byId('address-open', HTMLElement).after(button);
}

/**
 * What may be a picture. Systems that know no HEIC or AVIF give such files no type.
 *
 * @param {File[]} files
 * @param {FileSystemEntry[]} [entries] What was dropped, folders among it.
 */
export async function picturesOf(files, entries = []) {
  const found = entries.some((entry) => entry.isDirectory) ? (await Promise.all(entries.map(filesOf))).flat() : files;
  return found.filter(({ name, type }) => !name.startsWith('.') && (type ? type.startsWith('image/') : /\.(avif|hei[cf]|jxl|tiff?)$/i.test(name)));
}

/** @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => { /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject); })];
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const files = [];
  // A reader gives a hundred at a time.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length) return files;
    files.push(...(await Promise.all(some.map(filesOf))).flat());
  }
}
