// A webcam's picture in a dialog, until it is taken or the dialog closed. The page loads this when a
// visitor wants it.
import { button } from '../ui/dom.js';
import { make } from '../ui/parts.js';
import { isAbort, textsOf, told } from '../i18n/texts.js';

const text = textsOf({
  en: { note: 'The picture of your camera stays in this tab.', cancel: 'Cancel', take: 'Take the photo' },
  zh: { note: '相机画面只留在这个标签页里。', cancel: '取消', take: '拍照' },
}, [document.documentElement.lang]);

/** Whether the visitor is being asked for the camera: a second stream would outlive its picture. */
let asking = false;

/** @param {(source: HTMLVideoElement) => Promise<void>} take */
export async function camera(take) {
  if (asking) return;
  asking = true;
  try {
    await show(await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 4096 }, height: { ideal: 4096 } } }), take);
  } catch (error) {
    if (isAbort(error)) return;
    const refused = error instanceof DOMException && ['NotAllowedError', 'SecurityError'].includes(error.name);
    throw told(refused ? {
      en: 'The browser was not allowed to use the camera. Allow it in the browser’s settings for this page, or choose a file.',
      zh: '浏览器未获准使用相机。请在浏览器设置中允许此页面使用，或选择一个文件。',
    } : {
      en: 'No camera was found, or another program is using it. Close that program and try again, or choose a file.',
      zh: '没有找到相机，或相机正被其他程序占用。请关闭该程序后重试，或选择一个文件。',
    }, { cause: error });
  } finally {
    asking = false;
  }
}

/** @param {MediaStream} stream @param {(source: HTMLVideoElement) => Promise<void>} take */
function show(stream, take) {
  const video = make('video', { id: 'camera-video', playsinline: '' });
  const cancel = make('button', { type: 'button', id: 'camera-cancel' }, text('cancel'));
  const shoot = make('button', { type: 'button', id: 'camera-take', class: 'primary' }, text('take'));
  const dialog = make('dialog', { id: 'camera-dialog', 'aria-label': button('camera').textContent ?? '' },
    video, make('p', { class: 'note' }, text('note')), make('div', { class: 'answers' }, cancel, shoot));
  shoot.onclick = () => void take(video).finally(() => dialog.close());
  cancel.onclick = () => dialog.close();
  // The light beside the camera goes out with the dialog, whatever closed it.
  dialog.onclose = () => {
    for (const track of stream.getTracks()) track.stop();
    dialog.remove();
  };
  document.body.append(dialog);
  video.srcObject = stream;
  dialog.showModal();
  return video.play().catch((error) => {
    dialog.close();
    throw error;
  });
}
