// An engine of its own on an empty page, for tests that look behind it.
import { address, newPage } from './helper.js';

/**
 * The engine, once it has settled on a device; the page has it as `engine`. `patch` is the worker's last line: it may count,
 * or break the GPU.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {'auto' | 'cpu' | 'gpu'} wanted
 * @param {{patch?: string, route?: (context: import('playwright-core').BrowserContext) => Promise<unknown>,
 *         as?: import('playwright-core').BrowserContextOptions}} [options]
 *   `route` may answer other requests than the host.
 */
export async function engineOn(browser, wanted, { patch = '', route: answer, as } = {}) {
  const { page, context, problems } = await newPage(browser, as);
  await answer?.(context);
  await context.route('**/www/engine/worker.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}\n${patch}` });
  });
  await page.goto(new URL('weights/manifest.json', address).href);
  await page.evaluate(async ({ at, wanted }) => {
    const [{ Engine }, { catalogue }] = await Promise.all(['engine/engine', 'engine/load'].map((name) => import(new URL(`www/${name}.js`, at).href)));
    const { signal } = new AbortController();
    const engine = new Engine();
    Object.assign(globalThis, { engine });
    const settled = new Promise((resolve) => engine.addEventListener('device', resolve, { once: true }));
    await engine.open(signal, (await catalogue(signal)).parts, undefined, wanted);
    await settled;
  }, { at: address, wanted });
  return { page, problems };
}
