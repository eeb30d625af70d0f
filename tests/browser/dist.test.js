// The folder for a static host: the example post, the module for other sites, the package.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { eventually, launch, newPage, scratch } from './helper.js';
import { dist, host } from './host.js';
import { decodePng, difference, drawFlower, encodePng } from './picture.js';

const run = promisify(execFile);
const flower = drawFlower(400, 300);

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test('the post on one port takes the element from another, and nothing else before a reader asks', async () => {
  const loom = await host(dist, { headers: { 'Access-Control-Allow-Origin': '*' } });
  const blog = await host(dist, { rewrite: (text) => text.replace('../element.js', `${loom.origin}/element.js`) });
  const { page, problems } = await newPage(browser);
  await page.goto(`${blog.origin}/example/`);
  await page.locator('word-loom button.open').nth(1).waitFor();
  // Scrolling is no interaction.
  await page.locator('footer').scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  assert.deepEqual(loom.asked.map((path) => path.split('/').at(-1)), ['element.js', 'element.js', 'element.css']);
  assert(blog.asked.every((path) => /\.(html|css|jpg|svg)$/.test(path)), blog.asked.join(' '));

  for (const element of await page.locator('word-loom').all()) {
    await element.locator('button.open').click();
    await element.locator('.after canvas').waitFor();
  }
  const free = page.locator('word-loom').nth(1);
  await free.getByLabel('What should change?').fill('a darker background');
  await free.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.waitForFunction(() => document.querySelectorAll('word-loom')[1]?.getAttribute('prompt') === 'a darker background');
  assert.equal((await free.evaluate((element) => /** @type {any} */ (element).edit())).prompt, 'a darker background');
  assert.equal(loom.asked.filter((path) => path.endsWith('.wasm')).length, 1);
  assert.deepEqual(problems, []);
  await Promise.all([loom.stop(), blog.stop()]);
});

test('open(), edit(), close() from another site', async () => {
  const loom = await host(dist, { headers: { 'Access-Control-Allow-Origin': '*' } });
  const site = await host(dist, {
    pages: { '/flower.png': encodePng(flower), '/site.html': '<!doctype html><title>site</title><link rel="icon" href="data:,">' },
  });
  const { page, problems } = await newPage(browser);
  await page.goto(`${site.origin}/site.html`);
  const outcome = await page.evaluate(async (from) => {
    const { open } = /** @type {typeof import('../../www/types/wordloom.d.ts')} */ (await import(`${from}/wordloom.js`));
    const bytes = /** @type {number[]} */ ([]);
    const loom = await open({ progress: (received, total) => bytes.push(received / total) });
    const other = await open({ model: '' });
    const blob = await (await fetch('flower.png')).blob();
    const edit = await loom.edit(blob, 'make it qwrtzu blue', { strength: 0.5 });
    const file = async (/** @type {Blob} */ blob) => [...new Uint8Array(await blob.arrayBuffer())];
    const half = await file(await edit.toBlob());
    // Every kind of picture is the same photo.
    const bitmap = await createImageBitmap(blob);
    const canvas = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(bitmap, 0, 0);
    const data = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const kinds = ['flower.png', new URL('flower.png', location.href), bitmap, canvas, data,
      { width: data.width, height: data.height, pixels: () => new Uint8Array(data.data) }];
    const same = await Promise.all(kinds.map(async (kind) => file(await (await other.edit(kind, 'make it qwrtzu blue', { strength: 0.5 })).toBlob())));
    await edit.draw(0);
    const none = await file(await edit.toBlob());
    const mask = await edit.mask();
    const refused = await loom.edit(blob, 'qwrtzu').catch((error) => error.message);
    loom.close();
    const closed = await loom.edit(blob, 'purple').catch((error) => error.name);
    const still = (await other.edit(blob, 'purple')).prompt;
    other.close();
    const aborted = await open({ signal: AbortSignal.abort() }).catch((error) => error.name);
    return {
      half, none, refused, closed, still, aborted,
      progress: bytes.at(-1),
      unknown: edit.unknown,
      model: loom.model.name,
      mask: [mask.width, mask.height, mask.bytes.length, Math.max(...mask.bytes)],
      same: same.map((bytes) => bytes.join() === half.join()),
    };
  }, loom.origin);
  const changed = (/** @type {number[]} */ file) => difference(decodePng(Buffer.from(file)).pixels, flower.pixels);
  assert(changed(outcome.half).mean > 1);
  assert(changed(outcome.none).largest <= 1);
  assert.deepEqual(outcome.same, Array(6).fill(true));
  assert.deepEqual([outcome.progress, outcome.model, outcome.unknown], [1, 'editor', ['qwrtzu']]);
  assert.deepEqual(outcome.mask.slice(0, 3), [400, 300, 120_000]);
  assert((outcome.mask[3] ?? 0) > 128);
  assert.match(outcome.refused, /know/);
  assert.deepEqual([outcome.closed, outcome.still, outcome.aborted], ['AbortError', 'purple', 'AbortError']);
  await eventually(() => assert.equal(page.workers().length, 0));
  assert.deepEqual(problems, []);
  await Promise.all([loom.stop(), site.stop()]);
});

