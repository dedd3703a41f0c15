/** What the matrix of clauses and faults must show: every fault is refuted, and every clause is needed. */
import type { Clause } from '../../src/clause.ts';
import type { Fault } from './fault.ts';

/** Of each fault by its id, in what share of the runs each clause refuted it. A crash refutes nothing. */
export type Kills = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The faults that a clause refutes in every run, and no other clause in any. */
export const ownFaults = (clause: string, kills: Kills): readonly string[] =>
  Object.entries(kills)
    .filter(([, by]) => Object.keys(by).length === 1 && by[clause] === 1)
    .map(([fault]) => fault);

/** Something that is missing, of a fault or a clause. */
export interface Shortcoming {
  readonly about: string;
  readonly what: string;
}

/**
 * What the matrix falls short of, one entry each:
 * - a fault that was not judged, that the clause which is there for it does not refute in every run, or that no MUST
 *   does, unless that clause is a SHOULD;
 * - a MUST that is the only one to refute no fault, unless its specification says why it stays.
 *
 * @param staying ids of the clauses whose specification says so
 */
export function shortcomings({
  clauses,
  faults,
  kills,
  staying,
}: {
  readonly clauses: readonly Clause[];
  readonly faults: readonly Pick<Fault, 'id' | 'refutedBy'>[];
  readonly kills: Kills;
  readonly staying: ReadonlySet<string>;
}): readonly Shortcoming[] {
  const binding = clauses.filter(({ level }) => level === 'MUST');
  const known = new Set<string>(clauses.map(({ id }) => id));
  // What a clause that is no more has refuted counts no more.
  const current: Kills = Object.fromEntries(
    Object.entries(kills).map(([fault, by]) => [
      fault,
      Object.fromEntries(Object.entries(by).filter(([clause]) => known.has(clause))),
    ]),
  );
  return [
    ...faults.flatMap(({ id, refutedBy }) => {
      const by = current[id];
      if (by === undefined) return [{ about: id, what: 'was not judged' }];
      const breaksAShould = clauses.some((clause) => clause.id === refutedBy && clause.level === 'SHOULD');
      const isRefuted = breaksAShould || binding.some((clause) => by[clause.id] === 1);
      return [
        ...(isRefuted ? [] : [{ about: id, what: 'is refuted by no MUST in every run' }]),
        ...(by[refutedBy] === 1 ? [] : [{ about: id, what: `is not refuted in every run by ${refutedBy}` }]),
      ];
    }),
    ...binding
      .filter(({ id }) => ownFaults(id, current).length === 0 && !staying.has(id))
      .map(({ id }) => ({
        about: id,
        what: 'is the only one to refute no fault, and its specification does not say why it stays',
      })),
  ];
}
