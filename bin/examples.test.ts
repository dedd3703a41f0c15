/** The workflow for GitHub Actions, run as GitHub would: each job in a folder of its own, with nothing but artifacts between them. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Report } from '../src/report/report.ts';
import { projectFile } from '../src/root.ts';
import { fixture, temporaryFolder } from './testing/command.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Job {
  readonly steps: readonly Step[];
  readonly if?: string;
}

interface Workflow {
  readonly jobs: {
    readonly shard: Job & {
      readonly strategy: { readonly matrix: { readonly shard: readonly number[] }; readonly 'fail-fast': boolean };
    };
    readonly merge: Job & { readonly needs: string };
  };
}

const workflow: Workflow = parse(readFileSync(projectFile('examples/github/keepprob.yml'), 'utf8'));
const { shard, merge } = workflow.jobs;
/** The matrix, cut down: with fewer shards it is a smaller matrix, to keepprob too. */
const shards = shard.strategy.matrix.shard.slice(0, 3);

const folder = temporaryFolder();
afterAll(folder.remove);

/** What `${{ … }}` may ask for. */
type Context = Readonly<Record<string, string>>;

/** The files of one run's artifacts, by the artifacts' names. */
type Artifacts = Map<string, string>;

interface Ended {
  readonly failed: boolean;
  /** What all steps wrote. */
  readonly output: string;
}

/** A text with its expressions replaced by their values. */
function evaluated(text: string, context: Context): string {
  return text.replaceAll(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
    const value = context[expression];
    if (value === undefined) throw new Error(`the workflow asks for ${expression}, which this test does not know`);
    return value;
  });
}

/** Whether it is done although something failed before. */
const isDoneAnyway = ({ if: condition }: Step | Job): boolean => condition === `\${{ !cancelled() }}`;

async function runJob(name: string, { steps }: Job, context: Context, artifacts: Artifacts): Promise<Ended> {
  const workspace = folder.file(name);
  mkdirSync(workspace);
  let ended: Ended = { failed: false, output: '' };
  for (const step of steps) {
    if (ended.failed && !isDoneAnyway(step)) continue;
    const { failed, output } = await runStep(step, { workspace, context, artifacts });
    ended = { failed: ended.failed || failed, output: ended.output + output };
  }
  return ended;
}

interface Surroundings {
  readonly workspace: string;
  readonly context: Context;
  readonly artifacts: Artifacts;
}

const done: Ended = { failed: false, output: '' };

async function runStep({ uses, run = '', ...step }: Step, surroundings: Surroundings): Promise<Ended> {
  const { workspace, context, artifacts } = surroundings;
  const input = (name: string): string => evaluated(step.with?.[name] ?? '', context);
  switch (uses?.split('@')[0]) {
    case 'actions/checkout':
    case 'actions/setup-node':
      return done;
    case 'actions/upload-artifact': {
      const file = join(workspace, input('path'));
      if (!existsSync(file)) return { failed: input('if-no-files-found') === 'error', output: `no file ${file}\n` };
      artifacts.set(input('name'), file);
      return done;
    }
    case 'actions/download-artifact': {
      expect(String(step.with?.['merge-multiple'])).toBe('true');
      const prefix = input('pattern').replace(/\*$/, '');
      for (const [name, file] of artifacts) {
        if (name.startsWith(prefix)) cpSync(file, join(workspace, input('path'), basename(file)));
      }
      return done;
    }
    case undefined:
      if (run !== 'npm ci') return runShell(evaluated(run, context), workspace);
      mkdirSync(join(workspace, 'node_modules/.bin'), { recursive: true });
      symlinkSync(projectFile('bin/keepprob.js'), join(workspace, 'node_modules/.bin/keepprob'));
      return done;
    default:
      throw new Error(`the workflow uses ${uses}, which this test does not know`);
  }
}

/** As GitHub runs a step's script: by bash, which ends at the first command that fails. */
function runShell(script: string, workspace: string): Promise<Ended> {
  const file = `${workspace}.sh`;
  writeFileSync(file, script);
  const child = spawn('bash', ['-e', file], { cwd: workspace, timeout: 100_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      resolve({ failed: code !== 0, output: `${output}exit code ${code}\n` });
    });
  });
}

/** The shards of one run side by side, then their merge. */
async function runWorkflow(module: string) {
  const context: Context = {
    'env.TARGET': `--profile quick --only 'dropout/keep-rate' --only 'dropout/kept-*' ${fixture(module)}`,
    'github.run_number': '12',
    'strategy.job-total': String(shards.length),
  };
  const artifacts: Artifacts = new Map();
  const ended = await Promise.all(
    shards.map((index) =>
      runJob(`${module}-${index}`, shard, { ...context, 'matrix.shard': String(index) }, artifacts),
    ),
  );
  const anyFailed = ended.some(({ failed }) => failed);
  expect(anyFailed && !isDoneAnyway(merge), 'the merge must be done after a shard that failed').toBe(false);
  return { context, artifacts, ended, merged: await runJob(`${module}-merge`, merge, context, artifacts) };
}

const reportIn = (artifacts: Artifacts): Report => JSON.parse(readFileSync(artifacts.get('keepprob') ?? '', 'utf8'));

describe('examples/github/keepprob.yml', () => {
  const correct = runWorkflow('inverted.mjs');

  it('numbers its shards from 1', () => {
    const { matrix } = shard.strategy;
    expect(matrix.shard).toEqual(matrix.shard.map((_, index) => index + 1));
  });

  it('passes a correct implementation', async () => {
    const { artifacts, ended, merged } = await correct;
    for (const { failed, output } of ended) expect(failed, output).toBe(false);
    expect(merged.output).toContain('inverted 1.0.0: conforms\n2 hold; seed 12, profile quick');
    expect(merged.failed).toBe(false);
    expect(reportIn(artifacts)).toMatchObject({ complete: true, shard: { of: shards.length, parts: shards } });
  });

  it('fails where a report is lost, and names its shard', async () => {
    const { context, artifacts } = await correct;
    const others: Artifacts = new Map([...artifacts].filter(([name]) => name !== 'shard-3'));
    const { failed, output } = await runJob('lost', merge, context, others);
    expect(output).toContain(`the report of shard 3 of ${shards.length} is missing`);
    expect(output).toContain('exit code 3\n');
    expect(failed).toBe(true);
  });

  it('fails a wrong implementation, and says why in the merge', async () => {
    expect(shard.strategy['fail-fast']).toBe(false);
    const { artifacts, ended, merged } = await runWorkflow('unscaled.mjs');
    expect(ended.filter(({ failed }) => failed)).toHaveLength(1);
    expect(merged.output).toContain('y[0] is 1, but must be 4');
    expect(merged.output).toContain('exit code 1\n');
    expect(merged.failed).toBe(true);
    expect(reportIn(artifacts).verdict).toBe('violates');
  });
});
