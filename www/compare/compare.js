// "Compare the layers": the sentence by each fusing layer, beside each other, on one photo. The heads are
// small: they are fetched when it is opened for the first time.
import { byId } from '../ui/dom.js';
import { loadParts, verifies } from '../engine/load.js';
import { make, styled } from '../ui/parts.js';
import { decimal, isAbort, textsOf, wordsOf } from '../i18n/texts.js';

/**
 * @typedef {import('./worker.js').Compared} Compared
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../page/models.js').Models} models
 * @property {import('../edits/work.js').Work} work
 */

const en = {
  open: 'Compare the layers',
  close: 'Close',
  about: 'One network has looked at the photo. What joins its features with “{prompt}” is another layer in each picture. They have learnt clothes only.',
  fetching: 'Fetching the layers …',
  weaving: 'Asking each layer …',
  concat: 'Concatenation',
  film: 'FiLM',
  rank: 'Bilinear, rank {rank}',
  bilinear: 'Bilinear, in full',
  measured: '{iou} of garments’ area right, {ms} ms',
  missing: 'finds nothing',
};
/** @type {Record<keyof typeof en, string>} */
const zh = {
  open: '比较各层',
  close: '关闭',
  about: '同一个网络看过这张照片。每张图用不同的层把它的特征与“{prompt}”结合。这些层只学过衣物。',
  fetching: '正在下载各层……',
  weaving: '正在询问各层……',
  concat: '拼接',
  film: 'FiLM',
  rank: '双线性，秩 {rank}',
  bilinear: '完整双线性',
  measured: '服装区域准确度 {iou}，{ms} 毫秒',
  missing: '什么也没找到',
};

/** The longest side of the pictures. */
const SIDE = 480;

/** Puts the button beside what an edit has. @param {Options} options */
export async function compare({ text, models, work }) {
  await styled(new URL('../compare/compare.css', import.meta.url));
  const own = textsOf({ en, zh }, [text.lang]);
  const open = make('button', { type: 'button', id: 'compare' }, own('open'));
  const about = make('p', { class: 'note' });
  const status = make('p', { id: 'compare-status', role: 'status' });
  const pictures = make('ul', { class: 'layers' });
  const close = make('button', { value: '', class: 'primary' }, own('close'));
  const dialog = make('dialog', { class: 'fusing', 'aria-labelledby': 'compare-title' },
    make('h2', { id: 'compare-title' }, own('open')), about, status, pictures,
    make('form', { method: 'dialog', class: 'answers' }, close));
  document.body.append(dialog);
  byId('result', HTMLElement).append(open);
  /** What is here needs no second fetch. @type {Uint8Array | undefined} */
  let weights;
  let closed = new AbortController();
  dialog.addEventListener('close', () => closed.abort());
  open.addEventListener('click', async () => {
    const { photo, staged } = work;
    if (!photo || !staged) return;
    closed = new AbortController();
    const { signal } = closed;
    about.textContent = own('about', { prompt: staged.prompt });
    pictures.replaceChildren();
    status.textContent = own('fetching');
    dialog.showModal();
    try {
      weights ??= await models.layers(signal);
      if (signal.aborted) return;
      status.textContent = own('weaving');
      const copy = small(photo.canvas);
      const { width, height } = copy;
      const pixels = new Uint8Array(context(copy).getImageData(0, 0, width, height).data.buffer);
      const message = /** @type {const} */ ({ type: 'compare', prompt: staged.prompt, weights, verified: verifies, pixels, width, height });
      /** @type {Compared[]} */
      const compared = await models.engine.take(signal, (send) => send(message));
      if (signal.aborted) return;
      status.textContent = '';
      pictures.append(...compared.map((layer) => shown(layer, copy)));
    } catch (error) {
      if (!isAbort(error)) status.textContent = wordsOf(text, error);
    }
  });

  /** @param {Compared} layer @param {HTMLCanvasElement} photo */
  function shown({ name, iou, milliseconds, pixels }, photo) {
    const { width, height } = photo;
    const title = own(name.startsWith('bilinear:') ? 'rank' : /** @type {keyof typeof en} */ (name), { rank: name.split(':')[1] ?? '' });
    const canvas = make('canvas', { width: String(width), height: String(height), role: 'img', 'aria-label': title });
    const onto = context(canvas);
    if (pixels) onto.putImageData(new ImageData(pixels, width, height), 0, 0);
    else onto.drawImage(photo, 0, 0);
    const told = own('measured', { iou: `${Math.round(100 * iou)} %`, ms: decimal(text, milliseconds) });
    const caption = make('figcaption', {}, make('strong', {}, title), pixels ? told : own('missing'));
    return make('li', {}, make('figure', {}, canvas, caption));
  }
}

/** A copy of at most {@link SIDE} pixels a side. @param {HTMLCanvasElement} canvas */
function small(canvas) {
  const share = Math.min(1, SIDE / Math.max(canvas.width, canvas.height));
  const [width, height] = [canvas.width, canvas.height].map((side) => String(Math.max(1, Math.round(share * side))));
  const copy = make('canvas', { width: width ?? '1', height: height ?? '1' });
  const onto = context(copy);
  onto.imageSmoothingQuality = 'high';
  onto.drawImage(canvas, 0, 0, copy.width, copy.height);
  return copy;
}

/** @param {HTMLCanvasElement} canvas */
function context(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
}
