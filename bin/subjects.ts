/** Who is judged where a program, not a command line, says it: an implementation at hand, or the command of an adapter. */
import type { Channel } from '../src/protocol/channel.ts';
import { moduleChannel } from '../src/protocol/module.ts';
import { processChannel } from '../src/protocol/process.ts';
import type { Implementation } from '../src/subject.ts';

/** What is judged: an implementation in this process, or the command that starts an adapter, in any language. */
export type Target =
  | Implementation
  | {
      /** The program and its arguments, e.g. `['python3', 'adapter.py']`. */
      readonly command: readonly [string, ...string[]];
      /** The folder in which it runs; that of this process unless given. */
      readonly cwd?: string;
    };

/** The channel to a target. @param timeout seconds that a request may take */
export function channelTo(target: Target, timeout?: number): Channel {
  const limit = timeout === undefined ? {} : { timeout };
  if (!('command' in target)) return moduleChannel(target, limit);
  const [command, ...args] = target.command;
  return processChannel({ command, args, ...(target.cwd === undefined ? {} : { cwd: target.cwd }), ...limit });
}
