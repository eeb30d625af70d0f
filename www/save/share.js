// "Share": hands the picture to another program, where the device can do that. A phone's own way of saving it, too.
import { button } from '../ui/dom.js';
import { leaveMenu } from './export.js';
import { make } from '../ui/parts.js';
import { noted, toBlob } from '../photo/photo.js';
import { textsOf, told } from '../i18n/texts.js';

const en = { share: 'Share the picture …' };
/** @type {Record<keyof typeof en, string>} */
const zh = { share: '分享图片…' };

/** Puts it into the menu. @param {import('../page/more.js').Options} options */
export function share({ text, work, fail }) {
  if (!navigator.canShare?.({ files: [new File(['?'], 'a.jpg', { type: 'image/jpeg' })] })) return;
  const choice = make('button', { type: 'button', id: 'share' }, textsOf({ en, zh }, [text.lang])('share'));
  button('download-png').before(choice);
  /** The last one that was made, and of which edit. @type {{file: File, of: object} | undefined} */
  let ready;
  choice.addEventListener('click', async () => {
    try {
      const canvas = await work.settled();
      const { photo, staged } = work;
      if (!canvas || !photo || !staged) return;
      if (ready?.of !== staged) {
        const type = /\.png$/i.test(photo.name) ? 'image/png' : 'image/jpeg';
        const blob = await noted(await toBlob(canvas, type), photo);
        ready = { file: new File([blob], photo.fileName(staged.prompt, type), { type }), of: staged };
      }
      await navigator.share({ files: [ready.file] });
      leaveMenu();
    } catch (error) {
      // Browsers wait for a file only a few seconds after a press.
      const late = error instanceof DOMException && error.name === 'NotAllowedError';
      fail(late ? told({
        en: 'The picture is ready now. Press “Share” once more; if that does nothing, download it instead.',
        zh: '图片已准备好，请再按一次“分享”。如果仍无反应，请改为下载。',
      }, { cause: error }) : error);
    }
  });
}
