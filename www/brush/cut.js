// Two more files to save: where the edit acts, and what is there, cut out.
import { button } from '../ui/dom.js';
import { leaveMenu } from '../save/export.js';
import { make } from '../ui/parts.js';
import { canvasOf, download, release, toBlob } from '../photo/photo.js';
import { textsOf } from '../i18n/texts.js';

const en = { mask: 'Mask (PNG)', cut: 'Cut-out (PNG)' };
/** @type {Record<keyof typeof en, string>} */
const zh = { mask: '蒙版 (PNG)', cut: '抠图 (PNG)' };

/** Puts them into the menu. @param {import('./brush.js').Options} options */
export function cuts({ text, work, fail }) {
  const own = textsOf({ en, zh }, [text.lang]);
  const offer = (/** @type {keyof typeof en} */ kind) => {
    const choice = make('button', { type: 'button', id: `download-${kind}` }, own(kind));
    choice.addEventListener('click', async () => {
      try {
        await saved(kind);
        leaveMenu();
      } catch (error) {
        fail(error);
      }
    });
    return choice;
  };
  button('copy').before(make('div', { class: 'cuts' }, offer('mask'), offer('cut')));

  /** @param {keyof typeof en} kind */
  async function saved(kind) {
    const edited = await work.settled();
    const { photo, staged } = work;
    const mask = await work.mask();
    if (!mask || !edited || !photo || !staged) return;
    const { bytes, width, height } = mask;
    const canvas = canvasOf(width, height, photo.colorSpace);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const { colorSpace } = photo;
    const picture = new ImageData(width, height, { colorSpace });
    // White where it acts; or as opaque as it acts there.
    const pixels = new Uint32Array(picture.data.buffer);
    bytes.forEach((value, i) => { pixels[i] = kind === 'mask' ? 0xff000000 | 0x10101 * value : value << 24; });
    context.putImageData(picture, 0, 0);
    if (kind === 'cut') {
      context.globalCompositeOperation = 'source-in';
      context.drawImage(edited, 0, 0);
    }
    const file = await toBlob(canvas).finally(() => release(canvas));
    // First, as a long sentence is cut off.
    download(file, photo.fileName(`${kind} ${staged.prompt}`, 'image/png'));
  }
}
