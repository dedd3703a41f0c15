/**
 * What an implementation can be asked, and what it answers: types only. A `Subject` is asked by the properties; behind
 * it stands an ES module in this process or an adapter over the wire (`protocol/`). An `Implementation` is what such a
 * module exports: the operations of the wire, without the wire.
 */
import type { Dtype, Tensor, Tensors } from './tensor.ts';

export type Activation = 'relu' | 'tanh' | 'sigmoid' | 'identity';
export type Loss = 'mse' | 'softmax_cross_entropy';
export type Optimizer = 'sgd' | 'adam' | 'adamw';
export type Role = 'weight' | 'bias' | 'norm' | 'frozen';
export type Roles = Readonly<Record<string, Role>>;

export interface DropoutCapabilities {
  readonly dtypes: readonly Dtype[];
  /** Answers `dx` for `dy`. */
  readonly gradient?: boolean;
  /** Answers `mask`. */
  readonly mask?: boolean;
  /** `advances`: a seeded layer gives a reproducible stream of masks; `repeats`: the same mask each call. */
  readonly seed?: 'advances' | 'repeats';
  /** Takes `u`. */
  readonly uniforms?: boolean;
  /** Takes `layer`. */
  readonly layer?: boolean;
  /** Takes `repeat`. */
  readonly repeat?: boolean;
  readonly keep_prob_zero?: 'zeros' | 'error';
}

export interface PenaltyCapabilities {
  readonly dtypes: readonly Dtype[];
  /** Answers `d:NAME` for each parameter. */
  readonly gradient?: boolean;
  /** c in value = c · lambda · Σ w². */
  readonly coefficient: number;
  /** Whether the value is divided by `examples`. */
  readonly per_example?: boolean;
  /** Whether biases and norms are penalised too. */
  readonly bias?: boolean;
}

export interface DecayConvention {
  /** `coupled`: weight_decay · w is added to the gradient; `decoupled`: w is shrunk on its own. */
  readonly decay: 'coupled' | 'decoupled';
  /** Whether lr multiplies a decoupled decay. */
  readonly times_lr?: boolean;
  /** Whether a decoupled decay comes before or after the gradient's step. */
  readonly order?: 'before' | 'after';
  /** Whether biases and norms are decayed too. */
  readonly bias?: boolean;
}

export interface StepCapabilities {
  readonly dtypes: readonly Dtype[];
  readonly optimizers: Readonly<Partial<Record<Optimizer, DecayConvention>>>;
}

export interface NetworkCapabilities {
  readonly dtypes: readonly Dtype[];
  /** Takes and answers `mask1`, `mask2`, … */
  readonly masks?: boolean;
}

/** What an implementation declares it can do. What is absent is not judged; what is declared is verified. */
export interface Capabilities {
  readonly dropout?: DropoutCapabilities;
  readonly penalty?: PenaltyCapabilities;
  readonly step?: StepCapabilities;
  readonly network?: NetworkCapabilities;
}

/** Who an implementation says it is. */
export interface Identity {
  readonly name: string;
  readonly version: string;
  readonly language?: string;
  readonly homepage?: string;
}

export interface DropoutCall {
  readonly x: Tensor;
  readonly keepProb: number;
  readonly training: boolean;
  /** The gradient that arrives at y, of y's shape: asks for dx of this same call. */
  readonly dy?: Tensor;
  /** Uniform draws in [0, 1), of x's shape, float64: element kept if and only if u < keepProb, and nothing is drawn. */
  readonly u?: Tensor;
  /** A stateful layer object, made at its first use with that call's keepProb and seed. */
  readonly layer?: string;
  readonly seed?: number;
  /** k successive calls on the same input: every answer has a leading axis of k. */
  readonly repeat?: number;
}

export interface DropoutAnswer {
  readonly y: Tensor;
  /** uint8, 1 = kept; there where the capability `mask` is declared. */
  readonly mask?: Tensor;
  /** There where `dy` was given. */
  readonly dx?: Tensor;
}

export interface PenaltyCall {
  readonly parameters: Tensors;
  readonly roles: Roles;
  readonly lambda: number;
  /** The number of training examples, for conventions that divide by it. */
  readonly examples?: number;
  readonly gradient?: boolean;
  /** `{W2: 'W1'}`: W2 is the same parameter as W1, and is not among `parameters`' distinct ones. */
  readonly alias?: Readonly<Record<string, string>>;
}

export interface PenaltyAnswer {
  readonly value: number;
  /** By the parameter's name; empty unless the gradient was asked for. */
  readonly gradients: Tensors;
}

export interface StepCall {
  readonly optimizer: Optimizer;
  /** One number, or one entry a step. */
  readonly lr: number | readonly number[];
  readonly weightDecay: number | readonly number[];
  readonly roles: Roles;
  readonly steps: number;
  readonly momentum?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
  readonly parameters: Tensors;
  /** By the parameter's name, each with a leading axis of `steps`; a parameter without an entry has no gradient. */
  readonly gradients: Tensors;
  readonly alias?: Readonly<Record<string, string>>;
}

export interface NetworkCall {
  /** Sizes, e.g. [4, 8, 3]. */
  readonly layers: readonly number[];
  /** On hidden layers; the output is linear (its softmax belongs to the loss). */
  readonly activation: Activation;
  readonly loss: Loss;
  /** One a hidden layer. */
  readonly keepProbs: readonly number[];
  readonly lambda: number;
  readonly training: boolean;
  /** [batch, layers[0]] */
  readonly x: Tensor;
  /** [batch, layers.at(-1)] */
  readonly t: Tensor;
  /** W1 [layers[1], layers[0]], b1 [layers[1]], W2, b2, … */
  readonly parameters: Tensors;
  /** One a hidden layer, uint8 [batch, layers[l]]: nothing is drawn. */
  readonly masks?: readonly Tensor[];
}

export interface NetworkAnswer {
  readonly loss: number;
  /** [batch, layers.at(-1)], before any softmax. */
  readonly y: Tensor;
  /** One a hidden layer in training, where the capability `masks` is declared; else empty. */
  readonly masks: readonly Tensor[];
  /** d loss / d parameter (the penalty's part included), by the parameter's name. */
  readonly gradients: Tensors;
}

/**
 * An implementation under judgement. Each method asks one question and resolves to a validated answer: names, shapes
 * and dtypes are as the protocol demands. Rejects with a `Refusal`, a `Deviation` or a `Breakage` (`errors.ts`).
 */
export interface Subject {
  readonly identity: Identity;
  readonly capabilities: Capabilities;
  /** Whether it is handed the very tensors of a call, so that what it does to them is seen: else it has copies. */
  readonly sharesMemory?: boolean;
  dropout(call: DropoutCall): Promise<DropoutAnswer>;
  penalty(call: PenaltyCall): Promise<PenaltyAnswer>;
  step(call: StepCall): Promise<Record<string, Tensor>>;
  network(call: NetworkCall): Promise<NetworkAnswer>;
}

/** The `args` of a request, named as on the wire; non-finite numbers are numbers here. */
export type Args = Readonly<Record<string, unknown>>;

/**
 * One operation of an implementation module: the wire's args and tensors in, tensors out, at once or as a promise.
 * To refuse, throw an error with `code: 'invalid_argument'` (or `'unsupported'`); any other error counts as internal.
 */
export type Operation = (args: Args, tensors: Tensors) => Tensors | Promise<Tensors>;

/** What the default export of an implementation module is. */
export interface Implementation extends Identity {
  readonly capabilities: Capabilities;
  readonly dropout?: Operation;
  readonly penalty?: Operation;
  readonly step?: Operation;
  readonly network?: Operation;
}
