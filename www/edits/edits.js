// What has been made of a photo, and what was looked at in which order. No pictures are computed here.

/**
 * An edit never changes: another strength is another edit of the same group, which all have one mask. `from`
 * is the edit it was made on top of, or 0 for the photo; `strokes` are what corrects its mask, as brush.rs
 * reads numbers; `reshapes`: things lie elsewhere than in the photo, by it or by what it was made on top of. The picture is kept for speed only: whatever is asked for in the same way comes out the same.
 *
 * @typedef {{from: number, prompt: string, strength: number, strokes?: string, reshapes?: boolean}} Recipe
 * @typedef {Recipe & {id: number, group: number, picture?: Blob, thumbnail?: HTMLCanvasElement}} Edit
 * @typedef {{shown: number, base: number}} Moment What is on the stage, and what the next sentence changes.
 * @typedef {{now: Moment, past: Moment[], future: Moment[]}} State
 */

/** How many steps can be taken back. */
const STEPS = 100;
/** What the compressed pictures may take: about eight of a phone's twelve megapixels. */
const BUDGET = 160e6;

export class Edits {
  /** @type {Map<number, Edit>} */
  all = new Map();
  /** @type {State} */
  state = { now: { shown: 0, base: 0 }, past: [], future: [] };

  /** The edit that is shown, if it is not the photo itself. */
  get shown() {
    return this.all.get(this.state.now.shown);
  }

  get now() {
    return this.state.now;
  }

  /** @param {Recipe} recipe */
  add(recipe) {
    const alike = [...this.all.values()].filter((edit) => place(edit) === place(recipe) && edit.strokes === recipe.strokes);
    const same = alike.find((edit) => edit.strength === recipe.strength);
    if (same) return same;
    const id = Math.max(0, ...this.all.keys()) + 1;
    /** @type {Edit} */
    const edit = { ...recipe, id, group: alike[0]?.group ?? id };
    this.all.set(id, edit);
    return edit;
  }

  /** Goes on, so that there is no redo any more. @param {Partial<Moment>} to */
  go(to) {
    const { now, past } = this.state;
    const next = { ...now, ...to };
    if (next.shown === now.shown && next.base === now.base) return;
    this.state = { now: next, past: [...past, now].slice(-STEPS), future: [] };
  }

  undo() {
    const { now, past, future } = this.state;
    const last = past.at(-1);
    if (last) this.state = { now: last, past: past.slice(0, -1), future: [now, ...future] };
  }

  redo() {
    const { now, past, future: [next, ...rest] } = this.state;
    if (next) this.state = { now: next, past: [...past, now], future: rest };
  }

  /**
   * Keeps a picture. That of another strength goes, and older ones where there are too many bytes of them.
   *
   * @param {Edit} edit
   * @param {Blob} picture
   * @returns {Edit[]} Those whose picture went.
   */
  keep(edit, picture) {
    edit.picture = picture;
    let bytes = 0;
    return [...this.all.values()].reverse().filter((other) => {
      bytes += other.picture?.size ?? 0;
      const wanted = [edit.id, this.now.shown, this.now.base].includes(other.id);
      if (!other.picture || wanted || (bytes <= BUDGET && other.group !== edit.group)) return false;
      delete other.picture;
      return true;
    });
  }
}

/** @param {Recipe} recipe */
function place({ from, prompt }) {
  return `${from} ${prompt}`;
}
