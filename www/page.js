// The wiring: what is on the page, and what happens when something is pressed.
import { byId, Compare } from './compare.js';
import { Engine } from './engine.js';
import { catalogue } from './load.js';
import { canvasOf, openPhoto, paint, toBlob } from './photo.js';

const stage = byId('stage', HTMLElement);
const file = byId('file', HTMLInputElement);
const prompt = byId('prompt', HTMLInputElement);
const strength = byId('strength', HTMLInputElement);
const retry = byId('retry', HTMLButtonElement);
const stop = byId('stop', HTMLButtonElement);
const result = byId('result', HTMLElement);
const loading = byId('loading', HTMLElement);
const progress = byId('progress', HTMLProgressElement);

const compare = new Compare();
const engine = new Engine();
let ready = false;

/** @type {import('./photo.js').Photo | undefined} */
let photo;
/** Holds the edit that is shown; made with the photo, and gone with it. @type {HTMLCanvasElement | undefined} */
let canvas;
/** What the shown edit was asked for with, and the one that is on its way. @typedef {{prompt: string, seed?: number}} Request */
let shown = /** @type {Request} */ ({ prompt: '' });
let asked = shown;
/** Aborts every edit of the present photo. */
let edits = new AbortController();
let pending = 0;
/** Settles when the photo chosen last is on the stage, or has been turned down. */
let opening = Promise.resolve();
let turns = 0;

// ---- the engine

async function load() {
  const { signal } = new AbortController();
  retry.hidden = true;
  loading.hidden = false;
  progress.removeAttribute('value');
  say('trouble', '');
  try {
    const { model, parts } = await catalogue(signal);
    suggest(model);
    await engine.open(signal, parts, (received, total) => {
      progress.value = received / total;
      say('loading-text', received < total ? 'Fetching the model' : 'Setting up the loom');
      say('loading-bytes', `${megabytes(received)} of ${megabytes(total)} MB`);
    });
    ready = true;
    if (!pending) say('status', photo ? 'Ready.' : 'Ready when you are.');
  } catch (error) {
    say('trouble', wordsOf(error));
    if (!pending) say('status', '');
    retry.hidden = false;
  }
  loading.hidden = true;
}

/** @param {import('./load.js').Model} model */
function suggest(model) {
  say('about', `This model edits ${model.edits}.`);
  byId('chips', HTMLElement).replaceChildren(...model.prompts.map((sentence) => {
    const item = document.createElement('li');
    const chip = document.createElement('button');
    chip.type = 'button';
    chip.textContent = sentence;
    chip.addEventListener('click', () => {
      prompt.value = sentence;
      void ask();
    });
    item.append(chip);
    return item;
  }));
}

// ---- the photo

/**
 * Opens a photo; the last one chosen is the one that counts. What is on the stage stays there until
 * another photo is certain to take its place.
 *
 * @param {Blob | HTMLImageElement} source
 * @param {string} name
 */
function choose(source, name) {
  const turn = ++turns;
  opening = open(source, name, () => turn === turns).catch((error) => {
    if (turn === turns) fail(error);
  });
}

/**
 * @param {Blob | HTMLImageElement} source
 * @param {string} name
 * @param {() => boolean} wanted
 */
async function open(source, name, wanted) {
  say('error', '');
  say('status', 'Opening the photo …');
  const opened = await openPhoto(source, name);
  if (!wanted()) return;
  const room = canvasOf(opened.width, opened.height);
  stopEdits();
  photo = opened;
  canvas = room;
  compare.showPhoto(photo.canvas);
  stage.classList.remove('empty');
  say('choose-text', 'Another photo');
  result.hidden = true;
  say('unknown', '');
  say('status', `${photo.width} x ${photo.height} pixels. ${ready ? 'Say what should change.' : 'Say what should change; the model is on its way.'}`);
}

// ---- edits

/** A new sentence, or the same again: the model's mean answer to it. */
async function ask() {
  await opening;
  if (!photo) {
    fail(new Error('There is no photo yet. Choose one of yours, or one of the samples.'));
  } else if (!prompt.value.trim()) {
    fail(new Error('The sentence is empty. Say what should change, for example “the petals are blue”.'));
    prompt.focus();
  } else {
    void run({ prompt: prompt.value });
  }
}

