// The wiring: what is on the page, and what happens when something is pressed.
import { arriving, button, byId, say, translate } from './dom.js';
import { waysOut } from './export.js';
import { iconButton } from './icons.js';
import { Keep } from './keep.js';
import { linkHere, linkTo, seedOf } from './link.js';
import { Models } from './models.js';
import { waysIn } from './open.js';
import { openPhoto } from './photo.js';
import { noKnownWord, Prompt } from './prompt.js';
import { Stage } from './stage.js';
import { showStrip } from './strip.js';
import { decimal, megabytes, texts, Trouble, wordsOf } from './texts.js';
import { isAbort, Work } from './work.js';

/** How long something takes before a button to stop it is offered. */
const PATIENCE_MS = 700;

const text = texts();
translate(text);

const strength = byId('strength', HTMLInputElement);
const seed = byId('seed', HTMLInputElement);
const stop = button('stop');
const undo = iconButton('undo', text('undo'));
const redo = iconButton('redo', text('redo'));

const forever = new AbortController().signal;

/** `?device=gpu` takes any GPU, `?device=cpu` none. */
const wanted = { gpu: /** @type {const} */ ('gpu'), cpu: /** @type {const} */ ('cpu') }[new URLSearchParams(location.search).get('device') ?? ''];

const models = new Models({ text, wanted, chosen, settled, device: showDevice });
const keep = new Keep();
const stage = new Stage(byId('stage', HTMLElement), { text, mask: () => work.mask().catch(fail) });
const work = new Work(models, stage, keep, refresh);
const prompt = new Prompt({ text, keep, ask: () => void ask(), check: unknownWords, marked: (words) => models.propose(words) });

/** What a link asks for, as long as the sentence is the link's. */
let linked = linkHere();
/** What was asked for last, or is shown since. */
let asked = /** @type {import('./work.js').Request} */ ({ prompt: '' });
let pending = 0;
/** Settles when the photo chosen last is on the stage, or has been turned down. */
let opening = Promise.resolve();
let turns = 0;
/** Ends the fetching of a picture. */
let fetching = new AbortController();

// ---- the models

/** @param {import('./models.js').Model} model */
function chosen(model) {
  keep.model = model.name;
  prompt.suggest(model);
  refresh();
}

function settled() {
  if (!pending && !linked) say('status', models.ready ? text(work.photo ? 'readyNow' : 'ready') : '');
}

/** The model that a link asks for, if it is here. */
function followLink() {
  if (!linked?.model) return;
  if (models.find(linked.model)) models.choose(linked.model);
  else say('error', text('linkModel', { model: linked.model.slice(0, 40) }));
}

/** @param {string} sentence */
async function unknownWords(sentence) {
  const { engine } = await models.use(forever);
  return engine.unknownWords(forever, sentence);
}

/** @param {import('./engine.js').Device} device */
function showDevice({ name, why, detail = '' }) {
  say('device', text('device', { name, why: text(why, { detail }) }));
}

// ---- the photo

/**
 * Opens a photo; the last one chosen is the one that counts. What is on the stage stays there until
 * another photo is certain to take its place.
 *
 * @param {ImageBitmapSource} source
 * @param {string} name
 */
function choose(source, name) {
  const turn = ++turns;
  fetching.abort();
  opening = open(source, name, () => turn === turns).catch((error) => {
    if (turn === turns) fail(error);
  });
  return opening;
}

/** A sample brings its subject. @param {HTMLImageElement} image @param {string} name @param {string} subject */
function sample(image, name, subject) {
  const model = models.of(subject);
  if (model && !linked) models.choose(model.name);
  void choose(image, name);
}

/**
 * @param {ImageBitmapSource} source
 * @param {string} name
 * @param {() => boolean} wanted
 */
async function open(source, name, wanted) {
  say('error', '');
  say('status', text('opening'));
  const photo = await openPhoto(source, name);
  if (!wanted()) return;
  work.open(photo, source instanceof Blob ? source : undefined);
  prompt.mark([]);
  const { width, height } = photo;
  if (linked) say('status', text('fromLinkReady', { prompt: linked.prompt }));
  else say('status', text(models.ready ? 'opened' : 'openedEarly', { width, height }));
}

/** What was on the stage before a reload. */
async function restore() {
  const kept = await keep.load();
  if (!kept || turns) return;
  await work.restore(kept);
  asked = work.edits.shown ?? asked;
  say('status', text('restored'));
}

/**
 * A picture from elsewhere. Whether it came to be the photo.
 *
 * @param {string} host
 * @param {(signal: AbortSignal) => Promise<{file: Blob, name: string}>} fetched
 */
