/** Jobs done side by side by as many threads as there are processors. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Job, Result } from './worker.ts';

/**
 * Does all jobs, handing over each result as it comes, with its job; a thread that fails fails all.
 *
 * @param signal ends it before all are done: a job that is being done is given up
 */
export async function eachDone(
  jobs: readonly Job[],
  onDone: (job: Job, result: Result) => void,
  signal: AbortSignal,
): Promise<void> {
  let next = 0;
  const work = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => resolve());
      let job: Job | undefined;
      const ask = () => {
        job = jobs[next];
        next += 1;
        if (job === undefined) resolve();
        else worker.postMessage(job);
      };
      worker.on('error', reject);
      worker.on('message', (result: Result) => {
        if (job !== undefined) onDone(job, result);
        ask();
      });
      ask();
    });
  const workers = Array.from(
    { length: Math.min(availableParallelism(), jobs.length) },
    () => new Worker(new URL('./worker.js', import.meta.url)),
  );
  try {
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
