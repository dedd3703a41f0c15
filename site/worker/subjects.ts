/** What can be judged here: the reference, and it with any fault of the zoo; each behind the channel of a module. */
import { faults } from '../../properties/faults/index.ts';
import answer from '../../spec/schema/answer.json';
import hello from '../../spec/schema/hello.json';
import request from '../../spec/schema/request.json';
import { moduleChannel } from '../../src/protocol/module.ts';
import { subjectBehind } from '../../src/protocol/subject.ts';
import { validator } from '../../src/protocol/validation.ts';
import { createReference } from '../../src/reference/implementation.ts';
import type { Subject } from '../../src/subject.ts';
import { reference } from './messages.ts';

const schemas = { answer, hello, request };
const faultBy = validator((name) => schemas[name]);

/**
 * A fresh subject by its name.
 * @throws RangeError if there is none of that name
 */
export function subjectNamed(name: string): Promise<Subject> {
  const correct = createReference();
  if (name === reference) return subjectBehind(moduleChannel(correct), faultBy);
  const fault = faults.find(({ id }) => id === name);
  if (fault === undefined) throw new RangeError(`there is no fault ${name}`);
  return subjectBehind(moduleChannel(fault.of(correct)), faultBy);
}
