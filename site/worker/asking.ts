/** Puts questions to an implementation that lives on between them, as long as it is the one that was asked last. */
import type { Subject } from '../../src/subject.ts';
import type { Answered, Answers, AskJob, Question } from './messages.ts';
import { subjectNamed } from './subjects.ts';

let known: { readonly key: string; readonly subject: Promise<Subject> } | undefined;

export async function answered({ id, subject: name, instance, questions }: AskJob): Promise<Answered> {
  const key = `${name} ${instance}`;
  if (known?.key !== key) known = { key, subject: subjectNamed(name) };
  const subject = await known.subject;
  const answers: Answers[keyof Answers][] = [];
  for (const question of questions) answers.push(await put(subject, question));
  return { kind: 'answered', id, capabilities: subject.capabilities, answers };
}

function put(subject: Subject, { op, call }: Question): Promise<Answers[keyof Answers]> {
  switch (op) {
    case 'dropout':
      return subject.dropout(call);
    case 'penalty':
      return subject.penalty(call);
    case 'step':
      return subject.step(call);
    case 'network':
      return subject.network(call);
  }
}
