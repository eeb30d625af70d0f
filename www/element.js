// <word-loom>: a photo in a page, and a sentence that changes it. Attributes are the interface, and
// the state. Until a visitor opens it, this file and element.css are all that is loaded.

/** @typedef {import('./types/element.d.ts').WordLoom} Public */

const ATTRIBUTES = ['src', 'alt', 'prompt', 'model', 'mode', 'strength', 'seed', 'poster', 'reveal', 'controls', 'lang'];

/** The only texts outside texts.js: it is not here yet. */
const WORDS = {
  en: {
    edit: 'Edit this photo',
    make: 'Make a picture',
    failed: 'This part of the page could not be fetched. Check your connection and try again.',
  },
  zh: { edit: '编辑这张照片', make: '生成图片', failed: '无法获取页面的这一部分。请检查网络连接，然后重试或刷新页面。' },
};

// Nothing but a `display`, until element.css is here: a page must not jump more than it has to.
const BLOCK = new CSSStyleSheet();
BLOCK.replaceSync(':host { display: block } .closed { visibility: hidden }');

/** @implements {Public} */
export class WordLoom extends HTMLElement {
  static observedAttributes = ATTRIBUTES;

  #root = this.attachShadow({ mode: 'open' });
  #closed = make('div', { class: 'closed' });
  #open = /** @type {HTMLButtonElement} */ (make('button', { class: 'open', type: 'button', part: 'open' }));
  /** @type {Promise<import('./element/card.js').Card | import('./make/card.js').Card> | undefined} */
  #card;
  /** Opens the element when it comes into view. @type {IntersectionObserver | undefined} */
  #seen;
  #changed = false;

