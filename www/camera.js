// A webcam's picture in a dialog, until it is taken or the dialog closed. The page loads this when a
// visitor wants it.
import { button, byId } from './dom.js';
import { told } from './texts.js';
import { isAbort } from './work.js';

/** Whether the visitor is being asked for the camera: a second stream would outlive its picture. */
let asking = false;

/** @param {(source: HTMLVideoElement) => Promise<void>} take */
export async function camera(take) {
  if (asking) return;
  asking = true;
  const dialog = byId('camera-dialog', HTMLDialogElement);
  const video = byId('camera-video', HTMLVideoElement);
  button('camera-take').onclick = async () => {
    try {
      await take(video);
    } finally {
      dialog.close();
    }
  };
  button('camera-cancel').onclick = () => dialog.close();
  // The light beside the camera goes out with the dialog, whatever closed it.
  dialog.onclose = () => {
    if (!(video.srcObject instanceof MediaStream)) return;
    for (const track of video.srcObject.getTracks()) track.stop();
    video.srcObject = null;
  };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 4096 }, height: { ideal: 4096 } } });
    video.srcObject = stream;
    dialog.showModal();
    await video.play();
  } catch (error) {
    dialog.close();
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
