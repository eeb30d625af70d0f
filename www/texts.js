// Every text of the interface, in every language it speaks, but for those of parts that come when they are
// wanted: "Make", and errors that few meet. `{name}` is filled in.

const en = {
  // The stage
  stage: 'Photo',
  photo: 'The photo',
  edited: 'The photo, edited: {prompt}',
  original: 'Original',
  after: 'Edited',
  split: 'Share of the original shown, from the left',
  splitAt: '{before} % original, {after} % edited',
  hold: 'See the original: hold, or press once',
  mask: 'Show what the edit changes',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomToReal: '{percent} %. Show every pixel',
  zoomToFit: '{percent} %. Show the whole photo',
  zoomAt: 'Zoom: {percent} %',
  // Loading
  noModel: 'There is no model “{name}” here. There is: {names}.',
  notServed: 'The server has no {name} for this page (it answered {status}). Try again in a while.',
  unreachable: '{name} could not be fetched. Check your connection and try again.',
  damaged: '{name} arrived damaged, or is not the version that this page needs. Try again.',
  tooOld: 'This browser is too old for Wordloom: it lacks {lacks}. Chrome 123, Firefox 124, Safari 17.5 and newer have it.',
  engineStopped: 'The engine stopped, most likely because this device ran out of memory. Try again, or with a smaller photo.',
  told: '{words}',
  // Photos
  shrunk: 'This browser holds no picture of {width} x {height} pixels: you work on a smaller copy.',
  unreadableFor: '“{name}” could not be read as a picture: {why}',
  unreadable: '“{name}” could not be read as a picture. Choose a JPEG, PNG, WebP or another kind that this browser can show.',
  tooLarge: 'This browser holds no picture of {width} x {height} pixels. Make it smaller, then choose it again.',
  noMemory: 'The browser could not make a {format} file, most likely for lack of memory. Close other tabs and try again.',
  cannotWrite: 'This browser cannot make {format} files. Choose another format.',
  // Getting a photo
  tagline: 'Say what should change in a photo.',
  promise: 'Your photo never leaves this tab.',
  drop: 'Drop or paste a photo here, or',
  choose: 'Choose a photo',
  chooseAnother: 'Another photo',
  camera: 'Use the camera',
  byAddress: 'From an address',
  address: 'Address of a picture',
  addressNote: 'Your browser fetches the picture from there. All else comes from this page’s own host.',
  fetch: 'Fetch',
  orSample: 'or try one of ours',
  samples: 'Sample photos',
  astronaut: 'An astronaut in her suit',
  dress: 'A dress',
  dahlia: 'A dahlia',
  shoes: 'A pair of shoes',
  credits: 'Photos by',
  pasted: 'pasted picture',
  taken: 'camera',
  cancel: 'Cancel',
  fetchingPhoto: 'Fetching the picture from {host} …',
  nothingPasted: 'There is no picture in what was pasted or dropped. Copy the picture itself, or choose a file.',
  opening: 'Opening the photo …',
  opened: '{width} x {height} pixels. Say what should change.',
  openedEarly: '{width} x {height} pixels. Say what should change; the model is on its way.',
  restored: 'Here is your photo again, as you left it.',
  noKnownWord: 'I know none of these words: {words}. Try simple words, or one of the suggestions.',
  noChange: 'Say a colour, for example “make the skirt navy”, or how it should differ, for example “a bit darker”.',
  unknownThing: 'Name something that I know, for example “skirt”, “hair”, “petals” or “background”.',
  keptAll: 'Everything stays as it is: say what should change, for example “keep the shoes, make the skirt red”.',
  noPhoto: 'There is no photo yet. Choose one of yours, or one of the samples.',
  // Saying what should change
  panel: 'Edit',
  things: 'What is in the photo',
  iSee: 'I see:',
  begin: 'make the {thing} ',
  english: '',
  wait: 'Your edit starts as soon as the model is here.',
  early: 'Choose a photo while the model loads.',
  ready: 'Ready when you are.',
  readyNow: 'Ready.',
  settingUp: 'Setting up the loom',
  about: 'This model edits {edits}.',
  device: 'Computed on the {name}: {why}.',
  lookingForGpu: 'looking for a GPU',
  noGpu: 'this browser offers no GPU',
  softwareGpu: 'the browser only has software that plays a GPU',
  wrongGpu: 'the GPU computes something else ({detail})',
  slowGpu: 'here it is faster than the GPU',
  brokenGpu: 'the GPU cannot be used ({detail})',
  askedCpu: 'as the address of the page asks for',
  askedGpu: 'as the address of the page asks for',
  fastGpu: 'right, and faster than the CPU',
  kept: 'Your photo, edits and sentences are kept in this browser: for 30 days, or until you clear them.',
  clear: 'Clear everything',
  clearSure: 'Clear the photo, all edits and all sentences that are kept in this browser? This cannot be undone.',
  cleared: 'Everything is cleared.',
  fromLink: 'A link filled in “{prompt}”. Choose a photo, then press Edit.',
  fromLinkReady: 'A link filled in “{prompt}”. Press Edit.',
  // What has been made
  onTop: 'Edit on top of this',
  onTopOf: 'On top of “{prompt}”',
  onTopDrop: 'Start from the photo again',
  onTopNow: 'The next sentence changes this edit.',
  onPhotoNow: 'The next sentence changes the photo.',
  undo: 'Undo',
  redo: 'Redo',
  strip: 'Photo and edits',
  showing: 'Showing “{prompt}”.',
  showingPhoto: 'Showing the photo.',
  savePicture: 'Save',
  downloadAs: 'Download {format}',
  lossless: 'every pixel as it is',
  smaller: 'a smaller file',
  notes: 'smaller; place left out',
  copyPicture: 'Copy the picture',
  copied: 'Copied.',
  copyFailed: 'The browser did not let the picture be copied. Download it instead.',
  linkLabel: 'Link to this sentence, without the photo',
  copyLink: 'Copy link',
  linkCopied: 'The link is copied. Whoever opens it needs a photo of their own.',
  linkFailed: 'The browser did not let the link be copied. Copy it by hand.',
  // The element
  prompt: 'What should change?',
  placeholder: 'make the coat navy',
  edit: 'Edit',
  chips: 'Sentences to try',
  strength: 'Strength',
  download: 'Download PNG',
  stop: 'Stop',
  stopped: 'Stopped.',
  retry: 'Try again',
  fetching: 'Fetching the model',
  bytes: '{received} of {total} MB',
  weaving: 'Weaving …',
  done: 'Done in {seconds} s.',
  unknown: 'I don’t know {words}.',
  missing: 'I see no {things} here.',
  missingAll: 'I see no {things} here. I see: {seen}.',
  missingNothing: 'I see no {things} here, and nothing else that I know.',
  aboutNothing: 'I cannot tell what this photo is about. Name something in it. I see: {seen}.',
  seesNothing: 'I see nothing in this photo that I know.',
  emptyPrompt: 'The sentence is empty. Say what should change, or choose a suggestion.',
  noSource: 'This page names no photo here.',
  unreachablePhoto: 'The photo “{name}” could not be read. It may be gone, or its site lets no other page read it (CORS).',
};

