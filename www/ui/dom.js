// Small things that every part of the page does with its elements.
import { icon } from './icons.js';
import { Trouble } from '../i18n/texts.js';

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`no ${kind.name} #${id}`);
  return found;
}

/** @param {string} id */
export function button(id) {
  return byId(id, HTMLButtonElement);
}

/**
 * @param {string} id
 * @param {string} text
 */
export function say(id, text) {
  const element = byId(id, HTMLElement);
  // Screen readers announce what is set, even where it is the same.
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A part of the page that comes when it is wanted.
 *
 * @template T
 * @param {string} name
 * @param {Promise<T>} module
 */
export function arriving(name, module) {
  return module.catch((error) => {
    throw new Trouble('unreachable', { name }, { cause: error });
  });
}

/**
 * Fills in the texts and the icons that the page's elements name.
 *
 * @param {import('../i18n/texts.js').Text} text
 */
export function translate(text) {
  document.documentElement.lang = text.lang;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-text], [data-label], [data-hint]'))) {
    const { text: key, label, hint } = /** @type {Record<string, import('../i18n/texts.js').Key>} */ (element.dataset);
    if (key) element.textContent = text(key);
    if (label) element.setAttribute('aria-label', text(label));
    if (label && element instanceof HTMLButtonElement) element.title = text(label);
    if (hint && element instanceof HTMLInputElement) element.placeholder = text(hint);
  }
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-icon]'))) {
    element.prepend(icon(/** @type {import('./icons.js').Icon} */ (element.dataset.icon)));
  }
}

/**
 * A button that shows and hides something. Escape and a press elsewhere hide it, too.
 *
 * @param {HTMLButtonElement} opener
 * @param {HTMLElement} panel
 * @param {() => void} [shown]
 * @returns {() => void} Hides it.
 */
export function discloses(opener, panel, shown = () => {}) {
  const show = (/** @type {boolean} */ open) => {
    panel.hidden = !open;
    opener.ariaExpanded = String(open);
    // Above a flat picture there may be no room.
    panel.classList.remove('below');
    panel.classList.toggle('below', panel.getBoundingClientRect().top + scrollY < 0);
  };
  show(false);
  opener.addEventListener('click', () => {
    if (opener.getAttribute('aria-disabled') === 'true') return;
    show(Boolean(panel.hidden));
    if (panel.hidden) return;
    panel.scrollIntoView({ block: 'nearest' });
    shown();
  });
  document.addEventListener('pointerdown', (event) => {
    const path = event.composedPath();
    if (!path.includes(panel) && !path.includes(opener)) show(false);
  });
  for (const element of [panel, opener]) {
    element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.isComposing || panel.hidden) return;
      event.stopPropagation();
      show(false);
      opener.focus();
    });
  }
  return () => show(false);
}
