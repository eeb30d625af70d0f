// The language menu. What is on the stage is kept, so the page is simply loaded anew.
import { byId } from './dom.js';
import { local } from './keep.js';
import { make, sure } from './parts.js';
import { textsOf, told } from './texts.js';

// For those, too, who came here because they cannot read the page.
const en = {
  language: 'Language 语言',
  lost: 'This browser does not keep your photo: the page begins anew in the other language, without it. Go on?',
};
/** @type {Record<keyof typeof en, string>} */
const zh = {
  language: '语言 Language',
  lost: '此浏览器不保存你的照片：页面将以另一种语言重新开始，照片会丢失。要继续吗？',
};

const LANGUAGES = { en: 'English', 'zh-Hans': '中文' };

/** @param {import('./more.js').Options} options */
export function language({ text, work, keep, fail }) {
  const own = textsOf({ en, zh }, [text.lang]);
  const label = make('span', { id: 'language-label' }, own('language'));
  const buttons = Object.entries(LANGUAGES).map(([lang, name]) => {
    // A menu that is walked through by keys would load the page at each of them.
    const button = make('button', { type: 'button', lang, 'aria-pressed': String(lang === text.lang) }, name);
    button.addEventListener('click', () => void choose(lang, name));
    return button;
  });
  byId('help', HTMLElement).parentElement?.before(make('div', { id: 'language', role: 'group', 'aria-labelledby': label.id }, label, ...buttons));

  /** @param {string} lang @param {string} name */
  async function choose(lang, name) {
    if (lang === text.lang) return;
    try {
      await work.kept();
      if (work.photo && !keep.holds && !await sure(own('lost'), text('cancel'), name)) return;
      local.set('language', lang);
      if (local.get('language') !== lang) throw told({ en: 'This browser lets the page keep nothing, so its language stays.', zh: '此浏览器不允许页面保存设置，语言无法更改。' });
      location.reload();
    } catch (error) {
      fail(error);
    }
  }
}