async function fetchPhoto(host, fetched) {
  fetching.abort();
  fetching = new AbortController();
  const { signal } = fetching;
  const before = work.photo;
  await busy(text('fetchingPhoto', { host }), async () => {
    const { file, name } = await fetched(signal);
    signal.throwIfAborted();
    await choose(file, name);
  });
  return work.photo !== before;
}

// ---- edits

/** A new sentence, or the same again: the model's mean answer to it, or the one that a link names. */
async function ask() {
  const sentence = prompt.value;
  await opening;
  if (!work.photo) {
    fail(new Trouble('noPhoto'));
  } else if (!sentence.trim()) {
    fail(new Trouble('emptyPrompt'));
    prompt.focus();
  } else {
    prompt.remember(sentence);
    // A phone's keyboard would cover what comes.
    if (matchMedia('(pointer: coarse)').matches) prompt.blur();
    const { seed, model } = linked?.prompt === sentence ? linked : {};
    void run({ prompt: sentence, seed, model });
  }
}

/** @param {import('./work.js').Request} request @param {number} [from] The edit to build on. */
async function run(request, from) {
  const before = asked;
  asked = request;
  await busy(text(models.ready ? 'weaving' : 'wait'), async () => {
    const began = performance.now();
    try {
      const unknown = await work.run(request, strength.valueAsNumber, from);
      const seconds = (performance.now() - began) / 1000;
      say('status', text('done', { seconds: decimal(text, seconds) }));
      if (prompt.value === request.prompt) prompt.mark(unknown);
      stage.root.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      if (asked === request) asked = before;
      throw await inWords(error, request.prompt);
    }
  });
}

/** The engine’s own errors are English. The one that everybody meets is not to be. @param {unknown} error @param {string} sentence */
async function inWords(error, sentence) {
  if (isAbort(error) || error instanceof Trouble) return error;
  const words = await unknownWords(sentence).catch(() => []);
  const trouble = noKnownWord(sentence, words);
  if (trouble) prompt.mark(words);
  return trouble ?? error;
}

/** Shows another moment of the work. @param {() => Promise<void>} step */
async function look(step) {
  const untouched = !prompt.value.trim() || prompt.value === asked.prompt;
  await busy('', async () => {
    await step();
    const { shown } = work.edits;
    asked = shown ?? asked;
    // What has been typed since stays.
    if (shown && untouched) prompt.value = shown.prompt;
    say('status', shown ? text('showing', { prompt: shown.prompt }) : text('showingPhoto'));
  });
}

async function strengthen() {
  say('strength-value', percent(strength.valueAsNumber));
  try {
    await work.strengthen(strength.valueAsNumber);
  } catch (error) {
    if (!isAbort(error)) fail(error);
  }
}

/** Shows what the other layers make of it. */
function compare() {
  return busy('', async () => {
    const { compareLayers } = await arriving('compare.js', import('./compare/compare.js'));
    await compareLayers({ text, models, work, run, closed: refresh });
  });
}

/** @param {boolean} onTop */
function build(onTop) {
  work.build(onTop);
  say('status', text(onTop ? 'onTopNow' : 'onPhotoNow'));
  prompt.focus();
}

/**
 * Does something that takes a while, and reports what goes wrong with it.
 *
 * @param {string} words
 * @param {() => Promise<void>} task
 */
async function busy(words, task) {
  const patience = setTimeout(() => { stop.hidden = false; }, PATIENCE_MS);
  pending += 1;
  say('error', '');
  say('status', words);
  try {
    await task();
  } catch (error) {
    // A newer edit, another photo or the visitor put an end to it: nothing to report.
    if (!isAbort(error)) fail(error);
  } finally {
    clearTimeout(patience);
    pending -= 1;
    if (!pending) stop.hidden = true;
  }
}

function stopAll() {
  fetching.abort();
  work.stop();
  say('status', text('stopped'));
  prompt.focus();
}

async function clear() {
  work.clear();
  prompt.value = '';
  await keep.clear();
  linked = undefined;
  history.replaceState(null, '', location.pathname + location.search);
  refresh();
  say('error', '');
  say('status', text('cleared'));
  prompt.focus();
}

// ---- words, and what follows from the work

