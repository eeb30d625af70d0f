// The stage on all of the screen, by a button or F; not on phones whose browsers cannot do that.
import { icon } from '../ui/icons.js';
import { make } from '../ui/parts.js';
import { textsOf } from '../i18n/texts.js';

const en = { full: 'Full screen' };
/** @type {Record<keyof typeof en, string>} */
const zh = { full: '全屏' };

const ICON = 'M4 9V5a1 1 0 0 1 1-1h4M15 4h4a1 1 0 0 1 1 1v4M20 15v4a1 1 0 0 1-1 1h-4M9 20H5a1 1 0 0 1-1-1v-4';

/** Puts the button beside those of the stage. @param {import('./more.js').Options} options */
export function full({ text, stage, fail }) {
  if (!document.fullscreenEnabled) return;
  const name = textsOf({ en, zh }, [text.lang])('full');
  const button = make('button', { type: 'button', class: 'full', title: name, 'aria-label': name, 'aria-pressed': 'false' }, icon(ICON));
  stage.bar.lastElementChild?.before(button);
  const { root } = stage;
  const turn = () => void (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()).catch(fail);
  button.addEventListener('click', turn);
  root.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    const field = target instanceof HTMLInputElement && !target.classList.contains('split');
    if (key.toLowerCase() !== 'f' || field || ctrlKey || metaKey || altKey) return;
    event.preventDefault();
    turn();
  });
  document.addEventListener('fullscreenchange', () => { button.ariaPressed = String(document.fullscreenElement === root); });
}
