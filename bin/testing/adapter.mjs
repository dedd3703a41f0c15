/**
 * `node adapter.mjs MODULE [IN-EVALUATION [FILE]]`: a module over the wire. In evaluation it may `crash`, or `hang` for
 * good, with its process id in a file, or do so after having started a process that does too (`breed`): two ids.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { message, serve, write } from '../../src/protocol/testing/wire.mjs';

const [module, inEvaluation, file] = process.argv.slice(2);
const { dropout, penalty, capabilities, name, version } = (await import(module)).default;
const operations = { dropout, penalty };

const toArray = ({ bytes, ...rest }) => {
  const data = Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
  return { ...rest, data };
};
const toBytes = ({ data, ...rest }) => ({ ...rest, bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength) });
const each = (tensors, change) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));

const evaluating = {
  crash() {
    process.stderr.write('RuntimeError: no kernel for evaluation\n');
    process.exit(7);
  },
  async hang() {
    writeFileSync(file, String(process.pid));
    await sleep(2 ** 30);
  },
  async breed() {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 2 ** 30)'], { stdio: 'ignore' });
    writeFileSync(file, `${process.pid} ${child.pid}`);
    await sleep(2 ** 30);
  },
};

await serve(async ({ id, op, args, tensors }) => {
  if (op === 'hello') return write(message({ id, ok: true, result: { protocol: 1, name, version, capabilities } }));
  if (op === 'echo') return write(message({ id, ok: true }, tensors));
  if (op === 'dropout' && !args.training) await evaluating[inEvaluation]?.();
  try {
    await write(message({ id, ok: true }, each(operations[op](args, each(tensors, toArray)), toBytes)));
  } catch ({ code = 'internal', message: text }) {
    await write(message({ id, ok: false, error: { code, message: text } }));
  }
});
