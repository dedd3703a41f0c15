/** The command line: the only place where everything meets. */
import { Command, CommanderError } from 'commander';
import { version } from '../src/version.ts';
import { check } from './check.ts';
import { flushed, isOutputLost, surviveLostOutput } from './console.ts';
import { explain, list } from './explain.ts';
import { type FaultsOptions, showFaults } from './faults.ts';
import { type FingerprintOptions, showFingerprint } from './fingerprint.ts';
import { init, scaffoldedLanguages } from './init.ts';
import { merge, type TypedMergeOptions } from './merge.ts';
import type { TypedOptions } from './options.ts';
import { replay } from './replay.ts';
import { endingSignals, Unwritten } from './results.ts';
import { targetOf } from './targets.ts';
import { UsageError } from './usage.ts';
import { zooFile } from './zoo/data.ts';

const wrongUsage = 2;
const undecided = 3;

/** What stands after `--` is somebody else's command line, and is not parsed as ours. */
function split(argv: readonly string[]): {
  readonly own: readonly string[];
  readonly command: readonly string[] | undefined;
} {
  const dashes = argv.indexOf('--');
  return dashes < 0
    ? { own: argv, command: undefined }
    : { own: argv.slice(0, dashes), command: argv.slice(dashes + 1) };
}

/** The commands that take somebody else's. */
const judging: ReadonlySet<string> = new Set(['check', 'replay', 'fingerprint']);

/** What is said after an error of those commands that take somebody else's. */
const afterDashes = '(a command that is to be judged goes after --; --help shows what else this one takes)';

const collect = (value: string, previous: readonly string[]): readonly string[] => [...previous, value];

