import { expect, test } from 'vitest';
import { faultBy } from './schema.ts';

const hello = { protocol: 1, name: 'n', version: '1', capabilities: {} };

test.each([
  [{ ...hello, homepage: 'h', more: 1 }, undefined],
  [7, 'it must be of type object, got 7'],
  [{ ...hello, name: '' }, 'name must NOT have fewer than 1 characters, got ""'],
  [{ ...hello, capabilities: { dropout: {} } }, '"dtypes" is missing in capabilities.dropout'],
  [
    { ...hello, capabilities: { dropout: { dtypes: ['int8'] } } },
    'capabilities.dropout.dtypes[0] must be one of "float64", "float32", ',
  ],
  [{ ...hello, version: 'x'.repeat(200).split('') }, 'version must be of type string, got ["x","x",'],
])('hello %j: %s', (value, fault) => {
  if (fault === undefined) expect(faultBy('hello', value)).toBeUndefined();
  else expect(faultBy('hello', value)).toContain(fault);
});
