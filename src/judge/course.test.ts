import { describe, expect, it } from 'vitest';
import type { Tally } from '../clause.ts';
import { type Course, courseOf, furtherCourse } from './course.ts';
import { rateOf } from './testing.ts';

const after = (looks: readonly Tally[]): Course => looks.reduce(furtherCourse, []);

describe('a course', () => {
  it('begins with the first look, ends with the last, and grows by a tenth or more in between', () => {
    const looks = Array.from({ length: 5000 }, (_, i) => [100 + 7 * i, 50 + i]);
    const course = after(looks);
    expect([course[0], course.at(-1)]).toEqual([looks[0], looks.at(-1)]);
    const factors = course.slice(1, -1).map(([trials], i) => trials / course[i][0]);
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(1.1);
    expect(Math.max(...factors)).toBeLessThan(1.2);
  });

  it('of ten thousand million draws has some hundred points', () => {
    const looks: Tally[] = [];
    for (let trials = 4096; trials < 1e10; trials *= 1.03) looks.push([Math.round(trials), 0]);
    expect(after(looks).length).toBeLessThan(160);
  });

  it('is kept of few rates, and of nothing else', () => {
    expect(courseOf([rateOf('heads', 0.5, 0.01)])).toEqual([[]]);
    expect(courseOf(Array.from({ length: 9 }, () => rateOf('heads', 0.5, 0.01)))).toBeUndefined();
    expect(courseOf([{ law: 'pairs', rate: 0.5, epsilon: 0.1, event: 'after another' }])).toBeUndefined();
  });
});