/** @type {Record<keyof typeof en, string>} */
const zh = {
  stage: '照片',
  photo: '照片',
  edited: '修改后的照片：{prompt}',
  original: '原图',
  after: '修改后',
  split: '从左侧起显示原图的比例',
  splitAt: '原图 {before} %，修改后 {after} %',
  hold: '查看原图：按住，或按一下',
  mask: '显示修改的区域',
  zoomIn: '放大',
  zoomOut: '缩小',
  zoomToReal: '{percent} %，显示实际像素',
  zoomToFit: '{percent} %，显示整张照片',
  zoomAt: '缩放：{percent} %',
  // Loading
  noModel: '这里没有模型“{name}”。现有：{names}。',
  notServed: '服务器没有此页面所需的 {name}（回应为 {status}）。请稍后重试。',
  unreachable: '无法获取 {name}。请检查网络连接，然后重试。',
  damaged: '{name} 已损坏，或不是此页面所需的版本。请重试。',
  tooOld: '此浏览器版本太旧，缺少 Wordloom 需要的 {lacks}。请使用 Chrome 123、Firefox 124、Safari 17.5 或更新的版本。',
  engineStopped: '引擎已停止，很可能是设备内存不足。请重试，或使用较小的照片。',
  told: '{words}',
  // Photos
  shrunk: '此浏览器放不下 {width} x {height} 像素的图片，现在使用的是缩小的副本。',
  unreadableFor: '无法将“{name}”作为图片读取：{why}',
  unreadable: '无法将“{name}”作为图片读取。请选择 JPEG、PNG、WebP 或此浏览器能显示的其他格式。',
  tooLarge: '此浏览器放不下 {width} x {height} 像素的图片。请先缩小，再重新选择。',
  noMemory: '浏览器无法生成 {format} 文件，很可能是内存不足。请关闭其他标签页后重试。',
  cannotWrite: '此浏览器不能生成 {format} 文件。请选择其他格式。',
  // Getting a photo
  tagline: '用一句话修改照片。',
  promise: '照片绝不会离开这个标签页。',
  drop: '把照片拖放或粘贴到这里，或者',
  choose: '选择照片',
  chooseAnother: '换一张照片',
  camera: '使用相机',
  byAddress: '用网址打开',
  address: '图片的网址',
  addressNote: '浏览器会从该网址获取图片。其他文件都来自此页面自己的网站。',
  fetch: '获取',
  orSample: '或者试试我们的照片',
  samples: '示例照片',
  astronaut: '穿宇航服的宇航员',
  dress: '连衣裙',
  dahlia: '大丽花',
  shoes: '一双鞋',
  credits: '照片来自',
  pasted: '粘贴的图片',
  taken: '相机',
  cancel: '取消',
  fetchingPhoto: '正在从 {host} 获取图片…',
  nothingPasted: '粘贴或拖放的内容里没有图片。请复制图片本身，或选择一个文件。',
  opening: '正在打开照片…',
  opened: '{width} x {height} 像素。请说明想改变什么。',
  openedEarly: '{width} x {height} 像素。请说明想改变什么；模型正在加载。',
  restored: '照片已恢复到你离开时的样子。',
  noKnownWord: '我不认识这些词：{words}。请试试简单的词，或选一个建议的句子。',
  noChange: '请说出颜色，例如“把裙子变成藏青色”，或怎样改变，例如“深一点”。',
  unknownThing: '请说出我认识的东西，例如“裙子”“头发”“花瓣”或“背景”。',
  keptAll: '一切保持不变：请说明想改变什么，例如“保留鞋子，把裙子变成红色”。',
  noPhoto: '还没有照片。请选择一张自己的照片或示例照片。',
  // Saying what should change
  panel: '修改',
  things: '照片里有什么',
  iSee: '我看到：',
  begin: '把{thing}变成',
  english: '请用英文描述：模型目前只懂英文。',
  wait: '模型加载完成后立即开始修改。',
  early: '模型加载期间可以先选择照片。',
  ready: '准备就绪。',
  readyNow: '准备就绪。',
  settingUp: '正在架设织机',
  about: '这个模型能修改：{edits}。',
  device: '由 {name} 计算：{why}。',
  lookingForGpu: '正在寻找 GPU',
  noGpu: '此浏览器未提供 GPU',
  softwareGpu: '浏览器只有软件模拟的 GPU',
  wrongGpu: 'GPU 的计算结果不符（{detail}）',
  slowGpu: '在此设备上比 GPU 更快',
  brokenGpu: 'GPU 无法使用（{detail}）',
  askedCpu: '按网址参数的要求',
  askedGpu: '按网址参数的要求',
  fastGpu: '结果正确，且比 CPU 更快',
  kept: '照片、修改结果和句子会在此浏览器中保存 30 天，或直到你清除它们。',
  clear: '全部清除',
  clearSure: '要清除保存在此浏览器中的照片、所有修改结果和所有句子吗？此操作无法撤销。',
  cleared: '已全部清除。',
  fromLink: '链接填入了“{prompt}”。请选择照片，然后按“修改”。',
  fromLinkReady: '链接填入了“{prompt}”。请按“修改”。',
  // What has been made
  onTop: '在此基础上继续修改',
  onTopOf: '基于“{prompt}”',
  onTopDrop: '重新从原图开始',
  onTopNow: '下一句话将修改当前结果。',
  onPhotoNow: '下一句话将修改原图。',
  undo: '撤销',
  redo: '重做',
  strip: '照片和修改结果',
  showing: '正在显示“{prompt}”。',
  showingPhoto: '正在显示原图。',
  savePicture: '保存',
  downloadAs: '下载 {format}',
  lossless: '保留每个像素',
  smaller: '文件更小',
  notes: '文件更小，不含拍摄地点',
  copyPicture: '复制图片',
  copied: '已复制。',
  copyFailed: '浏览器不允许复制图片。请改为下载。',
  linkLabel: '这句话的链接（不含照片）',
  copyLink: '复制链接',
  linkCopied: '链接已复制。打开链接的人需要使用自己的照片。',
  linkFailed: '浏览器不允许复制链接。请手动选择并复制。',
  // The element
  prompt: '想改变什么？',
  placeholder: '把外套变成藏青色',
  edit: '修改',
  chips: '可以试试的句子',
  strength: '强度',
  download: '下载 PNG',
  stop: '停止',
  stopped: '已停止。',
  retry: '重试',
  fetching: '正在获取模型',
  bytes: '{received} / {total} MB',
  weaving: '正在编织…',
  done: '用时 {seconds} 秒。',
  unknown: '我不认识{words}。',
  missing: '这里没有看到{things}。',
  missingAll: '这里没有看到{things}。我看到的有：{seen}。',
  missingNothing: '这里没有看到{things}，也没有看到其他我认识的东西。',
  aboutNothing: '看不出这张照片的主体。请说出其中一样东西。我看到的有：{seen}。',
  seesNothing: '在这张照片里没有看到我认识的东西。',
  emptyPrompt: '句子是空的。请说明想改变什么，或选一个建议的句子。',
  noSource: '此页面没有指定照片。',
  unreachablePhoto: '无法读取照片“{name}”。它可能已不存在，或位于不允许其他页面读取的网站上（CORS）。',
};

