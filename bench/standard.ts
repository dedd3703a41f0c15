/** (d) How long a `standard` check of the reference takes, from the command line to its exit. */
import { spawnSync } from 'node:child_process';
import { projectFile } from '../src/root.ts';
import { type Line, median } from './measure.ts';

const repetitions = 3;
const mostSeconds = 20;

export function standard(): readonly Line[] {
  const reference = projectFile('implementations/typescript-reference/implementation.js');
  const args = [projectFile('bin/keepprob.js'), 'check', '--profile', 'standard', '--no-progress', reference];
  const spent = Array.from({ length: repetitions }, () => {
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the reference does not conform:\n${stdout}${stderr}`);
    return (performance.now() - start) / 1000;
  });
  const seconds = median(spent);
  const goal = `at most ${mostSeconds} s: ${seconds <= mostSeconds ? 'met' : 'missed'}`;
  return [{ what: 'a standard check of the reference, wall time', figure: `${seconds.toFixed(1)} s`, goal }];
}