test('what can be compressed lies there compressed, and is the same', async () => {
  const all = await readdir(dist, { recursive: true, withFileTypes: true });
  const paths = all.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const plain = paths.filter((path) => /\.(html|js|css|json|svg|wasm)$/.test(path) && !path.endsWith('package.json'));
  assert(plain.length > 20);
  for (const path of plain) {
    const bytes = await readFile(path);
    assert(brotliDecompressSync(await readFile(`${path}.br`)).equals(bytes), path);
    assert(gunzipSync(await readFile(`${path}.gz`)).equals(bytes), path);
  }
  assert(!paths.some((path) => /safetensors\.(br|gz)$|\.rs$|made-from/.test(path)));
});

test('the package holds what it exports, with types that TypeScript takes, and nothing compressed', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { cwd: dist });
  const [pack] = JSON.parse(stdout);
  const files = new Set(pack.files.map((/** @type {{path: string}} */ { path }) => path));
  const { exports } = JSON.parse(await readFile(join(dist, 'package.json'), 'utf8'));
  for (const target of Object.values(exports).flatMap((target) => (typeof target === 'string' ? target : Object.values(target)))) {
    assert(files.has(target.slice(2)), target);
  }
  for (const end of ['.wasm', '.safetensors', 'worker.js', 'README.md', 'LICENSE-MIT']) assert([...files].some((path) => path.endsWith(end)), end);
  assert(![...files].some((path) => /\.(br|gz|html)$/.test(path)), [...files].join(' '));
  assert((await stat(join(dist, 'README.md'))).size > 500);

  const site = await scratch();
  await mkdir(join(site, 'node_modules'));
  await symlink(dist, join(site, 'node_modules/wordloom'));
  await writeFile(join(site, 'site.ts'), `
    import { open, type Edit } from 'wordloom';
    import { WordLoom } from 'wordloom/element';
    const loom = await open({ progress: (received, total) => received / total });
    const edit: Edit = await loom.edit(await loom.look('a.jpg'), 'purple', { strength: 0.5 });
    document.body.append(edit.canvas);
    const element: WordLoom = document.createElement('word-loom');
    element.addEventListener('edit', ({ detail }) => detail.prompt.length + detail.milliseconds);
    // @ts-expect-error
    await loom.edit(7);
    // @ts-expect-error
    element.reveal = 'never';
    // @ts-expect-error
    await loom.edit('a.jpg', 'purple', { seed: 7 });
    export {};`);
  const tsc = new URL('../../node_modules/typescript/bin/tsc', import.meta.url).pathname;
  const options = ['--strict', '--noEmit', '--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2022', '--preserveSymlinks', '--types', ''];
  await run(process.execPath, [tsc, ...options, 'site.ts'], { cwd: site }).catch(({ stdout }) => assert.fail(stdout));
});
