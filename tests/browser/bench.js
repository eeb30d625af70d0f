// `cargo xtask bench`: how long a warm edit of a one-megapixel photo takes in this browser.
import { drawFlower, encodePng, launch, openPage } from './helper.js';

const EDITS = 15;
const [width, height] = [1155, 866];

const browser = await launch();
const { page } = await openPage(browser);
const file = encodePng(drawFlower(width, height)).toString('base64');
const times = await page.evaluate(async ({ file, edits }) => {
  const [{ Engine }, { catalogue }, { openPhoto }] = await Promise.all(
    ['engine', 'load', 'photo'].map((name) => import(new URL(`www/${name}.js`, document.baseURI).href)));
  const { signal } = new AbortController();
  const engine = new Engine();
  await engine.open(signal, (await catalogue(signal)).parts);
  const photo = await openPhoto(new Blob([Uint8Array.from(atob(file), (c) => c.charCodeAt(0))]), 'flower');
  const times = [];
  // The first one is not warm.
  for (let i = 0; i <= edits; i += 1) {
    const start = performance.now();
    await engine.edit(signal, photo, 'the petals are blue');
    times.push(performance.now() - start);
  }
  return times.slice(1).sort((a, b) => a - b);
}, { file, edits: EDITS });
await browser.close();

const ms = (/** @type {number | undefined} */ time) => `${(time ?? NaN).toFixed(0)} ms`;
console.log(`${width}x${height}, ${EDITS} warm edits: ${ms(times[0])} to ${ms(times.at(-1))}, median ${ms(times[EDITS >> 1])}`);
