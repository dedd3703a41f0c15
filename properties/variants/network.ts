/** Networks as correct libraries compute them: other loops, other formulas for the same activations and losses. */
import type { Activation, Args, NetworkCapabilities, Operation, PenaltyCapabilities } from '../../src/subject.ts';
import { scalar, type Tensor, type Tensors, tensor } from '../../src/tensor.ts';
import { type Arithmetic, type ArithmeticStyle, arithmeticOf, like, numbersOf } from './arithmetic.ts';
import { type DrawBits, drawerOf } from './bits.ts';
import { type DropoutStyle, through } from './dropout.ts';
import { type PenaltyStyle, penaltyOf } from './penalty.ts';

export interface NetworkStyle {
  /** The slope of relu where z is 0: a subgradient. */
  readonly slopeAtKink: number;
  /** tanh and the logistic function by the library's own, or each by the other. */
  readonly curves: 'own' | 'by each other';
  /** Softmax with the largest output taken out before exp, or by its logarithm. */
  readonly softmax: 'shifted' | 'by its logarithm';
}

/** Everything that a call needs to compute with. */
interface Setting extends Arithmetic {
  readonly activation: Activation;
  readonly style: NetworkStyle;
}

function activate(z: number, { activation, style, of }: Setting): number {
  if (activation === 'identity') return z;
  if (activation === 'relu') return z > 0 ? z : 0;
  const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
  if (style.curves === 'own') return of(activation === 'tanh' ? Math.tanh(z) : of(1 / of(1 + of(Math.exp(-z)))));
  return activation === 'tanh' ? of(of(2 * of(logistic(2 * z))) - 1) : of(of(of(1 + of(Math.tanh(z / 2)))) / 2);
}

/** The slope where the activation is h. */
function slope(z: number, h: number, { activation, style, of }: Setting): number {
  if (activation === 'identity') return 1;
  if (activation === 'relu') return z === 0 ? style.slopeAtKink : Number(z > 0);
  return activation === 'tanh' ? of(1 - of(h * h)) : of(h * of(1 - h));
}

type Matrix = readonly (readonly number[])[];

const rowsOf = (of: Tensor): Matrix => {
  const [rows, columns] = of.shape;
  const numbers = numbersOf(of);
  return Array.from({ length: rows }, (_, i) => numbers.slice(i * columns, (i + 1) * columns));
};

const transposed = (of: Matrix): Matrix => of[0].map((_, j) => of.map((row) => row[j]));

/** a · b. */
const product = (a: Matrix, b: Matrix, { of, sum }: Arithmetic): Matrix => {
  const columns = transposed(b);
  return a.map((row) => columns.map((column) => sum(row.map((value, k) => of(value * column[k])))));
};

/** The loss and d loss / d y, means over the examples. */
function lossOf(loss: unknown, y: Matrix, t: Matrix, { of, sum, style }: Setting): { value: number; dy: Matrix } {
  const batch = y.length;
  if (loss === 'mse') {
    const errors = y.map((row, i) => row.map((value, k) => of(value - t[i][k])));
    const squares = errors.flat().map((error) => of(error * error));
    return {
      value: of(sum(squares) / (2 * batch)),
      dy: errors.map((row) => row.map((error) => of(error / batch))),
    };
  }
  const examples = y.map((row, i) => {
    const largest = Math.max(...row);
    const powers = row.map((value) => of(Math.exp(of(value - largest))));
    const total = sum(powers);
    const logTotal = of(Math.log(total));
    const logs = row.map((value) => of(of(value - largest) - logTotal));
    const shares =
      style.softmax === 'shifted' ? powers.map((power) => of(power / total)) : logs.map((log) => of(Math.exp(log)));
    return {
      loss: sum(logs.map((log, k) => (t[i][k] === 0 ? 0 : of(-t[i][k] * log)))),
      dy: shares.map((share, k) => of(of(share - t[i][k]) / batch)),
    };
  });
  return { value: of(sum(examples.map((example) => example.loss)) / batch), dy: examples.map(({ dy }) => dy) };
}

export interface NetworkMaking {
  readonly arithmetic: ArithmeticStyle;
  readonly style: NetworkStyle;
  readonly dropout: DropoutStyle;
  readonly penalty: PenaltyStyle;
  /** The declared convention; without one there is no penalty. */
  readonly convention?: PenaltyCapabilities | undefined;
  readonly seed: number;
}

