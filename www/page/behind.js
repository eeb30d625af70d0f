// What comes behind the page: the first view waits for none of it.
import { arriving } from '../ui/dom.js';

/**
 * @typedef {object} Behind What of it is here.
 * @property {import('../sentence/cloths.js').Cloths} [cloths]
 * @property {import('../sentence/point.js').Pointing} [pointing]
 * @property {import('../sentence/live.js').Live} [live]
 * @property {import('../brush/brush.js').Brush} [brush]
 * @property {typeof import('../edits/strip.js')} [strip]
 * @property {boolean} [saves] Whether what "Save" offers is.
 *
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {import('./models.js').Models} models
 * @property {import('../engine/engine.js').Engine} engine
 * @property {import('../edits/keep.js').Keep} keep
 * @property {import('../edits/work.js').Work} work
 * @property {import('../stage/stage.js').Stage} stage
 * @property {import('../sentence/prompt.js').Prompt} prompt
 * @property {() => number} strength
 * @property {(source: ImageBitmapSource, name: string) => Promise<void>} choose Opens a photo.
 * @property {(files: File[]) => Promise<void>} gather Many of them.
 * @property {() => Promise<void>} ask Carries the sentence out.
 * @property {() => void} refresh Something else is to be shown beside the stage.
 * @property {(error: unknown) => void} fail
 */

/** @param {Options} options @param {Behind} behind @param {Promise<void>} started Settles when the model has come, or not. */
export function follow(options, behind, started) {
  const { models, refresh, fail } = options;
  const { listed } = models;
  void arriving('export.js', import('../save/export.js')).then(({ waysOut }) => {
    waysOut(options);
    behind.saves = true;
    refresh();
  }).catch(fail);
  void import('../edits/strip.js').then((module) => {
    behind.strip = module;
    refresh();
  }).catch(() => {});
  void listed.then(async () => {
    const { Cloths } = await import('../sentence/cloths.js');
    behind.cloths = await Cloths.make(options);
  }).catch(() => {});
  void listed.then(async () => {
    // Side by side: what is pressed soon should not wait for another.
    const [{ Live }, { Pointing }, { Brush }, layers] = await Promise.all([import('../sentence/live.js'), import('../sentence/point.js'), import('../brush/brush.js'),
      models.compares ? import('../compare/compare.js') : undefined]);
    await Promise.all([
      Live.make(options).then((made) => { behind.live = made; }),
      Pointing.make(options).then((made) => {
        behind.pointing = made;
        made.show();
      }),
      Brush.make(options).then((made) => { behind.brush = made; }),
      layers?.compare(options),
    ]);
  }).catch(() => {});
  // A photo that was shared with the page is opened where no list of models comes, too.
  void Promise.race([listed, started]).then(async () => {
    const { more } = await import('./more.js');
    await more(options);
  }).catch(() => {});
  void listed.then(async () => {
    if (!models.maker) return;
    const { tabs } = await arriving('tabs.js', import('./tabs.js'));
    await tabs(options);
  }).catch(fail);
}