/** @param {Request} request */
async function run(request) {
  if (!photo || !canvas) return;
  asked = request;
  const { signal } = edits;
  const patience = setTimeout(() => { stop.hidden = false; }, 700);
  const began = performance.now();
  pending += 1;
  stage.setAttribute('aria-busy', 'true');
  say('error', '');
  say('unknown', '');
  say('status', ready ? 'Weaving …' : 'Your edit starts as soon as the model is here.');
  try {
    const edited = await engine.edit(signal, photo, request.prompt, { strength: strength.valueAsNumber, seed: request.seed });
    shown = request;
    paint(canvas, edited.bitmap);
    compare.showEdit(canvas);
    result.hidden = false;
    say('status', `Done in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    if (edited.unknown.length) say('unknown', `The model doesn’t know ${list(edited.unknown)}.`);
  } catch (error) {
    if (asked === request) asked = shown;
    // A newer edit, another photo or the visitor put an end to it: nothing to report.
    if (!(error instanceof DOMException && error.name === 'AbortError')) fail(error);
  } finally {
    clearTimeout(patience);
    pending -= 1;
    if (!pending) {
      stage.setAttribute('aria-busy', 'false');
      stop.hidden = true;
    }
  }
}

/** The shown edit at the strength that is set now. */
async function restrengthen() {
  say('strength-value', `${Math.round(strength.valueAsNumber * 100)} %`);
  if (!photo || !canvas) return;
  try {
    const room = canvas;
    paint(room, await engine.draw(edits.signal, strength.valueAsNumber));
    if (room === canvas) compare.showEdit(room);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) fail(error);
  }
}

function stopEdits() {
  edits.abort();
  edits = new AbortController();
}

async function download() {
  if (!photo || !canvas) return;
  try {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await toBlob(canvas));
    link.download = photo.fileName(shown.prompt, 'image/png');
    link.click();
    // The browser has to have begun before the address goes.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    fail(error);
  }
}

// ---- words

/**
 * @param {string} id
 * @param {string} text
 */
function say(id, text) {
  byId(id, HTMLElement).textContent = text;
}

/** @param {unknown} error */
function fail(error) {
  say('status', '');
  say('error', wordsOf(error));
  byId('error', HTMLElement).scrollIntoView({ block: 'nearest' });
}

/** @param {unknown} error */
function wordsOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

/** @param {string[]} words */
function list(words) {
  const some = words.slice(0, 8).map((word) => `“${word.length > 30 ? `${word.slice(0, 30)}…` : word}”`);
  if (words.length > some.length) some.push('others');
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(some);
}

// ---- what can be pressed

byId('form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void ask();
});

file.addEventListener('change', () => {
  const chosen = file.files?.[0];
  if (chosen) choose(chosen, chosen.name);
  // So that the same file can be chosen again.
  file.value = '';
});

for (const button of byId('samples', HTMLElement).querySelectorAll('button')) {
  const image = /** @type {HTMLImageElement} */ (button.querySelector('img'));
  button.addEventListener('click', () => choose(image, `${image.alt.toLowerCase()}.jpg`));
}

window.addEventListener('dragover', (event) => {
  // Text may still be dragged into the sentence.
  if (!event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  stage.classList.add('dropping');
});
window.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) stage.classList.remove('dropping');
});
window.addEventListener('drop', (event) => {
  const dropped = event.dataTransfer?.files[0];
  stage.classList.remove('dropping');
  if (!dropped) return;
  event.preventDefault();
  choose(dropped, dropped.name);
});

strength.addEventListener('input', () => void restrengthen());
byId('another', HTMLButtonElement).addEventListener('click', () => {
  void run({ ...asked, seed: crypto.getRandomValues(new Uint32Array(1))[0] });
});
byId('download', HTMLButtonElement).addEventListener('click', download);
stop.addEventListener('click', () => {
  stopEdits();
  say('status', 'Stopped.');
  prompt.focus();
});
retry.addEventListener('click', () => {
  // The button is about to go; the keyboard's place must not go with it.
  prompt.focus();
  void load();
});

void load();
