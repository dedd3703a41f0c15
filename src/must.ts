/**
 * What a property says of an answer. Each method states one fact and throws a `Deviation` when the answer contradicts
 * it. Facts are counted, so that a clause which states none cannot pass.
 */
import { Deviation, Refusal } from './errors.ts';
import { show, showTensor } from './show.ts';
import { isSame, sameShape, type Tensor, valuesOf } from './tensor.ts';

/** How far a number may be from the one that is wanted, and why. */
export interface Allowance {
  /** The largest absolute difference, of element i where there are many. */
  readonly within: number | ((index: number) => number);
  /** Where the bound comes from, e.g. `3 roundings of float32`. */
  readonly because: string;
}

export interface Must {
  /** The number of facts stated so far. */
  readonly facts: number;
  /** The same number: −0 is not 0, and NaN is NaN. */
  equal(where: string, got: number, wanted: number): void;
  /** A number within the allowance; infinities and NaN only where they are wanted. */
  beNear(where: string, got: number, wanted: number, allowance: Allowance): void;
  /** The same shape, dtype and numbers, bit for bit (a NaN's payload is not compared). */
  equalTensor(where: string, got: Tensor, wanted: Tensor): void;
  /** Element by element within the allowance; `wanted` in row-major order. */
  beNearTensor(where: string, got: Tensor, wanted: ArrayLike<number>, allowance: Allowance): void;
  /** A condition that no other method states. `fact` says what came and what was wanted. */
  hold(condition: boolean, fact: { where: string; got: string; wanted: string }): void;
  /** The question is refused as `invalid_argument`: not answered, and no failure. */
  refuse(where: string, question: Promise<unknown>): Promise<void>;
}

/** A fresh `Must`, with no fact stated. */
export function assertions(): Must {
  let facts = 0;
  const must: Must = {
    get facts() {
      return facts;
    },
    equal(where, got, wanted) {
      facts++;
      if (!isSame(got, wanted)) throw new Deviation({ where, got: show(got), wanted: show(wanted) });
    },
    beNear(where, got, wanted, { within, because }) {
      facts++;
      const allowed = typeof within === 'number' ? within : within(0);
      if (!isNear(got, wanted, allowed)) throw tooFar(where, got, wanted, allowed, because);
    },
    equalTensor(where, got, wanted) {
      facts++;
      if (!sameShape(got.shape, wanted.shape) || got.dtype !== wanted.dtype) {
        throw new Deviation({ where, got: `${got.dtype} [${got.shape}]`, wanted: `${wanted.dtype} [${wanted.shape}]` });
      }
      const [a, b] = [valuesOf(got), valuesOf(wanted)];
      for (let i = 0; i < b.length; i++) {
        if (!isSame(a[i], b[i])) {
          throw new Deviation({
            where: element(where, i, wanted),
            got: show(a[i], got.dtype),
            wanted: show(b[i], wanted.dtype),
          });
        }
      }
    },
    beNearTensor(where, got, wanted, { within, because }) {
      facts++;
      const values = valuesOf(got);
      if (values.length !== wanted.length) {
        throw new Deviation({ where, got: `${values.length} elements`, wanted: `${wanted.length} elements` });
      }
      for (let i = 0; i < wanted.length; i++) {
        const allowed = typeof within === 'number' ? within : within(i);
        if (!isNear(values[i], wanted[i], allowed))
          throw tooFar(element(where, i, got), values[i], wanted[i], allowed, because);
      }
    },
    hold(condition, fact) {
      facts++;
      if (!condition) throw new Deviation(fact);
    },
    async refuse(where, question) {
      facts++;
      let answer: unknown;
      try {
        answer = await question;
      } catch (error) {
        if (error instanceof Refusal && error.code === 'invalid_argument') return;
        if (!(error instanceof Refusal)) throw error;
        throw new Deviation({
          where,
          got: `answered with ${error.code} (${error.message})`,
          wanted: 'refused with invalid_argument',
        });
      }
      throw new Deviation({
        where,
        got: `accepted, with ${showAnswer(answer)}`,
        wanted: 'refused with invalid_argument',
      });
    },
  };
  return must;
}

/** Where an element stands: `y[3]`, or `y[1,0]` where there are more axes; a scalar is just `y`. */
export function element(where: string, index: number, { shape }: { readonly shape: readonly number[] }): string {
  if (shape.length === 0) return where;
  const position: number[] = [];
  let rest = index;
  for (const axis of [...shape].reverse()) {
    position.unshift(rest % axis);
    rest = Math.floor(rest / axis);
  }
  return `${where}[${position}]`;
}

function isNear(got: number, wanted: number, allowed: number): boolean {
  if (!Number.isFinite(wanted) || !Number.isFinite(got)) return isSame(got, wanted);
  return Math.abs(got - wanted) <= allowed;
}

function tooFar(where: string, got: number, wanted: number, allowed: number, because: string): Deviation {
  return new Deviation({
    where,
    got: show(got),
    wanted: show(wanted),
    ...(Number.isFinite(got) ? { distance: `off by ${Math.abs(got - wanted).toPrecision(3)}` } : {}),
    allowed: `${allowed.toPrecision(3)}: ${because}`,
  });
}

function showAnswer(answer: unknown): string {
  const fields = Object.entries(answer as object).filter(([, value]) => value !== undefined);
  return fields
    .map(([name, value]) => `${name} = ${typeof value === 'number' ? show(value) : showField(value)}`)
    .join(', ');
}

const showField = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'dtype' in value ? showTensor(value as Tensor) : 'an answer';
