// The texts of "Make", which come with it. `{name}` is filled in, as in texts.js.
import { textsOf } from '../texts.js';

const en = {
  tabs: 'What to do',
  make: 'Make',
  tagline: 'Say what it should look like.',
  promise: 'Your words never leave this tab.',
  prompt: 'What should be made?',
  early: 'Write a sentence while the model loads.',
  wait: 'The pictures begin as soon as the model is here.',
  empty: 'The sentence is empty. Say what should be made, or choose a suggestion.',
  words: 'Point at a word or press it: the pictures show where it acted.',
  pictures: 'Pictures',
  picture: '{prompt}, picture {number}',
  one: 'One picture.',
  many: '{count} pictures.',
  more: 'More',
  pick: 'Edit this one',
  save: 'Download',
  which: '{what}: picture {number}',
  replaces: 'This picture takes the place of the photo in “Edit”, with all its edits.',
  goOn: 'Edit the picture',
};

/** @type {Record<keyof typeof en, string>} */
const zh = {
  tabs: '要做什么',
  make: '生成',
  tagline: '用一句话描述它的样子。',
  promise: '你写的句子绝不会离开这个标签页。',
  prompt: '想生成什么？',
  early: '模型加载期间可以先写句子。',
  wait: '模型加载完成后立即开始生成。',
  empty: '句子是空的。请说明想生成什么，或选一个建议的句子。',
  words: '指向或点按一个词，图片会显示它作用的位置。',
  pictures: '图片',
  picture: '{prompt}，第 {number} 张',
  one: '1 张图片。',
  many: '{count} 张图片。',
  more: '更多',
  pick: '修改这张',
  save: '下载',
  which: '{what}：第 {number} 张',
  replaces: '这张图片将取代“修改”中的照片及其所有修改结果。',
  goOn: '修改这张图片',
};

/** @typedef {import('../texts.js').TextOf<keyof typeof en>} Own */

/** In the language of the page's other texts. @param {import('../texts.js').Text} text @returns {Own} */
export function ownTexts(text) {
  return textsOf({ en, zh }, [text.lang]);
}
