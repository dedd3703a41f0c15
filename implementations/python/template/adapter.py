"""Inverted dropout by hand, as an adapter to start from: put what you want to have judged in place of `forward` and
`backward`, and judge it with

    keepprob check -- python3 adapter.py
"""

import numpy as np

from keepprob_adapter import by_layer, serve


def draw(shape, keep_prob, random):
    return random.random(shape) < keep_prob


def forward(x, mask, keep_prob):
    return np.where(mask, x / keep_prob, 0)


def backward(dy, mask, keep_prob):
    return np.where(mask, dy / keep_prob, 0)


@by_layer
def layer_of(args):
    """A layer remembers its keep_prob, and continues its stream of random numbers from call to call."""
    return args["keep_prob"], np.random.default_rng(args.get("seed"))


def dropout(args, tensors):
    """y and the mask; dx too, where dy came."""
    if not 0 < args["keep_prob"] <= 1:
        raise ValueError(f"keep_prob must be in (0, 1], got {args['keep_prob']}")
    keep_prob, random = layer_of(args)
    x, dy = tensors["x"], tensors.get("dy")
    if args["training"]:
        mask = draw(x.shape, keep_prob, random)
        y, dx = forward(x, mask, keep_prob), None if dy is None else backward(dy, mask, keep_prob)
    else:
        mask, y, dx = np.ones(x.shape, bool), x, dy
    return {"y": y, "mask": mask} if dx is None else {"y": y, "mask": mask, "dx": dx}


serve(
    name="my-dropout",
    version="0.1.0",
    capabilities={
        "dropout": {
            "dtypes": ["float64", "float32"],
            "gradient": True,
            "mask": True,
            "seed": "advances",
            "layer": True,
            "repeat": True,
            "keep_prob_zero": "error",
        }
    },
    dropout=dropout,
)
