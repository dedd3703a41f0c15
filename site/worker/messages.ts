/** What page and worker say to each other: plain data. */
import type { ProfileName } from '../../src/judge/profiles.ts';
import type { Finding } from '../../src/judge/verify.ts';
import type { Diagnosis } from '../../src/report/diagnosis.ts';
import type {
  Capabilities,
  DropoutAnswer,
  DropoutCall,
  NetworkAnswer,
  NetworkCall,
  PenaltyAnswer,
  PenaltyCall,
  StepCall,
} from '../../src/subject.ts';
import type { Tensors } from '../../src/tensor.ts';

/** The reference, by the name that it has among the faults. */
export const reference = 'the reference';

/** A clause to be judged. */
export interface JudgeJob {
  readonly kind: 'judge';
  readonly clause: string;
  /** `the reference`, or the id of a fault. */
  readonly subject: string;
  readonly seed: number;
  readonly profile: ProfileName;
}

/** Questions to an implementation, put one after the other. */
export interface AskJob {
  readonly kind: 'ask';
  readonly id: number;
  readonly subject: string;
  /** A number that it was not asked with before means a fresh implementation. */
  readonly instance: number;
  readonly questions: readonly Question[];
}

export type Question =
  | { readonly op: 'dropout'; readonly call: DropoutCall }
  | { readonly op: 'penalty'; readonly call: PenaltyCall }
  | { readonly op: 'step'; readonly call: StepCall }
  | { readonly op: 'network'; readonly call: NetworkCall };

export interface Answers {
  readonly dropout: DropoutAnswer;
  readonly penalty: PenaltyAnswer;
  readonly step: Tensors;
  readonly network: NetworkAnswer;
}

/** Findings of several clauses, of which the likely fault is wanted. */
export interface DiagnoseJob {
  readonly kind: 'diagnose';
  readonly findings: readonly Finding[];
}

export type Job = JudgeJob | AskJob | DiagnoseJob;

/** Where an experiment of a statistical clause stands, by the claim of it that is furthest off. */
export interface Standing {
  readonly experiment: string;
  readonly event: string;
  readonly wanted: number;
  readonly found: number;
  readonly low: number;
  readonly high: number;
  /** The deviation from which on nothing is said to hold. */
  readonly epsilon: number;
  readonly trials: number;
}

/** How far a run has come. */
export interface Drawn {
  readonly kind: 'drawn';
  /** Mask elements; absent where networks are trained. */
  readonly elements?: number;
  readonly experiment: string;
  /** In nats, and so much of it refutes. */
  readonly logEvidence: number;
  readonly threshold: number;
  readonly standings: readonly Standing[];
}

export interface Found {
  readonly kind: 'found';
  readonly finding: Finding;
  /** The known faults that look like it, by this clause alone. */
  readonly lookalikes: readonly string[];
  readonly standings: readonly Standing[];
}

export interface Answered {
  readonly kind: 'answered';
  readonly id: number;
  readonly capabilities: Capabilities;
  readonly answers: readonly Answers[keyof Answers][];
}

/** What was asked cannot be answered: the subject refused, or this program is wrong. */
export interface Failed {
  readonly kind: 'failed';
  readonly id?: number;
  readonly message: string;
}

export interface Diagnosed {
  readonly kind: 'diagnosed';
  readonly diagnosis: readonly Diagnosis[];
}

export type News = Drawn | Found | Answered | Diagnosed | Failed;
