// The pictures, in rows: each row is of one wish.
import { ROW } from './noise.js';
import { Tile } from './tile.js';
import { make } from '../ui/parts.js';

export class Grid {
  #label;
  /** @type {{root: HTMLElement, tiles: Tile[]}[]} */
  #rows = [];

  root = make('div', { class: 'pictures' });

  /** @param {string} label What they are, where a row has no title. */
  constructor(label) {
    this.#label = label;
    this.clear();
  }

  get #tiles() {
    return this.#rows.flatMap(({ tiles }) => tiles);
  }

  /** The pictures that are there, row by row. */
  get rows() {
    return this.#rows.map(({ tiles }) => tiles.filter((tile) => tile.finished)).filter((tiles) => tiles.length);
  }

  get pictures() {
    return this.rows.flat();
  }

  get chosen() {
    return this.pictures.filter((tile) => tile.chosen);
  }

  /** @param {boolean} busy */
  set busy(busy) {
    this.root.ariaBusy = String(busy);
  }

  /** Chooses none. */
  release() {
    for (const tile of this.#tiles) tile.chosen = false;
  }

  /** Nothing but places for the first pictures. */
  clear() {
    this.#rows = [];
    const places = Array.from({ length: ROW }, () => make('li', { class: 'tile' }, make('div', { class: 'picture' })));
    this.root.replaceChildren(make('ul', { 'aria-hidden': 'true' }, ...places));
  }

  /**
   * One more row, of pictures that are still to come.
   *
   * @param {import('./tile.js').Options} options
   * @param {readonly import('./tile.js').Wanted[]} wanted
   * @param {string} title May be empty.
   */
  add(options, wanted, title) {
    const first = this.#tiles.length + 1;
    const tiles = wanted.map((wanted, i) => new Tile(options, wanted, first + i));
    const row = make('div', { class: 'row' }, make('ul', { 'aria-label': title || this.#label }, ...tiles.map(({ root }) => root)));
    // The list is called by it.
    if (title) row.prepend(make('p', { class: 'title', 'aria-hidden': 'true' }, title));
    if (!this.#rows.length) this.root.replaceChildren();
    this.#rows.push({ root: row, tiles });
    this.root.append(row);
    return { row, tiles };
  }

  /** Takes the places away that no picture came to. */
  tidy() {
    for (const row of this.#rows) {
      for (const tile of row.tiles) if (!tile.finished) tile.root.remove();
      row.tiles = row.tiles.filter((tile) => tile.finished);
      if (!row.tiles.length) row.root.remove();
    }
    this.#rows = this.#rows.filter(({ tiles }) => tiles.length);
    if (!this.#rows.length) this.clear();
  }

  /** Shows where a word acted. @param {number | undefined} word */
  point(word) {
    for (const tile of this.#tiles) tile.point(word);
  }
}
