/**
 * ConvNetJS. The adapter translates and never repairs: the wire's keep_prob becomes the library's drop_prob, and what
 * the library then does is what is judged.
 */
import { createRequire } from 'node:module';
import convnetjs from 'convnetjs';

const { version } = createRequire(import.meta.url)('convnetjs/package.json');

const float64 = (shape, data) => ({ dtype: 'float64', shape, data });
const scalar = (value) => float64([], Float64Array.of(value));

/** The library's container of numbers, around these very numbers: what it changes is changed for the caller too. */
function volume(data) {
  const vol = new convnetjs.Vol(1, 1, data.length, 0);
  vol.w = data;
  return vol;
}

/** Dropout layers by the request's `layer`. */
const dropoutLayers = new Map();

/** As many calls as `repeat` says. Which elements were dropped is read from the layer. */
function dropout(args, { x, dy }) {
  const { training, repeat = 1 } = args;
  const size = x.data.length;
  const shape = args.repeat === undefined ? x.shape : [repeat, ...x.shape];
  const y = float64(shape, new Float64Array(repeat * size));
  const dx = float64(shape, new Float64Array(repeat * size));
  const mask = { dtype: 'uint8', shape, data: new Uint8Array(repeat * size) };
  const layer = dropoutFor(args, size);
  for (let call = 0; call < repeat; call++) {
    const input = volume(x.data);
    const output = layer.forward(input, training);
    const kept = layer.dropped.map((dropped) => 1 - dropped);
    y.data.set(output.w, call * size);
    mask.data.set(kept, call * size);
    if (dy === undefined) continue;
    output.dw.set(dy.data);
    layer.backward();
    dx.data.set(input.dw, call * size);
  }
  return dy === undefined ? { y, mask } : { y, mask, dx };
}

function dropoutFor({ keep_prob, layer }, size) {
  const made = { in_sx: 1, in_sy: 1, in_depth: size, drop_prob: 1 - keep_prob };
  const object = dropoutLayers.get(layer) ?? new convnetjs.DropoutLayer(made);
  if (layer !== undefined) dropoutLayers.set(layer, object);
  return object;
}

/**
 * Parameters by name, as the library's layers hand them to a Trainer: only weights ask for decay, and what is not to
 * change is not handed over. The Trainer changes them, so that they are copies. Two names of one parameter are one.
 */
function trainables(parameters, { roles, alias = {} }) {
  const changing = Object.entries(parameters).filter(([name]) => !(name in alias) && roles[name] !== 'frozen');
  return new Map(
    changing.map(([name, { data }]) => {
      const l2_decay_mul = roles[name] === 'weight' ? 1 : 0;
      return [name, { params: data.slice(), grads: new Float64Array(data.length), l1_decay_mul: 0, l2_decay_mul }];
    }),
  );
}

/** What a Trainer calls a net: here parameters alone, whose gradients `backward` adds, as a layer's would. */
const netOf = (entries, backward = () => 0) => ({ forward() {}, backward, getParamsAndGrads: () => entries });

/** With a learning rate of 1, the step that a Trainer remembers for its momentum is minus the gradient that it used. */
const remembering = { learning_rate: 1, momentum: 0.9 };
const gradientsOf = (trainer) => trainer.gsum.map((step) => step.map((value) => 0 - value));

/** The decay's share in the loss that `train` reports of one example, and in the gradients that it then uses. */
function penalty({ lambda, roles, alias, gradient }, parameters) {
  const entries = trainables(parameters, { roles, alias });
  const trainer = new convnetjs.Trainer(netOf([...entries.values()]), { ...remembering, l2_decay: lambda });
  const value = scalar(trainer.train().l2_decay_loss);
  if (!gradient) return { value };
  const gradients = gradientsOf(trainer);
  const used = new Map([...entries.keys()].map((name, i) => [name, gradients[i]]));
  const distinct = Object.entries(parameters).filter(([name]) => !(name in (alias ?? {})));
  const answered = distinct.map(([name, { shape, data }]) => [
    `d:${name}`,
    float64(shape, used.get(name) ?? new Float64Array(data.length)),
  ]);
  return { value, ...Object.fromEntries(answered) };
}

