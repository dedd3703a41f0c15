import { expect, it } from 'vitest';
import { specifiedClauses } from './spec.ts';

const markdown = `# A stem

What it is about. ### is not a heading here.

## A part

### stem/first

It MUST be so,
on two   lines.

*Why.* For a reason.

*Not this.* The opposite.

### stem/second

It SHOULD be so.

## Another part

Words that belong to no clause.

### stem/third
It MAY be so.
`;

it('reads the clauses of a specification: id, sentence, commentary', () => {
  expect(specifiedClauses(markdown)).toEqual([
    {
      id: 'stem/first',
      statement: 'It MUST be so, on two lines.',
      commentary: '*Why.* For a reason.\n\n*Not this.* The opposite.',
    },
    { id: 'stem/second', statement: 'It SHOULD be so.', commentary: '' },
    { id: 'stem/third', statement: 'It MAY be so.', commentary: '' },
  ]);
});

it('finds none where there is none', () => expect(specifiedClauses('# A stem\n\nWords.\n')).toEqual([]));
