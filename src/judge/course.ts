/** How the counts of a claim grew from look to look, in as many points as a picture needs. */
import type { Claim, Tally } from '../clause.ts';

/** Counts of ever more draws: all that was drawn up to some looks, and up to the last one. */
export type Course = readonly Tally[];

/** Of more claims than that no course is kept: reports stay small. */
const mostClaims = 4;

/** From one point of a course to the next the draws grow by this factor at least: twenty-five points for ten times the draws. */
const growth = 1.1;

/** The courses of an experiment's claims before any look; none where the claims are too many, or one is not of a rate. */
export const courseOf = (claims: readonly Claim[]): readonly Course[] | undefined =>
  claims.length <= mostClaims && claims.every(({ law }) => law === 'rate') ? claims.map(() => []) : undefined;

/** The course with what a further look saw. The look before gives way to it where it is too near to the one before that. */
export function furtherCourse(course: Course, seen: Tally): Course {
  const [before, last] = course.slice(-2);
  const isNear = course.length >= 2 && last[0] < growth * before[0];
  return [...(isNear ? course.slice(0, -1) : course), seen];
}
