// Serves our page, and the other runtime with the same weights, alike: brotli, and no caching.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm' };
/** What shrinks; weights do not, and our page counts their bytes. */
const SHRINKS = new Set(Object.keys(TYPES));

/** Bytes that a slow line brings at once. */
const PACKET = 1 << 14;

/**
 * @param {string} root The repository.
 * @param {Record<string, string>} folders Folders elsewhere, by the first part of their address.
 * @returns {Promise<{origin: string, sent(): number, line(bits: number): void, close(): void}>} `sent` is
 *   all bytes so far, without headers; `line` sends that many bits a second from then on, to all together.
 */
export async function serve(root, folders) {
  /** @type {Map<string, Promise<Buffer>>} */
  const bodies = new Map();
  let sent = 0;
  let bits = Infinity;
  /** When the line is free again. */
  let free = 0;
  const write = async (/** @type {import('node:http').ServerResponse} */ response, /** @type {Buffer} */ bytes) => {
    for (let at = 0; bits < Infinity && at < bytes.length; at += PACKET) {
      const packet = bytes.subarray(at, at + PACKET);
      free = Math.max(free, performance.now()) + 8000 * packet.length / bits;
      await setTimeout(free - performance.now());
      response.write(packet);
    }
    response.end(bits < Infinity ? undefined : bytes);
  };
  const body = async (/** @type {string} */ path) => {
    const [, first = '', ...rest] = path.split('/');
    const bytes = await readFile(first in folders ? join(folders[first] ?? '', ...rest) : join(root, path));
    if (!SHRINKS.has(extname(path))) return bytes;
    return promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  };
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    if (pathname === '/blank.html') {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>bench</title>');
      return;
    }
    try {
      if (!bodies.has(pathname)) bodies.set(pathname, body(pathname));
      const bytes = await bodies.get(pathname) ?? Buffer.of();
      sent += bytes.length;
      const end = extname(pathname);
      response.setHeader('Content-Type', /** @type {Record<string, string>} */ (TYPES)[end] ?? 'application/octet-stream');
      response.setHeader('Cache-Control', 'no-store');
      if (SHRINKS.has(end)) response.setHeader('Content-Encoding', 'br');
      await write(response, bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, sent: () => sent, line: (rate) => { bits = rate; }, close: () => server.close() };
}
