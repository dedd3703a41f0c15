/** `keepprob replay`: the recorded counterexample again, with the wire traffic readable. */
import { decodeCase } from '../src/case.ts';
import type { Case, Clause } from '../src/clause.ts';
import { Breakage, Refusal } from '../src/errors.ts';
import { askAgain } from '../src/judge/again.ts';
import { profileNames } from '../src/judge/profiles.ts';
import type { Finding, Judged } from '../src/judge/verify.ts';
import type { Channel } from '../src/protocol/channel.ts';
import { connect } from '../src/protocol/connect.ts';
import type { Report } from '../src/report/report.ts';
import { caseText } from '../src/report/terminal.ts';
import { showTensor } from '../src/show.ts';
import type { Args, Subject } from '../src/subject.ts';
import type { Tensors } from '../src/tensor.ts';
import { asking } from './asking.ts';
import { budgetOf } from './budget.ts';
import { print, style } from './console.ts';
import { goldenVectors } from './golden.ts';
import { clauseNamed } from './options.ts';
import { readReports } from './reports.ts';
import type { Target } from './targets.ts';
import { UsageError } from './usage.ts';

/**
 * Asks the recorded case again. Resolves to 1 if it still deviates, 0 if it does not, 3 if that could not be told, 4 if
 * the implementation broke.
 */
export async function replay(file: string, id: string, target: Target): Promise<number> {
  const clause = clauseNamed(id);
  const candidates = recorded(file, id);
  return asking(target, async (channel) => {
    const subject = await connect(traced(channel));
    const { report, finding } = chosen(candidates, subject);
    print(`${style.strong(id)}  ${clause.statement}\nrecorded: ${finding.message}\n`);
    return told(await asked(clause, finding, report, subject));
  });
}

/** Says it, as an exit code too. */
function told({ verdict, message }: Judged): number {
  switch (verdict) {
    case 'holds':
      print(style.good('\nholds now'));
      return 0;
    case 'refuted':
      print(style.bad(`\nstill ${message}`));
      return 1;
    case 'broken':
      throw new Breakage(message);
    default:
      print(style.bad(`\n${verdict}: ${message}`));
      return 3;
  }
}

interface Recorded {
  readonly report: Report;
  readonly finding: Finding;
}

/** The counterexamples to a clause in a file: one, or in a report on several implementations one of each. */
function recorded(file: string, id: string): readonly Recorded[] {
  const found = readReports(file).reports.flatMap((report) =>
    report.clauses
      .filter((finding) => finding.id === id && finding.counterexample !== undefined)
      .map((finding) => ({ report, finding })),
  );
  if (found.length === 0)
    throw new UsageError(`${file} holds no counterexample to ${id}: only a refuted clause has one`);
  return found;
}

/** The one that was found in this very implementation, if there are several. */
function chosen(candidates: readonly Recorded[], { identity }: Subject): Recorded {
  const own = candidates.find(({ report }) => report.implementation.name === identity.name);
  if (own !== undefined || candidates.length === 1) return own ?? candidates[0];
  const names = candidates.map(({ report }) => report.implementation.name).join(', ');
  throw new UsageError(`the report has counterexamples of ${names}, but none of ${identity.name}`);
}

/** Asks the recorded question, by the seed and the profile of its report. */
async function asked(clause: Clause, finding: Finding, report: Report, subject: Subject): Promise<Judged> {
  const { seed, profile, budget } = report;
  const { evidence } = clause;
  const recorded = finding.counterexample?.case;
  const example = caseIn(recorded);
  const { vector } = example;
  if (evidence.kind === 'golden' && (await goldenVectors(evidence.stem)).every(({ name }) => name !== vector))
    throw new UsageError(`the vector ${vector} is recorded no more`);
  if (!['golden', 'statistical'].includes(evidence.kind)) print(`asking again: ${caseText(example)}`);
  const name = profileNames.find((each) => each === profile) ?? 'standard';
  return askAgain(clause, recorded, subject, budgetOf(name, seed, budget.falseAlarm));
}

function caseIn(recorded: unknown): Case {
  try {
    const example: unknown = decodeCase(recorded);
    if (typeof example === 'object' && example !== null) return example as Case;
  } catch (error) {
    throw new UsageError(`the recorded case is none that keepprob writes: ${(error as Error).message}`);
  }
  throw new UsageError(`the recorded case is none that keepprob writes: it must be an object, got ${recorded}`);
}

/** At most this many exchanges are printed; a statistical clause makes thousands. */
const mostPrinted = 20;

/** The channel, with what passes through it printed; the greeting and the echo left out. */
function traced(channel: Channel): Channel {
  let printed = 0;
  const trace = (text: string) => {
    if (printed < 2 * mostPrinted) print(text);
    else if (printed === 2 * mostPrinted) print(style.weak('… further exchanges are not shown'));
    printed += 1;
  };
  return {
    ...channel,
    async ask(request) {
      const { op, args, tensors } = request;
      if (op === 'hello' || op === 'echo') return channel.ask(request);
      trace(`→ ${op} ${argsText(args)} ${tensorsText(tensors)}`);
      try {
        const answer = await channel.ask(request);
        trace(`← ${tensorsText(answer.tensors)}`);
        return answer;
      } catch (error) {
        if (error instanceof Refusal) trace(`← ${error.code}: ${error.message}`);
        throw error;
      }
    },
  };
}

/** As on the wire, where a number that is not finite is a text. */
const argsText = (args: Args): string =>
  JSON.stringify(args, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value));

const tensorsText = (tensors: Tensors): string =>
  Object.entries(tensors)
    .map(([name, tensor]) => `${name} = ${showTensor(tensor)}`)
    .join(', ');
