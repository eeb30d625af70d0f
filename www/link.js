// A link says how an edit is made: sentence, seed, strength and model, behind the #, which browsers
// send to no server. Never the photo.

/** @typedef {{prompt: string, seed?: number, strength: number, model?: string}} Link */

/** @param {Link} link */
export function linkTo({ prompt, seed, strength, model }) {
  const parts = new URLSearchParams({ prompt });
  if (seed !== undefined) parts.set('seed', String(seed));
  parts.set('strength', String(strength));
  if (model) parts.set('model', model);
  const url = new URL(location.href);
  url.hash = parts.toString();
  return url.href;
}

/**
 * What a link says; whatever makes no sense in it is as if it were not there.
 *
 * @returns {Link | undefined}
 */
export function linkHere() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const prompt = parts.get('prompt')?.slice(0, 2000);
  if (!prompt?.trim()) return undefined;
  const strength = Number.parseFloat(parts.get('strength') ?? '1');
  return {
    prompt,
    seed: seedOf(parts.get('seed') ?? ''),
    strength: strength >= 0 && strength <= 1 ? strength : 1,
    model: parts.get('model') ?? undefined,
  };
}

/** A seed is a whole number of 32 bits. @param {string} text */
export function seedOf(text) {
  const seed = Number(text.trim() || Number.NaN);
  return Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32 ? seed : undefined;
}
