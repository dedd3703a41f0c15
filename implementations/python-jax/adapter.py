"""JAX on the wire: Flax's dropout and Optax's optimizers, in float32 as JAX is by default."""

import secrets
import sys
from pathlib import Path

import jax
import optax
from flax import nnx
from jax import numpy as jnp

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from keepprob_adapter import by_layer, serve


@by_layer
def layer_of(args):
    """A dropout module. Without a seed it is given one that nobody knows: in JAX there is no other way."""
    seed = args.get("seed", secrets.randbits(32))
    return nnx.Dropout(rate=1 - args["keep_prob"], rngs=nnx.Rngs(dropout=seed))


def dropout(args, tensors):
    layer, x = layer_of(args), jnp.asarray(tensors["x"])
    layer.train() if args["training"] else layer.eval()
    if "dy" not in tensors:
        return {"y": layer(x)}
    y, back = nnx.vjp(lambda layer, x: layer(x), layer, x, graph=False)
    _, dx = back(jnp.asarray(tensors["dy"]))
    return {"y": y, "dx": dx}


def optimizer_of(args):
    lr, weight_decay = schedule(args["lr"]), schedule(args["weight_decay"])
    if args["optimizer"] == "sgd":
        return optax.chain(optax.add_decayed_weights(weight_decay), optax.sgd(lr, args.get("momentum")))
    settings = {"b1": args["beta1"], "b2": args["beta2"], "eps": args["eps"]}
    if args["optimizer"] == "adam":
        return optax.chain(optax.add_decayed_weights(weight_decay), optax.adam(lr, **settings))
    return optax.adamw(lr, weight_decay=weight_decay, **settings)


def schedule(value):
    """To Optax a schedule is a function of the step's number."""
    return (lambda step: jnp.asarray(value)[step]) if isinstance(value, list) else value


def step(args, tensors):
    optimizer = optimizer_of(args)
    names = [name for name in tensors if not name.startswith("g:") and name not in args.get("alias", {})]
    # A loss is differentiated by the parameters that are to be trained: no others have a gradient.
    trained = [name for name in names if args["roles"][name] != "frozen" and f"g:{name}" in tensors]
    parameters = {name: jnp.asarray(tensors[name]) for name in trained}
    state = optimizer.init(parameters)
    for k in range(args["steps"]):
        gradients = {name: jnp.asarray(tensors[f"g:{name}"][k, ...]) for name in trained}
        updates, state = optimizer.update(gradients, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
    return {name: parameters.get(name, tensors[name]) for name in names}


serve(
    name="JAX, with Flax and Optax",
    version=jax.__version__,
    homepage="https://flax.readthedocs.io",
    capabilities={
        "dropout": {
            "dtypes": ["float32"],
            "gradient": True,
            "seed": "advances",
            "layer": True,
            "repeat": True,
            "keep_prob_zero": "zeros",
        },
        "step": {
            "dtypes": ["float32"],
            "optimizers": {
                "sgd": {"decay": "coupled", "bias": True},
                "adam": {"decay": "coupled", "bias": True},
                "adamw": {"decay": "decoupled", "times_lr": True, "order": "before", "bias": True},
            },
        },
    },
    dropout=dropout,
    step=step,
)
