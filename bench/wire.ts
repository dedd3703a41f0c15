/** (c) Elements a second through the protocol, over the same bytes through the same two pipes without it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Channel } from '../src/protocol/channel.ts';
import { processChannel } from '../src/protocol/process.ts';
import type { Tensor } from '../src/tensor.ts';
import { interleaved, type Line, ratioLine } from './measure.ts';

const bytes = 10 * 2 ** 20;
const turns = 10;
const repetitions = 7;

const adapter = fileURLToPath(new URL('./adapter.js', import.meta.url));

/** Seconds of wall time. */
async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let turn = 0; turn < turns; turn++) await work();
  return (performance.now() - start) / 1000;
}

/** Sends the bytes and waits until as many have come back. */
const throughPipes = (child: ChildProcess, payload: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) return reject(new Error('the child has no pipes'));
    let missing = payload.length;
    const take = (chunk: Uint8Array): void => {
      missing -= chunk.length;
      if (missing > 0) return;
      stdout.off('data', take);
      resolve();
    };
    stdout.on('data', take);
    stdin.write(payload);
  });

async function throughProtocol(channel: Channel, x: Tensor): Promise<void> {
  const { tensors } = await channel.ask({ op: 'dropout', args: { keep_prob: 1, training: true }, tensors: { x } });
  if (tensors.y?.data.length !== x.data.length) throw new Error('the adapter did not answer y');
}

export async function wire(): Promise<readonly Line[]> {
  const data = new Float32Array(bytes / 4).fill(1);
  const x: Tensor = { dtype: 'float32', shape: [data.length], data };
  const payload = new Uint8Array(data.buffer);
  const channel = processChannel({ command: process.execPath, args: [adapter] });
  const child = spawn(process.execPath, [adapter, String(bytes)], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await throughPipes(child, payload);
    await throughProtocol(channel, x);
    const measured = await interleaved(repetitions, {
      bare: () => seconds(() => throughPipes(child, payload)),
      protocol: () => seconds(() => throughProtocol(channel, x)),
    });
    const millions = (spent: number): string => ((turns * data.length) / spent / 1e6).toFixed(0);
    const what = `the protocol's ${millions(measured.of('protocol'))} million float32 a second, there and back / the bare pipe's ${millions(measured.of('bare'))}`;
    return [ratioLine(what, measured.ratio('bare', 'protocol'), { least: 0.5 })];
  } finally {
    child.stdin?.end();
    await channel.close();
  }
}
