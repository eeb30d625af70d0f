// The texts of the comparison, which come with it. `{name}` is filled in, as in texts.js.

const en = {
  compared: 'One sentence, through every layer',
  comparedWhy: 'The models differ in the layer where the photo meets the sentence.',
  concat: 'Concatenation',
  concatDoes: 'Puts the sentence beside the photo’s features, and mixes both.',
  film: 'FiLM',
  filmDoes: 'Lets the sentence scale and shift each of the photo’s features.',
  bilinear: 'Bilinear',
  bilinearDoes: 'Multiplies the photo’s features with those of the sentence.',
  took: '{ms} ms on the CPU',
  adopt: 'Use this one',
  close: 'Close',
};

/** @type {Record<keyof typeof en, string>} */
const zh = {
  compared: '同一句话，经过每种融合层',
  comparedWhy: '这些模型的区别在于照片与句子相遇的那一层。',
  concat: '拼接（Concatenation）',
  concatDoes: '把句子放在照片特征旁边，一起混合。',
  film: 'FiLM（特征调制）',
  filmDoes: '由句子缩放并平移照片的每个特征。',
  bilinear: '双线性（Bilinear）',
  bilinearDoes: '把照片的特征与句子的特征相乘。',
  took: '在 CPU 上用时 {ms} 毫秒',
  adopt: '采用这个',
  close: '关闭',
};

export const COMPARISON = { en, zh };
