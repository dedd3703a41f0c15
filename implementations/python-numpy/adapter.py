"""`course.py` on the wire: the wire's words on one side, the course's on the other."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

import course
from keepprob_adapter import by_layer, schedule, serve


@by_layer
def layer_of(args):
    """keep_prob and a source of random numbers; of a layer those of its first call."""
    keep_prob, seed = args["keep_prob"], args.get("seed")
    course.check_probability(keep_prob)
    return keep_prob, np.random if seed is None else np.random.RandomState(seed)


def dropout(args, tensors):
    keep_prob, random = layer_of(args)
    given = {"y": tensors["x"], **({"dx": tensors["dy"]} if "dy" in tensors else {})}
    if not args["training"]:
        return {**given, "mask": np.ones_like(tensors["x"], bool)}
    d = tensors["u"] < keep_prob if "u" in tensors else course.draw_mask(tensors["x"].shape, keep_prob, random)
    return {**{name: course.dropout(a, d, keep_prob) for name, a in given.items()}, "mask": d}


def penalty(args, tensors):
    lambd, m = args["lambda"], args["examples"]
    distinct = {name: w for name, w in tensors.items() if name not in args.get("alias", {})}
    weights = {name: w for name, w in distinct.items() if args["roles"][name] == "weight"}
    answer = {"value": np.float64(course.l2_penalty(weights.values(), lambd, m))}
    for name, w in distinct.items() if args.get("gradient") else ():
        answer[f"d:{name}"] = course.l2_gradient(w, lambd, m) if name in weights else np.zeros_like(w)
    return answer


def step(args, tensors):
    steps = args["steps"]
    lr, weight_decay = schedule(args["lr"], steps), schedule(args["weight_decay"], steps)
    after = {}
    for name, w in tensors.items():
        if name.startswith("g:") or name in args.get("alias", {}):
            continue
        role, gradients = args["roles"][name], tensors.get(f"g:{name}")
        if role == "frozen" or gradients is None:
            after[name] = w
        else:
            decay = weight_decay if role == "weight" else [0.0] * steps
            after[name] = course.sgd(w, gradients, lr, decay, args.get("momentum", 0.0))
    return after


def network(args, tensors):
    sizes, keep_probs = args["layers"], args["keep_probs"]
    numbers = range(1, len(sizes))
    masks = [None] * len(keep_probs)
    if args["training"]:
        batch = tensors["x"].shape[0]
        drawn = [course.draw_mask((batch, size), keep_prob) for size, keep_prob in zip(sizes[1:], keep_probs)]
        masks = [tensors.get(f"mask{l}", d).astype(bool) for l, d in enumerate(drawn, 1)]
    loss, y, gradients = course.network(
        tensors["x"],
        tensors["t"],
        weights=[tensors[f"W{l}"] for l in numbers],
        biases=[tensors[f"b{l}"] for l in numbers],
        masks=masks,
        keep_probs=keep_probs,
        lambd=args["lambda"],
        activation=args["activation"],
        loss=args["loss"],
    )
    answer = {"loss": np.float64(loss), "y": y}
    answer.update({f"mask{l}": d for l, d in enumerate(masks, 1) if d is not None})
    for l, (dW, db) in zip(numbers, gradients):
        answer.update({f"d:W{l}": dW, f"d:b{l}": db})
    return answer


FLOATS = ["float64", "float32"]

serve(
    name="NumPy, the course's snippet",
    version=np.__version__,
    homepage="https://numpy.org",
    capabilities={
        "dropout": {
            "dtypes": FLOATS,
            "gradient": True,
            "mask": True,
            "seed": "advances",
            "uniforms": True,
            "layer": True,
            "repeat": True,
            "keep_prob_zero": "zeros",
        },
        "penalty": {"dtypes": FLOATS, "gradient": True, "coefficient": 0.5, "per_example": True},
        "step": {"dtypes": FLOATS, "optimizers": {"sgd": {"decay": "coupled"}}},
        "network": {"dtypes": FLOATS, "masks": True},
    },
    dropout=dropout,
    penalty=penalty,
    step=step,
    network=network,
)
