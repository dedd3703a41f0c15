/** The worker: judges and answers apart from the page, which stays free meanwhile. */
import { answered } from './asking.ts';
import { diagnosed } from './diagnosing.ts';
import { judged } from './judging.ts';
import type { Job, News } from './messages.ts';

const tell = (news: News): void => self.postMessage(news);

function done(job: Job): Promise<News> {
  switch (job.kind) {
    case 'ask':
      return answered(job);
    case 'judge':
      return judged(job, tell);
    case 'diagnose':
      return diagnosed(job.findings);
  }
}

self.addEventListener('message', async ({ data: job }: MessageEvent<Job>) => {
  try {
    tell(await done(job));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell({ kind: 'failed', message, ...(job.kind === 'ask' ? { id: job.id } : {}) });
  }
});
