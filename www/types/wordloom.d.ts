/** A photo to edit: anything that a browser can draw, the address of a picture that may be read from here, or pixels. */
export type Picture = Blob | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | ImageBitmap | ImageData | string | URL | Pixels;

/** The same object is the same photo, which is looked at once for all the edits that follow each other. */
export interface Pixels {
  /** Of the numbers that `pixels` gives; sRGB without it. */
  readonly colorSpace?: PredefinedColorSpace;
  readonly width: number;
  readonly height: number;
  /** RGBA, asked for when the photo is looked at. What it returns is given away. */
  pixels(): Uint8Array<ArrayBuffer>;
}

/** Kinds of files that pictures are written as. */
export type Type = 'image/png' | 'image/jpeg' | 'image/webp';

export interface Opening {
  /** The model's name in `weights/manifest.json`; the first one there when it is left out. */
  model?: string;
  signal?: AbortSignal;
  /** Bytes of engine and model so far, and in all, after decompression. */
  progress?: (received: number, total: number) => void;
}

export interface Wish {
  /** From 0 (the photo) to 1 (the whole edit), which is what it is when left out. */
  strength?: number;
  signal?: AbortSignal;
}

/** What a model says about itself. */
export interface Model {
  readonly name: string;
  /** What it edits, in English: "colours of clothes, hair and flowers". */
  readonly edits: string;
  /** Sentences to try. */
  readonly prompts: readonly string[];
  /** The same in Chinese, where it reads that. */
  readonly prompts_zh?: readonly string[];
}

/** Where an edit changes its photo at full strength: a byte a pixel, 0 to 255. */
export interface Mask {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

export interface Edit {
  /** The edited photo, in the photo's own size. */
  readonly canvas: HTMLCanvasElement;
  readonly prompt: string;
  /** Words of the prompt that nobody knows. */
  readonly unknown: readonly string[];
  /** What the prompt names and the photo lacks. Where that is all of it, there is no edit: `edit()` rejects. */
  readonly missing: readonly string[];
  /** Repaints the canvas at another strength, mostly without running the network again. */
  draw(strength: number, signal?: AbortSignal): Promise<void>;
  mask(signal?: AbortSignal): Promise<Mask>;
  /** The picture as a file: a PNG, unless another type is asked for. */
  toBlob(type?: Type): Promise<Blob>;
}

export interface Loom {
  readonly model: Model;
  /**
   * Looks at a photo ahead of its edits. Hand what comes of it to `edit()`: it is the photo, read once, and is
   * looked at again only where another one was looked at since.
   */
  look(photo: Picture, signal?: AbortSignal): Promise<Pixels>;
  /** Edits take turns with those of everybody else on the page, and none is dropped. */
  edit(photo: Picture, prompt: string, wish?: Wish): Promise<Edit>;
  /** Gives the memory back, once everybody who opened this model has closed it. */
  close(): void;
}

/**
 * Loads engine and model, or joins those who have: everybody on a page shares one worker for a model.
 */
export function open(opening?: Opening): Promise<Loom>;