function refresh() {
  const { photo, edits } = work;
  const { shown, state } = edits;
  byId('place', HTMLElement).classList.toggle('empty', !photo);
  say('choose-text', text(photo ? 'chooseAnother' : 'choose'));
  byId('result', HTMLElement).hidden = !shown;
  byId('export', HTMLElement).hidden = !shown;
  if (shown) strength.valueAsNumber = shown.strength;
  say('strength-value', percent(strength.valueAsNumber));
  seed.value = shown?.seed === undefined ? '' : String(shown.seed);
  undo.setAttribute('aria-disabled', String(!state.past.length));
  redo.setAttribute('aria-disabled', String(!state.future.length));
  const base = edits.all.get(state.now.base);
  byId('base', HTMLElement).hidden = !base;
  if (base) say('base-text', text('onTopOf', { prompt: base.prompt }));
  button('on-top').hidden = base === shown;
  byId('kept', HTMLElement).hidden = !keep.holds && !keep.sentences.length;
  const layers = models.layers(shown?.model);
  const bytes = models.missing(layers);
  button('compare').hidden = !layers.length;
  say('compare-bytes', bytes ? text('firstTime', { size: megabytes(text, bytes) }) : '');
  showStrip(text, work, (edit) => models.title(edit), (id) => void look(() => work.show(id)));
}

/** @param {unknown} error */
function fail(error) {
  if (isAbort(error)) return undefined;
  say('status', '');
  say('error', wordsOf(text, error));
  byId('error', HTMLElement).scrollIntoView({ block: 'nearest' });
  return undefined;
}

/** @param {number} share */
function percent(share) {
  return `${Math.round(share * 100)} %`;
}

function fillIn() {
  if (!linked) return;
  prompt.value = linked.prompt;
  strength.valueAsNumber = linked.strength;
  say('strength-value', percent(linked.strength));
  say('status', text(work.photo ? 'fromLinkReady' : 'fromLink', { prompt: linked.prompt }));
}

// ---- what can be pressed

waysIn({ text, choose, sample, fetch: fetchPhoto, fail });
waysOut({
  text,
  picture: () => work.settled(),
  fileName: (type) => work.photo?.fileName(work.edits.shown?.prompt ?? '', type) ?? '',
  link: () => linkTo({ prompt: asked.prompt, strength: 1, model: models.chosen?.name, ...work.edits.shown }),
  done: (key) => say('status', text(key)),
  fail,
});

const steps = document.createElement('div');
steps.className = 'group';
steps.append(undo, redo);
stage.bar.prepend(steps);
stage.bar.append(byId('export', HTMLElement));
undo.addEventListener('click', () => void look(() => work.undo()));
redo.addEventListener('click', () => void look(() => work.redo()));

strength.addEventListener('input', () => void strengthen());
button('another').addEventListener('click', () => void run({ prompt: asked.prompt, model: asked.model, seed: crypto.getRandomValues(new Uint32Array(1))[0] }));
seed.addEventListener('change', () => {
  const wanted = seedOf(seed.value);
  if (seed.value.trim() && wanted === undefined) fail(new Trouble('badSeed', { seed: seed.value.slice(0, 20) }));
  else void run({ prompt: asked.prompt, model: asked.model, seed: wanted });
});
button('on-top').addEventListener('click', () => build(true));
button('base-drop').addEventListener('click', () => build(false));
stop.addEventListener('click', stopAll);
button('compare').addEventListener('click', () => void compare());

const sure = byId('clear-dialog', HTMLDialogElement);
button('clear').addEventListener('click', () => {
  sure.returnValue = '';
  sure.showModal();
});
sure.addEventListener('close', () => {
  if (sure.returnValue === 'clear') void clear();
});

window.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLInputElement && !['range', 'file'].includes(event.target.type);
  if (event.key === 'Escape' && pending) stopAll();
  else if ((event.ctrlKey || event.metaKey) && !event.altKey && !typing) {
    const key = event.key.toLowerCase();
    const again = key === 'y' || (key === 'z' && event.shiftKey);
    if (!again && key !== 'z') return;
    event.preventDefault();
    void look(() => (again ? work.redo() : work.undo()));
  }
});
window.addEventListener('hashchange', () => {
  linked = linkHere();
  fillIn();
  followLink();
});
document.addEventListener('visibilitychange', () => void work.settled());

showDevice({ name: 'CPU', why: 'lookingForGpu' });
fillIn();
refresh();
opening = restore().catch((error) => void fail(error)).then(fillIn);
void keep.sweep();
void models.start(() => models.find(linked?.model)?.name ?? keep.model);
void models.listed.then(followLink);
void models.listed.then(async () => {
  if (!models.maker) return;
  const { tabs } = await arriving('tabs.js', import('./tabs.js'));
  await tabs({ text, models, work, choose });
}).catch(fail);
