// The camera: the phone's own app where there is a finger to press it, else the picture of a webcam.
import { button, byId } from './dom.js';
import { Trouble } from './texts.js';
import { isAbort } from './work.js';

/**
 * @param {object} actions
 * @param {(source: HTMLVideoElement) => Promise<void>} actions.take
 * @param {(error: unknown) => void} actions.fail
 */
export function camera({ take, fail }) {
  const opener = button('camera');
  const dialog = byId('camera-dialog', HTMLDialogElement);
  const video = byId('camera-video', HTMLVideoElement);
  const phone = matchMedia('(pointer: coarse)');
  // Pages without https get no webcam.
  opener.hidden = !phone.matches && !navigator.mediaDevices;

  opener.addEventListener('click', async () => {
    if (phone.matches) {
      byId('capture', HTMLInputElement).click();
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 4096 }, height: { ideal: 4096 } } });
      video.srcObject = stream;
      dialog.showModal();
      await video.play();
    } catch (error) {
      dialog.close();
      if (isAbort(error)) return;
      const refused = error instanceof DOMException && ['NotAllowedError', 'SecurityError'].includes(error.name);
      fail(new Trouble(refused ? 'cameraRefused' : 'cameraMissing', {}, { cause: error }));
    }
  });
  button('camera-take').addEventListener('click', async () => {
    try {
      await take(video);
    } finally {
      dialog.close();
    }
  });
  button('camera-cancel').addEventListener('click', () => dialog.close());
  // The light beside the camera goes out with the dialog, whatever closed it.
  dialog.addEventListener('close', () => {
    if (!(video.srcObject instanceof MediaStream)) return;
    for (const track of video.srcObject.getTracks()) track.stop();
    video.srcObject = null;
  });
}
