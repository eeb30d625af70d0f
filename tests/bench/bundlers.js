// `cargo xtask bench --bundlers`: the package that `cargo xtask dist` makes, installed into a fresh project of Vite and one
// of webpack as the README says: each is built, served as it lies there, and edits a photo in Chromium.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launch, newPage, scratch } from '../browser/helper.js';
import { dist, host } from '../browser/host.js';
import { decodePng, difference, drawFlower, encodePng } from '../browser/picture.js';

const run = promisify(execFile);
const flower = drawFlower(400, 300);

/** What the project itself has written. */
const MAIN = `
  /** @type {typeof import('wordloom')} */
  const { open } = await import(/* @vite-ignore */ /* webpackIgnore: true */ new URL('wordloom/www/wordloom.js', document.baseURI).href);
  const loom = await open();
  const edit = await loom.edit('flower.png', 'make the flower blue');
  document.body.append(edit.canvas);
  loom.close();`;
const PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>A site</title><link rel="icon" href="data:,">';

/** What each is installed with, how it is built, and its own files. */
const PROJECTS = {
  vite: {
    packages: ['vite@8'],
    build: ['vite', 'build'],
    files: {
      'index.html': `${PAGE}<body><script type="module" src="/main.js"></script></body></html>`,
      // Modules may wait at their top level.
      'vite.config.js': "export default { build: { target: 'es2022' } };",
      'main.js': MAIN,
    },
  },
  webpack: {
    packages: ['webpack@5', 'webpack-cli@7', 'copy-webpack-plugin@14'],
    build: ['webpack', '--mode=production'],
    files: {
      'public/index.html': `${PAGE}<body><script type="module" src="main.js"></script></body></html>`,
      'webpack.config.mjs': `import Copy from 'copy-webpack-plugin';
        export default { entry: './main.js', experiments: { outputModule: true }, output: { module: true, filename: 'main.js' }, 
          plugins: [new Copy({ patterns: [{ from: 'public', info: { minimized: true } }] })] };`,
      'main.js': MAIN,
    },
  },
};

const folder = await scratch();
await run('npm', ['pack', '--pack-destination', folder], { cwd: dist });
const [archive = ''] = await readdir(folder);
const browser = await launch();
for (const [name, { packages, build, files }] of Object.entries(PROJECTS)) {
  const project = await scratch();
  await mkdir(join(project, 'public/wordloom'), { recursive: true });
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  await writeFile(join(project, 'public/flower.png'), encodePng(flower));
  for (const [file, text] of Object.entries(files)) await writeFile(join(project, file), text);
  const began = performance.now();
  await run('npm', ['install', '--no-audit', '--no-fund', join(folder, archive), ...packages], { cwd: project });
  // The README's line.
  await run('sh', ['-c', 'cp -R node_modules/wordloom/[0-9]*/. public/wordloom'], { cwd: project });
  await run('npx', build, { cwd: project });
  const built = performance.now();

  const site = await host(join(project, 'dist'));
  const { page, problems } = await newPage(browser);
  await page.goto(`${site.origin}/`);
  await page.locator('canvas').waitFor({ timeout: 60_000 }).catch((error) => assert.fail([error, ...problems].join('\n')));
  const url = await page.locator('canvas').evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
  const { mean } = difference(decodePng(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')).pixels, flower.pixels);
  assert(mean > 1, 'nothing was edited');
  assert.deepEqual(problems, []);
  await site.stop();
  console.log(`${name}: installed and built in ${((built - began) / 1000).toFixed(0)} s; the page edits a photo (${mean.toFixed(1)} of 255 on average)`);
}
await browser.close();
