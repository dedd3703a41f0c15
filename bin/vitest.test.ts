/** The vitest binding, used as its users do: on the reference, and on what a run of vitest says of a wrong module. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { projectFile } from '../src/root.ts';

// In the project, so that `vitest` and `keepprob` are found as they are by one who has installed them.
const folder = mkdtempSync(join(projectFile('.'), '.vitest-binding-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** What vitest says of the tests of a dropout that scales by `factor / keep_prob`. */
function outcomeOf(factor: number): ReadonlyMap<string, { readonly status: string; readonly message: string }> {
  const file = join(folder, `factor-${factor}.test.mjs`);
  writeFileSync(
    file,
    `import { describeConformance } from 'keepprob/vitest';
const drop = (x, keepProb) => x.map((value) => (Math.random() < keepProb ? (${factor} * value) / keepProb : 0));
describeConformance('my dropout', {
  name: 'my dropout',
  version: '1.0.0',
  capabilities: { dropout: { dtypes: ['float64'] } },
  dropout({ keep_prob, training }, { x }) {
    if (!(keep_prob >= 0 && keep_prob <= 1)) throw Object.assign(new Error('no probability'), { code: 'invalid_argument' });
    return { y: training ? { ...x, data: drop(x.data, keep_prob) } : x };
  },
}, { seed: 1 });
`,
  );
  writeFileSync(join(folder, 'vitest.config.mjs'), "export default { test: { include: ['*.test.mjs'] } };\n");
  const report = join(folder, `factor-${factor}.json`);
  const args = [
    'vitest',
    'run',
    '--root',
    folder,
    '--config',
    join(folder, 'vitest.config.mjs'),
    '--reporter=json',
    `--outputFile=${report}`,
    file,
  ];
  spawnSync('npx', args, { cwd: projectFile('.') });
  const outcome = JSON.parse(readFileSync(report, 'utf8')) as Outcome;
  return new Map(
    outcome.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .map(({ title, status, failureMessages }) => [
        title.split(':', 1)[0],
        { status, message: failureMessages.join() },
      ]),
  );
}

const scale = 'dropout/kept-are-scaled-by-inverse-keep-prob';

test('each clause is a test: of a correct dropout all pass that are about it', () => {
  const found = outcomeOf(1);
  const failed = [...found].filter(([, { status }]) => status === 'failed');
  expect(failed).toEqual([]);
  expect(found.get(scale)?.status).toBe('passed');
  expect(found.get('dropout/keep-rate')?.status).toBe('passed');
  expect(found.get('l2/golden')?.status).toBe('skipped');
});

test('of a wrong one those fail that it breaks, with the counterexample', () => {
  const found = outcomeOf(2);
  expect(found.get(scale)?.status).toBe('failed');
  expect(found.get(scale)?.message).toMatch(/y\[0\] is 8, but must be 4/);
  expect(found.get('dropout/evaluation-is-identity')?.status).toBe('passed');
});
