/** What the page knows of clauses and faults without loading them: made when the site is built. */

export interface ListedFault {
  readonly id: string;
  readonly what: string;
  readonly seen?: string;
  /** Where no coarser profile is fine enough to refute it. */
  readonly profile?: 'standard';
}

export interface ListedClause {
  readonly id: string;
  readonly kind: 'universal' | 'exhaustive' | 'golden' | 'statistical' | 'trend';
  /** The faults that it was measured to refute: those first that no other clause does. */
  readonly refutes: readonly string[];
  /** How many of them no other clause refutes. */
  readonly alone: number;
}

export interface Catalogue {
  readonly clauses: readonly ListedClause[];
  readonly faults: readonly ListedFault[];
}
