// Several cloths beside each other, one of which is to be chosen: the same sentence with patterns of other sizes and
// directions, on a small copy of the photo.
import { make } from '../ui/parts.js';
import { isAbort, textsOf, wordsOf } from '../i18n/texts.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../engine/engine.js').Engine} engine
 * @property {import('../edits/work.js').Work} work
 * @property {[string, string][]} sentences What each is called, and its sentence.
 * @property {(sentence: string) => void} choose
 */

const en = { title: 'Choose one', close: 'Close' };
/** @type {Record<keyof typeof en, string>} */
const zh = { title: '选一个', close: '关闭' };

/** The longest side of the pictures. */
const SIDE = 320;
const forever = new AbortController().signal;

/** @param {Options} options */
export async function several({ text, engine, work, sentences, choose }) {
  const base = await work.basis();
  const own = textsOf({ en, zh }, [text.lang]);
  const share = Math.min(1, SIDE / Math.max(base.width, base.height));
  const [width = 1, height = 1] = [base.width, base.height].map((side) => Math.max(1, Math.round(side * share)));
  const copy = make('canvas', { width: `${width}`, height: `${height}` });
  const context = /** @type {CanvasRenderingContext2D} */ (copy.getContext('2d', { willReadFrequently: true }));
  context.imageSmoothingQuality = 'high';
  context.drawImage(base.canvas, 0, 0, width, height);
  const small = { width, height, pixels: () => new Uint8Array(context.getImageData(0, 0, width, height).data.buffer) };

  const status = make('p', { role: 'status' });
  const items = sentences.map(([name, sentence]) => {
    const canvas = make('canvas', { width: `${width}`, height: `${height}` });
    const button = make('button', { type: 'button', title: sentence, 'aria-busy': 'true' }, canvas, name);
    button.addEventListener('click', () => {
      dialog.close();
      choose(sentence);
    });
    return { canvas, button, sentence };
  });
  const dialog = make('dialog', { class: 'several', 'aria-labelledby': 'several-title' },
    make('h2', { id: 'several-title' }, own('title')), status,
    make('ul', {}, ...items.map(({ button }) => make('li', {}, button))),
    make('form', { method: 'dialog', class: 'answers' }, make('button', {}, own('close'))));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    for (const { canvas, button, sentence } of items) {
      // Ending one that runs would take longer than it does.
      if (!dialog.open) break;
      const { bitmap } = await engine.edit(forever, small, sentence);
      canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
      bitmap.close();
      button.ariaBusy = 'false';
    }
  } catch (error) {
    if (!isAbort(error)) status.textContent = wordsOf(text, error);
  } finally {
    work.lose();
  }
}
