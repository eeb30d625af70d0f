// A static host, as one finds them: a folder's files as they are, or as .br where the browser takes it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { scratch } from './helper.js';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.svg': 'image/svg+xml', '.webmanifest': 'application/manifest+json', '.jpg': 'image/jpeg', '.png': 'image/png', '.wasm': 'application/wasm',
};

/**
 * @typedef {object} Options
 * @property {Record<string, string>} [headers] Sent with every file.
 * @property {Record<string, string | Buffer>} [pages] Files that are in no folder, by their address.
 * @property {(text: string, path: string) => string} [rewrite] What becomes of HTML.
 * @property {string} [folder] Where on the host all of it lies.
 *
 * @typedef {{origin: string, address: string, asked: string[], root: string, delay: number, stop(): Promise<void>, start(): Promise<void>}} Host
 *   `address` is that of the folder; `asked` are the addresses of all requests so far, the method before those that are no GET; another `root` is what it serves from then on,
 *   and `delay` how many milliseconds later.
 */

/**
 * @param {string} root
 * @param {Options} [options]
 * @returns {Promise<Host>}
 */
export async function host(root, { headers = {}, pages = {}, rewrite = (text) => text, folder = '' } = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).replace(/\/$/, '/index.html');
    own.asked.push(request.method === 'GET' ? path : `${request.method} ${path}`);
    const inside = path.startsWith(`${folder}/`) ? path.slice(folder.length) : 'nowhere';
    await setTimeout(own.delay, undefined, { ref: false });
    const kind = extname(path);
    try {
      const br = await (request.headers['accept-encoding']?.includes('br') && kind !== '.html' ? readFile(join(own.root, `${inside}.br`)).catch(() => undefined) : undefined);
      const plain = pages[inside] ?? br ?? await readFile(join(own.root, inside));
      const body = kind === '.html' ? rewrite(String(plain), path) : plain;
      response.writeHead(200, {
        'Content-Type': /** @type {Record<string, string>} */ (TYPES)[kind] ?? 'application/octet-stream',
        'Cache-Control': 'no-cache',
        ...(br && { 'Content-Encoding': 'br' }),
        ...headers,
      }).end(body);
    } catch {
      response.writeHead(404, headers).end('There is no such file here.\n');
    }
  });
  const start = (/** @type {number} */ port) => new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  // A test that fails must not keep the runner waiting.
  server.unref();
  await start(0);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  /** @type {Host} */
  const own = {
    origin: `http://127.0.0.1:${port}`,
    address: `http://127.0.0.1:${port}${folder}`,
    asked: [],
    root,
    delay: 0,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(() => resolve(undefined)));
    },
    async start() {
      await start(port);
    },
  };
  return own;
}

/** The folder that `cargo xtask dist` makes. */
export const dist = process.env.WORDLOOM_DIST ?? '';
assert(dist, 'WORDLOOM_DIST has to be a folder made by cargo xtask dist (cargo xtask test sets it)');

export const VERSION = /\d+\.\d+\.\d+-[0-9a-f]{10}/;

/** The next version, with another script and another wasm; the old one is gone, as hosts do it. */
export async function nextVersion() {
  const folder = await scratch();
  await cp(dist, folder, { recursive: true });
  const old = (await readdir(folder)).find((name) => VERSION.test(name)) ?? '';
  const version = old.replace(/-.*/, '-0123456789');
  await rename(join(folder, old), join(folder, version));
  for (const name of ['index.html', 'embed.html', 'manifest.webmanifest', 'sw.js', 'element.js', 'wordloom.js']) {
    const text = await readFile(join(folder, name), 'utf8');
    await writeFile(join(folder, name), text.replaceAll(old, version));
    await rm(join(folder, `${name}.br`));
  }
  const pkg = join(folder, version, 'pkg/cpu');
  // A section of its own is legal, and means nothing.
  const wasm = Buffer.concat([await readFile(join(pkg, 'wordloom_bg.wasm')), Buffer.from([0, 6, 4, ...Buffer.from('next'), 0])]);
  const sha256 = createHash('sha256').update(wasm).digest('hex');
  await writeFile(join(pkg, 'wordloom_bg.wasm'), wasm);
  await writeFile(join(pkg, 'manifest.json'), JSON.stringify({ files: { 'wordloom_bg.wasm': { bytes: wasm.length, sha256 } } }));
  for (const name of ['wordloom_bg.wasm.br', 'manifest.json.br']) await rm(join(pkg, name));
  return { folder, version, old, bytes: wasm.length };
}
