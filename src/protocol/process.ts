/** An adapter as a channel: a process that is started when it is needed, and started again after it broke. */
import { Breakage, Refusal, type RefusalCode } from '../errors.ts';
import { printable } from '../show.ts';
import { type Answer, type Channel, defaultTimeout, type Request } from './channel.ts';
import { type Child, type Command, startChild } from './child.ts';
import { encode, type Message } from './framing.ts';
import { faultBy } from './schema.ts';

interface ProcessOptions extends Command {
  /** Seconds that a request may take; that of the first one includes the start of the process. */
  readonly timeout?: number;
}

/**
 * The channel to an adapter. The process starts with the first request. After a breakage it is dead with all that it
 * had started, so that nothing late can come from it, and the next request starts a fresh one.
 */
export function processChannel({ timeout = defaultTimeout, ...command }: ProcessOptions): Channel {
  let child: Child | undefined;
  let id = 0;
  let state: 'idle' | 'asked' | 'closed' = 'idle';

  async function exchange(request: Request): Promise<Answer> {
    id++;
    child ??= startChild(command);
    const { op, args, tensors } = request;
    const question = `${op} (request ${id})`;
    const bytes = encode({ id, op, args }, tensors);
    return answerIn(await child.exchange({ question, bytes, timeout, faultIn: (message) => faultOf(message, id) }));
  }

  return {
    async ask(request) {
      if (state !== 'idle') throw new Error(state === 'closed' ? 'the channel is closed' : 'a request is in flight');
      state = 'asked';
      try {
        return await exchange(request);
      } catch (error) {
        if (error instanceof Breakage) {
          await child?.stop();
          child = undefined;
        }
        throw error;
      } finally {
        if (state === 'asked') state = 'idle';
      }
    },
    async close() {
      state = 'closed';
      await child?.stop();
    },
  };
}

/** What is wrong with the header of the answer to request `id`. */
const faultOf = ({ fields }: Message, id: number): string | undefined =>
  faultBy('answer', fields) ?? (fields.id === id ? undefined : `id must be ${id}, got ${fields.id}`);

function answerIn({ fields, tensors }: Message): Answer {
  if (fields.ok === true) return { result: (fields.result ?? {}) as Answer['result'], tensors };
  const { code, message } = fields.error as { code: RefusalCode; message: string };
  throw new Refusal(code, printable(message));
}
