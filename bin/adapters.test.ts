/** A command judged over the wire: what breaks is told from what is wrong, in one sentence, and nothing is lost. */
import { afterAll, describe, expect, it } from 'vitest';
import { adapter, keepprob, misbehaving, soon, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const globs = ['--only', 'dropout/kept-*', '--only', 'dropout/evaluation-is-*', '--only', 'dropout/dropped-*'];
let reports = 0;

/** Judges three clauses of dropout, of which one is about evaluation. */
async function check(command: readonly string[], ...options: readonly string[]) {
  const name = `${reports++}.json`;
  const args = ['check', ...soon, ...globs, ...options, '--report', `json=${folder.file(name)}`, '--', ...command];
  return { ...(await keepprob(args)), report: folder.report(name) };
}

it('a correct adapter conforms', async () => {
  const { code, stdout, report } = await check(adapter('inverted.mjs'));
  expect(stdout).toContain('inverted 1.0.0: conforms\n3 hold;');
  expect(code).toBe(0);
  expect(report).toMatchObject({ verdict: 'conforms', complete: true, implementation: { name: 'inverted' } });
});

it('a wrong adapter violates, with a line that asks again', async () => {
  const { code, stdout } = await check(adapter('unscaled.mjs'));
  expect(stdout).toContain('asked  x = [1] (float64), keepProb = 0.25\n  found  y[0] is 1, but must be 4');
  expect(stdout).toMatch(
    /^ {2}again {2}npx keepprob check --only \S+ --seed 1 --profile quick -- \S+ \S+adapter\.mjs \S+unscaled\.mjs$/m,
  );
  expect(code).toBe(1);
});

const { execPath } = process;

describe.concurrent('an adapter that does not start', () => {
  it.for<[string, readonly string[], string]>([
    ['is no command', ['no-such-command'], 'could not start no-such-command: no such command'],
    [
      'prints nothing and ends',
      ['true'],
      'exited with code 0 before it had answered hello (request 1): nothing came from its stdout',
    ],
    ['exits at once', misbehaving('exits at once'), 'the adapter exited with code 0 before it had answered hello'],
    [
      'fails at once',
      [execPath, '-e', 'console.error("no module named torch"); process.exit(1)'],
      'exited with code 1 before it had answered hello (request 1): nothing came from its stdout\nIts stderr ended:\nno module named torch',
    ],
    [
      'prints a banner',
      misbehaving('prints a banner'),
      'a line of JSON was expected, but this came: "Welcome to Adapter 2.0!" (stdout is for messages alone, logs belong on stderr)',
    ],
    ['prints half a line', [execPath, '-e', 'process.stdout.write(`{"id":1,`)'], 'a header line was not ended'],
    [
      'speaks another version',
      misbehaving('speaks another version'),
      'the answer to hello is malformed: protocol must be 1, got 2',
    ],
    ['does not echo what it was sent', misbehaving('drops a sign of zero'), 'echo'],
  ])('%s', async ([, command, sentence], { expect }) => {
    const { code, stdout, report } = await check(command);
    expect(stdout).toContain(sentence);
    expect(stdout).toContain('\nnothing was judged; seed 1');
    expect(code).toBe(4);
    expect(report).toMatchObject({ verdict: 'broken', complete: false, clauses: [] });
    expect(report.error).toContain(sentence);
  });

  it('says nothing', async ({ expect }) => {
    const start = Date.now();
    const { code, stdout } = await check(['sleep', '100'], '--timeout', '0.5');
    expect(stdout).toContain('the adapter did not answer hello (request 1) within 0.5 s and was killed');
    expect(code).toBe(4);
    expect(Date.now() - start).toBeLessThan(20_000);
  });
});

describe.concurrent('an adapter that breaks when it is asked', () => {
  it.for<[string, string]>([
    ['prints garbage', 'a line of JSON was expected, but this came: "epoch 1: loss 0.5"'],
    ['dies within a line', 'a header line was not ended'],
    ['dies within a payload', 'exited with code 0 before it had answered dropout'],
    ['answers with the wrong id', 'id must be 3, got 4'],
    ['announces too many bytes', `"bytes" must be 3, the sum of the tensors' sizes, got 4`],
    ['sends too many bytes', 'wrote more than its answer to dropout'],
    [
      'exits',
      'exited with code 3 before it had answered dropout (request 3); its stderr ended: Traceback: no such layer',
    ],
    ['is killed', 'was ended by SIGKILL before it had answered dropout'],
  ])('%s', async ([fault, sentence], { expect }) => {
    const { code, stdout, report } = await check(misbehaving(fault));
    expect(stdout).toContain(sentence);
    expect(stdout).toContain('misbehaving 1: broken\n3 broken; seed 1');
    expect(code).toBe(4);
    expect(report).toMatchObject({ verdict: 'broken', complete: true });
    for (const { verdict, message } of report.clauses) {
      expect(verdict).toBe('broken');
      expect(message).not.toBe('');
    }
  });

  it('hangs, and is killed within its time', async ({ expect }) => {
    // Long enough to start and to greet also on a busy machine.
    const { code, stdout } = await check(misbehaving('hangs'), '--timeout', '2');
    expect(stdout).toContain('the adapter did not answer dropout (request 3) within 2 s and was killed');
    expect(code).toBe(4);
  });
});

describe('an adapter that crashes in the middle', () => {
  it('is judged by the other clauses, and broken', async () => {
    const { code, stdout, report } = await check(adapter('inverted.mjs', 'crash'));
    expect(stdout).toContain('inverted 1.0.0: broken\n2 hold, 1 broken; seed 1');
    expect(stdout).toMatch(
      /broke {2}the adapter exited with code 7 before it had answered dropout \(request \d+\); its stderr ended: RuntimeError: no kernel for evaluation/,
    );
    expect(code).toBe(4);
    expect(report).toMatchObject({ verdict: 'broken', complete: true });
    const facts = report.clauses.map(({ id, verdict }) => [id.slice('dropout/'.length), verdict]);
    expect(facts).toEqual([
      ['kept-are-scaled-by-inverse-keep-prob', 'holds'],
      ['dropped-are-exactly-zero', 'holds'],
      ['evaluation-is-identity', 'broken'],
    ]);
    // A crash is no counterexample, and was not made smaller: it was met once.
    expect(report.clauses[2]).not.toHaveProperty('counterexample');
    expect(report.clauses[2].evidence).toMatchObject({ cases: 1 });
  });

  it('violates where another clause is refuted: that stands', async () => {
    const { code, stdout, report } = await check(adapter('unscaled.mjs', 'crash'));
    expect(stdout).toContain('unscaled 1.0.0: violates\n1 hold, 1 refuted, 1 broken; seed 1');
    expect(code).toBe(1);
    expect(report).toMatchObject({ verdict: 'violates', complete: true });
  });
});
