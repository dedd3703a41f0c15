import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Breakage, Refusal } from '../errors.ts';
import type { Subject } from '../subject.ts';
import { tensor } from '../tensor.ts';
import type { Channel } from './channel.ts';
import { connect } from './connect.ts';
import { killAdapters } from './groups.ts';
import { processChannel } from './process.ts';

const testing = (name: string): string => fileURLToPath(new URL(`./testing/${name}`, import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'keepprob-'));
const open: Channel[] = [];
let files = 0;

const opened = (channel: Channel): Channel => {
  open.push(channel);
  return channel;
};

const closeAll = () => Promise.all(open.splice(0).map((channel) => channel.close()));

/** The channel to a correct adapter. */
const correct = (): Channel =>
  opened(processChannel({ command: process.execPath, args: ['adapter.mjs'], cwd: testing('') }));

/** The channel to an adapter with that fault, and the path of a file that is its own. */
function misbehaving(fault: string, timeout = 30): { channel: Channel; file: string } {
  files++;
  const file = join(folder, `${files}`);
  const args = [testing('misbehaving.mjs'), fault, file];
  return { channel: opened(processChannel({ command: process.execPath, args, timeout })), file };
}

const x = tensor('float64', [2], [1, 2]);
const ask = (subject: Subject) => subject.dropout({ x, keepProb: 0.5, training: true });
const askDirectly = (channel: Channel) => channel.ask({ op: 'dropout', args: {}, tensors: { x } });

const breakageOf = async (question: Promise<unknown>): Promise<Breakage> => {
  const error = await question.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Breakage) return error;
  throw new Error(`a breakage was expected, got ${error}`);
};

