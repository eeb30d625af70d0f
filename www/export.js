// The ways out: files, the clipboard, a link.
import { button, byId, discloses, say } from './dom.js';
import { download, noted, toBlob } from './photo.js';
import { Trouble } from './texts.js';

/**
 * @typedef {import('./photo.js').Type} Type
 * @typedef {object} Actions
 * @property {import('./texts.js').Text} text
 * @property {() => Promise<HTMLCanvasElement | undefined>} picture
 * @property {() => import('./photo.js').Photo | undefined} photo
 * @property {(type: Type) => string} fileName
 * @property {() => string} link
 * @property {(key: import('./texts.js').Key) => void} done
 * @property {(error: unknown) => void} fail
 */

const NAMES = { 'image/png': 'PNG', 'image/jpeg': 'JPEG', 'image/webp': 'WebP' };

/** @param {Actions} actions */
export function waysOut({ text, picture, photo, fileName, link, done, fail }) {
  const address = byId('link', HTMLInputElement);
  const save = button('save');
  const hide = discloses(save, byId('save-menu', HTMLElement), () => {
    address.value = link();
    void offerWebp();
    void askOfPlace(photo());
  });
  const withPlace = byId('with-place', HTMLInputElement);
  /** What was answered of another photo, was not said of this one. @type {import('./photo.js').Photo | undefined} */
  let told;
  const askOfPlace = async (/** @type {import('./photo.js').Photo | undefined} */ from) => {
    if (told !== from) withPlace.checked = false;
    told = from;
    byId('place-too', HTMLElement).hidden = !(await from?.about)?.placed;
  };

  for (const choice of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-type]'))) {
    say(`${choice.id}-name`, text('downloadAs', { format: NAMES[/** @type {Type} */ (choice.dataset.type)] }));
    choice.addEventListener('click', async () => {
      const type = /** @type {Type} */ (choice.dataset.type);
      try {
        const canvas = await picture();
        // Of what is on the stage now: that may be another edit once the file is made.
        const [name, from] = [fileName(type), photo()];
        if (canvas) download(await noted(await toBlob(canvas, type), from, withPlace.checked && told === from), name);
        leave();
      } catch (error) {
        fail(error);
      }
    });
  }
  button('copy').addEventListener('click', async () => {
    try {
      // Given at once and settled later: some browsers allow copying only right after the press.
      const png = picture().then((canvas) => toBlob(/** @type {HTMLCanvasElement} */ (canvas)));
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
      done('copied');
      leave();
    } catch (error) {
      fail(error instanceof Trouble ? error : new Trouble('copyFailed', {}, { cause: error }));
    }
  });
  button('copy-link').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(address.value);
      done('linkCopied');
      leave();
    } catch (error) {
      fail(new Trouble('linkFailed', {}, { cause: error }));
      address.select();
    }
  });
  address.addEventListener('focus', () => address.select());

  /** The menu goes, the keyboard's place does not. */
  function leave() {
    hide();
    save.focus();
  }
}

/** Not every browser can make WebP. */
async function offerWebp() {
  const dot = document.createElement('canvas');
  dot.width = 1;
  dot.height = 1;
  button('download-webp').hidden = !await toBlob(dot, 'image/webp').catch(() => undefined);
}
