// What comes behind everything else: ways in and out that few need, and how the page looks.
import { folder } from './folder.js';
import { full } from './full.js';
import { handed } from './handed.js';
import { language } from './language.js';
import { styled } from './parts.js';
import { share } from './share.js';
import { snippet } from './snippet.js';

/**
 * @typedef {object} Options
 * @property {import('./texts.js').Text} text
 * @property {import('./work.js').Work} work
 * @property {import('./keep.js').Keep} keep
 * @property {import('./stage.js').Stage} stage
 * @property {import('./prompt.js').Prompt} prompt
 * @property {(source: File, name: string) => Promise<void>} choose
 * @property {(files: File[]) => void} gather
 * @property {(error: unknown) => void} fail
 */

/** @param {Options} options */
export async function more(options) {
  await styled(new URL('./more.css', import.meta.url));
  for (const part of [folder, share, snippet, full, language]) part(options);
  void handed(options).catch(options.fail);
}
