// The page with several tiny models on its shelf: two subjects, and flowers in three layers.
import { createHash } from 'node:crypto';
import { address, loaded, newPage } from './helper.js';
import { tinyModel } from './tiny.js';

const LAYERS = /** @type {const} */ (['bilinear', 'concat', 'film']);
/** By name. @type {Record<string, Buffer>} */
const files = {};
for (const layer of LAYERS) files[layer === 'bilinear' ? 'flowers' : `flowers-${layer}`] = await tinyModel(layer);
files.clothing = await tinyModel('bilinear', 7);

/** As they are in a manifest. @type {import('../../www/load.js').Model[]} */
export const shelf = [
  { name: 'flowers', subject: 'flowers', fusion: 'bilinear', prompts: ['the petals are blue', 'purple'], prompts_zh: ['花瓣变成蓝色', '紫色'] },
  { name: 'flowers-concat', subject: 'flowers', fusion: 'concat', prompts: ['the petals are blue'] },
  { name: 'clothing', subject: 'clothes', prompts: ['make the zzshirt green', 'yellow'], prompts_zh: ['把衬衫变成绿色'], words: ['zzjeans'] },
  { name: 'flowers-film', subject: 'flowers', fusion: 'film', prompts: ['the petals are blue'] },
].map((model) => {
  const file = /** @type {Buffer} */ (files[model.name]);
  const sha256 = createHash('sha256').update(file).digest('hex');
  return /** @type {import('../../www/load.js').Model} */ ({ ...model, file: `${model.name}.safetensors`, bytes: file.length, sha256, edits: `${model.name} in the picture` });
});

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions & {models?: import('../../www/load.js').Model[], at?: string}} [options]
 */
export async function shelfPage(browser, { models = shelf, at = address, ...options } = {}) {
  const opened = await newPage(browser, options);
  /** The names of the models that were fetched. @type {string[]} */
  const fetched = [];
  await opened.context.route('**/weights/manifest.json', (route) => route.fulfill({ json: { models } }));
  await opened.context.route('**/weights/*.safetensors', (route) => {
    const name = new URL(route.request().url()).pathname.replace(/.*\/|\.safetensors$/g, '');
    fetched.push(name);
    return route.fulfill({ body: files[name] });
  });
  await opened.page.goto(at);
  await loaded(opened.page);
  return { ...opened, fetched };
}
