// The ways out: files, the clipboard, a link. They come behind the page: there is nothing to save at first.
import { button, byId, discloses, say } from '../ui/dom.js';
import { make } from '../ui/parts.js';
import { download, noted, toBlob } from '../photo/photo.js';
import { textsOf, told, Trouble } from '../i18n/texts.js';

/**
 * @typedef {import('../photo/photo.js').Type} Type
 * @typedef {object} Actions
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../edits/work.js').Work} work
 * @property {import('../engine/engine.js').Engine} engine
 * @property {(error: unknown) => void} fail
 */

const en = {
  quality: 'JPEG quality', downloadAs: 'Download {format}', copied: 'Copied.',
  copyFailed: 'The browser did not let the picture be copied. Download it instead.',
};
/** @type {Record<keyof typeof en, string>} */
const zh = { quality: 'JPEG 质量', downloadAs: '下载 {format}', copied: '已复制。', copyFailed: '浏览器不允许复制图片。请改为下载。' };

const NAMES = { 'image/png': 'PNG', 'image/jpeg': 'JPEG', 'image/webp': 'WebP' };

/** @param {Actions} actions */
export function waysOut({ text, work, engine, fail }) {
  const address = byId('link', HTMLInputElement);
  /** @type {Promise<string>} */
  let link;
  const save = button('save');
  const hide = discloses(save, byId('save-menu', HTMLElement), () => {
    work.keepTrial();
    link = linkTo(work, engine);
    void link.then((href) => { address.value = href; }, fail);
    void offerWebp();
    void askOfPlace(work.photo);
  });
  const own = textsOf({ en, zh }, [text.lang]);
  const quality = asksQuality(own);
  const withPlace = byId('with-place', HTMLInputElement);
  /** What was answered of another photo, was not said of this one. @type {import('../photo/photo.js').Photo | undefined} */
  let askedOf;
  const askOfPlace = async (/** @type {import('../photo/photo.js').Photo | undefined} */ from) => {
    if (askedOf !== from) withPlace.checked = false;
    askedOf = from;
    byId('place-too', HTMLElement).hidden = !(await from?.about)?.placed;
  };

  for (const choice of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-type]'))) {
    say(`${choice.id}-name`, own('downloadAs', { format: NAMES[/** @type {Type} */ (choice.dataset.type)] }));
    choice.addEventListener('click', async () => {
      const type = /** @type {Type} */ (choice.dataset.type);
      try {
        const canvas = await work.settled();
        // Of what is on the stage now: that may be another edit once the file is made.
        const { photo, staged } = work;
        if (canvas && photo && staged) {
          const blob = await toBlob(canvas, type, type === 'image/jpeg' ? quality() : undefined);
          download(await noted(blob, photo, withPlace.checked && askedOf === photo), photo.fileName(staged.prompt, type));
        }
        leave();
      } catch (error) {
        fail(error);
      }
    });
  }
  button('copy').addEventListener('click', async () => {
    try {
      // Given at once and settled later: some browsers allow copying only right after the press.
      const png = work.settled().then((canvas) => toBlob(/** @type {HTMLCanvasElement} */ (canvas)));
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
      say('status', own('copied'));
      leave();
    } catch (error) {
      fail(error instanceof Trouble ? error : told({ en: en.copyFailed, zh: zh.copyFailed }, { cause: error }));
    }
  });
  button('copy-link').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(await link);
      say('status', text('linkCopied'));
      leave();
    } catch (error) {
      fail(new Trouble('linkFailed', {}, { cause: error }));
      address.select();
    }
  });
  address.addEventListener('focus', () => address.select());

  function leave() {
    hide();
    save.focus();
  }
}

/** The menu goes, the keyboard's place does not: for choices that come later. */
export function leaveMenu() {
  const save = button('save');
  if (save.ariaExpanded === 'true') save.click();
  save.focus();
}

/** What a JPEG loses. @param {import('../i18n/texts.js').TextOf<keyof typeof en>} own */
function asksQuality(own) {
  const range = make('input', { type: 'range', id: 'quality', min: '50', max: '100', value: '92' });
  const output = make('output', { for: 'quality' }, '92 %');
  range.addEventListener('input', () => { output.textContent = `${range.value} %`; });
  byId('place-too', HTMLElement).before(make('div', { class: 'strength' }, make('label', { for: 'quality' }, own('quality')), output, range));
  return () => range.valueAsNumber / 100;
}

/** Not every browser can make WebP. */
async function offerWebp() {
  const dot = document.createElement('canvas');
  dot.width = 1;
  dot.height = 1;
  button('download-webp').hidden = !await toBlob(dot, 'image/webp').catch(() => undefined);
}

/**
 * What linkHere of link.js reads: in one sentence what was asked for, but for what was asked of the same things later.
 *
 * @param {import('../edits/work.js').Work} work
 * @param {import('../engine/engine.js').Engine} engine
 */
async function linkTo({ edits: { shown, all } }, engine) {
  const { signal } = new AbortController();
  /** @type {string[]} */
  const parts = [];
  for (let edit = shown; edit; edit = all.get(edit.from)) {
    const { prompt } = edit;
    let holds = true;
    for (const later of parts) holds &&= await engine.apart(signal, prompt, later);
    if (holds) parts.unshift(prompt);
  }
  const url = new URL(location.href);
  url.hash = new URLSearchParams({ prompt: parts.join(', '), strength: String(shown?.strength ?? 1) }).toString();
  return url.href;
}
