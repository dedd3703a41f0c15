import { expect, it } from 'vitest';
import { type Report, reportOf } from './report.ts';
import { runsOf } from './runs.ts';
import { findingOf } from './testing.ts';

const report = (name: string, shard?: number, isKnown = true): Report =>
  reportOf({
    version: '0.1.0',
    seed: 1,
    profile: 'quick',
    falseAlarm: 1e-9,
    started: new Date(0),
    implementation: { name, version: '1', ...(isKnown ? { capabilities: {} } : {}) },
    findings: [findingOf()],
    diagnosis: [],
    complete: true,
    strict: false,
    ...(shard === undefined ? {} : { shard: { of: 3, parts: [shard] } }),
  });

const [a1, a2, b1] = [report('a', 1), report('a', 2), report('b', 1)];
const whole = report('a');

it('shards of one implementation are one run, and whole runs one each', () => {
  expect(runsOf([a1, whole, b1, a2, report('c')])).toEqual([[a1, a2], [whole], [b1], [report('c')]]);
});

it('a whole run that comes twice counts once', () => {
  expect(runsOf([whole, report('a'), report('a', 1)])).toEqual([[whole], [report('a', 1)]]);
});

it('a shard that could not ask belongs to the only run there is, or to the one of its name', () => {
  const stray = report('python3 adapter.py', 2, false);
  expect(runsOf([a1, stray])).toEqual([[a1, stray]]);
  expect(runsOf([a1, report('a', 2, false), b1])).toEqual([[a1, report('a', 2, false)], [b1]]);
  expect(() => runsOf([a1, b1, stray])).toThrow(
    'a shard could not ask python3 adapter.py, and there are shards of a and b: merge those of each first',
  );
});
