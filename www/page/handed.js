// Photos that other programs hand to the installed page: shared with it, or opened with it. What is shared waits in a
// cache, into which sw.js has put it; no server gets it.
import { told } from '../i18n/texts.js';

/** @typedef {{setConsumer(take: (launch: {files?: readonly FileSystemFileHandle[]}) => void): void}} LaunchQueue */

/** @param {import('./more.js').Options} options */
export async function handed({ choose, gather, prompt, fail }) {
  const take = (/** @type {File[]} */ files) => {
    const [file] = files;
    if (files.length > 1) gather(files);
    else if (file) void choose(file, file.name);
  };
  const { launchQueue } = /** @type {{launchQueue?: LaunchQueue}} */ (/** @type {unknown} */ (window));
  launchQueue?.setConsumer(({ files = [] }) => {
    void Promise.all(files.map((file) => file.getFile())).then(take).catch(fail);
  });

  const url = new URL(location.href);
  if (!url.searchParams.has('shared')) return;
  // A reload would ask for it again.
  url.searchParams.delete('shared');
  history.replaceState(null, '', url);
  const { files, words } = await shared();
  if (words && !prompt.value) prompt.value = words;
  if (!files.length && !words) throw told({ en: 'What was shared could not be read. Choose the photo here instead.', zh: '无法读取分享的内容。请在这里选择照片。' });
  take(files);
}

/** Takes what sw.js has put there. */
async function shared() {
  const name = `wordloom-shared ${new URL('.', location.href)}`;
  /** @type {{files: File[], words: string}} */
  const found = { files: [], words: '' };
  const cache = await caches.open(name);
  for (const request of await cache.keys()) {
    const answer = await cache.match(request);
    const file = answer?.headers.get('X-Name');
    const blob = await answer?.blob();
    if (blob && file) found.files.push(new File([blob], decodeURIComponent(file), { type: blob.type }));
    else if (blob) found.words = await blob.text();
  }
  await caches.delete(name);
  return found;
}
