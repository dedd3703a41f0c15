/** How the parts measure: side by side, several times, and the median. */

/** One printed line: a ratio to a baseline that was measured in the same run, and the goal where there is one. */
export interface Line {
  readonly what: string;
  readonly figure: string;
  readonly goal?: string;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** What was measured several times round. */
export interface Rounds<K extends string> {
  /** The median of one thing. */
  readonly of: (name: K) => number;
  /** The median of the rounds' ratios: of two measurements that were taken one after the other. */
  readonly ratio: (name: K, baseline: K) => number;
}

/** Measures each of several things in turn, `repetitions` times round, so that a machine that slows down slows them all. */
export async function interleaved<K extends string>(
  repetitions: number,
  measures: Readonly<Record<K, () => number | Promise<number>>>,
): Promise<Rounds<K>> {
  const names = Object.keys(measures) as K[];
  const rounds: Record<K, number>[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const round: [K, number][] = [];
    for (const name of names) round.push([name, await measures[name]()]);
    rounds.push(Object.fromEntries(round) as Record<K, number>);
  }
  return {
    of: (name) => median(rounds.map((round) => round[name])),
    ratio: (name, baseline) => median(rounds.map((round) => round[name] / round[baseline])),
  };
}

/**
 * Nanoseconds of processor time that this process has taken so far, its compiler and garbage collector included: what
 * others do on the machine at the same time does not count.
 */
export const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

/** A line of a ratio, judged against its goal. */
export function ratioLine(
  what: string,
  ratio: number,
  goal?: { readonly most: number } | { readonly least: number },
): Line {
  const figure = ratio.toFixed(2);
  if (goal === undefined) return { what, figure };
  const [isMet, words] =
    'most' in goal ? [ratio <= goal.most, `at most ${goal.most}`] : [ratio >= goal.least, `at least ${goal.least}`];
  return { what, figure, goal: `${words}: ${isMet ? 'met' : 'missed'}` };
}
