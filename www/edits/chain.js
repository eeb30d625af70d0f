// Edits on top of edits, in words.

/** All that was asked for to come to what is shown, in one sentence. @param {import('./edits.js').Edits} edits */
export function sentenceOf({ shown, all }) {
  const parts = [];
  for (let edit = shown; edit; edit = all.get(edit.from)) parts.unshift(edit.prompt);
  return parts.join(', ');
}
