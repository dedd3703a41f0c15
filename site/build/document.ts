/** A file of the specification as parts: what leads in, then sections, some with clauses. */
import { type SpecifiedClause, specifiedClauses } from '../../src/spec.ts';

export interface Section {
  readonly title: string;
  /** Markdown before the first clause; all of it where there is none. */
  readonly text: string;
  readonly clauses: readonly SpecifiedClause[];
}

export interface SpecDocument {
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly Section[];
}

/** The parts of a Markdown file with a heading of first level. `clauses` are the ids that headings of third level may be. */
export function documentOf(markdown: string, clauses: ReadonlySet<string>): SpecDocument {
  const [head, ...sections] = outsideOfCode(markdown).split(/^## /m).map(restored);
  const [title, ...lead] = head.replace(/^# /, '').split('\n');
  return {
    title: title.trim(),
    lead: lead.join('\n').trim(),
    sections: sections.map((text) => sectionOf(text, clauses)),
  };
}

function sectionOf(markdown: string, clauses: ReadonlySet<string>): Section {
  const [title, ...rest] = markdown.split('\n');
  const text = rest.join('\n');
  const specified = specifiedClauses(text).filter(({ id }) => clauses.has(id));
  return {
    title: title.trim(),
    text: specified.length === 0 ? text : text.split(/^### /m)[0],
    clauses: specified,
  };
}

/** In a block of code a line may begin like a heading and be none. */
const outsideOfCode = (markdown: string): string =>
  markdown.replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/^#/gm, '\0'));

const restored = (text: string): string => text.replaceAll('\0', '#');
