// What the grid of many photos says.
import { textsOf } from '../i18n/texts.js';

const en = {
  hint: '{count} photos. Say what should change in all of them.', doing: '{done} of {count} photos, {seconds} s each.',
  done: '{done} of {count} photos edited, {seconds} s each.', halted: 'Stopped after {done} of {count} photos.',
  drop: 'Drop “{sentence}” and its pictures', pictures: '{count} pictures', byHand: 'by hand', goOn: 'Go on', add: 'Add photos',
  save: 'Save all as ZIP', back: 'All photos', close: 'Back to one photo', waits: 'waits', open: 'Open {name} in the editor',
  none: 'These files are no pictures.', large: 'No ZIP holds that much. Save fewer photos at a time.',
};
/** @type {Record<keyof typeof en, string>} */
const zh = {
  hint: '{count} 张照片。请说明要对所有照片做什么修改。', doing: '已完成 {done} / {count} 张，每张 {seconds} 秒。',
  done: '已修改 {done} / {count} 张照片，每张 {seconds} 秒。', halted: '已停止，完成了 {done} / {count} 张。',
  drop: '删除“{sentence}”及其图片', pictures: '{count} 张图片', byHand: '手动修改', goOn: '继续', add: '添加照片', save: '全部保存为 ZIP',
  back: '所有照片', close: '返回单张照片', waits: '等待中', open: '在编辑器中打开 {name}', none: '这些文件不是图片。',
  large: '超出了 ZIP 的容量。请分批保存。',
};

export const own = textsOf({ en, zh }, [document.documentElement.lang]);

/** For an error, which is told in the page's own words. @param {'none' | 'large'} key */
export const both = (key) => ({ en: en[key], zh: zh[key] });
