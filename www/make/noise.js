// What a picture is drawn from: the numbers of a seed, or of several mixed by their shares. The library makes a
// mixture as wide as one seed's numbers, whatever the shares add up to.

/** @typedef {readonly (readonly [seed: number, share: number])[]} Noise */

/** How many pictures are made at a time. */
export const ROW = 6;
/** How much of a new seed there is in what is near a picture. */
const NEAR = 0.4;
/** What is less of a mixture is not seen. */
const LEAST = 0.02;
/** Seeds that an address may mix: nobody comes to as many. */
const MOST = 64;

/** @param {number} seed Of the first of them. @param {number} [count] @returns {Noise[]} */
export function row(seed, count = ROW) {
  return Array.from({ length: count }, (_, i) => [[(seed + i) >>> 0, 1]]);
}

/** What is near a picture's noise. @param {Noise} noise @param {number} seed */
export function near(noise, seed) {
  return mixed([noise, 1], [[[seed >>> 0, 1]], NEAR]);
}

/** Even steps from one to another, without the ends. @param {Noise} one @param {Noise} other */
export function between(one, other) {
  return Array.from({ length: ROW }, (_, i) => {
    // Numbers of different seeds stand at right angles.
    const angle = (i + 1) / (ROW + 1) * Math.PI / 2;
    return mixed([one, Math.cos(angle)], [other, Math.sin(angle)]);
  });
}

/** As an address says it: "7" is a seed, "7-928*12-371" two of them with their shares in thousandths. @param {Noise} noise */
export function nameOf(noise) {
  return noise.map(([seed, share]) => (share === 1 ? seed : `${seed}-${Math.round(share * 1000)}`)).join('*');
}

/** What has this name; nothing where there is no such noise. @param {string} name @returns {Noise | undefined} */
export function noiseOf(name) {
  const noise = name.split('*').map((part) => /^(\d{1,10})(?:-(\d{1,4}))?$/.exec(part) ?? [])
    .map(([, seed = NaN, share = 1000]) => /** @type {const} */ ([Number(seed), Number(share) / 1000]));
  return noise.length <= MOST && noise.every(([seed, share]) => seed < 2 ** 32 && share > 0) ? noise : undefined;
}

/** @param {[noise: Noise, share: number][]} parts @returns {Noise} */
function mixed(...parts) {
  /** @type {Map<number, number>} */
  const sums = new Map();
  for (const [noise, share] of parts) {
    const length = Math.hypot(...noise.map(([, part]) => part));
    for (const [seed, part] of noise) sums.set(seed, (sums.get(seed) ?? 0) + share * part / length);
  }
  const length = Math.hypot(...sums.values());
  // So few digits that an address has room for them.
  return [...sums].map(([seed, sum]) => /** @type {const} */ ([seed, Math.round(sum / length * 1000) / 1000])).filter(([, share]) => share >= LEAST);
}
