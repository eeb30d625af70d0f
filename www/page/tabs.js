// The page's two tabs, where there is a model that makes pictures: "Edit" is what the page begins
// with, "Make" comes when it is opened. Both stay as they are while the other one is shown.
import { arriving, byId } from '../ui/dom.js';
import { linkHere } from '../make/link.js';
import { ownTexts } from '../make/texts.js';
import { make, styled } from '../ui/parts.js';
import { wordsOf } from '../i18n/texts.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('./models.js').Models} models
 * @property {import('../edits/work.js').Work} work
 * @property {(source: ImageBitmapSource, name: string) => Promise<void>} choose
 */

/** @param {Options} options */
export async function tabs({ text, models, work, choose }) {
  await styled(new URL('../make/make.css', import.meta.url));
  const own = ownTexts(text);
  const editing = byId('editing', HTMLElement);
  const making = make('div', { id: 'making' });
  const list = make('div', { role: 'tablist', class: 'tabs', 'aria-label': own('tabs') });
  const tab = (/** @type {HTMLElement} */ panel, /** @type {string} */ name) => {
    const id = `${panel.id}-tab`;
    panel.role = 'tabpanel';
    panel.setAttribute('aria-labelledby', id);
    const button = make('button', { type: 'button', role: 'tab', id, 'aria-controls': panel.id }, name);
    button.addEventListener('click', () => show(panel));
    return { panel, button, scroll: 0 };
  };
  const all = [tab(editing, text('panel')), tab(making, own('make'))];
  list.append(...all.map(({ button }) => button));
  /** @type {Promise<import('../make/make.js').Making> | undefined} */
  let made;

  /** @param {HTMLElement} panel @param {import('../make/link.js').Link} [link] Pictures to make. */
  function show(panel, link) {
    for (const tab of all) {
      const chosen = tab.panel === panel;
      if (!tab.panel.hidden && !chosen) tab.scroll = scrollY;
      tab.panel.hidden = !chosen;
      tab.button.ariaSelected = String(chosen);
      tab.button.tabIndex = chosen ? 0 : -1;
    }
    const { scroll } = /** @type {typeof all[number]} */ (all.find((tab) => tab.panel === panel));
    scrollTo(0, scroll);
    const says = panel === making ? own : text;
    for (const key of /** @type {const} */ (['tagline', 'promise'])) {
      /** @type {Element} */ (document.querySelector(`header [data-text="${key}"]`)).textContent = says(key);
    }
    if (panel === making) void open(link);
    else void made?.then((making) => making.leave());
  }

  /** @param {import('../make/link.js').Link} [link] */
  async function open(link) {
    models.rest();
    made ??= arriving('make.js', import('../make/make.js')).then(({ Making }) => new Making({ text, models, work, edit }));
    try {
      const { root } = await made;
      if (!making.contains(root)) making.replaceChildren(root);
      (await made).show(link);
    } catch (error) {
      made = undefined;
      const again = make('button', { type: 'button' }, text('retry'));
      again.addEventListener('click', () => void open(link));
      making.replaceChildren(make('p', { class: 'error', role: 'alert' }, wordsOf(text, error)), again);
    }
  }

  /** A picture that was made becomes the photo. @param {HTMLCanvasElement} picture @param {string} name */
  function edit(picture, name) {
    show(editing);
    all[0]?.button.focus();
    void choose(picture, name);
  }

  list.addEventListener('keydown', (event) => {
    const at = all.findIndex(({ button }) => button === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    const next = to === undefined ? undefined : all[to % all.length];
    if (!next) return;
    event.preventDefault();
    next.button.focus();
    show(next.panel);
  });
  // What the page does with keys, photos and links is for "Edit", but for telling of the keys.
  document.body.addEventListener('keydown', (event) => {
    if (editing.hidden && event.key !== '?') event.stopPropagation();
  });
  document.body.addEventListener('paste', (event) => {
    if (event.clipboardData?.files.length) show(editing);
    else if (editing.hidden) event.stopPropagation();
  });
  document.body.addEventListener('drop', (event) => {
    if (event.dataTransfer?.types.includes('Files')) show(editing);
  });
  window.addEventListener('hashchange', () => follow());

  making.hidden = true;
  editing.after(making);
  document.querySelector('header')?.append(list);
  follow();

  /** The address may be a link to pictures. */
  function follow() {
    const link = linkHere();
    show(link ? making : editing, link);
  }
}
