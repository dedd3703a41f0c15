/** The package: what npm packs of this checkout is complete, holds nothing else, and serves a user in all its ways. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, describe, expect, it, test } from 'vitest';
import { clauses } from '../properties/index.ts';
import { findImplementations } from '../src/implementations.ts';
import { projectFile } from '../src/root.ts';
import { version } from '../src/version.ts';
import { scaffoldedLanguages } from './init.ts';
import { pack, projectWith } from './testing/package.ts';

const packed = pack();
const user = projectWith(packed.tarball, ['vitest', 'typescript']);
afterAll(() => {
  packed.remove();
  user.remove();
});

const inside = (file: string): string => join(user.folder, 'node_modules/keepprob', file);

describe('the tarball', () => {
  it('holds what is built from a source that is there, and else nothing that git ignores', () => {
    const git = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      cwd: projectFile('.'),
      encoding: 'utf8',
    });
    const tracked = new Set(git.trim().split('\n'));
    const source = (file: string) => file.replace(/^dist\//, '').replace(/\.(?:d\.ts|js)$/, '.ts');
    const strange = packed.files.filter((file) => !tracked.has(file.startsWith('dist/') ? source(file) : file));
    expect(strange).toEqual([]);
  });

  it('leaves out tests, benchmarks and what only this repository does', () => {
    const strange = packed.files.filter((file) =>
      /(?:^|\/)\.|\.test\.|testing|^dist\/bench|table\.mjs|node_modules|tsconfig|\.config\./.test(file),
    );
    expect(strange).toEqual([]);
    expect(packed.size).toBeLessThan(1_000_000);
  });

  it('holds the specification, what NumPy said, and every implementation with its licence to be judged', () => {
    for (const stem of ['dropout', 'l2', 'decay', 'training'])
      expect(packed.files).toEqual(expect.arrayContaining([`spec/${stem}.md`, `golden/${stem}.json`]));
    const names = findImplementations().map(({ name }) => name);
    expect(findImplementations(inside('implementations')).map(({ name }) => name)).toEqual(names);
    expect(packed.files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'spec/protocol.md']));
  });

  it('has nothing that publint remarks', async () => {
    const { messages, pkg } = await publint({
      pack: { tarball: readFileSync(packed.tarball).buffer as ArrayBuffer },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  it('has types that are right for each of its entries', () => {
    const attw = projectFile('node_modules/.bin/attw');
    const { stdout, status } = user.run(attw, '--profile', 'esm-only', '--format', 'json', packed.tarball);
    const { analysis } = JSON.parse(stdout) as {
      readonly analysis: {
        readonly entrypoints: Readonly<Record<string, unknown>>;
        readonly problems: readonly { readonly resolutionKind?: string }[];
      };
    };
    // It also lists what its profile leaves out: CommonJS, which this package is not, and a resolution without exports.
    const counted = analysis.problems.filter(
      ({ resolutionKind = '' }) => !['node10', 'node16-cjs'].includes(resolutionKind),
    );
    expect(counted).toEqual([]);
    const entries = ['.', './package.json', './properties', './reference', './vitest'];
    expect(Object.keys(analysis.entrypoints).sort()).toEqual(entries);
    expect(status).toBe(0);
  });
});

const module = `export default {
  name: 'mine',
  version: '1.0.0',
  capabilities: { dropout: { dtypes: ['float64'] } },
  dropout({ keep_prob, training }, { x }) {
    if (!(keep_prob >= 0 && keep_prob <= 1)) throw Object.assign(new Error('no probability'), { code: 'invalid_argument' });
    const drop = (value) => (Math.random() < keep_prob ? FACTOR * value / keep_prob : 0);
    return { y: training ? { ...x, data: x.data.map(drop) } : x };
  },
};
`;
user.write('right.mjs', module.replace('FACTOR', '1'));
user.write('wrong.mjs', module.replace('FACTOR', '2'));

describe('npx keepprob, where it is installed', () => {
  const keepprob = (...args: readonly string[]) => user.run('npx', '--no', '--', 'keepprob', ...args);
  const quick = ['check', '--profile', 'quick', '--seed', '1', '--only', 'dropout/k*', '--only', 'dropout/golden'];

  it('judges, keeps a report, replays it, and names the likely fault', () => {
    const { status, stdout } = keepprob(...quick, '--report', 'json=report.json', 'wrong.mjs');
    expect(stdout).toContain('mine 1.0.0: violates');
    expect(stdout).toMatch(/^likely {2}dropout\//m);
    expect(status).toBe(1);
    const again = keepprob('replay', 'report.json', 'dropout/golden', 'wrong.mjs');
    expect(again.stdout).toMatch(/but must be/);
    expect(again.status).toBe(1);
    expect(keepprob(...quick, 'right.mjs').status).toBe(0);
  });

  it('merges shards', () => {
    for (const shard of ['1', '2'])
      keepprob(...quick, '--shard', `${shard}/2`, '--report', `json=${shard}.json`, 'right.mjs');
    const { status, stdout } = keepprob('merge', '1.json', '2.json');
    expect(stdout).toContain('mine 1.0.0: conforms');
    expect(status).toBe(0);
  });

  it('knows the specification, the faults, and the implementations that come with it', () => {
    expect(keepprob('--version').stdout).toBe(`${version}\n`);
    const list = keepprob('list').stdout;
    for (const { id } of clauses) expect(list).toContain(id);
    expect(keepprob('explain', 'dropout/keep-rate').stdout).toContain('dropout/keep-rate');
    expect(keepprob('faults').status).toBe(0);
    expect(keepprob('fingerprint', 'right.mjs').stdout).toContain('mine 1.0.0');
    const { stdout } = keepprob(...quick, 'node_modules/keepprob/implementations/typescript-reference');
    expect(stdout).toContain(`keepprob-reference ${version}: conforms`);
  });

  it.each(scaffoldedLanguages)('scaffolds %s', (language) => {
    const { status, stdout } = keepprob('init', language, `init-${language}`);
    expect(stdout).toContain(`wrote init-${language}/`);
    expect(status).toBe(0);
  });
});

test('a program judges a clause, with the library, the clauses and the reference', () => {
  user.write(
    'program.mjs',
    `import { judge, verify, connect, moduleChannel, profileFor, totalWeightOf } from 'keepprob';
import { clauses } from 'keepprob/properties';
import reference, { createReference } from 'keepprob/reference';
import manifest from 'keepprob/package.json' with { type: 'json' };
import wrong from './wrong.mjs';

const report = await judge(wrong, { profile: 'quick', seed: 1, only: ['dropout/kept-*'] });
const clause = clauses.find(({ id }) => id === 'dropout/evaluation-is-identity');
const subject = await connect(moduleChannel(createReference()));
const budget = { profile: profileFor('quick', 1), seed: 1, falseAlarm: 1e-9, totalWeight: totalWeightOf(clauses), golden: async () => [] };
const finding = await verify(clause, subject, budget);
console.log(JSON.stringify([report.verdict, finding.verdict, reference.name, manifest.version]));
`,
  );
  const { stdout, stderr } = user.run(process.execPath, '--no-warnings', 'program.mjs');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(['violates', 'holds', 'keepprob-reference', version]);
});

test('under vitest each clause is a test', () => {
  user.write('vitest.config.mjs', "export default { test: { include: ['*.test.mjs'] } };\n");
  user.write(
    'dropout.test.mjs',
    `import { describeConformance } from 'keepprob/vitest';
import right from './right.mjs';
describeConformance('mine', right, { seed: 1 });
`,
  );
  const { status } = user.run('node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--outputFile=tests.json');
  const { numTotalTests, numFailedTests, numPassedTests } = JSON.parse(
    readFileSync(join(user.folder, 'tests.json'), 'utf8'),
  );
  expect({ status, numTotalTests, numFailedTests }).toEqual({
    status: 0,
    numTotalTests: clauses.length,
    numFailedTests: 0,
  });
  expect(numPassedTests).toBeGreaterThan(10);
});

describe('a TypeScript program', () => {
  user.write(
    'program.ts',
    `import { type Implementation, type JudgeOptions, judge, type Report, tensor } from 'keepprob';
import { clauses } from 'keepprob/properties';
import { createReference } from 'keepprob/reference';
import { type ConformanceOptions, describeConformance } from 'keepprob/vitest';

const mine: Implementation = {
  name: 'mine',
  version: '1.0.0',
  capabilities: { dropout: { dtypes: ['float64'], gradient: true } },
  dropout: (_, { x }) => ({ y: tensor(x.dtype, x.shape, x.data) }),
};
const options: JudgeOptions & ConformanceOptions = { profile: 'quick', seed: 1 };
export const report: Report = await judge(mine, { ...options, only: clauses.map(({ id }) => id) });
export const ids: readonly string[] = report.clauses.map(({ id }) => id);
describeConformance('mine', createReference(), options);
// @ts-expect-error: there is no such profile
export const wrong = judge({ command: ['python3', 'adapter.py'] }, { profile: 'fast' });
`,
  );

  it.each([
    ['nodenext', 'nodenext'],
    ['bundler', 'preserve'],
  ])('is checked with moduleResolution %s, the declarations of the package with it', (moduleResolution, module) => {
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'es2023', lib: ['es2023'], types: [] },
      ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
    };
    user.write(`tsconfig.${module}.json`, JSON.stringify({ compilerOptions, files: ['program.ts'] }));
    const { stdout, status } = user.run('node_modules/typescript/bin/tsc', '-p', `tsconfig.${module}.json`);
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});

test('every file that its documents link to is there, or in the repository alone', () => {
  for (const document of ['README.md', 'spec/README.md', 'golden/README.md', 'implementations/README.md']) {
    const links = [...readFileSync(inside(document), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
      ([, path]) => path,
    );
    const missing = links.filter((path) => !existsSync(join(inside(document), '..', path)));
    // Those who have the package alone neither change it nor measure it.
    expect(
      missing.filter((path) => !/^(?:\.\.\/)?(?:CONTRIBUTING\.md|bench\/|site|src\/|properties)/.test(path)),
      document,
    ).toEqual([]);
  }
});
