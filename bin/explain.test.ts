/** The specification on the terminal: every clause in a line, and each in full. */
import { describe, expect, it } from 'vitest';
import { clauses, registry } from '../properties/index.ts';
import { keepprob } from './testing/command.ts';

const explained = async (id: string) => {
  const { code, stdout, stderr } = await keepprob(['explain', id]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

it('list has every clause: id, level, statement, kind of evidence', async () => {
  const { code, stdout, stderr } = await keepprob(['list']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(registry.length);
  registry.forEach(({ id, level, statement, evidence }, i) => {
    expect(lines[i].split(/\s+/).slice(0, 2)).toEqual([id, level]);
    expect(lines[i]).toContain(statement);
    expect(lines[i]).toContain(evidence.kind);
  });
});

describe('explain', () => {
  it('says what a universal clause looks at', async () => {
    const text = await explained('dropout/evaluation-is-identity');
    expect(text).toMatch(
      /^dropout\/evaluation-is-identity {2}MUST, universal\n\nIn evaluation, the output MUST be x itself/,
    );
    expect(text).toContain('*Why.*');
    expect(text).toContain('*Not this.*');
    expect(text).toContain('\nApplies where the implementation declares: dropout\n');
    expect(text).toContain('Looks at cases, drawn anew each run: 40 (quick), 100 (standard), 1000 (thorough)');
    // Ends with its own clause.
    expect(text).not.toContain('###');
  });

  it('says what a statistical clause can detect, and how surely', async () => {
    const text = await explained('dropout/keep-rate');
    expect(text).toContain('MUST, statistical\n');
    expect(text).toMatch(/\n {2}quick +7 rates, each certified to ±0\.0050 to ±0\.020; .* 2\.\de\+6 draws/);
    expect(text).toMatch(/\n {2}standard +16 rates, each certified to ±0\.00010 to ±0\.0040; /);
    expect(text).toMatch(/\n {2}thorough +16 rates, each certified to ±0\.00010 to ±0\.00040; /);
    expect(text).toMatch(/refuted only where a correct implementation would look so less than once in \de\d+ runs/);
  });

  it('says which vectors a golden clause asks', async () => {
    expect(await explained('l2/golden')).toContain(
      'Looks at the vectors of golden/l2.json that fit what is declared\n',
    );
  });

  it('says what an exhaustive clause enumerates', async () => {
    const text = await explained('training/linear-ensemble-mean-is-the-full-network');
    expect(text).toContain('MUST, exhaustive\n');
    expect(text).toContain('Looks at networks, each under all of its masks, drawn anew each run');
    expect(text).toContain('Applies where the implementation declares: network');
  });

  it.concurrent.for(clauses.filter(({ evidence }) => evidence.kind === 'statistical').map(({ id }) => id))(
    'says for %s how many draws it takes',
    async (id, { expect }) => {
      const { stdout } = await keepprob(['explain', id]);
      expect(stdout).toMatch(/ draws/);
      expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
    },
  );
});
