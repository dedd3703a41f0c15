/** `keepprob faults`: what was measured is shown, and can be measured again. */
import { describe, expect, it } from 'vitest';
import { keepprob } from './testing/command.ts';

describe('faults', () => {
  it('shows the matrix, which falls short of nothing', async () => {
    const { code, stdout } = await keepprob(['faults']);
    expect(stdout).toMatch(/●.* {3}dropout\/no-scale {2}/);
    expect(stdout).toMatch(/every fault is refuted by a MUST, and every MUST is needed or says why it stays\n$/);
    expect(code).toBe(0);
  });

  it('has a fault judged by the clause that is there for it, with other seeds each time', async () => {
    const { code, stdout } = await keepprob(['faults', '--own', '--only', 'l2/not-*', '--runs', '2']);
    expect(stdout).toMatch(/(\d+) of \1 faults were refuted by their own clause in each of 2 runs\n$/);
    expect(code).toBe(0);
  });

  it('has a correct implementation judged by every clause, and acquits it', async () => {
    const { code, stdout } = await keepprob(['faults', '--acquittal', '--only', 'function-alone']);
    expect(stdout).toMatch(/1 correct implementations, in 1 runs each: all acquitted\n$/);
    expect(code).toBe(0);
  });

  it('names the likely fault of one that is known', async () => {
    const { code, stdout } = await keepprob(['faults', '--diagnosis', '--only', 'dropout/no-scale']);
    expect(stdout).toMatch(/right first: 1 of 1, 100\.0 %\n$/);
    expect(code).toBe(0);
  });
});
