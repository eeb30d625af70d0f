// "Embed in a page": the code that puts what is on the stage into a page of one's own, in three kinds, and the two
// files that it names. The picture of the edit is what readers see until they open it.
import { button } from '../ui/dom.js';
import { leaveMenu } from './export.js';
import { make, styled } from '../ui/parts.js';
import { canvasOf, download, fileName, noted, release, toBlob } from '../photo/photo.js';
import { textsOf } from '../i18n/texts.js';

/**
 * @typedef {object} Embedding
 * @property {string} host Where the page lies, a slash behind it.
 * @property {string} element Where the element lies there.
 * @property {string} at Where photo and poster will lie; may be empty, which is beside the page that shows them.
 * @property {string} photo The names of the two files.
 * @property {string} poster
 * @property {number} width Of the poster.
 * @property {number} height
 * @property {string} prompt
 * @property {number} strength
 * @property {string} alt
 * @property {boolean} controls
 */

const en = {
  open: 'Embed in a page …',
  title: 'Embed in a page',
  files: 'Put these two files beside your page. Readers see the edit at once; the model comes when they open it.',
  photo: 'Save the photo',
  poster: 'Save the edit',
  at: 'Address of their folder, if it is not the page’s own',
  element: 'Element',
  frame: 'Frame',
  module: 'Module',
  aboutElement: 'One script, and a photo that readers open, compare and change.',
  aboutFrame: 'None of our code runs in your page. It needs the address above, and a host that lets other pages read the photo (CORS).',
  aboutModule: 'For scripts of your own: the edit as a canvas.',
  kinds: 'Kind of code',
  controls: 'Readers may write sentences of their own',
  copy: 'Copy the code',
  copied: 'Copied.',
  refused: 'The browser did not let it be copied. It is selected: copy it by hand.',
  strokes: 'What the brush corrected is in the picture, and not in what readers make when they open it.',
  close: 'Close',
};
/** @type {Record<keyof typeof en, string>} */
const zh = {
  open: '嵌入网页…',
  title: '嵌入网页',
  files: '请把这两个文件放在你的网页旁边。读者立即看到修改后的图片，打开时才加载模型。',
  photo: '保存照片',
  poster: '保存修改结果',
  at: '它们所在文件夹的网址（如与网页不同）',
  element: '元素',
  frame: '框架',
  module: '模块',
  aboutElement: '一个脚本和一张照片，读者可以打开、对比和修改。',
  aboutFrame: '我们的代码不会在你的网页里运行。需要填写上面的网址，且照片所在的网站须允许其他页面读取（CORS）。',
  aboutModule: '用于你自己的脚本：以画布形式得到修改结果。',
  kinds: '代码类型',
  controls: '读者可以输入自己的句子',
  copy: '复制代码',
  copied: '已复制。',
  refused: '浏览器不允许复制。代码已选中，请手动复制。',
  strokes: '画笔的修正只在图片里，读者打开后生成的结果不包含它。',
  close: '关闭',
};

const KINDS = /** @type {const} */ (['element', 'frame', 'module']);
const ABOUT = /** @type {const} */ ({ element: 'aboutElement', frame: 'aboutFrame', module: 'aboutModule' });
/** The longest side of the poster: readers fetch it with the page. */
const POSTER = 1600;