/** Runs the command line. Resolves to the exit code; to undefined where nothing went wrong, and all that counts is what was printed. */
async function run(argv: readonly string[]): Promise<number | undefined> {
  const { own, command } = split(argv);
  let code: number | undefined;
  const program = new Command('keepprob')
    .description(
      'Tells whether an implementation of L2 regularization and inverted dropout keeps to the specification.',
    )
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(keepprob --help shows the commands, keepprob COMMAND --help what one takes)')
    .addHelpText(
      'after',
      '\nExit codes: 0 conforms, 1 violates, 2 wrong usage, 3 not decided, 4 the implementation broke.',
    );

  program
    .command('check')
    .description('judge an implementation, clause by clause')
    .showHelpAfterError(afterDashes)
    .usage('[options] MODULE\n       keepprob check [options] -- COMMAND [ARG…]\n       keepprob check [options] --all')
    .argument('[MODULE]', 'an ES module whose default export is an implementation, or a folder under implementations/')
    .option('--all', 'judge every implementation of this project that is set up')
    .option('--set-up', 'with --all, set up first what is not and can be')
    .option('--only <GLOB>', 'judge only the clauses that match, e.g. "dropout/*" (repeatable)', collect, [])
    .option('--strict', 'count SHOULD as MUST')
    .option('--seed <N>', "the run's base seed (default: from the system's entropy)")
    .option('--profile <NAME>', 'quick, standard or thorough', 'standard')
    .option('--false-alarm <P>', 'the probability that the whole run alarms falsely', '1e-9')
    .option('--timeout <SECONDS>', 'how long a request may take')
    .option('--deviations <FILE>', 'clauses that are known to be refuted: each must still be, for its recorded reason')
    .option('--update', 'with --deviations, write what is refuted now into FILE')
    .option('--report <FORMAT=FILE>', 'write a report, e.g. json=report.json (repeatable)', collect, [])
    .option('--portrait', 'draw some masks more, for the pictures of an html report: done where one is written')
    .option('--shard <I/N>', 'do the I-th of N parts of the run, for merge; needs --seed and --report')
    .option('--no-shard', 'a whole run, also where a job array or a parallel job names a shard')
    .option('--no-progress', 'show no progress on the terminal')
    .addHelpText(
      'after',
      '\nA shard ends with 1 where a clause is refuted, with 4 where the implementation broke, and else with 3: only\nkeepprob merge decides. Where --shard is not given, the jobs of a Slurm array, a Kubernetes indexed job (with\nJOB_COMPLETIONS set), and parallel jobs of GitLab and Buildkite are taken for shards.',
    )
    .action(async (operand: string | undefined, options: TypedOptions) => {
      code = await check(operand, command, options);
    });

  program
    .command('merge')
    .description(
      'the evidence of several shards as one report, or the reports of several implementations as one scoreboard',
    )
    .argument('<REPORT...>', 'JSON reports: of the shards of one run, or of whole runs, of merges and of check --all')
    .option('--strict', 'count SHOULD as MUST')
    .option('--report <FORMAT=FILE>', 'write a report, e.g. json=report.json (repeatable)', collect, [])
    .action(async (reports: readonly string[], options: TypedMergeOptions) => {
      code = await merge(reports, options);
    });

  program.command('list').description('every clause: id, level, kind of evidence, statement').action(list);

  program
    .command('explain')
    .description('the text of a clause, what it looks at and what it can detect')
    .argument('<CLAUSE>', 'an id, e.g. dropout/keep-rate')
    .action(explain);

  program
    .command('replay')
    .description('ask the recorded counterexample to a clause again, with the traffic shown')
    .showHelpAfterError(afterDashes)
    .usage('REPORT CLAUSE MODULE\n       keepprob replay REPORT CLAUSE -- COMMAND [ARG…]')
    .argument('<REPORT>', 'a JSON report')
    .argument('<CLAUSE>', 'an id')
    .argument('[MODULE]', 'as for check')
    .action(async (report: string, clause: string, operand: string | undefined) => {
      code = await replay(report, clause, targetOf(operand, command));
    });

  program
    .command('fingerprint')
    .description('the conventions of an implementation as they are observed, beside what it declares')
    .showHelpAfterError(afterDashes)
    .usage('[options] MODULE\n       keepprob fingerprint [options] -- COMMAND [ARG…]')
    .argument('[MODULE]', 'as for check')
    .option('--json', 'as JSON')
    .action(async (operand: string | undefined, options: FingerprintOptions) => {
      code = await showFingerprint(targetOf(operand, command), options);
    });

  program
    .command('faults')
    .description('the known faults, and which clause refutes which')
    .option('--strengths', 'how weak a fault each profile still refutes')
    .option('--diagnosis', 'how often the likely fault is the right one, measured now')
    .option('--own', 'how often each is refuted by the clause that is there for it, measured now')
    .option('--acquittal', 'how often correct implementations of many kinds are refuted, measured now')
    .option('--measure', 'measure now, rather than show what was measured')
    .option(
      '--only <GLOB>',
      'with --measure, --diagnosis, --own and --acquittal: only those that match (repeatable)',
      collect,
      [],
    )
    .option('--keep', `with --measure: keep it in ${zooFile}`)
    .option('--runs <N>', 'how often each is judged (default: 1), with --measure, --diagnosis, --own and --acquittal')
    .option('--profile <NAME>', 'with --strengths --measure: the profile (default: quick and standard)')
    .option('--no-progress', 'show no progress on the terminal')
    .action(async (options: FaultsOptions) => {
      // Where it shows what was measured, 0 is no verdict.
      code = (await showFaults(options)) || undefined;
    });

  program
    .command('init')
    .description('write a working adapter to start from')
    .argument('<LANGUAGE>', scaffoldedLanguages.join(', '))
    .argument('[FOLDER]', 'where to', '.')
    .action(init);

  program.hook('preAction', (_, action) => {
    if (command === undefined || judging.has(action.name())) return;
    throw new UsageError(
      `${action.name()} judges nobody and takes no command after --, got ${command.join(' ') || 'nothing'}`,
    );
  });

  try {
    await program.parseAsync([...own], { from: 'user' });
    return code;
  } catch (error) {
    // commander has printed its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? undefined : wrongUsage;
    if (error instanceof Unwritten) {
      process.stderr.write(`${error.message.replaceAll(/^/gm, 'keepprob: ')}\n`);
      return error.code;
    }
    if (error instanceof UsageError) {
      process.stderr.write(`keepprob: ${error.message}\n`);
      return wrongUsage;
    }
    // Uncaught, it would end with exit code 1, which says that the implementation violates.
    process.stderr.write(`keepprob: this is a defect of keepprob, nothing was decided: ${(error as Error).stack}\n`);
    return undecided;
  }
}

surviveLostOutput();
const verdict = await run(process.argv.slice(2));

// What a module has left running could go on for ever, or still end this process by an exit code of its own.
process.once('exit', () => {
  process.exitCode = verdict ?? (isOutputLost() ? undecided : 0);
});
for (const signal of endingSignals) process.removeAllListeners(signal);
await flushed();
process.exit();
