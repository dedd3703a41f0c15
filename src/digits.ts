/** The hand-written digits that trends are measured on: `golden/digits.json`, `keepprob-digits/1`. Browser-safe. */

export interface Digits {
  /** [count, pixels], row by row, each from 0 to 1. */
  readonly images: readonly Float64Array[];
  /** 0 … 9, one an image. */
  readonly labels: readonly number[];
}

/** How many kinds there are to tell apart. */
export const classes = 10;

/**
 * The images of a file: a text each, whose letters are the pixels, the first letter for the darkest of them.
 *
 * @throws TypeError where the file says something else
 */
export function decodeDigits(json: unknown): Digits {
  const { format, symbols, labels, images } = (json ?? {}) as Readonly<Record<string, unknown>>;
  if (format !== 'keepprob-digits/1') throw new TypeError(`format must be keepprob-digits/1, got ${format}`);
  if (typeof symbols !== 'string' || typeof labels !== 'string' || !Array.isArray(images))
    throw new TypeError('symbols and labels must be texts, and images a list');
  if (labels.length !== images.length || !/^[0-9]+$/.test(labels))
    throw new TypeError(`labels must be a digit for each of the ${images.length} images, got ${labels.length}`);
  return { images: images.map((image, i) => pixelsOf(image, symbols, i)), labels: Array.from(labels, Number) };
}

function pixelsOf(image: unknown, symbols: string, at: number): Float64Array {
  const pixels = Float64Array.from(String(image), (symbol) => symbols.indexOf(symbol) / (symbols.length - 1));
  if (pixels.length !== 64 || pixels.some((pixel) => pixel < 0))
    throw new TypeError(`images[${at}] must be 64 letters out of ${symbols}, got ${image}`);
  return pixels;
}
