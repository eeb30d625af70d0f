// Which keys do what: a dialog, that comes when one asks for it.
import { make, styled } from '../ui/parts.js';
import { textsOf } from '../i18n/texts.js';

const en = {
  keys: 'Keys',
  close: 'Close',
  Enter: 'carry the sentence out, and keep what it did',
  Escape: 'stop, or give up what is only tried',
  '↑ ↓': 'in the sentence: earlier ones',
  'Ctrl Z': 'undo',
  'Ctrl Y': 'redo',
  '← →': 'on the picture: move the slider',
  'Shift ← ↑ → ↓': 'on the picture: move it, when it is enlarged',
  '+ −': 'on the picture: enlarge, reduce',
  '0 1': 'on the picture: all of it, every pixel',
  F: 'on the picture: full screen',
  Space: 'on the picture: paint, or take the colour there; arrow keys move',
  '[ ]': 'on the picture: a smaller brush, a larger one',
  '?': 'these keys',
};
/** @type {Record<keyof typeof en, string>} */
const zh = {
  keys: '快捷键',
  close: '关闭',
  Enter: '执行这句话，并保留结果',
  Escape: '停止，或放弃预览',
  '↑ ↓': '在句子中：之前的句子',
  'Ctrl Z': '撤销',
  'Ctrl Y': '重做',
  '← →': '在图片上：移动滑块',
  'Shift ← ↑ → ↓': '在图片上：放大后移动图片',
  '+ −': '在图片上：放大、缩小',
  '0 1': '在图片上：显示整张、显示实际像素',
  F: '在图片上：全屏',
  Space: '在图片上：涂抹或取色，方向键移动',
  '[ ]': '在图片上：缩小、放大画笔',
  '?': '这些快捷键',
};

/** @type {HTMLDialogElement | undefined} */
let dialog;

/** @param {import('../i18n/texts.js').Text} text */
export async function help(text) {
  await styled(new URL('../page/help.css', import.meta.url));
  dialog ??= made(text);
  dialog.showModal();
}

/** @param {import('../i18n/texts.js').Text} text */
function made({ lang }) {
  const own = textsOf({ en, zh }, [lang]);
  const command = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl';
  const keys = /** @type {(keyof typeof en)[]} */ (Object.keys(en)).filter((key) => key !== 'keys' && key !== 'close');
  const rows = keys.map((key) => make('div', {},
    make('dt', {}, ...key.replace('Ctrl', command).split(' ').map((name) => make('kbd', {}, name))), make('dd', {}, own(key))));
  const close = make('form', { method: 'dialog', class: 'answers' }, make('button', { class: 'primary' }, own('close')));
  const found = make('dialog', { class: 'help', 'aria-labelledby': 'help-title' },
    make('h2', { id: 'help-title' }, own('keys')), make('dl', {}, ...rows), close);
  document.body.append(found);
  return found;
}
