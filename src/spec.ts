/** Reads the specification as data: the same Markdown that people read. Pure; whoever calls it brings the text. */

/** The parts of the specification: `spec/<stem>.md` each. */
export const stems = ['dropout', 'l2', 'decay', 'training'] as const;

export interface SpecifiedClause {
  readonly id: string;
  /** The first paragraph: the normative sentence, on one line. */
  readonly statement: string;
  /** All that follows it: why, what it rules out, what is allowed. */
  readonly commentary: string;
}

/** Whether a clause says why it stays, though others see all that it sees. */
export const saysWhyItStays = ({ commentary }: SpecifiedClause): boolean => commentary.includes('*Why it stays.*');

/** The clauses of a `spec/<stem>.md`, in its order: a heading of third level that is the id, then a sentence. */
export function specifiedClauses(markdown: string): readonly SpecifiedClause[] {
  const sections = markdown.split(/^### /m).slice(1);
  return sections.map((section) => {
    const [id, ...rest] = section.split('\n');
    const text = rest.join('\n').split(/^## /m)[0].trim();
    const [statement, ...commentary] = text.split(/\n\s*\n/);
    return { id: id.trim(), statement: statement.replaceAll(/\s+/g, ' '), commentary: commentary.join('\n\n') };
  });
}
