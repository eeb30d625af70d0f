// The ways in: a file, a drop, the clipboard, an address, a sample, the camera.
import { arriving, button, byId, discloses } from '../ui/dom.js';
import { Trouble } from '../i18n/texts.js';

/**
 * @typedef {object} Actions
 * @property {import('../i18n/texts.js').Text} text
 * @property {(source: ImageBitmapSource, name: string) => Promise<void>} choose
 * @property {(files: File[], entries?: FileSystemEntry[]) => void} gather Many at once; where they were dropped, folders may be
 *   among them.
 * @property {(host: string, fetched: (signal: AbortSignal) => Promise<{file: Blob, name: string}>) => Promise<boolean>} fetch
 *   Whether it came to be the photo.
 * @property {(error: unknown) => void} fail
 */

/** @param {Actions} actions */
export function waysIn(actions) {
  for (const id of ['file', 'capture']) {
    const input = byId(id, HTMLInputElement);
    input.addEventListener('change', () => {
      const [...files] = input.files ?? [];
      const [chosen] = files;
      if (files.length > 1) actions.gather(files);
      else if (chosen) actions.choose(chosen, chosen.name);
      // So that the same file can be chosen again.
      input.value = '';
    });
  }
  for (const sample of byId('samples', HTMLElement).querySelectorAll('button')) {
    const image = /** @type {HTMLImageElement} */ (sample.querySelector('img'));
    const { sample: name = '' } = image.dataset;
    const label = actions.text(/** @type {import('../i18n/texts.js').Key} */ (name));
    image.alt = label;
    sample.title = label;
    sample.addEventListener('click', () => void actions.choose(image, `${name}.jpg`));
  }
  cameras(actions);
  drops(actions);
  pastes(actions);
  addresses(actions);
}

/** The phone's own app where there is a finger to press it, else the picture of a webcam. @param {Actions} actions */
function cameras({ text, choose, fail }) {
  const opener = button('camera');
  const phone = matchMedia('(pointer: coarse)');
  // Pages without https get no webcam.
  opener.hidden = !phone.matches && !navigator.mediaDevices;
  opener.addEventListener('click', async () => {
    if (phone.matches) {
      byId('capture', HTMLInputElement).click();
      return;
    }
    try {
      const { camera } = await arriving('camera.js', import('./camera.js'));
      await camera((video) => choose(video, `${text('taken')}.jpg`));
    } catch (error) {
      fail(error);
    }
  });
}

/** @param {Actions} actions */
function drops({ choose, gather, fail }) {
  const place = byId('place', HTMLElement);
  window.addEventListener('dragover', (event) => {
    // Text may still be dragged into the sentence.
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    place.classList.add('dropping');
  });
  window.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) place.classList.remove('dropping');
  });
  window.addEventListener('drop', (event) => {
    place.classList.remove('dropping');
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const [...files] = event.dataTransfer.files;
    const entries = [...event.dataTransfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
    const [dropped] = files;
    if (files.length > 1 || entries.some(({ isDirectory }) => isDirectory)) gather(files, entries);
    else if (dropped) choose(dropped, dropped.name);
    else fail(new Trouble('nothingPasted'));
  });
}

/** @param {Actions} actions */
function pastes({ text, choose, fail }) {
  document.addEventListener('paste', (event) => {
    const files = [...event.clipboardData?.files ?? []];
    const picture = files.find(({ type }) => type.startsWith('image/')) ?? files[0];
    const typing = event.target instanceof HTMLInputElement && event.target.type !== 'range';
    // A copied table has a picture of itself; in a field one wants its words.
    if (typing && event.clipboardData?.types.includes('text/plain')) return;
    if (picture) {
      event.preventDefault();
      // Browsers call every pasted picture "image.png".
      choose(picture, picture.name === 'image.png' ? text('pasted') : picture.name);
    } else if (!typing) fail(new Trouble('nothingPasted'));
  });
}

/** @param {Actions} actions */
function addresses({ fetch, fail }) {
  const form = byId('address-form', HTMLFormElement);
  const field = byId('address', HTMLInputElement);
  const hide = discloses(button('address-open'), form, () => field.focus());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      const { addressOf, picture } = await arriving('address.js', import('../photo/address.js'));
      const url = addressOf(field.value.trim());
      if (!await fetch(url.host, (signal) => picture(signal, url))) return;
      field.value = '';
      hide();
    } catch (error) {
      fail(error);
      field.focus();
    }
  });
}
