// The ways a photo gets in: paste, camera, an address; and files that are no photos.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { address, ask, choose, encode, launch, newPage, openPage, says, shown } from './helper.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(['--use-fake-device-for-media-stream']); });
after(() => browser.close());

/** @param {import('playwright-core').Page} page @param {number} width */
function opened(page, width) {
  return page.waitForFunction((width) => /** @type {HTMLCanvasElement | null} */ (document.querySelector('.before canvas'))?.width === width, width);
}

/**
 * Pastes as browsers do: an event with data, where the keyboard is.
 *
 * @param {import('playwright-core').Page} page
 * @param {{png?: string, text?: string}} data
 */
function paste(page, data) {
  return page.evaluate(({ png, text }) => {
    const clipboardData = new DataTransfer();
    if (text) clipboardData.setData('text/plain', text);
    if (png) clipboardData.items.add(new File([Uint8Array.from(atob(png), (c) => c.charCodeAt(0))], 'image.png', { type: 'image/png' }));
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
    return event.defaultPrevented;
  }, data);
}

test('a pasted picture is opened, wherever the keyboard is; pasted words are left to the sentence', async () => {
  const { page, problems } = await openPage(browser);
  const flower = (/** @type {number} */ width) => encodePng(drawFlower(width, 90)).toString('base64');
  assert(await paste(page, { png: flower(120) }));
  await opened(page, 120);
  await page.focus('#prompt');
  assert(await paste(page, { png: flower(130) }));
  await opened(page, 130);
  assert.equal(await paste(page, { png: flower(140), text: 'make it blue' }), false);
  await page.focus('.split');
  await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  await paste(page, { text: 'no picture' });
  await says(page, /no picture in what was pasted/);
  await opened(page, 130);
  assert.deepEqual(problems, []);
});

/** Another site: it lets others read some of its pictures. */
async function site() {
  const png = encodePng(drawFlower(150, 100));
  /** @type {import('node:http').IncomingMessage[]} */
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const path = request.url ?? '';
    if (!path.startsWith('/closed')) response.setHeader('Access-Control-Allow-Origin', '*');
    if (path.endsWith('.png')) response.end(png);
    else if (path.endsWith('.html')) response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>A page</title>');
    else if (path.endsWith('.pdf')) response.end('%PDF-1.7');
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
}

test('a picture is fetched from an address only when one asks for it; each failure says what to do', async () => {
  const { origin, asked, close } = await site();
  const { context, page } = await openPage(browser);
  /** @type {string[]} */
  const requests = [];
  context.on('request', (request) => requests.push(request.url()));
  await page.click('#address-open');
  assert.match(await page.locator('#address-note').textContent() ?? '', /own host/);
  const fetch = async (/** @type {string} */ url) => {
    await page.fill('#address', url);
    await page.press('#address', 'Enter');
  };
  await fetch(`${origin}/open/garden%20bed.png`);
  await opened(page, 150);
  assert.equal(await page.locator('#address-form').isVisible(), false);
  // What asks for it comes from the page's own host.
  assert.deepEqual(requests.filter((url) => !url.startsWith(`${address}www/`)), [`${origin}/open/garden%20bed.png`]);
  assert.equal(asked[0]?.headers.referer, undefined);
  assert.equal(asked[0]?.headers.cookie, undefined);

  await page.click('#address-open');
  await fetch(new URL('www/samples/dahlia.jpg', address).href);
  await opened(page, 640);
  const kept = await shown(page, 'before');
  await page.click('#address-open');
  for (const [url, words] of /** @type {[string, RegExp][]} */ ([
    [`${origin}/closed/garden.png`, /could not be fetched from 127\.0\.0\.1:\d+.*CORS.*Save the picture/],
    [`${origin}/gone`, /answered 404/],
    [`${origin}/open/page.html`, /a web page, not a picture/],
    [`${origin}/open/paper.pdf`, /it is PDF/],
    ['garden.png', /no address of a picture: “garden\.png”/],
    ['ftp://example.org/garden.png', /no address/],
  ])) {
    await fetch(url);
    await page.waitForFunction(() => !document.getElementById('status')?.textContent);
    await says(page, words);
    assert.equal(await page.locator('#address').inputValue(), url);
    assert.equal(await shown(page, 'before'), kept);
  }
  close();
});

