// A button for the other language. What is on the stage is kept, so the page is simply loaded anew.
import { local } from '../edits/keep.js';
import { make, sure } from '../ui/parts.js';
import { told } from '../i18n/texts.js';

const LOST = {
  en: 'This browser does not keep your photo: the page begins anew in the other language, without it. Go on?',
  zh: '此浏览器不保存你的照片：页面将以另一种语言重新开始，照片会丢失。要继续吗？',
};
const LANGUAGES = { en: 'English', 'zh-Hans': '中文' };

/** @param {import('./more.js').Options} options */
export function language({ text, work, keep, fail }) {
  // For those who cannot read the page, in their own words, and beside both tabs.
  const buttons = Object.entries(LANGUAGES).filter(([lang]) => lang !== text.lang).map(([lang, name]) => {
    const button = make('button', { type: 'button', lang }, name);
    button.addEventListener('click', () => void choose(lang, name));
    return button;
  });
  // A phone's header has no room for it.
  document.querySelector(innerWidth > 540 ? 'header > div' : 'main > :last-child')?.after(make('div', { id: 'language' }, ...buttons));

  /** @param {string} lang @param {string} name */
  async function choose(lang, name) {
    try {
      await work.kept();
      if (work.photo && !keep.holds && !await sure(text('told', { words: LOST }), text('cancel'), name)) return;
      local.set('language', lang);
      if (local.get('language') !== lang) throw told({ en: 'This browser lets the page keep nothing, so its language stays.', zh: '此浏览器不允许页面保存设置，语言无法更改。' });
      location.reload();
    } catch (error) {
      fail(error);
    }
  }
}
