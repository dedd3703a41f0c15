/** `keepprob check`: judges one implementation, or all that this machine can start. */
import { resolve } from 'node:path';
import { killAdapters } from '../src/protocol/groups.ts';
import type { Report } from '../src/report/report.ts';
import { clauseLine, closingText } from '../src/report/terminal.ts';
import { checkAll } from './all.ts';
import { print, progressLine, style } from './console.ts';
import { judgement, type Listener } from './judgement.ts';
import { type CheckOptions, checkOptions, type KnownFile, type TypedOptions } from './options.ts';
import {
  exitCodeOf,
  exitCodes,
  failuresText,
  onInterrupt,
  onSuddenEnd,
  writeDeviations,
  writeEach,
  writerTo,
} from './results.ts';
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
  const { clauses, shard, shardVariable } = options;
  const line = progressLine(options.progress);
  let judged = 0;
  line.done(judged, clauses.length);
  if (shard !== undefined) {
    const from = shardVariable === undefined ? '' : ` by ${shardVariable}`;
    print(style.weak(`shard ${shard.index} of ${shard.of}${from}: keepprob merge decides when all are done`));
  }
  const listener: Listener = {
    onProgress: line.show,
    onFinding: (finding) => {
      judged += 1;
      line.clear();
      if (finding.verdict !== 'unsupported') print(clauseLine(finding, style));
      line.done(judged, clauses.length);
      return line.show({ clause: clauses[judged]?.id ?? 'done' });
    },
  };
  const write = await writerTo(options.reports);
  const deviations = fixed(options.deviations);
  const { finish, report } = judgement(target, options, listener);
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
  const done = await finish().finally(() => {
    line.clear();
    isOver();
  });
  tell(done, target);
  writeEach([
    () => write(done, [target.typed]),
    ...(deviations?.update ? [() => writeDeviations(deviations, done)] : []),
  ]);
  return deviations?.update ? exitCodes.conforms : exitCodeOf(done);
}

/** The file of deviations by a path that holds wherever a module takes this process. */
const fixed = (known: KnownFile | undefined): KnownFile | undefined =>
  known === undefined ? undefined : { ...known, file: resolve(known.file) };

/** Prints what failed, what is likely wrong, and the summary. */
function tell(done: Report, { typed }: Target): void {
  const failures = failuresText(done, typed);
  if (failures !== '') print(`\n${failures}`);
  print(`\n${closingText(done, style)}`);
}