test('a picture from the webcam; its light goes out with the dialog', async () => {
  const { context, page, problems } = await openPage(browser);
  await context.grantPermissions(['camera']);
  await page.click('#camera');
  // Kept, as the page lets go of it.
  const stream = await page.waitForFunction(() => /** @type {HTMLVideoElement} */ (document.getElementById('camera-video'))?.srcObject);
  const ended = (/** @type {import('playwright-core').JSHandle} */ stream) => page.waitForFunction((stream) => !/** @type {MediaStream} */ (stream).active, stream);
  await page.waitForFunction(() => /** @type {HTMLVideoElement} */ (document.getElementById('camera-video'))?.videoWidth);
  await page.keyboard.press('Escape');
  await ended(stream);
  assert.equal(await page.locator('.before canvas').count(), 0);

  await page.click('#camera');
  const width = await (await page.waitForFunction(() => /** @type {HTMLVideoElement} */ (document.getElementById('camera-video'))?.videoWidth)).jsonValue();
  const second = await page.waitForFunction(() => /** @type {HTMLVideoElement} */ (document.getElementById('camera-video'))?.srcObject);
  await page.click('#camera-take');
  await opened(page, Number(width));
  await ended(second);
  assert.equal(await page.locator('#camera-dialog').isVisible(), false);
  assert.deepEqual(problems, []);
});

test('a camera that is refused or missing says so', async () => {
  const { page } = await newPage(browser);
  await page.addInitScript(() => {
    const errors = ['NotAllowedError', 'NotFoundError', 'NotReadableError'];
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', errors.shift()));
  });
  await page.goto(address);
  for (const words of [/not allowed to use the camera.*settings/, /No camera was found/, /another program/]) {
    await page.click('#camera');
    await says(page, words);
    assert.equal(await page.locator('#camera-dialog').isVisible(), false);
  }
});

test('on a phone, the camera is its own app', async () => {
  const { page } = await openPage(browser, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.tap('#camera')]);
  assert.equal(await chooser.element().getAttribute('capture'), 'environment');
  await chooser.setFiles({ name: 'taken.png', mimeType: 'image/png', buffer: encodePng(drawFlower(160, 90)) });
  await opened(page, 160);
});

test('a file that the browser cannot show is named by its format, whatever it is called', async () => {
  const { page } = await openPage(browser);
  const flower = drawFlower(120, 90);
  await choose(page, 'flower.png', encodePng(flower));
  await ask(page, 'make it blue');
  const edit = await shown(page);
  const jpeg = await encode(page, flower, 'image/jpeg');
  const box = (/** @type {string} */ brand) => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0${'\0'.repeat(40)}`, 'latin1');
  for (const [bytes, words] of /** @type {[Buffer, RegExp][]} */ ([
    [box('heic'), /it is HEIC.*Save it as JPEG/],
    [box('mif1'), /it is HEIC/],
    [box('crx '), /it is Canon RAW/],
    [box('isom'), /it is MP4/],
    [Buffer.from('II*\0\x08\0\0\0\0\0'), /it is TIFF/],
    [Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1'), /it is JPEG XL/],
    [Buffer.from('8BPS\0\x01'), /it is Photoshop/],
    [Buffer.from('%PDF-1.4'), /it is PDF/],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), /it is SVG/],
    [jpeg.subarray(0, 60), /the JPEG file is damaged/],
    [Buffer.from('words'), /Choose a JPEG, PNG, WebP/],
    [Buffer.alloc(0), /the file is empty/],
  ])) {
    await page.evaluate(() => { /** @type {HTMLElement} */ (document.getElementById('error')).textContent = ''; });
    await choose(page, 'holiday.jpg', bytes, 'image/jpeg');
    await says(page, words);
    await says(page, /“holiday\.jpg” could not be read/);
    assert.equal(await shown(page), edit);
  }
});