/** The operation of the protocol. */
export function networkOperation({ masks: takesMasks }: NetworkCapabilities, making: NetworkMaking): Operation {
  const draw = drawerOf(making.dropout.way, making.seed, 3);
  return (args, tensors) => {
    const keepProbs = args['keep_probs'] as readonly number[];
    const masks =
      args['training'] === true ? masksOf(args, tensors, takesMasks === true ? tensors : {}, draw) : undefined;
    const { dtype } = tensors['x'];
    const setting: Setting = {
      ...arithmeticOf(making.arithmetic, dtype),
      activation: args['activation'] as Activation,
      style: making.style,
    };
    const { of, sum } = setting;
    const bits = masks?.map(rowsOf);
    const dropped = (a: Matrix, l: number): Matrix =>
      bits === undefined
        ? a
        : a.map((row, i) =>
            Array.from(through(row, bits[l][i], { keepProb: keepProbs[l], style: making.dropout, of })),
          );

    const last = keepProbs.length + 1;
    const inputs: Matrix[] = [rowsOf(tensors['x'])];
    const hidden: { readonly z: Matrix; readonly h: Matrix }[] = [];
    for (let l = 1; l <= last; l++) {
      const W = transposed(rowsOf(tensors[`W${l}`]));
      const b = numbersOf(tensors[`b${l}`]);
      const z = product(inputs[l - 1], W, setting).map((row) => row.map((value, k) => of(value + b[k])));
      const h = l < last ? z.map((row) => row.map((value) => activate(value, setting))) : z;
      hidden.push({ z, h });
      inputs.push(l < last ? dropped(h, l - 1) : h);
    }
    const y = inputs[last];

    const { value, dy } = lossOf(args['loss'], y, rowsOf(tensors['t']), setting);
    const penalty = penaltyOfNetwork(args, tensors, making);
    const gradients: Record<string, Tensor> = {};
    const answer = (name: string, own: readonly number[]): void => {
      const more = penalty.gradients[name];
      gradients[`d:${name}`] = like(tensors[name], more === undefined ? own : own.map((d, i) => of(d + more[i])));
    };
    let dz = dy;
    for (let l = last; l >= 1; l--) {
      answer(`W${l}`, product(transposed(dz), inputs[l - 1], setting).flat());
      answer(`b${l}`, transposed(dz).map(sum));
      if (l === 1) break;
      const da = dropped(product(dz, rowsOf(tensors[`W${l}`]), setting), l - 2);
      const { z, h } = hidden[l - 2];
      dz = da.map((row, i) => row.map((d, k) => of(d * slope(z[i][k], h[i][k], setting))));
    }
    const answered = takesMasks === true ? (masks ?? []).map((mask, l) => [`mask${l + 1}`, mask]) : [];
    return {
      loss: scalar(of(value + penalty.value)),
      y: like(tensors['t'], y.flat()),
      ...gradients,
      ...Object.fromEntries(answered),
    };
  };
}

/** The masks that are sent; others are drawn. */
function masksOf(args: Args, { x }: Tensors, sent: Tensors, draw: DrawBits): readonly Tensor[] {
  const layers = args['layers'] as readonly number[];
  return (args['keep_probs'] as readonly number[]).map((keepProb, l) => {
    const shape = [x.shape[0], layers[l + 1]];
    return sent[`mask${l + 1}`] ?? tensor('uint8', shape, draw(keepProb, shape));
  });
}

/** Of the weights, and of the biases if it says so. */
function penaltyOfNetwork(args: Args, tensors: Tensors, { arithmetic, penalty, convention }: NetworkMaking) {
  const lambda = Number(args['lambda']);
  if (lambda === 0 || convention === undefined) return { value: 0, gradients: {} };
  const counted = Object.entries(tensors).filter(([name]) => (convention.bias ? /^[Wb]\d+$/ : /^W\d+$/).test(name));
  const { dtype, shape } = tensors['x'];
  return penaltyOf(
    convention,
    { arithmetic, style: penalty },
    {
      counted: Object.fromEntries(counted.map(([name, W]) => [name, numbersOf(W)])),
      lambda,
      examples: shape[0],
      dtype,
    },
  );
}
