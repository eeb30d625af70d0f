// The icons of the page that is installed, drawn by Chromium from www/logo.svg: `node tests/browser/icons.js` writes them.
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

/** Its side, and the logo's in it. Systems cut a maskable one to a circle of four fifths, and see nothing through it. */
const ICONS = /** @type {const} */ ({ 192: [192, 176], 512: [512, 470], maskable: [512, 300] });
const GROUND = '#f3f4f1';
const folder = new URL('../../www/', import.meta.url);

/** @param {keyof typeof ICONS} name */
export function iconFile(name) {
  return new URL(`icons/${name}.png`, folder);
}

/** @param {import('playwright-core').Browser} browser @returns {Promise<[keyof typeof ICONS, Buffer][]>} */
export async function drawIcons(browser) {
  const logo = await readFile(new URL('logo.svg', folder), 'utf8');
  const page = await browser.newPage();
  const drawn = /** @type {[keyof typeof ICONS, Buffer][]} */ ([]);
  for (const name of /** @type {(keyof typeof ICONS)[]} */ (Object.keys(ICONS))) {
    const [side, inner] = ICONS[name];
    await page.setViewportSize({ width: side, height: side });
    const ground = name === 'maskable' ? GROUND : 'transparent';
    await page.setContent(`<style>html { background: ${ground} } body { margin: ${(side - inner) / 2}px } svg { display: block; width: ${inner}px; fill: none }</style>${logo}`);
    drawn.push([name, await page.screenshot({ omitBackground: true })]);
  }
  await page.close();
  return drawn;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  for (const [name, png] of await drawIcons(browser)) await writeFile(iconFile(name), png);
  await browser.close();
}
