// The strip of what has been made: the photo, and every edit of it, to go back to.
import { byId } from '../ui/dom.js';

/**
 * @param {import('../i18n/texts.js').Text} text
 * @param {import('./work.js').Work} work
 * @param {(id: number) => void} show
 */
export function showStrip(text, work, show) {
  const strip = byId('strip', HTMLElement);
  const edits = onePerSentence(work.edits);
  strip.hidden = !edits.length;
  const focused = strip.contains(document.activeElement);
  const items = [{ id: 0, prompt: text('photo'), thumbnail: work.thumbnail }, ...edits].map(({ id, thumbnail, prompt }) => {
    const item = document.createElement('li');
    const choice = document.createElement('button');
    choice.type = 'button';
    choice.title = prompt;
    choice.setAttribute('aria-label', prompt);
    choice.ariaCurrent = String(id === work.edits.now.shown);
    choice.addEventListener('click', () => show(id));
    if (thumbnail) choice.append(thumbnail);
    item.append(choice);
    return item;
  });
  strip.replaceChildren(...items);
  const current = /** @type {HTMLElement | null} */ (strip.querySelector('[aria-current="true"]'));
  if (current && focused) current.focus();
  // Not scrollIntoView, which would move the page, too.
  if (current) strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.clientWidth) / 2;
}

/** Of each sentence the edit that is shown, or else the newest. @param {import('./edits.js').Edits} edits */
function onePerSentence({ all, now }) {
  /** @type {Map<string, import('./edits.js').Edit>} */
  const found = new Map();
  for (const edit of all.values()) {
    const place = `${edit.from} ${edit.prompt}`;
    if (found.get(place)?.id !== now.shown) found.set(place, edit);
  }
  return [...found.values()];
}
