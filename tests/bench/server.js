// Serves our page, and the other runtime with the same weights, alike: brotli, and no caching.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm' };
/** What shrinks; weights do not, and our page counts their bytes. */
const SHRINKS = new Set(Object.keys(TYPES));

/**
 * @param {string} root The repository.
 * @param {Record<string, string>} folders Folders elsewhere, by the first part of their address.
 * @returns {Promise<{origin: string, sent(): number, close(): void}>} `sent` is all bytes so far, without headers.
 */
export async function serve(root, folders) {
  /** @type {Map<string, Promise<Buffer>>} */
  const bodies = new Map();
  let sent = 0;
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
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, sent: () => sent, close: () => server.close() };
}
