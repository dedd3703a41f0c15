/**
 * `node misbehaving.mjs FAULT [FILE]`: an adapter that greets and echoes as it should, and goes wrong at `dropout`;
 * those of `early` at once. Each fault is what somebody's adapter has done.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { message, serve, write } from './wire.mjs';

const [fault, file] = process.argv.slice(2);
const forever = () => sleep(2 ** 30);
const scalar = (dtype, bytes) => ({ dtype, shape: [], bytes: Buffer.alloc(bytes) });

const early = {
  'exits at once': () => process.exit(0),
  'prints a banner': () => write('Welcome to Adapter 2.0!\n'),
};

const faults = {
  'prints garbage': () => write('epoch 1: loss 0.5\n'),
  'prints JSON that is no object': () => write('[1, 2]\n'),
  'prints bytes that are no text': () => write(Buffer.from([0xff, 0xfe, 0x0a])),
  'dies within a line': async ({ id }) => {
    await write(`{"id":${id},"ok":tr`);
    process.exit(0);
  },
  'dies within a payload': async ({ id, tensors }) => {
    await write(message({ id, ok: true }, { y: tensors.x }).subarray(0, -5));
    process.exit(0);
  },
  'answers with the wrong id': ({ id }) => write(message({ id: id + 1, ok: true })),
  'answers twice': async ({ id, tensors }) =>
    write(Buffer.concat(Array(2).fill(message({ id, ok: true }, { y: tensors.x })))),
  'prints after its answer': async ({ id, tensors }) => {
    await write(message({ id, ok: true }, { y: tensors.x }));
    while (!existsSync(file)) await sleep(10);
    await write('done\n');
  },
  'announces too many bytes': ({ id }) =>
    write(`{"id":${id},"ok":true,"tensors":[{"name":"y","dtype":"uint8","shape":[3]}],"bytes":4}\n`),
  'sends too few bytes': ({ id }) =>
    write(`{"id":${id},"ok":true,"tensors":[{"name":"y","dtype":"uint8","shape":[3]}],"bytes":3}\nab`),
  'sends too many bytes': ({ id }) =>
    write(`{"id":${id},"ok":true,"tensors":[{"name":"y","dtype":"uint8","shape":[3]}],"bytes":3}\nabcdefgh`),
  'invents a dtype': ({ id }) =>
    write(`{"id":${id},"ok":true,"tensors":[{"name":"y","dtype":"float8","shape":[3]}],"bytes":3}\nabc`),
  'has a negative axis': ({ id }) =>
    write(`{"id":${id},"ok":true,"tensors":[{"name":"y","dtype":"uint8","shape":[-1]}],"bytes":1}\na`),
  'claims what no machine holds': ({ id }) =>
    write(
      `{"id":${id},"ok":true,"tensors":[{"name":"y","dtype":"uint8","shape":[1125899906842624]}],"bytes":1125899906842624}\n`,
    ),
  'writes an endless line': async () => {
    for (;;) await write('a'.repeat(65536));
  },
  'forgets ok': ({ id }) => write(`{"id":${id}}\n`),
  'invents an error code': ({ id }) => write(`{"id":${id},"ok":false,"error":{"code":"oops","message":"?"}}\n`),
  'closes its stdout': async () => {
    closeSync(1);
    await forever();
  },
  'closes its stdin': async () => {
    closeSync(0);
    await forever();
  },
  exits: () => {
    process.stderr.write('Traceback: no such layer\n');
    process.exit(3);
  },
  'is killed': () => process.kill(process.pid, 'SIGKILL'),
  'fills its stderr': async () => {
    for (let i = 0; i < 100; i++) process.stderr.write(`${'é'.repeat(1000)}${i}\n`);
    process.stderr.write('the last words', () => process.exit(1));
    await forever();
  },
  hangs: forever,
  'hangs with a grandchild': async () => {
    const grandchild = spawn('sleep', ['1000'], { stdio: 'inherit' });
    writeFileSync(file, String(grandchild.pid));
    await forever();
  },
  'exits before its grandchild': async () => {
    const grandchild = spawn('sleep', ['1000'], { stdio: 'inherit' });
    writeFileSync(file, String(grandchild.pid));
    process.exit(0);
  },
  // The first run answers late, the second at once: what is late must not be taken for the answer of the second.
  'answers late': async ({ id, tensors }) => {
    if (!existsSync(file)) {
      writeFileSync(file, 'was here');
      await sleep(2200);
      await write(message({ id, ok: true }, { y: { ...tensors.x, bytes: Buffer.alloc(tensors.x.bytes.length) } }));
    }
    await write(message({ id, ok: true }, { y: tensors.x }));
  },
  'lives on after the end of its stdin': ({ id, tensors }) => write(message({ id, ok: true }, { y: tensors.x })),
  // In the first run it dies, in the second it claims to be another.
  'changes its mind': () => {
    writeFileSync(file, 'was here');
    process.exit(1);
  },
  'answers without y': ({ id }) => write(message({ id, ok: true }, { z: scalar('float64', 8) })),
  'answers another dtype': ({ id }) => write(message({ id, ok: true }, { y: scalar('float32', 4) })),
};

const echoes = {
  'drops a sign of zero': (tensors) => {
    const bytes = Buffer.from(tensors.float64.bytes);
    bytes.writeBigUInt64LE(0n, 8);
    return { ...tensors, float64: { ...tensors.float64, bytes } };
  },
  'loses a tensor': ({ last, ...tensors }) => tensors,
  'reshapes a scalar': (tensors) => ({ ...tensors, scalar: { ...tensors.scalar, shape: [1] } }),
};

const hellos = {
  'speaks another version': { protocol: 2 },
  'has no name': { name: undefined },
  'declares a wrong dtype': { capabilities: { dropout: { dtypes: ['float64', 'double'] } } },
  'declares more than it can': {
    capabilities: { dropout: { dtypes: ['float64'] }, step: { dtypes: ['float64'], optimizers: {} } },
  },
};

const reborn = fault === 'changes its mind' && existsSync(file) ? { version: '2' } : {};
const hello = {
  protocol: 1,
  name: 'misbehaving',
  version: '1',
  capabilities: { dropout: { dtypes: ['float64'] } },
  ...hellos[fault],
  ...reborn,
};

await early[fault]?.();
if (fault === 'lives on after the end of its stdin') setInterval(() => {}, 1000);
await serve(({ id, op, tensors }) => {
  if (op === 'hello' && fault === 'refuses hello') {
    return write(message({ id, ok: false, error: { code: 'internal', message: 'not today' } }));
  }
  if (op === 'hello') return write(message({ id, ok: true, result: hello }));
  if (op === 'echo') return write(message({ id, ok: true }, (echoes[fault] ?? ((same) => same))(tensors)));
  return faults[fault]({ id, tensors });
});
