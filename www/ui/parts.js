// What the parts of the page that come later are made with: elements, their style sheets, and a question.
import { Trouble } from '../i18n/texts.js';

/** The style sheets that are on their way, or here. @type {Map<string, Promise<void>>} */
const sheets = new Map();

/** @param {URL} url */
export function styled({ href, pathname }) {
  const sheet = sheets.get(href) ?? new Promise((resolve, reject) => {
    const link = make('link', { rel: 'stylesheet', href });
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => {
      link.remove();
      sheets.delete(href);
      reject(new Trouble('unreachable', { name: /** @type {string} */ (pathname.split('/').pop()) }));
    });
    document.head.append(link);
  });
  sheets.set(href, sheet);
  return sheet;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} attributes
 * @param {(string | Node)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * Asks before something is lost.
 *
 * @param {string} question
 * @param {string} no
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export function sure(question, no, yes) {
  const dialog = make('dialog', { id: 'sure', 'aria-labelledby': 'question' }, make('p', { id: 'question' }, question),
    make('form', { method: 'dialog', class: 'answers' },
      make('button', { value: '' }, no), make('button', { class: 'primary', value: 'yes' }, yes)));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
