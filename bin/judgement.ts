/** One implementation judged from greeting to report: told as it goes, and never lost, however it ends. */
import { Breakage } from '../src/errors.ts';
import { judgeAll } from '../src/judge/run.ts';
import type { Finding, Progress } from '../src/judge/verify.ts';
import type { Channel } from '../src/protocol/channel.ts';
import { connect } from '../src/protocol/connect.ts';
import { diagnose } from '../src/report/diagnosis.ts';
import { type Portrait, portray } from '../src/report/portrait.ts';
import { type Report, reportOf } from '../src/report/report.ts';
import { printable } from '../src/show.ts';
import type { Subject } from '../src/subject.ts';
import { version } from '../src/version.ts';
import { budgetOf } from './budget.ts';
import { judgingWith } from './deviations.ts';
import type { CheckOptions } from './options.ts';
import type { Target } from './targets.ts';
import { signatures } from './zoo/data.ts';

/** By what is judged. */
export type Terms = Pick<CheckOptions, 'clauses' | 'strict' | 'seed' | 'profile' | 'falseAlarm' | 'timeout'> &
  Partial<Pick<CheckOptions, 'shard' | 'deviations' | 'portrait'>>;

/** Who is told how it goes, and awaited. */
export interface Listener {
  readonly onFinding: (finding: Finding) => void | Promise<void>;
  readonly onProgress?: (progress: Progress) => void | Promise<void>;
}

export interface Judgement {
  /**
   * Judges to the end, and draws the portrait that was asked for. Rejects only where the target cannot be started for want of
   * something on this machine.
   */
  readonly finish: () => Promise<Report>;
  /** The report so far, `complete` once every clause has its verdict; with what broke the run off, if that is known. */
  readonly report: (broke?: string) => Report;
}

/** A breakage with the end of what the adapter wrote to stderr. */
export const brokenText = ({ message, stderr }: Breakage): string =>
  stderr ? `${message}\nIts stderr ended:\n${printable(stderr.trimEnd(), { lines: true, most: 65_536 })}` : message;

/** What nobody has recorded: a diagnosis of the rest is no news. */
const unexpected = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ known }) => known?.status !== 'as recorded');

export function judgement(target: Pick<Target, 'title' | 'open'>, terms: Terms, listener: Listener): Judgement {
  const { clauses, seed, profile, falseAlarm, strict, timeout, shard, deviations, portrait: isAsked = false } = terms;
  const { onFinding, onProgress } = listener;
  const started = new Date();
  const findings: Finding[] = [];
  let subject: Subject | undefined;
  let error: string | undefined;
  /** What was drawn for pictures so far. */
  let portrait: Portrait | undefined;
  let isPortraying = false;

  const isComplete = () => error === undefined && findings.length === clauses.length;
  const report = (broke = error): Report => {
    // What breaks while it only sits for its portrait breaks nothing that was judged.
    if (isPortraying && broke !== undefined)
      return reportFor(error, { ...portrait, left: [...(portrait?.left ?? []), `Not all could be drawn: ${broke}`] });
    return reportFor(broke, portrait);
  };
  const reportFor = (broke: string | undefined, drawn: Portrait | undefined): Report =>
    reportOf({
      version,
      seed,
      profile,
      falseAlarm,
      started,
      implementation: subject
        ? { ...subject.identity, capabilities: subject.capabilities }
        : { name: target.title, version: '' },
      findings,
      diagnosis: diagnose(unexpected(findings), signatures()),
      ...(broke === undefined ? {} : { error: broke }),
      complete: broke === undefined && isComplete(),
      strict,
      ...(shard === undefined ? {} : { shard: { of: shard.of, parts: isComplete() ? [shard.index] : [] } }),
      ...(drawn === undefined ? {} : { portrait: drawn }),
    });

  async function judgeWith(channel: Channel): Promise<void> {
    subject = await connect(channel);
    const budget = {
      ...budgetOf(profile, seed, falseAlarm),
      ...(shard === undefined ? {} : { shard }),
      ...(onProgress === undefined ? {} : { onProgress }),
    };
    const judge = deviations === undefined ? undefined : judgingWith(deviations.known, started);
    for await (const finding of judgeAll(clauses, subject, budget, judge)) {
      findings.push(finding);
      await onFinding(finding);
    }
  }

  async function sit(): Promise<void> {
    if (subject === undefined || !isAsked || !isComplete()) return;
    isPortraying = true;
    portrait = await portray(subject, (drawn) => {
      portrait = drawn;
    });
    isPortraying = false;
  }

  async function finish(): Promise<Report> {
    let channel: Channel | undefined;
    try {
      channel = await target.open(timeout);
      await judgeWith(channel);
      await sit();
    } catch (failure) {
      if (!(failure instanceof Breakage)) throw failure;
      error = brokenText(failure);
    } finally {
      await channel?.close();
    }
    return report();
  }

  return { finish, report };
}
