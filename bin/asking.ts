/** What the commands share that ask an implementation a few questions and keep no report: how they may end. */
import { Breakage } from '../src/errors.ts';
import type { Channel } from '../src/protocol/channel.ts';
import { killAdapters } from '../src/protocol/groups.ts';
import { print, style } from './console.ts';
import { brokenText } from './judgement.ts';
import { exitCodes, onInterrupt, onSuddenEnd } from './results.ts';
import type { Target } from './targets.ts';

const undecided = 'nothing was decided';

/**
 * Asks, and resolves to the exit code that follows: 4 if the implementation broke, also where it ends this process, and 3
 * where it was interrupted. No adapter is left behind.
 */
export async function asking(target: Target, ask: (channel: Channel) => Promise<number>): Promise<number> {
  const isOver = target.inProcess ? onSuddenEnd(() => exitCodes.broken, undecided) : () => {};
  onInterrupt(() => {
    isOver();
    killAdapters();
    return exitCodes.undecided;
  }, undecided);
  let channel: Channel | undefined;
  try {
    channel = await target.open(undefined);
    return await ask(channel);
  } catch (error) {
    if (!(error instanceof Breakage)) throw error;
    print(style.bad(`\nbroke: ${brokenText(error)}`));
    return exitCodes.broken;
  } finally {
    isOver();
    await channel?.close();
  }
}
