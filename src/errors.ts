/** The three ways in which an answer can disappoint. */

/** A fact that contradicts a clause: it refutes. */
export class Deviation extends Error {
  override readonly name = 'Deviation';
  readonly where: string;
  readonly got: string;
  readonly wanted: string;
  readonly distance?: string;
  readonly allowed?: string;

  /** Reads `<where> is <got>, but must be <wanted> (<distance>, allowed <allowed>)`. */
  constructor(fact: { where: string; got: string; wanted: string; distance?: string; allowed?: string }) {
    const { where, got, wanted, distance, allowed } = fact;
    const margin = [distance, allowed === undefined ? undefined : `allowed ${allowed}`].filter(
      (part) => part !== undefined,
    );
    super(`${where} is ${got}, but must be ${wanted}${margin.length > 0 ? ` (${margin.join(', ')})` : ''}`);
    this.where = where;
    this.got = got;
    this.wanted = wanted;
    if (distance !== undefined) this.distance = distance;
    if (allowed !== undefined) this.allowed = allowed;
  }
}

/** Why a request was refused: it is meaningless, or not implemented, or the implementation failed at it. */
export type RefusalCode = 'invalid_argument' | 'unsupported' | 'internal';

/** The implementation answered with an error: it refused the request, or failed at it, and lives on. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** How an implementation breaks. */
export type BreakageKind = 'did not start' | 'crashed' | 'hung' | 'spoke wrongly';

/** The implementation did not start, crashed, hung or spoke wrongly: nothing can be concluded about the clause. */
export class Breakage extends Error {
  override readonly name = 'Breakage';
  readonly kind: BreakageKind;
  /** The last of what it wrote to stderr. */
  readonly stderr?: string;

  constructor(message: string, stderr?: string, kind: BreakageKind = 'spoke wrongly') {
    super(message);
    this.kind = kind;
    if (stderr) this.stderr = stderr;
  }
}
