// The picture at an address, and what to say where there is none. The page loads this when a visitor
// wants one.
import { formatOf } from './formats.js';
import { nameOf } from './photo.js';
import { told } from '../i18n/texts.js';

/** @param {string} address */
export function addressOf(address) {
  try {
    const url = new URL(address);
    if (/^https?:$/.test(url.protocol)) return url;
  } catch {
    // Said below.
  }
  const shown = address.slice(0, 100);
  throw told({
    en: `This is no address of a picture: “${shown}”. It has to begin with https:// or http://.`,
    zh: `这不是图片的网址：“${shown}”。网址应以 https:// 或 http:// 开头。`,
  });
}

/**
 * The picture, asked for without telling who asks.
 *
 * @param {AbortSignal} signal
 * @param {URL} url
 */
export async function picture(signal, url) {
  const { host } = url;
  const failed = (/** @type {unknown} */ error) => {
    signal.throwIfAborted();
    throw told({
      en: `The picture could not be fetched from ${host}. It cannot be reached, or it lets no other page read its pictures (CORS). Save the picture there, then choose the file here.`,
      zh: `无法从 ${host} 获取图片：可能无法连接，或该网站不允许其他页面读取其图片（CORS）。请先把图片保存下来，再在这里选择文件。`,
    }, { cause: error });
  };
  const response = await fetch(url, { signal, credentials: 'omit', referrerPolicy: 'no-referrer' }).catch(failed);
  if (!response.ok) {
    throw told({
      en: `${host} has no picture at that address (it answered ${response.status}). Check the address.`,
      zh: `${host} 在该网址没有图片（回应为 ${response.status}）。请检查网址。`,
    });
  }
  const file = await response.blob().catch(failed);
  if (file.type.startsWith('text/html') && (await formatOf(file))?.format === 'HTML') {
    throw told({
      en: 'At that address there is a web page, not a picture. Open the picture alone (often with a right click) and copy its address.',
      zh: '该网址是一个网页，不是图片。请单独打开图片（通常用右键），再复制它的网址。',
    });
  }
  return { file, name: nameOf(url, host) };
}