/** Whether no process has that id. One that is killed may take a moment to go. */
async function isGone(pid: number): Promise<boolean> {
  for (let waited = 0; waited < 5000; waited += 20) {
    if (!isRunning(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody has reaped is dead, too.
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

afterAll(() => rmSync(folder, { recursive: true }));

// Most of these tests wait for a process, so they wait together.
describe.concurrent('an adapter process', () => {
  afterAll(closeAll);

  test('answers, refuses and lives on', async () => {
    const subject = await connect(correct());
    expect(subject.identity).toEqual({ name: 'little', version: '1.0.0', language: 'javascript' });
    const u = tensor('float64', [2], [0.4999, 0.5]);
    const { y, mask, dx } = await subject.dropout({ x, dy: x, u, keepProb: 0.5, training: true });
    expect(y).toEqual(tensor('float64', [2], [2, 0]));
    expect(dx).toEqual(y);
    expect(mask).toEqual(tensor('uint8', [2], [1, 0]));
    const refusal = await subject.dropout({ x, keepProb: NaN, training: true }).catch((error: unknown) => error);
    expect(refusal).toEqual(new Refusal('invalid_argument', 'keep_prob must be in [0, 1], got NaN'));
    expect(refusal).toHaveProperty('code', 'invalid_argument');
    const parameters = { W1: tensor('float64', [2], [3, 4]), b1: tensor('float64', [1], [5]) };
    const penalty = { parameters, roles: { W1: 'weight', b1: 'bias' }, lambda: 2 } as const;
    expect(await subject.penalty(penalty)).toEqual({ value: 25, gradients: {} });
    const { gradients } = await subject.penalty({ ...penalty, gradient: true });
    expect(gradients).toEqual({ W1: tensor('float64', [2], [6, 8]), b1: tensor('float64', [1], [0]) });
  });

  test.each([
    [
      'prints garbage',
      /^the adapter answered dropout \(request 3\) wrongly: a line of JSON was expected, but this came: "epoch 1: loss 0.5" \(stdout is for messages alone, logs belong on stderr\)$/,
    ],
    ['prints JSON that is no object', /wrongly: a JSON object was expected, but this came: "\[1, 2\]"$/],
    ['prints bytes that are no text', /wrongly: a line of JSON was expected, but this came: "\uFFFD\uFFFD"/],
    [
      'dies within a line',
      /^the adapter exited with code 0 before it had answered dropout \(request 3\): a header line was not ended: "{\\"id\\":3,\\"ok\\":tr"$/,
    ],
    ['dies within a payload', /: of the 16 bytes that the header announces, only 11 came$/],
    ['answers with the wrong id', /wrongly: id must be 3, got 4$/],
    [
      'answers twice',
      /^the adapter wrote more than its answer to dropout \(request 3\): "{\\"id\\":3.* after its end$/,
    ],
    ['announces too many bytes', /wrongly: "bytes" must be 3, the sum of the tensors' sizes, got 4 in "/],
    [
      'sends too many bytes',
      /^the adapter wrote more than its answer to dropout \(request 3\): "defgh" after its end$/,
    ],
    ['invents a dtype', /wrongly: tensor "y" has the unknown dtype "float8"$/],
    ['has a negative axis', /wrongly: the shape of tensor "y" must be an array of integers from 0 on, got \[-1\]$/],
    [
      'claims what no machine holds',
      /wrongly: tensor "y" of shape \[1125899906842624\] is larger than this machine can hold$/,
    ],
    [
      'writes an endless line',
      /wrongly: a header line of at most 1048576 bytes was expected, but a longer one came: "aaa/,
    ],
    ['forgets ok', /wrongly: "ok" is missing$/],
    [
      'invents an error code',
      /wrongly: error.code must be one of "invalid_argument", "unsupported", "internal", got "oops"$/,
    ],
    ['exits', /^the adapter exited with code 3 before it had answered dropout \(request 3\)$/],
    ['is killed', /^the adapter was ended by SIGKILL before it had answered dropout \(request 3\)$/],
    ['closes its stdout', /^the adapter closed its stdout and lived on$/],
  ])('that %s is broken, and says so in one sentence', async (fault, sentence) => {
    const subject = await connect(misbehaving(fault).channel);
    const { message, kind } = await breakageOf(ask(subject));
    expect(message).toMatch(sentence);
    expect(message).not.toContain('\n');
    expect(kind).toBe(/^the adapter (exited|was ended)/.test(message) ? 'crashed' : 'spoke wrongly');
  });

  test.each([
    [
      'exits at once',
      'the adapter exited with code 0 before it had answered hello (request 1): nothing came from its stdout',
    ],
    ['prints a banner', 'a line of JSON was expected, but this came: "Welcome to Adapter 2.0!"'],
    ['refuses hello', 'hello must be answered, but was refused with internal: not today'],
    ['speaks another version', 'the answer to hello is malformed: protocol must be 1, got 2'],
    ['has no name', 'the answer to hello is malformed: "name" is missing'],
    [
      'declares a wrong dtype',
      'capabilities.dropout.dtypes[1] must be one of "float64", "float32", "float16", "bfloat16", got "double"',
    ],
    [
      'drops a sign of zero',
      'echo must answer the same bits, but float64[1] is 0x0000000000000000, not 0x8000000000000000 (float64)',
    ],
    ['loses a tensor', 'echo lost the tensor last'],
    ['reshapes a scalar', 'echo made float64 [1] of the tensor scalar, which is float64 []'],
  ])('that %s does not connect', async (fault, sentence) => {
    expect((await breakageOf(connect(misbehaving(fault).channel))).message).toContain(sentence);
  });

  test('that does not exist could not be started', async () => {
    const { message, kind } = await breakageOf(connect(processChannel({ command: 'no-such-command', args: ['x'] })));
    expect(kind).toBe('did not start');
    expect(message).toBe(
      'could not start no-such-command: no such command (is it installed, spelt right, and on the PATH or given with its folder?)',
    );
    const inFolder = processChannel({ command: process.execPath, cwd: '/no/such/folder' });
    expect((await breakageOf(connect(inFolder))).message).toContain('in /no/such/folder: no such command');
  });

  test('that may not be executed could not be started', async () => {
    const command = testing('adapter.mjs');
    const { message } = await breakageOf(connect(processChannel({ command })));
    expect(message).toContain(`could not start ${command}: it is not executable (chmod +x it`);
  });

  test('whose command is empty could not be started', async () => {
    expect((await breakageOf(connect(processChannel({ command: '' })))).message).toMatch(/^could not start : /);
  });

  test('that answers a question nobody asked is broken at the next one', async () => {
    const { channel, file } = misbehaving('prints after its answer');
    await askDirectly(channel);
    writeFileSync(file, 'the answer has come');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { message } = await breakageOf(askDirectly(channel));
    // On a busy machine it may come after the next question, and is then taken for a wrong answer to it.
    expect(message).toMatch(
      /^the adapter (wrote to stdout though nothing was asked|answered dropout .* but this came): "done"/,
    );
  });

  test('that sends too little is killed at the time limit, and it is said what is missing', async () => {
    const subject = await connect(misbehaving('sends too few bytes', 2).channel);
    expect((await breakageOf(ask(subject))).message).toBe(
      'the adapter did not answer dropout (request 3) within 2 s and was killed: of the 3 bytes that the header announces, only 2 came',
    );
  });

  test.each(['hangs', 'closes its stdin'])('that %s is killed at the time limit', async (fault) => {
    // Asked without a greeting: whether it hangs or has not started yet, the limit is what ends it.
    const { message, kind } = await breakageOf(askDirectly(misbehaving(fault, 0.3).channel));
    expect(message).toBe('the adapter did not answer dropout (request 1) within 0.3 s and was killed');
    expect(kind).toBe('hung');
  });

  test.skipIf(process.platform === 'win32')('is killed together with what it has started', async () => {
    const { channel, file } = misbehaving('hangs with a grandchild', 2);
    await breakageOf(askDirectly(channel));
    expect(await isGone(Number(readFileSync(file, 'utf8')))).toBe(true);
  });

  test.skipIf(process.platform === 'win32')('takes with it what it has started', async () => {
    const { channel, file } = misbehaving('exits before its grandchild');
    expect((await breakageOf(askDirectly(channel))).message).toContain('exited with code 0 before');
    expect(await isGone(Number(readFileSync(file, 'utf8')))).toBe(true);
  });

  test('is started again after it broke; its late answer is nobody else’s', async () => {
    const { channel } = misbehaving('answers late', 2);
    expect((await breakageOf(askDirectly(channel))).message).toContain('within 2 s');
    expect((await askDirectly(channel)).tensors['y']).toEqual(x);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await askDirectly(channel)).tensors['y']).toEqual(x);
  });

  test('must be the same after a restart', async () => {
    const subject = await connect(misbehaving('changes its mind').channel);
    await breakageOf(ask(subject));
    const { message } = await breakageOf(ask(subject));
    expect(message).toMatch(
      /^after its restart it declares itself as {.*"version":"2".*}, but before as {.*"version":"1".*}$/,
    );
  });

  test('breaks again and again, and each time a fresh one is greeted', async () => {
    const subject = await connect(misbehaving('exits').channel);
    const requests = [3, 5, 7];
    for (const request of requests) {
      expect((await breakageOf(ask(subject))).message).toContain(`dropout (request ${request})`);
    }
  });

  test('keeps its last words, 64 KiB of stderr', async () => {
    const { stderr } = await breakageOf(askDirectly(misbehaving('exits').channel));
    expect(stderr).toBe('Traceback: no such layer\n');
    const { stderr: full = '' } = await breakageOf(askDirectly(misbehaving('fills its stderr').channel));
    expect(full.endsWith('é99\nthe last words')).toBe(true);
    expect(full.startsWith('é')).toBe(true);
    expect(Buffer.byteLength(full)).toBeGreaterThan(64 * 1024 - 2);
    expect(Buffer.byteLength(full)).toBeLessThanOrEqual(64 * 1024);
  });

  test('answers questions put at the same time one after the other', async () => {
    const subject = await connect(correct());
    const probabilities = [1, 0.5, 0.25, 2, 0.125];
    const u = tensor('float64', [2], [0, 0]);
    const answers = await Promise.allSettled(
      probabilities.map((keepProb) => subject.dropout({ x, u, keepProb, training: true })),
    );
    expect(answers.map((each) => (each.status === 'fulfilled' ? each.value.y.data[0] : 'refused'))).toEqual([
      1,
      2,
      4,
      'refused',
      8,
    ]);
  });

  test('is asked one thing at a time, and nothing after it was closed', async () => {
    const { channel } = misbehaving('hangs', 0.3);
    const first = breakageOf(askDirectly(channel));
    await expect(askDirectly(channel)).rejects.toThrow('a request is in flight');
    await first;
    await channel.close();
    await expect(askDirectly(channel)).rejects.toThrow('the channel is closed');
  });

  test('that is closed while it is asked breaks', async () => {
    const { channel } = misbehaving('hangs');
    const question = breakageOf(askDirectly(channel));
    await channel.close();
    expect((await question).message).toBe('the adapter was stopped before it had answered dropout (request 1)');
  });

  test('that lives on after the end of its stdin is killed', async () => {
    const { channel } = misbehaving('lives on after the end of its stdin');
    const started = performance.now();
    await askDirectly(channel);
    await channel.close();
    expect(performance.now() - started).toBeGreaterThan(1000);
  });

  test('takes a broken pipe for what it is, the end of the adapter', async () => {
    const { channel } = misbehaving('exits at once');
    const large = tensor('uint8', [2 ** 22], new Uint8Array(2 ** 22));
    const { message } = await breakageOf(channel.ask({ op: 'echo', args: {}, tensors: { large } }));
    expect(message).toContain('the adapter exited with code 0 before it had answered echo (request 1)');
  });
});

test('all adapters are killed at once, on demand and when this process exits', async () => {
  const channels = [misbehaving('hangs').channel, misbehaving('hangs').channel];
  const questions = channels.map((channel) => breakageOf(askDirectly(channel)));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(process.listeners('exit')).toContain(killAdapters);
  killAdapters();
  for (const question of questions) expect((await question).message).toContain('was ended by SIGKILL');
  expect(process.listeners('exit')).not.toContain(killAdapters);
});
