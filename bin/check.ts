/** `keepprob check`: judges one implementation, or all that this machine can start. */
import { killAdapters } from '../src/protocol/groups.ts';
import { summaryText } from '../src/report/terminal.ts';
import { checkAll } from './all.ts';
import { print, style } from './console.ts';
import { judgement } from './judgement.ts';
import { type CheckOptions, checkOptions, type TypedOptions } from './options.ts';
import { exitCodes, failuresText, onInterrupt, writeReports } from './results.ts';
import { type Target, targetOf } from './targets.ts';
import { UsageError } from './usage.ts';

/** Judges what the command line names. Resolves to the exit code. */
export async function check(
  operand: string | undefined,
  command: readonly string[] | undefined,
  typed: TypedOptions,
): Promise<number> {
  const options = checkOptions(typed);
  if (!typed.all) return checkOne(targetOf(operand, command), options);
  if (operand === undefined && command === undefined) return checkAll(options);
  throw new UsageError(
    `--all judges every implementation of this project: it takes no module and no command, got ${operand ?? command?.join(' ')}`,
  );
}

async function checkOne(target: Target, options: CheckOptions): Promise<number> {
  const { finish, report } = judgement(target, options);
  onInterrupt(() => {
    killAdapters();
    writeReports(options.reports, report());
    return exitCodes[report().verdict];
  });
  const done = await finish();
  const failures = failuresText(done, target.typed);
  if (failures !== '') print(`\n${failures}`);
  print(`\n${summaryText(done, style)}`);
  writeReports(options.reports, done);
  return exitCodes[done.verdict];
}