/** Puts it into the menu. @param {import('../page/more.js').Options} options */
export function snippet({ text, work, fail }) {
  const own = textsOf({ en, zh }, [text.lang]);
  const choice = make('button', { type: 'button', id: 'embed', 'aria-haspopup': 'dialog' }, own('open'));
  button('copy-link').after(choice);
  choice.addEventListener('click', async () => {
    try {
      await styled(new URL('../save/snippet.css', import.meta.url));
      const edited = await work.settled();
      const { photo, staged } = work;
      leaveMenu();
      if (edited && photo && staged) await ask(edited, photo, staged);
    } catch (error) {
      fail(error);
    }
  });

  /**
   * @param {HTMLCanvasElement} edited
   * @param {import('../photo/photo.js').Photo} photo
   * @param {import('../edits/edits.js').Edit} staged
   */
  async function ask(edited, photo, staged) {
    const { prompt, strength } = staged;
    const basis = await work.basis();
    const kind = /\.png$/i.test(photo.name) ? /** @type {const} */ ('image/png') : /** @type {const} */ ('image/jpeg');
    const { prompt: before = '' } = work.edits.all.get(staged.from) ?? {};
    const names = { photo: plain(fileName(photo.name, before, kind)), poster: plain(fileName(photo.name, prompt, 'image/jpeg')) };
    const share = Math.min(1, POSTER / Math.max(edited.width, edited.height));
    const [width, height] = [edited.width, edited.height].map((side) => Math.max(1, Math.round(side * share)));

    const radios = KINDS.map((kind) => make('input', { type: 'radio', name: 'snippet', id: `snippet-${kind}`, value: kind }));
    const kinds = make('fieldset', {}, make('legend', {}, own('kinds')), ...radios.flatMap((radio, i) => [
      radio, make('label', { for: radio.id, class: 'button' }, own(KINDS[i] ?? 'element'))]));
    const at = make('input', { type: 'url', id: 'snippet-at', placeholder: 'https://', autocomplete: 'off', dir: 'ltr' });
    const controls = make('input', { type: 'checkbox', id: 'snippet-controls' });
    const may = make('label', { class: 'place-too' }, controls, own('controls'));
    const about = make('p', { class: 'note', id: 'snippet-about' });
    const code = make('textarea', { readonly: '', rows: '8', spellcheck: 'false', wrap: 'off', dir: 'ltr', 'aria-label': own('copy'), 'aria-describedby': about.id });
    const says = make('p', { class: 'note', role: 'status' });
    const copy = make('button', { type: 'button', class: 'primary' }, own('copy'));
    const save = (/** @type {keyof typeof names} */ which, /** @type {() => Promise<Blob>} */ file) => {
      const made = make('button', { type: 'button', title: names[which] }, own(which));
      made.addEventListener('click', () => void file().then((blob) => download(blob, names[which])).catch(fail));
      return made;
    };
    const files = make('div', { class: 'files' },
      save('photo', async () => noted(await toBlob(basis.canvas, kind), photo)),
      save('poster', () => small(edited, width ?? 1, height ?? 1)));
    const dialog = make('dialog', { class: 'snippet', 'aria-labelledby': 'snippet-title' },
      make('h2', { id: 'snippet-title' }, own('title')), make('p', {}, own('files')), files,
      make('label', { for: at.id }, own('at')), make('div', { class: 'field' }, at), kinds, about, may, code,
      ...(staged.strokes ? [make('p', { class: 'note' }, own('strokes'))] : []), says,
      make('form', { method: 'dialog', class: 'answers' }, make('button', {}, own('close')), copy));

    const show = () => {
      const chosen = KINDS[radios.findIndex(({ checked }) => checked)] ?? 'element';
      about.textContent = own(ABOUT[chosen]);
      may.hidden = chosen === 'module';
      says.textContent = '';
      code.value = codeOf(chosen, {
        ...whereWeAre(), ...names, prompt, strength, width: width ?? 1, height: height ?? 1,
        at: at.value.trim().replace(/([^/])$/, '$1/'), alt: text('edited', { prompt }), controls: controls.checked,
      });
    };
    for (const field of [...radios, at, controls]) field.addEventListener('input', show);
    copy.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(code.value);
        says.textContent = own('copied');
      } catch {
        code.select();
        says.textContent = own('refused');
      }
    });
    // The page's keys are for the stage.
    dialog.addEventListener('keydown', (event) => event.stopPropagation());
    dialog.addEventListener('close', () => dialog.remove());
    if (radios[0]) radios[0].checked = true;
    show();
    document.body.append(dialog);
    dialog.showModal();
  }
}

/** The page's host, and the element there: beside the page, but where nobody has made a folder for a host of it. */
function whereWeAre() {
  const { href: host } = new URL('.', location.href);
  return { host, element: import.meta.url.startsWith(`${host}www/`) ? 'www/element.js' : 'element.js' };
}

/** @param {typeof KINDS[number]} kind @param {Embedding} embedding */
export function codeOf(kind, { host, element, at, photo, poster, width, height, prompt, strength, alt, controls }) {
  const [file, shown] = [photo, poster].map((name) => at + encodeURIComponent(name));
  const some = strength === 1 ? '' : String(strength);
  if (kind === 'element') {
    return `<script type="module" src="${escaped(host + element)}"></script>

<word-loom src="${escaped(file)}" prompt="${escaped(prompt)}"${some && ` strength="${some}"`}${controls ? ' controls' : ''}>
  <img src="${escaped(shown)}" alt="${escaped(alt)}" width="${width}" height="${height}">
</word-loom>
`;
  }
  if (kind === 'frame') {
    // A frame's own folder is this page's: it has to be told where the files are.
    const [src, poster] = [file, shown].map((name) => (at ? name : `https://blog.example/${name}`));
    const wishes = { src, poster, prompt, ...(some && { strength: some }), ...(controls && { controls: '' }), alt, height: 'auto' };
    const url = `${host}embed.html?${new URLSearchParams(/** @type {Record<string, string>} */ (wishes))}`;
    return `<iframe src="${escaped(url)}"
  title="${escaped(alt)}" width="100%" height="${Math.round(Math.min(1, 600 / width) * height) + 16}" style="border: 0"></iframe>
<script>
  // As high as what it shows.
  addEventListener('message', ({ data, source }) => {
    for (const frame of document.querySelectorAll('iframe')) {
      if (frame.contentWindow === source && data?.wordloom?.height > 0) frame.height = data.wordloom.height;
    }
  });
</script>
`;
  }
  return `<div id="wordloom"></div>
<script type="module">
  import { open } from ${quoted(host + element.replace('element', 'wordloom'))};

  const loom = await open();
  const edit = await loom.edit(${quoted(file)}, ${quoted(prompt)}${some && `, { strength: ${some} }`});
  edit.canvas.style.width = '100%';
  document.getElementById('wordloom').append(edit.canvas);
  loom.close();
</script>
`;
}

/** @param {string} [value] */
function escaped(value = '') {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** A string in a script that stands in a page. @param {string} [value] */
function quoted(value = '') {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** A file's name without what addresses would have to write in percent. @param {string} name */
function plain(name) {
  return name.toLowerCase().replace(/[^\p{L}\p{N}.]+/gu, '-');
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
async function small(canvas, width, height) {
  const copy = canvasOf(width, height);
  const context = /** @type {CanvasRenderingContext2D} */ (copy.getContext('2d'));
  context.imageSmoothingQuality = 'high';
  context.drawImage(canvas, 0, 0, width, height);
  return toBlob(copy, 'image/jpeg', 0.85).finally(() => release(copy));
}
