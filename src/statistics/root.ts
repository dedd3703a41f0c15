/** Where a function crosses zero. */

/** The stretch in which it does is cut to this share of what was given. */
const tolerance = 2 ** -48;

/** n0, κ1 and κ2 of the paper: steps that may be taken more than bisection's, and how far a step is truncated. */
const moreSteps = 1;
const truncated = { share: 0.2, power: 2 };

/**
 * Where a function gets to zero that is below it at `from` and not at `to`, which may lie on either side: the first point
 * found where it is not below zero, no further than 2^-48 of the way from where it is. By ITP (Oliveira and Takahashi
 * 2021, "An enhancement of the bisection method average performance preserving minmax optimality"), which takes few steps
 * where the function is smooth, and at most one more than bisection where it jumps or is infinite.
 *
 * @param atEnd what the function is at `to`
 */
export function crossing(f: (x: number) => number, from: number, to: number, atEnd = f(to)): number {
  const at = (share: number): number => (share === 1 ? to : from + share * (to - from));
  let [low, high, below, above] = [0, 1, Number.NaN, atEnd];
  // Half of what bisection would have left by now, had it begun so many steps later.
  let allowed = 2 ** (moreSteps - 1);
  while (high - low > tolerance) {
    const share = nextBetween({ low, high, below, above }, allowed - (high - low) / 2);
    const value = f(at(share));
    if (value < 0) [low, below] = [share, value];
    else [high, above] = [share, value];
    allowed /= 2;
  }
  return at(high);
}

/** The point of regula falsi, taken a little towards the middle, and from there until it is within reach of it. */
function nextBetween(
  { low, high, below, above }: { low: number; high: number; below: number; above: number },
  reach: number,
): number {
  const middle = (low + high) / 2;
  const falsi = (above * low - below * high) / (above - below);
  if (!Number.isFinite(falsi)) return middle;
  const side = Math.sign(middle - falsi);
  const little = truncated.share * (high - low) ** truncated.power;
  const next = little <= Math.abs(middle - falsi) ? falsi + side * little : middle;
  return Math.abs(next - middle) <= reach ? next : middle - side * reach;
}

/** The end, seen from inside, of a stretch where a function is below zero: `limit` where it is so up to there. */
export function endOf(f: (x: number) => number, inside: number, limit: number): number {
  const atEnd = f(limit);
  return atEnd < 0 ? limit : crossing(f, inside, limit, atEnd);
}
