/** A correct module that says on stderr when it is first asked to drop, so that a test can interrupt it then. */
import inverted from './inverted.mjs';

let said = false;

export default {
  ...inverted,
  name: 'announcing',
  dropout(args, tensors) {
    if (!said) process.stderr.write('asked\n');
    said = true;
    return inverted.dropout(args, tensors);
  },
};
