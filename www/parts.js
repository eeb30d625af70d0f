// What the parts of the page that come later are made with: elements, and their style sheets.
import { Trouble } from './texts.js';

/** The style sheets that are on their way, or here. @type {Map<string, Promise<void>>} */
const sheets = new Map();

/** @param {string} name */
export function styled(name) {
  const sheet = sheets.get(name) ?? new Promise((resolve, reject) => {
    const link = make('link', { rel: 'stylesheet', href: new URL(name, import.meta.url).href });
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => {
      link.remove();
      sheets.delete(name);
      reject(new Trouble('unreachable', { name }));
    });
    document.head.append(link);
  });
  sheets.set(name, sheet);
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
