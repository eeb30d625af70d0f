// What the parts of the page that come later are made with: elements, and their style sheets.
import { Trouble } from './texts.js';

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
