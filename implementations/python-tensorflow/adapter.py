"""TensorFlow on the wire: the functions of tf.nn. Its layers and optimizers are those of Keras, judged by itself."""

import itertools
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from keepprob_adapter import by_layer, serve


@by_layer
def stream_of(args):
    """The pairs of numbers that seed successive calls; None without a seed, where the stateful function is asked."""
    return zip(itertools.repeat(args["seed"]), itertools.count()) if "seed" in args else None


def drop(x, args, stream):
    if not args["training"]:
        return tf.identity(x)  # A function has no switch: in evaluation nobody calls it.
    rate = 1 - args["keep_prob"]
    if stream is None:
        return tf.nn.dropout(x, rate)
    return tf.nn.experimental.stateless_dropout(x, rate, seed=next(stream))


def dropout(args, tensors):
    x, stream = tf.constant(tensors["x"]), stream_of(args)
    if "dy" not in tensors:
        return {"y": drop(x, args, stream)}
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = drop(x, args, stream)
    return {"y": y, "dx": tape.gradient(y, x, output_gradients=tf.constant(tensors["dy"]))}


def penalty(args, tensors):
    """The strength times the sum of the weights' losses, as its users write it."""
    distinct = {name: tf.Variable(w) for name, w in tensors.items() if name not in args.get("alias", {})}
    weights = [w for name, w in distinct.items() if args["roles"][name] == "weight"]
    zero = tf.zeros([], next(iter(distinct.values())).dtype)
    with tf.GradientTape() as tape:
        value = args["lambda"] * sum(map(tf.nn.l2_loss, weights), start=zero)
    answer = {"value": np.float64(value)}
    if args.get("gradient"):
        gradients = tape.gradient(value, distinct, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        answer.update({f"d:{name}": gradient for name, gradient in gradients.items()})
    return answer


FLOATS = ["float64", "float32", "float16"]

serve(
    name="TensorFlow, tf.nn",
    version=tf.__version__,
    homepage="https://www.tensorflow.org",
    capabilities={
        "dropout": {
            "dtypes": FLOATS,
            "gradient": True,
            "seed": "advances",
            "layer": True,
            "repeat": True,
            "keep_prob_zero": "error",
        },
        "penalty": {"dtypes": FLOATS, "gradient": True, "coefficient": 0.5},
    },
    dropout=dropout,
    penalty=penalty,
)
