// The wiring: what is on the page, and what happens when something is pressed.
import { arriving, button, byId, say, translate } from './ui/dom.js';
import { iconButton } from './ui/icons.js';
import { Keep, local } from './edits/keep.js';
import { linkHere } from './sentence/link.js';
import { Models } from './page/models.js';
import { waysIn } from './page/open.js';
import { openPhoto } from './photo/photo.js';
import { Prompt } from './sentence/prompt.js';
import { Stage } from './stage/stage.js';
import { decimal, isAbort, texts, Trouble, Unread, wordsOf } from './i18n/texts.js';
import { Work } from './edits/work.js';

/** How long something takes before a button to stop it is offered. */
const PATIENCE_MS = 700;

const text = await texts([local.get('language') ?? '', ...navigator.languages]);
translate(text);

const strength = byId('strength', HTMLInputElement);
const stop = button('stop');
const undo = iconButton('undo', text('undo'));
const redo = iconButton('redo', text('redo'));

/** `?device=gpu` takes any GPU, `?device=cpu` none. */
const wanted = { gpu: /** @type {const} */ ('gpu'), cpu: /** @type {const} */ ('cpu') }[new URLSearchParams(location.search).get('device') ?? ''];

const models = new Models({ text, wanted, listed, settled, device: showDevice });
const keep = new Keep();
const stage = new Stage(byId('stage', HTMLElement), {
  text,
  mask: () => work.mask().catch(fail),
  tap: (at) => behind.pointing?.tap(at) ?? false,
});
const work = new Work(models.engine, stage, keep, refresh);
const prompt = new Prompt({
  text,
  keep,
  ask: () => void ask(),
  check: (sentence) => models.engine.unknownWords(new AbortController().signal, sentence),
  changed: (typed) => behind.live?.changed(typed && !many?.open),
});

/** What parts of the page that come later work with. */
const parts = { text, models, engine: models.engine, keep, work, stage, prompt, strength: () => strength.valueAsNumber, choose, gather, ask, look, refresh, fail };
/** And those that are here. @type {import('./page/behind.js').Behind} */
const behind = {};

/** What a link asks for, as long as the sentence is the link's. */
let linked = linkHere();
/** The sentence that was asked for last, or is shown since. */
let asked = '';
let pending = 0;
/** Settles when the photo chosen last is on the stage, or has been turned down. */
let opening = Promise.resolve();
let turns = 0;
/** Ends the fetching of a picture. */
let fetching = new AbortController();
/** @type {import('./many/many.js').Many | undefined} */
let many;

// ---- the model

/** @param {import('./page/models.js').Model} model */
function listed(model) {
  say('about', text('about', { edits: model.edits }));
  prompt.suggest(model);
}

function settled() {
  if (!pending && !linked) say('status', models.ready ? text(work.photo ? 'readyNow' : 'ready') : '');
}

/** @param {import('./engine/engine.js').Device} device */
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
  // Where there are many, it is one more of them.
  if (many?.open && source instanceof File) return gather([source]);
  const turn = ++turns;
  fetching.abort();
  opening = open(source, name, () => turn === turns).catch((error) => {
    if (turn === turns) fail(error);
  });
  return opening;
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
  many?.came(photo, source);
  work.open(photo, source instanceof Blob ? source : undefined);
  prompt.mark([]);
  const { width, height, full } = photo;
  const notes = full ? [text('shrunk', { ...full })] : [];
  const tell = () => say('status', [...notes, linked ? text('fromLinkReady', { prompt: linked.prompt })
    : text(models.ready ? 'opened' : 'openedEarly', { width, height })].join(' '));
  tell();
  const before = byId('status', HTMLElement).textContent;
  void photo.about.then(({ lost }) => {
    if (!lost || byId('status', HTMLElement).textContent !== before) return;
    notes.push(text('told', { words: lost }));
    tell();
  });
}

