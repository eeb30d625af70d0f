// Keeps the page for visits without a network. `cargo xtask dist` puts it beside the page and fills
// in the next two lines. A version's files lie in a folder of its name and never change, and the
// page names that folder: so whatever is kept, scripts, wasm and model are of one version.
const VERSION = '';
const FILES = /** @type {string[]} */ ([]);

/** How long a visitor with a poor network waits for a newer page than the one kept. */
const PATIENCE_MS = 3000;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const { scope } = worker.registration;
/** Of this place alone: other places of the host may have a page, too. */
const CACHES = `wordloom-page ${scope} `;
/** What another program shares with the page waits here until handed.js takes it. */
const SHARED = `wordloom-shared ${scope}`;

// There is no skipWaiting: while a tab of an older version is open, its files stay.
worker.addEventListener('install', (event) => event.waitUntil(keep()));
worker.addEventListener('activate', (event) => event.waitUntil(forgetOlder()));
worker.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  if (method === 'POST' && url === `${scope}?shared`) event.respondWith(shared(event.request));
  if (method !== 'GET' || !url.startsWith(scope)) return;
  event.respondWith(mode === 'navigate' ? page(event.request) : file(event.request));
});

async function keep() {
  const cache = await caches.open(CACHES + VERSION);
  const fixed = (/** @type {string} */ name) => name.startsWith(`${VERSION}/`);
  const put = async (/** @type {string} */ name) => {
    const response = await fetch(name, { cache: fixed(name) ? 'default' : 'no-cache' });
    if (!response.ok) throw new Error(`${name}: the server answered ${response.status}`);
    const body = await response.blob();
    // A newer page may have come in between; its own service worker will keep it.
    if (!fixed(name) && !(await body.text()).includes(VERSION)) throw new Error(`${name} is of another version`);
    // A copy: browsers refuse a page that was redirected, as some hosts do with "embed.html".
    await cache.put(name, new Response(body, { headers: response.headers }));
  };
  await Promise.all(FILES.filter(fixed).map(put));
  // Pages come last: where there is one, all that it needs is there.
  await Promise.all(FILES.filter((name) => !fixed(name)).map(put));
}

async function forgetOlder() {
  const old = (await caches.keys()).filter((name) => name.startsWith(CACHES) && name !== CACHES + VERSION);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/**
 * The newest page there is: the server's, or where it does not answer the one kept.
 *
 * @param {Request} request
 */
async function page(request) {
  const answer = fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const soon = /** @type {Response | undefined} */ (await Promise.race([answer, late]).catch(() => undefined));
  if (soon && soon.status < 500) return soon;
  const name = request.url.replace(/[?#].*/, '').replace(/index\.html$/, '');
  return await kept(name) ?? answer;
}

/** Photos that are shared with the page: no server gets them. @param {Request} request */
async function shared(request) {
  await caches.delete(SHARED);
  // Where there is no room, the page says that it found nothing.
  await keepShared(request).catch(() => {});
  return Response.redirect(`${scope}?shared`, 303);
}

/** @param {Request} request */
async function keepShared(request) {
  const form = await request.formData();
  const cache = await caches.open(SHARED);
  const puts = [...form.getAll('photos'), form.get('words')].map((part, i) => part
    && cache.put(`${scope}shared/${i}`, new Response(part, part instanceof File ? { headers: { 'X-Name': encodeURIComponent(part.name) } } : {})));
  await Promise.all(puts);
}

/** @param {Request} request */
async function file(request) {
  return await kept(request.url) ?? fetch(request);
}

/** What the newest version that has it keeps; it may be one that still waits for old tabs to close. @param {string} url */
async function kept(url) {
  for (const cacheName of (await caches.keys()).reverse()) {
    const found = cacheName.startsWith(CACHES) && await caches.match(url, { cacheName });
    if (found) return found;
  }
  return undefined;
}
