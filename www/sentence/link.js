// A link says how an edit is made: sentence and strength, behind the #, which browsers send to no
// server. Never the photo.

/** @typedef {{prompt: string, strength: number}} Link */

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
  return { prompt, strength: strength >= 0 && strength <= 1 ? strength : 1 };
}
