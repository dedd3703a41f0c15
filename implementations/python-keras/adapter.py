"""Keras on the wire, with JAX below it, in float32 as Keras is by default."""

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from keepprob_adapter import by_layer, schedule, serve


@by_layer
def layer_of(args):
    return keras.layers.Dropout(rate=1 - args["keep_prob"], seed=args.get("seed"))


def dropout(args, tensors):
    layer, training = layer_of(args), args["training"]
    if "dy" not in tensors:
        return {"y": layer(tensors["x"], training=training)}
    # JAX differentiates functions without a state: a layer's goes in and comes out.
    state = layer.non_trainable_variables
    before = [variable.value for variable in state]
    x = jax.numpy.asarray(tensors["x"])
    y, back, after = jax.vjp(lambda x: layer.stateless_call([], before, x, training=training), x, has_aux=True)
    for variable, value in zip(state, after):
        variable.assign(value)
    (dx,) = back(jax.numpy.asarray(tensors["dy"]))
    return {"y": y, "dx": dx}


class Holder(keras.layers.Layer):
    """A layer that holds one parameter and passes its input on."""

    def __init__(self, parameter, regularizer):
        super().__init__()
        self.parameter = self.add_weight(
            shape=parameter.shape, initializer=lambda shape, dtype: parameter, regularizer=regularizer
        )

    def call(self, inputs):
        return inputs


def penalty(args, tensors):
    """Of a model that is a chain of layers, one a parameter; one of two names is at two places of the chain."""
    alias, regularizer = args.get("alias", {}), keras.regularizers.L2(args["lambda"])
    held = {}
    for name in [name for name in tensors if name not in alias]:
        held[name] = Holder(tensors[name], regularizer if args["roles"][name] == "weight" else None)
    inputs = outputs = keras.Input([1])
    for name in tensors:
        outputs = held[alias.get(name, name)](outputs)
    model = keras.Model(inputs, outputs)
    variables = model.trainable_variables
    losses = lambda values: model.stateless_call(values, [], np.zeros([1, 1]), return_losses=True)[2]
    total = lambda values: sum(losses(values), start=0.0)
    value, gradients = jax.value_and_grad(total)([variable.value for variable in variables])
    by_path = {variable.path: gradient for variable, gradient in zip(variables, gradients)}
    answer = {"value": np.float64(value)}
    for name, layer in held.items() if args.get("gradient") else ():
        answer[f"d:{name}"] = by_path[layer.parameter.path]
    return answer


OPTIMIZERS = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}
SETTINGS = {"momentum": "momentum", "beta1": "beta_1", "beta2": "beta_2", "eps": "epsilon"}


def step(args, tensors):
    alias, roles, steps = args.get("alias", {}), args["roles"], args["steps"]
    names = [name for name in tensors if not name.startswith("g:") and name not in alias]
    variables = {name: keras.Variable(tensors[name], trainable=roles[name] != "frozen") for name in names}
    trainable = {name: variable for name, variable in variables.items() if variable.trainable}
    lr, weight_decay = schedule(args["lr"], steps), schedule(args["weight_decay"], steps)
    settings = {SETTINGS[name]: float(args[name]) for name in SETTINGS if name in args}
    optimizer = OPTIMIZERS[args["optimizer"]](float(lr[0]), weight_decay=float(weight_decay[0]), **settings)
    for k, (lr_now, decay_now) in enumerate(zip(lr, weight_decay, strict=True)):
        optimizer.learning_rate, optimizer.weight_decay = float(lr_now), float(decay_now)
        gradients = [tensors[f"g:{name}"][k, ...] if f"g:{name}" in tensors else None for name in trainable]
        optimizer.apply(gradients, list(trainable.values()))
    return {name: variable.value for name, variable in variables.items()}


FLOATS = ["float32"]
DECAY = {"decay": "decoupled", "times_lr": True, "order": "before", "bias": True}

serve(
    name="Keras, on JAX",
    version=keras.__version__,
    homepage="https://keras.io",
    capabilities={
        "dropout": {
            "dtypes": FLOATS,
            "gradient": True,
            "seed": "advances",
            "layer": True,
            "repeat": True,
            "keep_prob_zero": "zeros",
        },
        "penalty": {"dtypes": FLOATS, "gradient": True, "coefficient": 1},
        "step": {"dtypes": FLOATS, "optimizers": {"sgd": DECAY, "adam": DECAY, "adamw": DECAY}},
    },
    dropout=dropout,
    penalty=penalty,
    step=step,
)
