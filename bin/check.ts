/** `keepprob check`: judges one implementation, or all that this machine can start. */
import { killAdapters } from '../src/protocol/groups.ts';
import type { Report } from '../src/report/report.ts';
import { diagnosisText, summaryText } from '../src/report/terminal.ts';
import { checkAll } from './all.ts';
import { print, style } from './console.ts';
import { judgement } from './judgement.ts';
import { type CheckOptions, checkOptions, type TypedOptions } from './options.ts';
import { exitCodeOf, failuresText, onInterrupt, onSuddenEnd, writeDeviations, writerTo } from './results.ts';
import { type Target, targetOf } from './targets.ts';
import { UsageError } from './usage.ts';

/** Judges what the command line names. Resolves to the exit code. */
export async function check(
  operand: string | undefined,
  command: readonly string[] | undefined,
  typed: TypedOptions,
): Promise<number> {
  const options = checkOptions(typed, process.env);
  if (!typed.all) return checkOne(targetOf(operand, command), options);
  if (operand === undefined && command === undefined) return checkAll(options);
  throw new UsageError(
    `--all judges every implementation of this project: it takes no module and no command, got ${operand ?? command?.join(' ')}`,
  );
}

async function checkOne(target: Target, options: CheckOptions): Promise<number> {
  const { shard, shardVariable } = options;
  if (shard !== undefined) {
    const from = shardVariable === undefined ? '' : ` by ${shardVariable}`;
    print(style.weak(`shard ${shard.index} of ${shard.of}${from}: keepprob merge decides when all are done`));
  }
  const write = await writerTo(options.reports);
  const { finish, report } = judgement(target, options);
  const conclude = (broke?: string): number => {
    const cut = report(broke);
    // Where all was judged, the run was cut off while it drew pictures, and is told as any other.
    if (cut.complete) tell(cut, target);
    write(cut, [target.typed]);
    return exitCodeOf(cut);
  };
  const isOver = target.inProcess ? onSuddenEnd(conclude) : () => {};
  onInterrupt(() => {
    isOver();
    killAdapters();
    return conclude();
  });
  const done = await finish().finally(isOver);
  tell(done, target);
  write(done, [target.typed]);
  const { deviations } = options;
  if (!deviations?.update) return exitCodeOf(done);
  if (!done.complete) throw new UsageError(`${deviations.file} was not written: the run did not come to its end`);
  writeDeviations(deviations, done);
  return 0;
}

/** Prints what failed, what is likely wrong, and the summary. */
function tell(done: Report, { typed }: Target): void {
  const failures = failuresText(done, typed);
  if (failures !== '') print(`\n${failures}`);
  if (done.diagnosis.length > 0) print(`\n${diagnosisText(done.diagnosis, style)}`);
  print(`\n${summaryText(done, style)}`);
}
