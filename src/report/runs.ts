/** Which of many reports are of one run: the shards of an implementation are, and every other report is a run of its own. */
import type { Report } from './report.ts';

/**
 * The reports run by run, in the order in which each first came. A report that came twice counts once. Shards whose
 * implementation could not be asked, and is not known by its name, belong to the one that the others are of.
 *
 * @throws RangeError where they could belong to several
 */
export function runsOf(reports: readonly Report[]): readonly (readonly Report[])[] {
  const shards = reports.filter(({ shard }) => shard !== undefined);
  const names = [...new Set(shards.filter(isKnown).map(({ implementation }) => implementation.name))];
  const stray = shards.find((report) => !isKnown(report) && !names.includes(report.implementation.name));
  if (names.length > 1 && stray !== undefined)
    throw new RangeError(
      `a shard could not ask ${stray.implementation.name}, and there are shards of ${names.join(' and ')}: merge those of each first`,
    );
  const runs = new Map<string, Report[]>();
  for (const report of reports) {
    const { name } = report.implementation;
    // Of one implementation all shards are of one run, or the merge says what they differ in.
    const key = report.shard === undefined ? JSON.stringify(report) : `shards of ${names.length > 1 ? name : ''}`;
    const own = runs.get(key) ?? [];
    if (report.shard !== undefined || own.length === 0) runs.set(key, [...own, report]);
  }
  return [...runs.values()];
}

const isKnown = ({ implementation }: Report): boolean => implementation.capabilities !== undefined;