  constructor() {
    super();
    const style = make('link', { rel: 'stylesheet', href: new URL('./element/element.css', import.meta.url).href });
    this.#root.adoptedStyleSheets = [BLOCK];
    for (const end of ['load', 'error']) style.addEventListener(end, () => { this.#root.adoptedStyleSheets = []; });
    this.#root.append(style, this.#closed);
    this.#open.addEventListener('click', () => this.#load().catch(() => {}));
  }

  connectedCallback() {
    // What a script set before this class was here hides the property of that name.
    const own = /** @type {Record<string, any>} */ (/** @type {unknown} */ (this));
    for (const name of ATTRIBUTES.filter((name) => Object.hasOwn(own, name))) {
      const value = own[name];
      delete own[name];
      own[name] = value;
    }
    this.#update();
  }

  disconnectedCallback() {
    this.#seen?.disconnect();
    // One that only moves to another place is back by then.
    queueMicrotask(() => {
      if (this.isConnected || !this.#card) return;
      const left = this.#card;
      this.#card = undefined;
      left.then((card) => {
        card.close();
        this.#closed.hidden = Boolean(this.#card);
      }, () => {});
    });
  }

  attributeChangedCallback() {
    if (this.#changed) return;
    this.#changed = true;
    queueMicrotask(() => {
      this.#changed = false;
      if (this.isConnected) this.#update();
    });
  }

  /**
   * Edits the photo, and opens the element where nobody has yet.
   *
   * @param {string} [prompt] Becomes the attribute; without it, the attribute is the prompt.
   * @returns {Promise<import('./types/element.d.ts').EditDetail>}
   */
  async edit(prompt) {
    if (prompt !== undefined) this.prompt = prompt;
    const card = await this.#load();
    if (prompt !== undefined && prompt !== this.prompt) throw new DOMException('A newer one took its place.', 'AbortError');
    return card.edit();
  }

  /**
   * What is shown, as a file: the edit, or the photo where there is none.
   *
   * @param {import('./types/wordloom.d.ts').Type} [type]
   */
  async toBlob(type) {
    return (await this.#load()).toBlob(type);
  }

  /** The photo's address: the attribute, or what an image in the element shows. */
  get src() {
    const image = this.querySelector('img');
    return this.getAttribute('src') || image?.currentSrc || image?.src || '';
  }
  set src(to) { this.setAttribute('src', to); }
  get alt() { return this.getAttribute('alt') ?? this.querySelector('img')?.alt ?? ''; }
  set alt(to) { this.setAttribute('alt', to); }
  get prompt() { return this.getAttribute('prompt') ?? ''; }
  set prompt(to) { this.setAttribute('prompt', to); }
  get model() { return this.getAttribute('model') ?? ''; }
  set model(to) { this.setAttribute('model', to); }
  /** @type {import('./engine/load.js').Task} */
  get mode() { return this.getAttribute('mode') === 'make' ? 'make' : 'edit'; }
  set mode(to) { this.setAttribute('mode', to); }
  get poster() { return this.getAttribute('poster') ?? ''; }
  set poster(to) { this.setAttribute('poster', to); }
  get controls() { return this.hasAttribute('controls'); }
  set controls(to) { this.toggleAttribute('controls', to); }
  /** @type {import('./types/element.d.ts').Reveal} */
  get reveal() { return this.getAttribute('reveal') === 'visible' ? 'visible' : 'interaction'; }
  set reveal(to) { this.setAttribute('reveal', to); }

  /** From 0 to 1. */
  get strength() {
    const number = parseFloat(this.getAttribute('strength') ?? '1');
    return Number.isNaN(number) ? 1 : Math.min(Math.max(number, 0), 1);
  }
  set strength(to) { this.setAttribute('strength', String(to)); }

  /** @type {number | undefined} */
  get seed() {
    const text = this.getAttribute('seed')?.trim() ?? '';
    return /^\d{1,10}$/.test(text) ? Math.min(Number(text), 0xffff_ffff) : undefined;
  }
  set seed(to) {
    if (to === undefined) this.removeAttribute('seed');
    else this.setAttribute('seed', String(to));
  }

  #update() {
    if (this.#card) {
      this.#card.then((card) => card.update(), () => {});
      return;
    }
    this.#invite();
    this.#seen?.disconnect();
    if (this.reveal !== 'visible') return;
    this.#seen = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) this.#load().catch(() => {});
    });
    this.#seen.observe(this);
  }

  /** The poster and what is written on it. @param {string} [trouble] */
  #invite(trouble) {
    const { prompt, poster, alt } = this;
    const label = make('span', { class: 'label', part: 'label' }, mark(), make('b', {}, this.#words[this.mode]));
    if (prompt) label.append(make('q', {}, prompt));
    if (trouble) label.append(make('span', { class: 'failed', role: 'alert' }, trouble));
    this.#open.replaceChildren(label);
    const image = poster && make('img', { class: 'poster', part: 'poster', src: poster, alt, loading: 'lazy', decoding: 'async' });
    this.#closed.classList.toggle('bare', !image && !this.querySelector('img'));
    this.#closed.replaceChildren(image || make('slot', {}), this.#open);
  }

  get #words() {
    const lang = /** @type {HTMLElement | null} */ (this.closest('[lang]'))?.lang || navigator.language;
    return lang.toLowerCase().startsWith('zh') ? WORDS.zh : WORDS.en;
  }

  /** The card that takes the poster's place, loaded when it is asked for first. */
  #load() {
    return this.#card ??= this.#fetch().catch((error) => {
      this.#card = undefined;
      throw error;
    });
  }

  async #fetch() {
    this.#seen?.disconnect();
    this.#closed.ariaBusy = 'true';
    try {
      const { Card } = await (this.mode === 'make' ? import('./make/card.js') : import('./element/card.js'))
        .catch((error) => newest(this.mode === 'make' ? 'make/card.js' : 'element/card.js', error));
      const card = await Card.make(this, this.#root);
      // Whoever pressed the button with the keyboard goes on from here.
      const focused = this.#root.activeElement === this.#open;
      this.#closed.hidden = true;
      card.show(focused);
      return card;
    } catch (cause) {
      this.#invite(this.#words.failed);
      const error = new Error(this.#words.failed, { cause });
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
      throw error;
    } finally {
      this.#closed.ariaBusy = 'false';
    }
  }
}

/**
 * A module of the version that the host has now, for a page that was opened before. The address that
 * stays names its folder.
 *
 * @param {string} name
 * @param {unknown} error Why it is not to be had of this version.
 */
async function newest(name, error) {
  const entry = new URL('../../element.js', import.meta.url);
  const line = await fetch(entry, { cache: 'no-cache' }).then((answer) => answer.text(), () => '');
  const [folder] = /[\w.-]+\/www\/(?=element)/.exec(line) ?? [];
  if (!folder || import.meta.url.includes(folder)) throw error;
  return import(new URL(folder + name, entry).href);
}

/** Two threads over and under two: the logo. */
function mark() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  for (const [name, d] of [['warp', 'M8 2v4.2m0 3.6V22M16 2v12.2m0 3.6V22'], ['weft', 'M2 8h12.2m3.6 0H22M2 16h4.2m3.6 0H22']]) {
    const path = document.createElementNS(svg.namespaceURI, 'path');
    path.setAttribute('class', name ?? '');
    path.setAttribute('d', d ?? '');
    svg.append(path);
  }
  return svg;
}

/**
 * As in ui/parts.js, which is not here yet.
 *
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A page may name two copies of this file: the first one counts.
if (!customElements.get('word-loom')) customElements.define('word-loom', WordLoom);
