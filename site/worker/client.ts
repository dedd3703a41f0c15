/** The page's side of the workers: one for each clause that is being judged, and one that answers the pictures. */
import type { Finding } from '../../src/judge/verify.ts';
import type { Answered, Answers, AskJob, Diagnosed, Drawn, Found, Job, JudgeJob, News, Question } from './messages.ts';

const started = (): Worker => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

const post = (worker: Worker, job: Job): void => worker.postMessage(job);

/** Workers that wait: starting one takes longer than most clauses do. */
const idle: Worker[] = [];

export interface Running {
  /** Resolves to undefined if it was stopped. Rejects where the worker fails. */
  readonly found: Promise<Found | undefined>;
  readonly stop: () => void;
}

/** Judges a clause in a worker. */
export function judge(job: Omit<JudgeJob, 'kind'>, onDrawn: (drawn: Drawn) => void): Running {
  const worker = idle.pop() ?? started();
  let stop = () => {};
  const found = new Promise<Found | undefined>((resolve, reject) => {
    stop = () => {
      worker.terminate();
      resolve(undefined);
    };
    const failed = (message: string) => {
      worker.terminate();
      reject(new Error(message));
    };
    worker.onerror = ({ message }) => failed(message || 'the worker could not be started');
    worker.onmessage = ({ data: news }: MessageEvent<News>) => {
      if (news.kind === 'drawn') onDrawn(news);
      if (news.kind === 'failed') failed(news.message);
      if (news.kind !== 'found') return;
      idle.push(worker);
      resolve(news);
    };
  });
  post(worker, { kind: 'judge', ...job });
  return { found, stop };
}

/** The likely faults by several findings. Rejects where the worker fails. */
export function diagnose(findings: readonly Finding[]): Promise<Diagnosed['diagnosis']> {
  const worker = idle.pop() ?? started();
  return new Promise((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.onmessage = ({ data: news }: MessageEvent<News>) => {
      idle.push(worker);
      if (news.kind === 'diagnosed') resolve(news.diagnosis);
      if (news.kind === 'failed') reject(new Error(news.message));
    };
    post(worker, { kind: 'diagnose', findings });
  });
}

/** What is asked of an implementation for a picture. */
export interface Asked<Op extends Question['op']> {
  readonly subject: string;
  readonly instance: number;
  readonly questions: readonly Extract<Question, { readonly op: Op }>[];
}

/** Asks in a worker of its own, started when it is first needed. */
export function asker<Op extends Question['op']>(): (
  asked: Asked<Op>,
) => Promise<{ readonly capabilities: Answered['capabilities']; readonly answers: readonly Answers[Op][] }> {
  let worker: Worker | undefined;
  let next = 0;
  const waiting = new Map<number, { resolve: (answered: Answered) => void; reject: (error: Error) => void }>();
  const hear = ({ data: news }: MessageEvent<News>): void => {
    const id = 'id' in news ? news.id : undefined;
    const asked = waiting.get(id ?? -1);
    waiting.delete(id ?? -1);
    if (news.kind === 'answered') asked?.resolve(news);
    if (news.kind === 'failed') asked?.reject(new Error(news.message));
  };
  return async (asked) => {
    if (worker === undefined) {
      worker = started();
      worker.onmessage = hear;
      worker.onerror = ({ message }) => {
        for (const { reject } of waiting.values()) reject(new Error(message || 'the worker could not be started'));
        waiting.clear();
      };
    }
    const job: AskJob = { kind: 'ask', id: next++, ...asked };
    post(worker, job);
    const { capabilities, answers } = await new Promise<Answered>((resolve, reject) => {
      waiting.set(job.id, { resolve, reject });
    });
    return { capabilities, answers: answers as readonly Answers[Op][] };
  };
}
