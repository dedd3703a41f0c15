/**
 * A channel as a subject: greeted, proved bit-exact, and asked typed questions whose answers are validated. Whoever
 * calls it brings the schemas: it runs in a browser too.
 */
import { Breakage, Refusal } from '../errors.ts';
import type { Capabilities, Identity, Subject } from '../subject.ts';
import type { Answer, Channel, Request } from './channel.ts';
import { compareEcho, echoTensors } from './echo.ts';
import { dropout } from './operations/dropout.ts';
import { network } from './operations/network.ts';
import { given, type Operation } from './operations/operation.ts';
import { penalty } from './operations/penalty.ts';
import { step } from './operations/step.ts';
import { isSameJson } from './same.ts';
import type { FaultBy } from './validation.ts';

interface Hello extends Identity {
  readonly capabilities: Capabilities;
}

/**
 * Greets the implementation behind a channel and checks that it echoes tensors bit for bit. Questions may be asked at
 * any time: they are put one after the other. After a breakage the next question first greets the fresh one, which
 * must declare itself as before.
 * @throws Breakage if it does not greet or echo as the protocol demands.
 */
export async function subjectBehind(channel: Channel, faultBy: FaultBy): Promise<Subject> {
  // A copy: what a module changes in its own declaration later is another declaration.
  const hello = structuredClone(await greet(channel, faultBy));
  const { capabilities, ...identity } = hello;
  await echo(channel);

  let isGreeted = true;
  let last: Promise<unknown> = Promise.resolve();
  const put = async (request: Request): Promise<Answer> => {
    try {
      if (!isGreeted) compareHellos(hello, await greet(channel, faultBy));
      isGreeted = true;
      return await channel.ask(request);
    } catch (error) {
      if (error instanceof Breakage) isGreeted = false;
      throw error;
    }
  };
  const asks =
    <C, A>({ op, args, tensors, answer }: Operation<C, A>) =>
    async (call: C): Promise<A> => {
      const turn = last.then(() => put({ op, args: args(call), tensors: tensors(call) }));
      last = turn.catch(() => {});
      return answer((await turn).tensors, call, capabilities);
    };
  return {
    identity,
    capabilities,
    ...given({ sharesMemory: channel.sharesMemory }),
    dropout: asks(dropout),
    penalty: asks(penalty),
    step: asks(step),
    network: asks(network),
  };
}

async function greet(channel: Channel, faultBy: FaultBy): Promise<Hello> {
  const { result } = await unrefused(channel, { op: 'hello', args: { protocol: 1 }, tensors: {} });
  const fault = faultBy('hello', result);
  if (fault !== undefined) throw new Breakage(`the answer to hello is malformed: ${fault}`);
  const { name, version, language, homepage, capabilities } = result as unknown as Hello;
  return { name, version, ...given({ language, homepage }), capabilities };
}

async function echo(channel: Channel): Promise<void> {
  const sent = echoTensors();
  const { tensors } = await unrefused(channel, { op: 'echo', args: {}, tensors: sent });
  compareEcho(sent, tensors);
}

/** What cannot be refused: an adapter that refuses it does not speak the protocol. */
async function unrefused(channel: Channel, request: Request): Promise<Answer> {
  try {
    return await channel.ask(request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Breakage(`${request.op} must be answered, but was refused with ${error.code}: ${error.message}`);
  }
}

function compareHellos(first: Hello, again: Hello): void {
  if (isSameJson(first, again)) return;
  throw new Breakage(
    `after its restart it declares itself as ${JSON.stringify(again)}, but before as ${JSON.stringify(first)}`,
  );
}
