/** A recorded counterexample asked again: of the same implementation, of one that was mended, and over the wire. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../src/report/report.ts';
import { adapter, fixture, keepprob, misbehaving, soon, temporaryFolder } from './testing/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const scale = 'dropout/kept-are-scaled-by-inverse-keep-prob';
const report = folder.file('report.json');

/** What a check of that module finds, as a report. */
async function recorded(module: string, name: string, ...ids: readonly string[]): Promise<void> {
  const only = ids.flatMap((id) => ['--only', id]);
  await keepprob(['check', ...soon, ...only, '--report', `json=${folder.file(name)}`, fixture(module)]);
}

beforeAll(() => recorded('unscaled.mjs', 'report.json', scale, 'dropout/golden', 'dropout/mean-is-preserved'));

const replay = (clause: string, ...target: readonly string[]) => keepprob(['replay', report, clause, ...target]);

describe('a counterexample', () => {
  it('is still one, with what was asked and answered', async () => {
    const { code, stdout } = await replay(scale, fixture('unscaled.mjs'));
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(
      `${scale}  In training, every kept element MUST equal x / keep_prob, up to the rounding of its dtype.`,
    );
    expect(lines[1]).toMatch(/^recorded: y\[0\] is 1, but must be 4 \(off by 3\.00, allowed /);
    expect(lines[3]).toBe('asking again: x = [1] (float64), keepProb = 0.25');
    expect(lines[4]).toBe('→ dropout {"keep_prob":0.25,"training":true} x = [1] (float64)');
    expect(lines[5]).toMatch(/^← y = \[[01]\] \(float64\)$/);
    expect(lines.at(-2)).toBe('');
    expect(lines.at(-3)).toBe('← y = [1] (float64)');
    expect(lines.at(-1)).toMatch(/^still y\[0\] is 1, but must be 4 /);
    expect(code).toBe(1);
  });

  it('is none where the module was mended', async () => {
    const { code, stdout } = await replay(scale, fixture('inverted.mjs'));
    expect(stdout).toContain('← y = [4] (float64)\n');
    expect(stdout).toMatch(/\n\nholds now\n$/);
    expect(code).toBe(0);
  });

  it('is asked over the wire too', async () => {
    const still = await replay(scale, '--', ...adapter('unscaled.mjs'));
    expect(still.stdout).toContain('→ dropout {"keep_prob":0.25,"training":true} x = [1] (float64)\n← y = ');
    expect(still.code).toBe(1);
    expect((await replay(scale, '--', ...adapter('inverted.mjs'))).code).toBe(0);
  });

  it('is not decided where the capability is not declared', async () => {
    const { code, stdout } = await replay(scale, fixture('silent.mjs'));
    expect(stdout).toMatch(/\nunsupported: dropout is not declared\n$/);
    expect(code).toBe(3);
  });

  it('is not decided where a case shows nothing', async () => {
    const content: Report = folder.report('report.json');
    const clauses = content.clauses.map((finding) => ({
      ...finding,
      counterexample: {
        where: 'y',
        got: '1',
        wanted: '2',
        case: { x: { dtype: 'float64', shape: [0], data: [] }, keepProb: 0.5 },
      },
    }));
    writeFileSync(folder.file('nothing.json'), JSON.stringify({ ...content, clauses }));
    const { code, stdout } = await keepprob(['replay', folder.file('nothing.json'), scale, fixture('inverted.mjs')]);
    expect(stdout).toMatch(/\nundecided: nothing could be seen in this case\n$/);
    expect(code).toBe(3);
  });
});

describe('a golden vector', () => {
  it('is asked by its name', async () => {
    const still = await replay('dropout/golden', fixture('unscaled.mjs'));
    expect(still.stdout).toMatch(/→ dropout .*\n← y = .*\n(.*\n)*\nstill y\[\d+,0\] is /);
    expect(still.code).toBe(1);
    expect((await replay('dropout/golden', fixture('inverted.mjs'))).code).toBe(0);
  });

  it('may be recorded no more', async () => {
    const content = folder.report('report.json');
    const clauses = content.clauses.map((finding) => ({
      ...finding,
      counterexample: { where: 'y', got: '1', wanted: '2', case: { vector: 'the lost one' } },
    }));
    writeFileSync(folder.file('lost.json'), JSON.stringify({ ...content, clauses }));
    const lost = await keepprob(['replay', folder.file('lost.json'), 'dropout/golden', fixture('inverted.mjs')]);
    expect(lost.stderr).toBe('keepprob: the vector the lost one is recorded no more\n');
    expect(lost.code).toBe(2);
  });
});

describe('a case that keepprob did not write', () => {
  it.each([
    [null, 'it must be an object, got null'],
    [{ x: { dtype: 'float99', shape: [1], data: [1] } }, 'the case.dtype must be a dtype'],
  ])('is refused: %j', async (example, sentence) => {
    const content = folder.report('report.json');
    const counterexample = { where: 'y', got: '1', wanted: '2', case: example };
    const clauses = content.clauses.map((finding) => ({ ...finding, counterexample }));
    writeFileSync(folder.file('strange.json'), JSON.stringify({ ...content, clauses }));
    const strange = await keepprob(['replay', folder.file('strange.json'), scale, fixture('inverted.mjs')]);
    expect(strange.stderr).toContain(`keepprob: the recorded case is none that keepprob writes: ${sentence}`);
    expect(strange.code).toBe(2);
  });
});

describe('a rate', () => {
  it('is counted again, with no more of the traffic than one reads', async () => {
    const still = await replay('dropout/mean-is-preserved', fixture('unscaled.mjs'));
    expect(still.stdout).toMatch(
      /\nstill the rate of 'y, as a fraction of 2 x \/ keep_prob' \(keep_prob 0\.8\) is 0\.3/,
    );
    expect(still.code).toBe(1);
    const { code, stdout } = await replay('dropout/mean-is-preserved', fixture('inverted.mjs'));
    expect(stdout).toContain('… further exchanges are not shown\n');
    expect(stdout.match(/^[→←]/gm)).toHaveLength(40);
    expect(stdout).toMatch(/\nholds now\n$/);
    expect(code).toBe(0);
  });
});

describe('a replay that breaks', () => {
  it('says what broke', async () => {
    const exits = await replay(scale, '--', ...misbehaving('exits'));
    expect(exits.stdout).toMatch(
      /broke: the adapter exited with code 3 before it had answered dropout .*\nIts stderr ended:\nTraceback: no such layer\n$/,
    );
    expect(exits.code).toBe(4);
    const counted = await replay('dropout/mean-is-preserved', '--', ...misbehaving('exits'));
    expect(counted.stdout).toContain('\nbroke: the adapter exited with code 3');
    expect(counted.code).toBe(4);
    const module = await replay(scale, 'src/protocol/testing/throws.mjs');
    expect(module.stdout).toContain(
      'broke: could not load src/protocol/testing/throws.mjs: TypeError: the weights are missing',
    );
    expect(module.code).toBe(4);
    expect((await replay(scale, '--', 'no-such-command')).code).toBe(4);
  });
});

it('several reports in one file are searched', async () => {
  const reports = {
    format: 'keepprob-reports/1',
    reports: [{ ...folder.report('report.json'), clauses: [] }, folder.report('report.json')],
    missing: [],
  };
  writeFileSync(folder.file('all.json'), JSON.stringify(reports));
  const { code, stdout } = await keepprob(['replay', folder.file('all.json'), scale, fixture('unscaled.mjs')]);
  expect(stdout).toContain('still y[0] is 1, but must be 4');
  expect(code).toBe(1);
});

it('shows a refusal among the traffic', async () => {
  const refusing = `import inverted from ${JSON.stringify(fixture('inverted.mjs'))};
export default { ...inverted, dropout: () => { throw Object.assign(new Error('not today'), { code: 'unsupported' }); } };`;
  writeFileSync(folder.file('refusing.mjs'), refusing);
  const { code, stdout } = await replay(scale, folder.file('refusing.mjs'));
  expect(stdout).toContain('← unsupported: not today\n');
  expect(stdout).toContain('still the request is answered as unsupported though declared: not today');
  expect(code).toBe(1);
});