const LANGUAGES = { en, zh };

/**
 * @typedef {keyof typeof en} Key
 * @typedef {Record<string, string | number | Record<keyof typeof LANGUAGES, string>>} Values Some are another in each language.
 * @typedef {TextOf<Key>} Text
 */

/**
 * @template {string} K
 * @typedef {((key: K, values?: Values) => string) & {lang: string}} TextOf
 */

/**
 * The texts in the first of these languages that there is, or in English.
 *
 * @param {readonly string[]} [wanted]
 * @returns {Text}
 */
export function texts(wanted = navigator.languages) {
  return textsOf(LANGUAGES, wanted);
}

/**
 * The same for texts that are elsewhere.
 *
 * @template {string} K
 * @param {{en: Record<K, string>, zh: Record<K, string>}} languages
 * @param {readonly string[]} wanted
 * @returns {TextOf<K>}
 */
export function textsOf(languages, wanted) {
  const known = wanted.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find((tag) => tag in languages);
  const lang = /** @type {keyof typeof LANGUAGES} */ (known ?? 'en');
  const text = (/** @type {K} */ key, /** @type {Values} */ values = {}) => (languages[lang][key] ?? key)
    .replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name] ?? '';
      if (typeof value === 'object') return value[lang];
      return typeof value === 'number' ? value.toLocaleString(lang) : value;
    });
  return Object.assign(text, { lang: lang === 'zh' ? 'zh-Hans' : lang });
}

