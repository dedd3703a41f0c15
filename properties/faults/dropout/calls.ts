/** Calls of one source that depend on each other. */
import type { Fault } from '../fault.ts';
import { each, fair, fairMask, masking, rated, uniforms } from './law.ts';

const calls = 'dropout/calls-are-independent';

export const callFaults: readonly Fault[] = [
  {
    id: 'dropout/one-mask-for-every-call',
    what: 'Successive calls use the same mask.',
    seen: 'Paddle issue 7796, flash-attention issue 2088, pytorch issue 84614',
    mend: 'Advance the generator with each call instead of seeding it again.',
    refutedBy: calls,
    of: masking(() => (call) => call.past[0] ?? fair(call), 1),
  },
  {
    id: 'dropout/masks-repeat-after-100-calls',
    what: 'A layer has a hundred masks and goes through them again and again.',
    mend: 'Draw each mask anew instead of storing some.',
    refutedBy: calls,
    of: masking(() => (call) => call.past[99] ?? fair(call), 100),
  },
  {
    id: 'dropout/seeded-by-a-coarse-clock',
    what: 'Each call seeds its generator from a clock of 10 bits.',
    mend: 'Seed a generator once, and let the calls share it.',
    refutedBy: calls,
    of: masking(() => (call) => fairMask(call, uniforms(Math.floor(1024 * call.uniform()), 1))),
  },
  {
    id: 'dropout/draws-reused-shifted',
    what: 'A call begins one draw after the one before: its masks are those, shifted by a place.',
    seen: 'pytorch pull request 50110, amrex pull request 5662',
    mend: 'Advance the generator by as many draws as the call has used.',
    refutedBy: calls,
    of: masking(
      () => (call) => {
        const [last] = call.past;
        if (last === undefined) return fair(call);
        return each(call.size, (i) => (i + 1 < call.size ? last[i + 1] === 1 : call.uniform() < call.keepProb));
      },
      1,
    ),
  },
  {
    id: 'dropout/draws-reused-from-the-middle',
    what: 'A call of 65 536 elements and more begins in the middle of the draws of the one before.',
    seen: 'pytorch pull request 50110',
    mend: 'Advance the generator by as many draws as the call has used, in all of its blocks.',
    refutedBy: calls,
    of: masking(
      () => (call) => {
        const [last] = call.past;
        if (last === undefined || call.size < 2 ** 16) return fair(call);
        const half = call.size >> 1;
        return each(call.size, (i) => (i < half ? last[i + half] === 1 : call.uniform() < call.keepProb));
      },
      1,
    ),
  },
  {
    id: 'dropout/a-twentieth-as-before',
    what: 'A twentieth of the elements is kept or dropped as in the call before.',
    mend: 'Write every element of the mask anew in each call.',
    refutedBy: calls,
    of: masking(
      () => (call) => {
        const [last] = call.past;
        if (last === undefined) return fair(call);
        return each(call.size, (i) => (call.uniform() < 0.05 ? last[i] === 1 : call.uniform() < call.keepProb));
      },
      1,
    ),
  },
  {
    id: 'dropout/rate-swings',
    what: 'The keep rate is 0.05 too high for a thousand calls and 0.05 too low for the next thousand.',
    mend: 'Use keep_prob itself in every call.',
    refutedBy: calls,
    of: masking(() => rated((keepProb, _, { index }) => keepProb + (index % 2000 < 1000 ? 0.05 : -0.05))),
  },
  {
    id: 'dropout/second-call-repeats-the-first',
    what: 'The second call of each layer has the mask of its first.',
    mend: 'Advance the generator in the first call too.',
    refutedBy: calls,
    of: masking(() => (call) => (call.index === 1 ? call.past[0] : undefined) ?? fair(call), 1),
  },
  {
    id: 'dropout/one-element-sticks',
    what: 'The 14th of 64 elements stays as it was in nine of ten calls.',
    mend: 'Write every element of the mask anew in each call.',
    refutedBy: calls,
    of: masking(
      () => (call) => {
        const [last] = call.past;
        const stays = last !== undefined && call.size === 64 && call.uniform() < 0.9;
        return each(call.size, (i) => (stays && i === 13 ? last[i] === 1 : call.uniform() < call.keepProb));
      },
      1,
    ),
  },
  {
    id: 'dropout/parity-of-three-calls',
    what: 'Where keep_prob is 0.5, the mask of each fourth call is the parity of the three before.',
    mend: 'Draw each mask by itself.',
    refutedBy: calls,
    of: masking(
      () => (call) => {
        const [a, b, c] = call.past;
        if (call.keepProb !== 0.5 || call.index % 4 !== 3 || c === undefined) return fair(call);
        return each(call.size, (i) => (a[i] + b[i] + c[i]) % 2 === 1);
      },
      3,
    ),
  },
];
