/** (e) How the time and the memory of judging one rate grow with the draws: each in a process of its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { clauses } from '../properties/index.ts';
import { profileFor } from '../src/judge/profiles.ts';
import { verify } from '../src/judge/verify.ts';
import { type Line, processorTime, ratioLine } from './measure.ts';
import { drawingSubject } from './subjects.ts';

/** What one process found: the draws that the judge asked for, its own nanoseconds and the peak of its memory. */
interface Growth {
  readonly draws: number;
  readonly nanoseconds: number;
  readonly drawing: number;
  readonly mebibytes: number;
}

/** Has one rate judged so finely that about `draws` of them are needed: they grow with 1/ε², and 3/√n takes about n. */
export async function judgeOneRate(draws: number): Promise<Growth> {
  const keepRate = clauses.find(({ id }) => id === 'dropout/keep-rate');
  if (keepRate === undefined) throw new Error('there is no clause dropout/keep-rate');
  const profile = profileFor('standard', 1);
  const { subject, spent } = drawingSubject();
  const start = processorTime();
  const { verdict } = await verify(keepRate, subject, {
    profile: { ...profile, resolution: { ...profile.resolution, keepProbs: [0.8], rate: 3 / Math.sqrt(draws) } },
    seed: 1,
    falseAlarm: 1e-9,
    totalWeight: keepRate.evidence.kind === 'statistical' ? keepRate.evidence.weight : 1,
    golden: async () => [],
    digits: async () => ({ images: [], labels: [] }),
  });
  if (verdict !== 'holds') throw new Error(`a correct rate was ${verdict}`);
  const { elements, drawing } = spent();
  const nanoseconds = processorTime() - start - drawing;
  return { draws: elements, nanoseconds, drawing, mebibytes: process.resourceUsage().maxRSS / 1024 };
}

export function growth(): readonly Line[] {
  const found = [1e5, 1e6, 1e7, 1e8].map((draws): Growth => {
    const args = [fileURLToPath(new URL('./main.js', import.meta.url)), 'one-rate', String(draws)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Growth;
  });
  const [first, last] = [found[0], found[found.length - 1]];
  const memory = last.mebibytes / first.mebibytes;
  return [
    ...found.map(
      ({ draws, nanoseconds, mebibytes }): Line => ({
        what: `one rate judged with ${draws.toExponential(1).replace('e+', 'e')} draws, peak memory ${mebibytes.toFixed(0)} MiB`,
        figure: `${(nanoseconds / 1e6).toFixed(0)} ms`,
      }),
    ),
    // What a collector leaves lying about differs from run to run; 600 times the draws would show.
    ratioLine(
      `memory of the last / of the first, at ${(last.draws / first.draws).toFixed(0)} times the draws`,
      memory,
      {
        most: 1.5,
      },
    ),
  ];
}
