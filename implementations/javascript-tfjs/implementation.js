/**
 * TensorFlow.js, core and layers, on its CPU backend. The adapter translates and never repairs: the wire's keep_prob
 * becomes the library's rate, and what the library then does is what is judged.
 */
import '@tensorflow/tfjs-backend-cpu';
import tf from '@tensorflow/tfjs-core';
import tfl from '@tensorflow/tfjs-layers';

// Without it the library prints an advertisement for its other backends.
tf.enableProdMode();

const toTensor = ({ data, shape }) => tf.tensor(data, shape, 'float32');
const float32 = (shape, data) => ({ dtype: 'float32', shape, data });
const float64 = (value) => ({ dtype: 'float64', shape: [], data: Float64Array.of(value) });
/** A copy of the numbers: some of the library's tensors share the data that they were made from. */
const numbers = (tensor) => tensor.dataSync().slice();

/** Dropout layers by the request's `layer`: a layer keeps the rate and the seed that it was made with. */
const dropoutLayers = new Map();

/** As many calls as `repeat` says, each with its gradient where dy came: of the same call, so of the same mask. */
function dropout(args, { x, dy }) {
  const { repeat = 1 } = args;
  const size = x.data.length;
  const shape = args.repeat === undefined ? x.shape : [repeat, ...x.shape];
  const y = float32(shape, new Float32Array(repeat * size));
  const dx = float32(shape, new Float32Array(repeat * size));
  for (let call = 0; call < repeat; call++) {
    tf.tidy(() => {
      const operation = dropoutFor(args);
      if (dy === undefined) {
        y.data.set(operation(toTensor(x)).dataSync(), call * size);
      } else {
        const { value, grad } = tf.valueAndGrad(operation)(toTensor(x), toTensor(dy));
        y.data.set(value.dataSync(), call * size);
        dx.data.set(grad.dataSync(), call * size);
      }
    });
  }
  return dy === undefined ? { y } : { y, dx };
}

/** The layer where one is asked for, else the function; evaluation is known to layers only. */
function dropoutFor({ keep_prob, training, layer, seed }) {
  const rate = 1 - keep_prob;
  if (layer === undefined && training) return (x) => asRefusal(() => tf.dropout(x, rate, undefined, seed));
  const object = dropoutLayers.get(layer) ?? tfl.layers.dropout({ rate, seed });
  if (layer !== undefined) dropoutLayers.set(layer, object);
  return (x) => object.apply(x, { training });
}

/** The library's own rejection of a rate is a refusal; whatever else it throws is a failure. */
function asRefusal(call) {
  try {
    return call();
  } catch (error) {
    if (error.message.startsWith('rate must be')) error.code = 'invalid_argument';
    throw error;
  }
}

/** A layer that holds one parameter and passes its input on. */
class Holder extends tfl.layers.Layer {
  static className = 'Holder';

  constructor(parameter, regularizer) {
    super({});
    this.addWeight('parameter', parameter.shape, 'float32', { apply: () => toTensor(parameter) }, regularizer);
  }

  call(inputs) {
    return inputs;
  }
}

/**
 * The penalty of a model that is a chain of layers, one a parameter, the weights with an L2 regularizer. Two names of
 * one parameter are one layer at two places of the chain, which is how TensorFlow.js shares parameters.
 */
function penalty({ lambda, roles, alias = {}, gradient }, parameters) {
  const regularizer = tfl.regularizers.l2({ l2: lambda });
  const distinct = Object.keys(parameters).filter((name) => !(name in alias));
  const layers = new Map(
    distinct.map((name) => [name, new Holder(parameters[name], roles[name] === 'weight' ? regularizer : undefined)]),
  );
  const chain = [...distinct, ...Object.values(alias)];
  const inputs = tfl.input({ shape: [1] });
  const outputs = chain.reduce((node, name) => layers.get(name).apply(node), inputs);
  const { value, gradients } = valueAndGradients(tfl.model({ inputs, outputs }), noLoss);
  const answer = { value: float64(value) };
  for (const name of gradient ? distinct : []) {
    const [weight] = layers.get(name).trainableWeights;
    answer[`d:${name}`] = float32(parameters[name].shape, gradients.get(weight));
  }
  return answer;
}

/** 0, and yet a function of every parameter: TensorFlow.js has no gradients of a value that depends on none. */
const noLoss = (model) => tf.addN(model.trainableWeights.map((weight) => tf.sum(tf.zerosLike(weight.read()))));

/** A loss plus the model's penalties, added up as `fit` does, and the gradients of the sum by weight. */
function valueAndGradients(model, lossOf) {
  return tf.tidy(() => {
    const weights = model.trainableWeights;
    const { value, grads } = tf.variableGrads(
      () => model.calculateLosses().reduce((total, term) => tf.add(total, term), lossOf(model)),
      weights.map((weight) => weight.read()),
    );
    const gradients = new Map(weights.map((weight) => [weight, numbers(grads[weight.read().name])]));
    model.dispose();
    return { value: value.dataSync()[0], gradients };
  });
}

/** A sequential model of dense and dropout layers. Its kernels are [in, out], where the wire's weights are [out, in]. */
function network({ layers, activation, loss, keep_probs, lambda, training }, { x, t, ...parameters }) {
  const model = tfl.sequential();
  const last = layers.length - 1;
  for (let l = 1; l <= last; l++) {
    model.add(
      tfl.layers.dense({
        inputShape: [layers[l - 1]],
        units: layers[l],
        activation: l === last || activation === 'identity' ? 'linear' : activation,
        kernelRegularizer: tfl.regularizers.l2({ l2: lambda }),
      }),
    );
    if (l < last) model.add(tfl.layers.dropout({ rate: 1 - keep_probs[l - 1] }));
  }
  tf.tidy(() => {
    const ofLayer = (_, i) => [tf.transpose(toTensor(parameters[`W${i + 1}`])), toTensor(parameters[`b${i + 1}`])];
    model.setWeights(Array.from({ length: last }, ofLayer).flat());
  });
  const answer = {};
  const { value, gradients } = valueAndGradients(model, () => {
    const y = model.apply(toTensor(x), { training });
    answer.y = float32(y.shape, numbers(y));
    if (loss === 'softmax_cross_entropy') return tf.losses.softmaxCrossEntropy(toTensor(t), y);
    // The wire's mse is half the sum over the outputs, where TensorFlow.js takes their mean.
    return tf.mul(tf.losses.meanSquaredError(toTensor(t), y), layers[last] / 2);
  });
  const [...inOrder] = gradients.values();
  for (let l = 1; l <= last; l++) {
    const [inputs, outputs] = [layers[l - 1], layers[l]];
    const [kernel, bias] = inOrder.slice(2 * l - 2);
    const transposed = tf.tidy(() => numbers(tf.transpose(tf.tensor(kernel, [inputs, outputs]))));
    answer[`d:W${l}`] = float32([outputs, inputs], transposed);
    answer[`d:b${l}`] = float32([outputs], bias);
  }
  return { loss: float64(value), ...answer };
}

/** @type {import('../../src/subject.ts').Implementation} */
export default {
  name: 'TensorFlow.js',
  version: tf.version_core,
  language: 'javascript',
  homepage: 'https://www.tensorflow.org/js',
  capabilities: {
    dropout: {
      dtypes: ['float32'],
      gradient: true,
      seed: 'repeats',
      layer: true,
      repeat: true,
      keep_prob_zero: 'error',
    },
    penalty: { dtypes: ['float32'], gradient: true, coefficient: 1 },
    network: { dtypes: ['float32'] },
  },
  dropout,
  penalty,
  network,
};