/** @param {Text} text @param {number} bytes */
export function megabytes(text, bytes) {
  return decimal(text, bytes / 1e6);
}

/** How many unknown words are named, and how much of each. */
export const NAMED = 8;
export const LONGEST = 30;

/** Words as they were typed. @param {readonly string[]} words */
export function quoted(words) {
  return words.slice(0, NAMED).map((word) => `“${word.slice(0, LONGEST)}”`).join(', ');
}

/** Things, to say that there are none of them: "hat and no shoes". @param {readonly string[]} things */
export function noneOf(things) {
  return { en: things.join(' and no '), zh: things.join('、') };
}

/** A number with one digit behind the point. @param {Text} text @param {number} number */
export function decimal(text, number) {
  return number.toLocaleString(text.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** An error in the visitor's words: a text and what to fill in. Its `message` is English, for the console. */
export class Trouble extends Error {
  /**
   * @param {Key} key
   * @param {Values} [values]
   * @param {ErrorOptions} [options]
   */
  constructor(key, values = {}, options) {
    super(texts(['en'])(key, values), options);
    this.name = 'Trouble';
    this.key = key;
    this.values = values;
  }
}

/**
 * An error in words that come with a part of the page.
 *
 * @param {Record<keyof typeof LANGUAGES, string>} words
 * @param {ErrorOptions} [options]
 */
export function told(words, options) {
  return new Trouble('told', { words }, options);
}

/**
 * What to tell the visitor about an error. Errors from inside the engine are in English only.
 *
 * @param {Text} text
 * @param {unknown} error
 */
export function wordsOf(text, error) {
  if (error instanceof Trouble) return text(error.key, error.values);
  return error instanceof Error ? error.message : String(error);
}

/** Whether something ended because something newer or the visitor wanted it so. @param {unknown} error */
export function isAbort(error) {
  return error instanceof DOMException && error.name === 'AbortError';
}
