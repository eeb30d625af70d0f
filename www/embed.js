// The element in a page of its own, for an iframe: the parameters of the address are its attributes.
import { WordLoom } from './element.js';

const element = document.createElement('word-loom');
for (const [name, value] of new URLSearchParams(location.search)) {
  if (name === 'lang') document.documentElement.lang = value;
  else if (WordLoom.observedAttributes.includes(name)) element.setAttribute(name, value);
}
document.getElementById('main')?.append(element);
