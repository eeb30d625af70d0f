// What the tests of many photos share: the grid, the way to the editor and back, the archive.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scratch } from './helper.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

export const flowers = [[200, 150], [150, 200], [180, 180]].map(([width = 0, height = 0]) => encodePng(drawFlower(width, height)));

/** @param {import('playwright-core').Page} page @param {[name: string, bytes: Uint8Array, type?: string][]} files */
export async function gather(page, files) {
  await page.setInputFiles('#file', files.map(([name, bytes, mimeType = 'image/png']) => ({ name, mimeType, buffer: Buffer.from(bytes) })));
  await page.locator('.grid li').nth(files.length - 1).waitFor();
}

/** @param {import('playwright-core').Page} page @param {string} sentence */
export async function askAll(page, sentence) {
  await page.fill('#prompt', sentence);
  await page.press('#prompt', 'Enter');
}

/** @param {import('playwright-core').Page} page @param {RegExp} words */
export async function told(page, words) {
  await page.locator('#many [role="status"]').filter({ hasText: words }).waitFor({ timeout: 120_000 });
}

/**
 * Drops files, or one folder with all of them.
 *
 * @param {import('playwright-core').Page} page
 * @param {[name: string, bytes: Uint8Array, type?: string][]} files
 */
export async function drop(page, files, folder = false) {
  await page.evaluate(({ files, folder }) => {
    const data = new DataTransfer();
    const all = files.map(({ name, bytes, type }) => new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type }));
    for (const file of folder ? all.slice(0, 1) : all) data.items.add(file);
    const entries = all.map((file) => ({ isFile: true, isDirectory: false, file: (/** @type {(file: File) => void} */ give) => give(file) }));
    // Chromium gives two at a time.
    const createReader = () => ({ readEntries: (/** @type {(some: unknown[]) => void} */ give) => give(entries.splice(0, 2)) });
    if (folder) DataTransferItem.prototype.webkitGetAsEntry = () => /** @type {any} */ ({ isFile: false, isDirectory: true, createReader });
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, { files: files.map(([name, bytes, type = 'image/png']) => ({ name, bytes: Buffer.from(bytes).toString('base64'), type })), folder });
}

/** What is said of a photo, or of a sentence. @param {import('playwright-core').Page} page @param {string} list @param {number} index @param {string | RegExp} words */
export async function noted(page, list, index, words) {
  await page.locator(`${list} li`).nth(index).filter({ hasText: words }).waitFor();
}

/** @param {import('playwright-core').Page} page @param {number} index */
export async function openInEditor(page, index) {
  await page.locator('.grid button').nth(index).click();
  await page.locator('#many').waitFor({ state: 'hidden' });
}

/** @param {import('playwright-core').Page} page */
export async function back(page) {
  await page.getByRole('button', { name: 'All photos' }).click();
  await page.locator('#many').waitFor();
}

/** Sees to it that edits take their time, and tells them and the looks before them. @param {import('playwright-core').Page} page */
export async function slowly(page, delay = 5000) {
  await page.evaluate((delay) => {
    Object.assign(globalThis, { asked: [], delay });
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
      if (['edit', 'look'].includes(message.type)) /** @type {any} */ (globalThis).asked.push(message.type === 'edit' ? message.prompt : 'look');
      setTimeout(() => post.call(this, message, transfer), message.type === 'edit' ? /** @type {any} */ (globalThis).delay : 0);
    };
  }, delay);
  return () => page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).asked));
}

/** Waits for a picture on the stage. @param {import('playwright-core').Page} page @param {string} picture */
export async function shows(page, picture) {
  await page.waitForFunction((picture) => /** @type {HTMLCanvasElement | null} */ (document.querySelector('.after canvas'))?.toDataURL() === picture, picture);
}

/** How far a saved picture is from one of the stage. @param {string} path @param {string} picture */
export async function apart(path, picture) {
  return difference(decodePng(await readFile(path)).pixels, decodePng(Buffer.from(picture.slice(picture.indexOf(',') + 1), 'base64')).pixels).largest;
}

/** The files of the archive, as Python reads it. @param {import('playwright-core').Page} page */
export async function archive(page) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save all as ZIP' }).click()]);
  const folder = await scratch();
  const path = join(folder, file.suggestedFilename());
  await file.saveAs(path);
  await promisify(execFile)('python3', ['-c', 'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nz.extractall(sys.argv[2])', path, folder]);
  return { folder, names: (await readdir(folder)).filter((name) => name !== file.suggestedFilename()).sort() };
}
