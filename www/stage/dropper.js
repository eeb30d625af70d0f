// The eyedropper: a colour from the picture on the stage, by a press on it, or by arrow keys and Space.
import { Aim } from './aim.js';

/** As many CSS pixels a side are averaged: a photo has a grain. */
const SIDE = 5;

/**
 * @param {import('./stage.js').Stage} stage
 * @param {string} name What a screen reader calls it.
 * @param {(colour: string) => void} picked `#rrggbb`
 * @param {() => void} off It is put away.
 */
export function dropper(stage, name, picked, off) {
  const aim = new Aim(stage, {
    name,
    move: (aim) => aim.ring.style.setProperty('--seen', colour(aim) ?? 'transparent'),
    // A finger that comes down may still look for it.
    up: (aim) => {
      const found = colour(aim);
      if (!found) return;
      aim.off();
      picked(found);
    },
    off,
  });
  aim.ring.classList.add('drop');
  return aim;
}

/** Nothing where there is no picture, or nothing to see of it. @param {Aim} aim */
function colour({ at, seen }) {
  const side = seen && Math.max(1, Math.round(SIDE * seen.width / at.width));
  const [x, y] = seen && side ? [at.x * seen.width - side / 2, at.y * seen.height - side / 2].map(Math.round) : [];
  if (!seen || !side || x === undefined || y === undefined) return undefined;
  const { data } = /** @type {CanvasRenderingContext2D} */ (seen.getContext('2d', { willReadFrequently: true })).getImageData(x, y, side, side, { colorSpace: 'srgb' });
  const sum = [0, 0, 0, 0];
  // What is transparent counts as little as it shows.
  data.forEach((value, i) => { sum[i % 4] = (sum[i % 4] ?? 0) + (i % 4 < 3 ? value * (data[i | 3] ?? 0) : value); });
  const [r = 0, g = 0, b = 0, opaque = 0] = sum;
  return opaque ? `#${[r, g, b].map((value) => Math.round(value / opaque).toString(16).padStart(2, '0')).join('')}` : undefined;
}
