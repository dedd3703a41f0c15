import { describe, expect, it } from 'vitest';
import { map, mapValues, sum, zerosLike } from './floats.ts';

describe('zerosLike', () => {
  it('is of the format and the size of its model, or of another size', () => {
    expect(zerosLike(Float32Array.of(1, 2))).toEqual(new Float32Array(2));
    expect(zerosLike(Float64Array.of(1, 2), 3)).toEqual(new Float64Array(3));
  });
});

describe('map', () => {
  it('asks f once an element, with its index, and rounds to the format', () => {
    const asked: [number, number][] = [];
    const mapped = map(Float32Array.of(3, 4), (value, i) => {
      asked.push([value, i]);
      return value / 10;
    });
    expect(asked).toEqual([
      [3, 0],
      [4, 1],
    ]);
    expect(mapped).toEqual(Float32Array.of(0.3, 0.4));
  });
});

describe('sum', () => {
  it('adds the values, or what f makes of them, in float64', () => {
    expect(sum(new Float64Array())).toBe(0);
    expect(sum(Float32Array.of(2 ** 24, 1, 1))).toBe(2 ** 24 + 2);
    expect(sum(Float64Array.of(1, 2, 3), (value) => value * value)).toBe(14);
  });
});

describe('mapValues', () => {
  it('changes each entry, which f may tell by its name', () => {
    expect(mapValues({ a: 1, b: 2 }, (value, name) => `${name}${value}`)).toEqual({ a: 'a1', b: 'b2' });
  });
});
