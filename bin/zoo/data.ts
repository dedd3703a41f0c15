/** What was measured of the known faults, once: which clause refutes which, how they look, and how weak they may be. */
import { readFileSync } from 'node:fs';
import type { Signature } from '../../src/report/diagnosis.ts';
import { projectFile } from '../../src/root.ts';
import { signaturesWith } from './signatures.ts';

export const zooFile = 'properties/faults/zoo.json';

/** The measured zoo, as it is kept. */
export interface Zoo {
  readonly format: 'keepprob-zoo/1';
  /** In how many runs, at least, each fault was judged, each run with a seed of its own. */
  readonly runs: number;
  /** Of each fault by its id, in what share of the runs each symptom showed; a clause's id says that it was refuted. */
  readonly symptoms: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Of each graded fault by its id, the weakest strength that each profile refutes; null where none. */
  readonly strengths: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
}

let read: Zoo | undefined;

export function zoo(): Zoo {
  read ??= JSON.parse(readFileSync(projectFile(zooFile), 'utf8')) as Zoo;
  return read;
}

/** How the known faults look. */
export const signatures = (): readonly Signature[] => signaturesWith(zoo().symptoms);
