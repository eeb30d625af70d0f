import type { Type } from './wordloom.d.ts';

/** When the element loads what it needs: once a visitor presses it, or once it comes into view. */
export type Reveal = 'interaction' | 'visible';

export interface EditDetail {
  readonly prompt: string;
  /** Of the first picture, where pictures are made. */
  readonly seed?: number;
  readonly strength: number;
  /** Words of the prompt that nobody knows. */
  readonly unknown: readonly string[];
  /** What the prompt names and the photo lacks. */
  readonly missing: readonly string[];
  readonly milliseconds: number;
}

export interface WordLoomEvents {
  /** Bytes of engine and model so far, and in all. */
  progress: CustomEvent<{ received: number; total: number }>;
  /** An edit is shown. */
  edit: CustomEvent<EditDetail>;
  /** Something went wrong; the visitor has been told what. */
  error: CustomEvent<Error>;
}

/** `<word-loom>`. Every property but `lang` stands for the attribute of its name. */
export class WordLoom extends HTMLElement {
  /** The photo's address. Without the attribute: that of the first image in the element. */
  src: string;
  alt: string;
  prompt: string;
  model: string;
  /** `make`: pictures from the prompt alone. It counts when the element is opened. */
  mode: 'edit' | 'make';
  /** From 0 to 1. */
  strength: number;
  /** Of the first picture, with `mode="make"`: 0 to 4294967295. */
  seed: number | undefined;
  /** The address of a picture to show until the element is opened. */
  poster: string;
  reveal: Reveal;
  controls: boolean;

  /** Edits the photo with this prompt, which becomes the attribute; without one, with the attribute's. */
  edit(prompt?: string): Promise<EditDetail>;
  /** What is shown, as a file: the edit, or the photo where there is none. */
  toBlob(type?: Type): Promise<Blob>;

  addEventListener<K extends keyof WordLoomEvents>(type: K, listener: (this: WordLoom, event: WordLoomEvents[K]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof WordLoomEvents>(type: K, listener: (this: WordLoom, event: WordLoomEvents[K]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'word-loom': WordLoom;
  }
}
