/**
 * `npm run bench [-- PART…]`: the measured ratios, each against its baseline in the same run. `README.md` beside this
 * file says what each line means. Exits with 1 if a goal was missed.
 */
import { growth, judgeOneRate } from './growth.ts';
import { judging } from './judging.ts';
import type { Line } from './measure.ts';
import { samples } from './samples.ts';
import { standard } from './standard.ts';
import { trends } from './trends.ts';
import { wire } from './wire.ts';

const parts: Readonly<Record<string, () => readonly Line[] | Promise<readonly Line[]>>> = {
  samples,
  judging,
  wire,
  standard,
  growth,
  trends,
};

function print(name: string, lines: readonly Line[]): void {
  process.stdout.write(`${name}\n`);
  for (const { what, figure, goal } of lines) {
    process.stdout.write(`  ${figure.padStart(9)}  ${what}${goal === undefined ? '' : ` (${goal})`}\n`);
    if (goal?.endsWith('missed')) process.exitCode = 1;
  }
}

const [first, draws] = process.argv.slice(2);
if (first === 'one-rate') process.stdout.write(JSON.stringify(await judgeOneRate(Number(draws))));
else {
  const chosen = process.argv.slice(2);
  const unknown = chosen.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) {
    process.stderr.write(`there is no part ${unknown}: choose among ${Object.keys(parts).join(', ')}\n`);
    process.exitCode = 2;
  } else {
    for (const [name, measure] of Object.entries(parts)) {
      if (chosen.length === 0 || chosen.includes(name)) print(name, await measure());
    }
  }
}