/** SGD. A net is a chain in which every parameter has a gradient; one without is therefore not handed to the Trainer. */
function step({ lr, weight_decay, steps, momentum = 0, roles, alias }, tensors) {
  const names = Object.keys(tensors).filter((name) => !name.startsWith('g:'));
  const parameters = Object.fromEntries(names.map((name) => [name, tensors[name]]));
  const entries = trainables(parameters, { roles, alias });
  const moving = [...entries].filter(([name]) => `g:${name}` in tensors);
  let k = 0;
  const backward = () => {
    for (const [name, { grads }] of moving) {
      const { data } = tensors[`g:${name}`];
      for (let i = 0; i < grads.length; i++) grads[i] += data[k * grads.length + i];
    }
    return 0;
  };
  const net = netOf(
    moving.map(([, entry]) => entry),
    backward,
  );
  const trainer = new convnetjs.Trainer(net, { momentum });
  for (; k < steps; k++) {
    trainer.learning_rate = Array.isArray(lr) ? lr[k] : lr;
    trainer.l2_decay = Array.isArray(weight_decay) ? weight_decay[k] : weight_decay;
    trainer.train();
  }
  const after = (name) => entries.get(name)?.params ?? parameters[name].data.slice();
  const distinct = names.filter((name) => !(name in (alias ?? {})));
  return Object.fromEntries(distinct.map((name) => [name, float64(parameters[name].shape, after(name))]));
}

/** A Net of fully connected layers, trained on one batch; its loss is the mean over the examples plus the decay's. */
function network({ layers, activation, loss, keep_probs, lambda, training }, { x, t, ...parameters }) {
  const [batch] = x.shape;
  const [inputs, outputs] = [layers[0], layers[layers.length - 1]];
  const net = netWith({ layers, activation, loss, keep_probs }, parameters);
  // A Trainer always trains: the flag goes to the net itself.
  const evaluable = Object.assign(Object.create(net), { forward: (vol) => net.forward(vol, training) });
  const trainer = new convnetjs.Trainer(evaluable, { ...remembering, l2_decay: lambda, batch_size: batch });
  const y = new Float64Array(batch * outputs);
  let total = 0;
  let decay = 0;
  for (let example = 0; example < batch; example++) {
    const target = t.data.slice(example * outputs, (example + 1) * outputs);
    const input = volume(x.data.slice(example * inputs, (example + 1) * inputs));
    const report = trainer.train(input, loss === 'mse' ? target : classOf(target));
    total += report.cost_loss;
    decay += report.l2_decay_loss;
    y.set(net.layers.at(-1).in_act.w, example * outputs);
  }
  const answer = { loss: scalar(total / batch + decay), y: float64([batch, outputs], y) };
  const gradients = gradientsOf(trainer);
  for (let l = 1; l < layers.length; l++) {
    const rows = gradients.splice(0, layers[l]);
    answer[`d:W${l}`] = float64([layers[l], layers[l - 1]], Float64Array.from(rows.flatMap((row) => [...row])));
    answer[`d:b${l}`] = float64([layers[l]], gradients.shift());
  }
  return answer;
}

function netWith({ layers, activation, loss, keep_probs }, parameters) {
  const hidden = layers.slice(1, -1).map((num_neurons, l) => ({
    type: 'fc',
    num_neurons,
    ...(activation === 'identity' ? {} : { activation }),
    drop_prob: 1 - keep_probs[l],
  }));
  const size = layers[layers.length - 1];
  const output = loss === 'mse' ? { type: 'regression', num_neurons: size } : { type: 'softmax', num_classes: size };
  const net = new convnetjs.Net();
  net.makeLayers([{ type: 'input', out_sx: 1, out_sy: 1, out_depth: layers[0] }, ...hidden, output]);
  const dense = net.layers.filter((layer) => layer.layer_type === 'fc');
  for (const [l, { filters, biases, num_inputs }] of dense.entries()) {
    const weights = parameters[`W${l + 1}`].data;
    for (const [row, filter] of filters.entries()) {
      filter.w.set(weights.subarray(row * num_inputs, (row + 1) * num_inputs));
    }
    biases.w.set(parameters[`b${l + 1}`].data);
  }
  return net;
}

/** The library's softmax is told a class, so that a target must be all at one. */
function classOf(target) {
  const index = target.indexOf(1);
  if (index >= 0 && target.every((value, i) => value === (i === index ? 1 : 0))) return index;
  throw Object.assign(new Error(`ConvNetJS knows classes only, got the target [${target}]`), { code: 'unsupported' });
}

/** @type {import('../../src/subject.ts').Implementation} */
export default {
  name: 'ConvNetJS',
  version,
  language: 'javascript',
  homepage: 'https://cs.stanford.edu/people/karpathy/convnetjs/',
  capabilities: {
    dropout: { dtypes: ['float64'], gradient: true, mask: true, layer: true, repeat: true, keep_prob_zero: 'zeros' },
    penalty: { dtypes: ['float64'], gradient: true, coefficient: 0.5 },
    step: { dtypes: ['float64'], optimizers: { sgd: { decay: 'coupled' } } },
    network: { dtypes: ['float64'] },
  },
  dropout,
  penalty,
  step,
  network,
};
