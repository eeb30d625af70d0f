// A webcam's picture in a dialog, until it is taken or the dialog closed. The page loads this when a
// visitor wants it.
import { button, byId } from './dom.js';
import { Trouble } from './texts.js';
import { isAbort } from './work.js';

/** @param {(source: HTMLVideoElement) => Promise<void>} take */
export async function camera(take) {
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
    throw new Trouble(refused ? 'cameraRefused' : 'cameraMissing', {}, { cause: error });
  }
}
