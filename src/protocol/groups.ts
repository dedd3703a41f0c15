/**
 * The process groups of the adapters that are alive, so that none outlives this process. An adapter leads its own
 * group: what it starts dies with it. (Windows has no groups: there, only the adapter itself is killed.)
 */
import type { ChildProcess } from 'node:child_process';

const alive = new Set<ChildProcess>();

/** Whether this platform can kill a whole group; an adapter is then started detached, as the leader of its own. */
export const canKillGroups = process.platform !== 'win32';

/** Counts a started process as alive until it exits; whatever is then left of its group is killed. */
export function guard(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (alive.size === 0) process.once('exit', killAdapters);
  alive.add(child);
  child.once('exit', () => {
    killGroup(child);
    alive.delete(child);
    if (alive.size === 0) process.off('exit', killAdapters);
  });
}

/** Kills a process and all that it has started. Does nothing once it is known to have exited: its id may be another's. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || !alive.has(child)) return;
  try {
    if (canKillGroups) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // Nothing of the group is left to be killed.
  }
}

/** Kills every adapter at once: for a signal handler. It also runs by itself when this process exits. */
export function killAdapters(): void {
  for (const child of alive) killGroup(child);
}
