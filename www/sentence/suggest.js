// Sentences about what is in a photo: garments in cloths as well, all else in colours, each thing in turn.

/** What is around everything that is in a photo. */
export const BACKGROUND = { en: 'background', zh: '背景' };

const GARMENTS = /shirt|sweater|dress|skirt|trousers|shorts|suit|jacket|coat/;
/** In both languages, before a thing or behind it. */
const CLOTHS = [['a navy and white striped ', '白底蓝条纹的'], ['a green tartan ', '绿色格子的']];
const COLOURS = [['teal', '蓝绿色'], ['mustard', '芥末黄'], ['burgundy', '酒红色']];
const DARKER = ['a darker ', '深一点的'];
/** Things that are like no other: the one way that they may be, if any. @type {Record<string, string[]>} */
const OWN = { hair: ['pink ', '粉色的'], skin: [], '': [], flower: ['a purple ', '紫色的'], centre: ['a yellow ', '黄色的'], leaves: DARKER };
/** So many there are, and one about the background. */
const MOST = 5;

/**
 * @param {string[]} things In English, nothing for what is not worth a sentence.
 * @param {string[]} names In the visitor's language, and the background's behind them.
 * @param {import('../i18n/texts.js').Text} text
 */
export function sentences(things, names, text) {
  const lang = Number(text.lang !== 'en');
  const found = [];
  for (let round = 0; round < 3; round += 1) {
    for (const [i, name] of things.entries()) {
      const [own, thing = '', at] = [OWN[name], names[i], i + round];
      if (own) found.push(...own.slice(lang, round ? 0 : lang + 1).map((way) => way + thing));
      else if (at % 2 || !GARMENTS.test(name)) found.push(text('begin', { thing }) + COLOURS[at % 3]?.[lang]);
      else found.push(`${CLOTHS[at / 2 % 2]?.[lang]}${thing}`);
    }
  }
  // What is in the plural is not one.
  return [...found.slice(0, MOST), `${DARKER[lang]}${names.at(-1)}`].map((sentence) => sentence.replace(/^a (?=.*[^s]s$)/, ''));
}