/** What was on the stage before a reload. */
async function restore() {
  const kept = await keep.load();
  if (!kept || turns) return;
  await work.restore(kept);
  // Another photo may be on its way by now.
  if (turns) return;
  asked = work.edits.shown?.prompt ?? asked;
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

/**
 * Many photos at once, and one sentence for all of them.
 *
 * @param {File[]} files
 * @param {FileSystemEntry[]} [entries]
 */
async function gather(files, entries = []) {
  try {
    const { Many } = await arriving('many.js', import('./many/many.js'));
    many ??= await Many.make({ ...parts, turned: () => behind.live?.changed() });
    await many.add(files, entries);
  } catch (error) {
    fail(error);
  }
}

// ---- edits

async function ask() {
  const sentence = prompt.value;
  behind.live?.stop();
  await opening;
  if (many?.open && sentence.trim()) {
    prompt.remember(sentence);
    say('error', '');
    await many.run(sentence.trim()).catch((error) => {
      if (error instanceof Unread) prompt.mark(error.unknown);
      fail(error);
    });
  } else if (!work.photo && !many?.open) {
    fail(new Trouble('noPhoto'));
  } else if (!sentence.trim()) {
    fail(new Trouble('emptyPrompt'));
    prompt.focus();
  } else {
    prompt.remember(sentence);
    // A phone's keyboard would cover what comes.
    if (matchMedia('(pointer: coarse)').matches) prompt.blur();
    void run(sentence);
  }
}

/** @param {string} sentence */
async function run(sentence) {
  const before = asked;
  asked = sentence;
  await busy(text(models.ready ? 'weaving' : 'wait'), async () => {
    const began = performance.now();
    try {
      const { unknown, missing } = await work.run(sentence, strength.valueAsNumber);
      const seconds = (performance.now() - began) / 1000;
      say('status', text('done', { seconds: decimal(text, seconds) }));
      if (prompt.value === sentence) prompt.mark(unknown, missing);
      stage.root.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      if (asked === sentence) asked = before;
      if (!isAbort(error)) void work.forget().catch(fail);
      if (error instanceof Unread && prompt.value === sentence) prompt.mark(error.unknown);
      throw error;
    }
  });
}

/** Shows another moment of the work. @param {() => Promise<void>} step */
async function look(step) {
  const untouched = !prompt.value.trim() || prompt.value === asked;
  await busy('', async () => {
    await step();
    const { shown } = work.edits;
    asked = shown?.prompt ?? asked;
    // What has been typed since stays.
    if (shown && untouched) prompt.value = shown.prompt;
    say('status', shown ? text('showing', { prompt: shown.prompt }) : text('showingPhoto'));
  });
}

function strengthen() {
  showStrength();
  void work.strengthen(strength.valueAsNumber).catch(fail);
}

function build() {
  work.build();
  say('status', text('onTopNow'));
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
    fail(error);
  } finally {
    clearTimeout(patience);
    pending -= 1;
    if (!pending) stop.hidden = true;
  }
}

function stopAll() {
  fetching.abort();
  behind.live?.stop();
  work.stop();
  void work.forget().catch(fail);
  // Of a mere trial, nothing was running.
  say('status', text(pending ? 'stopped' : 'readyNow'));
  prompt.focus();
}

async function clear() {
  const { sure } = await arriving('parts.js', import('./ui/parts.js'));
  if (!await sure(text('clearSure'), text('cancel'), text('clear'))) return;
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
  byId('export', HTMLElement).hidden = !shown || !behind.saves;
  if (shown) strength.valueAsNumber = shown.strength;
  showStrength();
  undo.setAttribute('aria-disabled', String(!state.past.length));
  redo.setAttribute('aria-disabled', String(!state.future.length));
  const base = edits.all.get(state.now.base);
  byId('base', HTMLElement).hidden = !base;
  if (base) say('base-text', text('onTopOf', { prompt: base.prompt }));
  button('on-top').hidden = base === shown;
  byId('kept', HTMLElement).hidden = !keep.holds && !keep.sentences.length;
  void behind.cloths?.show();
  behind.pointing?.show();
  behind.live?.follow();
  behind.brush?.show();
  behind.strip?.showStrip(text, work, (id) => void look(() => work.show(id)));
  many?.changed();
}

function showKeys() {
  return arriving('help.js', import('./page/help.js')).then(({ help }) => help(text)).catch(fail);
}

/** @param {unknown} error */
function fail(error) {
  // A newer edit, another photo or the visitor put an end to it: nothing to report.
  if (isAbort(error)) return undefined;
  say('status', '');
  say('error', wordsOf(text, error));
  byId('error', HTMLElement).scrollIntoView({ block: 'nearest' });
  return undefined;
}

function showStrength() {
  say('strength-value', `${Math.round(strength.valueAsNumber * 100)} %`);
}

function fillIn() {
  if (!linked) return;
  prompt.value = linked.prompt;
  strength.valueAsNumber = linked.strength;
  showStrength();
  say('status', text(work.photo ? 'fromLinkReady' : 'fromLink', { prompt: linked.prompt }));
}

// ---- what can be pressed

waysIn({ text, choose, gather, fetch: fetchPhoto, fail });
const steps = document.createElement('div');
steps.className = 'group';
steps.append(undo, redo);
stage.bar.prepend(steps);
stage.bar.append(byId('export', HTMLElement));
undo.addEventListener('click', () => void look(() => work.undo()));
redo.addEventListener('click', () => void look(() => work.redo()));

strength.addEventListener('input', strengthen);
button('on-top').addEventListener('click', build);
button('base-drop').addEventListener('click', () => void look(() => work.show(0)).then(() => prompt.focus()));
stop.addEventListener('click', stopAll);
button('help').addEventListener('click', showKeys);

button('clear').addEventListener('click', () => void clear().catch(fail));

window.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLInputElement && !['range', 'file'].includes(event.target.type);
  if (event.key === 'Escape' && many?.running) many.stop();
  else if (event.key === 'Escape' && (pending || work.tries) && !event.isComposing) stopAll();
  else if (event.key === '?' && !typing) void showKeys();
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
});
document.addEventListener('visibilitychange', () => void (work.tries || work.settled()));

showDevice({ name: 'CPU', why: 'lookingForGpu' });
fillIn();
refresh();
opening = restore().catch(fail).then(fillIn);
void keep.sweep();
const started = models.start();
void arriving('behind.js', import('./page/behind.js')).then(({ follow }) => follow(parts, behind, started)).catch(fail);
