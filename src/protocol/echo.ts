/** The echo with which an adapter shows that tensors reach it and come back bit for bit. */
import { Breakage } from '../errors.ts';
import { element } from '../must.ts';
import { allocate, bytesPerElement, type Dtype, sameShape, sizeOf, type Tensor, type Tensors } from '../tensor.ts';
import { bytesOf } from './framing.ts';

/** Bit patterns at which a detour through another type shows: zeros, ones, subnormals, the largest, infinities, NaNs. */
const patterns: Readonly<Record<'float64' | 'float32', readonly bigint[]>> = {
  float64: [
    ...[0x0000000000000000n, 0x8000000000000000n, 0x3ff0000000000000n, 0xbff0000000000000n, 0x3fb999999999999an],
    ...[0x0000000000000001n, 0x8000000000000001n, 0x000fffffffffffffn, 0x0010000000000000n, 0x7fefffffffffffffn],
    ...[0x7ff0000000000000n, 0xfff0000000000000n, 0x7ff8000000000000n, 0xfff8000000000000n, 0x7ff8000000000001n],
    ...[0x7fffffffffffffffn, 0x7ff0000000000001n, 0x0123456789abcdefn],
  ],
  float32: [
    ...[0x00000000n, 0x80000000n, 0x3f800000n, 0xbf800000n, 0x3dcccccdn, 0x00000001n, 0x80000001n, 0x007fffffn],
    ...[0x00800000n, 0x7f7fffffn, 0x7f800000n, 0xff800000n, 0x7fc00000n, 0xffc00000n, 0x7fc00001n, 0x7fffffffn],
    ...[0x7f800001n, 0x01234567n],
  ],
};

/** All dtypes; every bit pattern of the short ones, which is more than the buffer of a pipe; a scalar, nothing, axes. */
export function echoTensors(): Tensors {
  return {
    float64: fromBits('float64', [patterns.float64.length], patterns.float64),
    float32: fromBits('float32', [3, patterns.float32.length / 3], patterns.float32),
    float16: fromBits('float16', [256, 256], everyPattern(65536)),
    bfloat16: fromBits('bfloat16', [65536], everyPattern(65536)),
    uint8: fromBits('uint8', [2, 1, 128], everyPattern(256)),
    scalar: fromBits('float64', [], [0x3fd5555555555555n]),
    empty: fromBits('float32', [3, 0, 2], []),
    last: fromBits('uint8', [3], [10n, 13n, 0n]),
  };
}

const everyPattern = (count: number): bigint[] => Array.from({ length: count }, (_, bits) => BigInt(bits));

function fromBits(dtype: Dtype, shape: readonly number[], patterns: readonly bigint[]): Tensor {
  const data = allocate(dtype, sizeOf(shape));
  const bytes = bytesPerElement(dtype);
  const integers = bytes === 8 ? new BigUint64Array(data.buffer) : bytes === 4 ? new Uint32Array(data.buffer) : data;
  patterns.forEach((bits, i) => {
    if (integers instanceof BigUint64Array) integers[i] = bits;
    else integers[i] = Number(bits);
  });
  return { dtype, shape, data };
}

/** @throws Breakage if anything but the bits that were sent came back. */
export function compareEcho(sent: Tensors, back: Tensors): void {
  for (const [name, tensor] of Object.entries(sent)) {
    if (!Object.hasOwn(back, name)) throw new Breakage(`echo lost the tensor ${name}`);
    compareTensors(name, tensor, back[name]);
  }
}

function compareTensors(name: string, sent: Tensor, back: Tensor): void {
  if (sent.dtype !== back.dtype || !sameShape(sent.shape, back.shape)) {
    throw new Breakage(
      `echo made ${back.dtype} [${back.shape}] of the tensor ${name}, which is ${sent.dtype} [${sent.shape}]`,
    );
  }
  const [wanted, got] = [bytesOf(sent), bytesOf(back)];
  const wrong = wanted.findIndex((byte, i) => byte !== got[i]);
  if (wrong === -1) return;
  const width = bytesPerElement(sent.dtype);
  const index = Math.floor(wrong / width);
  const bits = (bytes: Uint8Array) => `0x${hex(bytes.slice(index * width, (index + 1) * width).reverse())}`;
  throw new Breakage(
    `echo must answer the same bits, but ${element(name, index, sent)} is ${bits(got)}, not ${bits(wanted)} (${sent.dtype})`,
  );
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
