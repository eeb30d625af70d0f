// The element in a page of its own, for an iframe: the parameters of the address are its attributes.
const root = document.documentElement;

// The element's file is loaded by its address, alone, as other sites load it.
const { WordLoom } = await import('./element.js');
const element = document.createElement('word-loom');
for (const [name, value] of new URLSearchParams(location.search)) {
  if (name === 'lang') root.lang = value;
  // As high as what it shows, which the page around it has to know.
  else if (name === 'height') root.classList.toggle('auto', value === 'auto');
  else if (WordLoom.observedAttributes.includes(name)) element.setAttribute(name, value);
}
document.getElementById('main')?.append(element);

if (root.classList.contains('auto')) {
  const tell = () => parent.postMessage({ wordloom: { height: Math.ceil(root.getBoundingClientRect().height) } }, '*');
  new ResizeObserver(tell).observe(root);
}

// A module may wait at its top.
export {};
