/** The gradient, held against the loss alone: no formula of backpropagation is needed to judge one. */
import fc, { type Arbitrary } from 'fast-check';
import { clause, forAll } from '../../src/clause.ts';
import { element } from '../../src/must.ts';
import { show } from '../../src/show.ts';
import { round, sizeOf, tensor, valuesOf } from '../../src/tensor.ts';
import { ask, type Masked, network } from './cases.ts';
import { belongsTo } from './cut.ts';
import { curvature } from './majorants.ts';
import { pick, placesOf, silence, withNode } from './quiet.ts';
import { thinned } from './thinned.ts';

/** Steps of a central difference: the largest that a network of such sizes may need, and halves of it. */
const steps = Array.from({ length: 20 }, (_, k) => 2 ** -k);

/** An element of a parameter, moved to either side. */
interface Difference {
  readonly plus: Masked;
  readonly minus: Masked;
  /** From the one to the other. */
  readonly span: number;
  /** How far it may be from the derivative. */
  readonly error: number;
}

/**
 * The central difference whose error is bounded the tightest, or none if a relu has a kink within reach. Its error is
 * that of the two losses over the span, plus what Taylor's theorem leaves: h²/6 · |L‴|, and the middle of two rounded
 * points may be off the element by as much, times |L″|.
 */
function bestDifference(masked: Masked, name: string, index: number): Difference | undefined {
  const differences = steps.flatMap((step): Difference[] => {
    const value = valuesOf(masked.parameters[name])[index];
    const [above, below] = [round(masked.x.dtype, value + step), round(masked.x.dtype, value - step)];
    const [plus, minus] = [above, below].map((moved) => withElement(masked, name, index, moved));
    const [left, middle, right] = [minus, masked, plus].map((each) => thinned(each, each.masks));
    if (masked.activation === 'relu' && !haveTheSameKinks([left, middle, right])) return [];
    const span = above - below;
    const reach = Math.max(above - value, value - below);
    const { second, third } = curvature(masked, masked.masks, { name, index, reach });
    const offCentre = Math.abs(above - value - (value - below)) / 2;
    const error = (left.loss.error + right.loss.error) / span + (reach ** 2 / 6) * third + offCentre * second;
    return [{ plus, minus, span, error }];
  });
  return differences.reduce<Difference | undefined>(
    (best, each) => (best === undefined || each.error < best.error ? each : best),
    undefined,
  );
}

function withElement(masked: Masked, name: string, index: number, value: number): Masked {
  const { dtype, shape } = masked.parameters[name];
  const values = Array.from(valuesOf(masked.parameters[name]), (old, i) => (i === index ? value : old));
  return { ...masked, parameters: { ...masked.parameters, [name]: tensor(dtype, shape, values) } };
}

/** Whether every relu is on the same side of its kink in each network; between them it then is so too. */
function haveTheSameKinks(networks: readonly ReturnType<typeof thinned>[]): boolean {
  const sides = networks.map(({ preactivations }) =>
    preactivations.flat().map(({ value, error }) => (Math.abs(value) <= error ? NaN : Math.sign(value))),
  );
  return sides[0].every((side, i) => sides.every((other) => other[i] === side));
}

/** A difference says something of a derivative that it could tell from 0, or that is clearly not the one it found. */
const clearly = 8;

/** An element of a parameter, by its name and its place in the data. */
type Parameter = { readonly name: string; readonly index: number };

const elementsOf = ({ parameters }: Masked): readonly Parameter[] =>
  Object.entries(parameters).flatMap(([name, { shape }]) =>
    Array.from({ length: sizeOf(shape) }, (_, index) => ({ name, index })),
  );

/** An element of a network; half of them belong to a node that is kept, but quiet: only its gradient says that it is. */
const withAnElement = (networks: Arbitrary<Masked>): Arbitrary<{ setting: Masked; parameter: Parameter }> =>
  fc
    .record({ masked: networks, isQuiet: fc.boolean(), node: fc.nat({ max: 11 }), element: fc.nat({ max: 99 }) })
    .map(({ masked, isQuiet, node, element }) => {
      if (!isQuiet) return { setting: masked, parameter: pick(elementsOf(masked), element) };
      const place = pick(placesOf(masked), node);
      const masks = masked.masks.map((mask, l) => (l === place.hidden ? withNode(mask, place, 1) : mask));
      const setting = silence({ ...masked, masks }, place);
      const incoming = elementsOf(setting).filter(
        ({ name, index }) =>
          layerOf(name) === place.hidden + 1 && belongsTo(place, name, setting.parameters[name], index),
      );
      return { setting, parameter: pick(incoming, element) };
    });

/** 2 of W2 and b2. */
const layerOf = (name: string): number => Number(name.slice(1));

export const gradientIsTheDerivative = clause({
  id: 'training/gradient-is-the-derivative-at-fixed-masks',
  level: 'MUST',
  statement: 'The gradients MUST be the derivatives of the reported loss by the parameters, with the masks held fixed.',
  needs: ['network.masks'],
  evidence: forAll(
    (can) => withAnElement(network(can)),
    async (subject, { setting, parameter: { name, index } }, must) => {
      const difference = bestDifference(setting, name, index);
      if (difference === undefined) return;
      const { plus, minus, span } = difference;
      const given = { training: true, masks: setting.masks };
      const { gradients } = await ask(subject, setting, given);
      const losses = [await ask(subject, plus, given), await ask(subject, minus, given)].map(({ loss }) => loss);
      const wanted = (losses[0] - losses[1]) / span;
      const got = valuesOf(gradients[name])[index];
      const allowed = difference.error + thinned(setting, setting.masks).gradients[name][index].error;
      if (Math.abs(got - wanted) <= allowed && clearly * allowed > Math.max(Math.abs(got), Math.abs(wanted))) return;
      const where = element(`d:${name}`, index, setting.parameters[name]);
      const because = `the central difference with step ${show(span / 2)}: rounding of the losses, and what their curvature leaves`;
      must.beNear(where, got, wanted, { within: allowed, because });
    },
  ),
});
