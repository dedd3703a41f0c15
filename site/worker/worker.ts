/** The worker: judges and answers apart from the page, which stays free meanwhile. */
import { answered } from './asking.ts';
import { judged } from './judging.ts';
import type { Job, News } from './messages.ts';

const tell = (news: News): void => self.postMessage(news);

self.addEventListener('message', async ({ data: job }: MessageEvent<Job>) => {
  try {
    tell(job.kind === 'ask' ? await answered(job) : await judged(job, tell));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell({ kind: 'failed', message, ...(job.kind === 'ask' ? { id: job.id } : {}) });
  }
});
