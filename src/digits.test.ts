import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeDigits } from './digits.ts';
import { projectFile } from './root.ts';

describe('the digits', () => {
  const { images, labels } = decodeDigits(JSON.parse(readFileSync(projectFile('golden/digits.json'), 'utf8')));

  it('are those of the source: 1 797, so many of each class', () => {
    const counts = Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
    // As the documentation of the data set says.
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    expect(images).toHaveLength(1797);
  });

  it('have 64 pixels from 0 to 1, of which the source sums up to 561 718 sixteenths', () => {
    const sixteenths = images.reduce((sum, image) => sum + image.reduce((of, pixel) => of + 16 * pixel, 0), 0);
    expect(sixteenths).toBe(561718);
    for (const image of images) expect(image).toHaveLength(64);
  });

  it.each([
    [{}, 'format must be keepprob-digits/1, got undefined'],
    [{ format: 'keepprob-digits/1', symbols: '01', labels: '1', images: [] }, 'labels must be a digit for each'],
    [{ format: 'keepprob-digits/1', symbols: '01', labels: '1', images: ['2'] }, 'images[0] must be 64 letters'],
    [{ format: 'keepprob-digits/1' }, 'symbols and labels must be texts'],
  ])('are refused where %j', (json, message) => {
    expect(() => decodeDigits(json)).toThrow(message);
  });
});
