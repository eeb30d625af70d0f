// What comes behind everything else: ways in and out that few need, and how the page looks.
import { folder } from '../save/folder.js';
import { full } from './full.js';
import { handed } from './handed.js';
import { language } from './language.js';
import { styled } from '../ui/parts.js';
import { share } from '../save/share.js';
import { snippet } from '../save/snippet.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('../edits/work.js').Work} work
 * @property {import('../edits/keep.js').Keep} keep
 * @property {import('../stage/stage.js').Stage} stage
 * @property {import('../sentence/prompt.js').Prompt} prompt
 * @property {(source: File, name: string) => Promise<void>} choose
 * @property {(files: File[]) => void} gather
 * @property {(error: unknown) => void} fail
 */

/** @param {Options} options */
export async function more(options) {
  await styled(new URL('../page/more.css', import.meta.url));
  for (const part of [folder, share, snippet, full, language]) part(options);
  void handed(options).catch(options.fail);
}
