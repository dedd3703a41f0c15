"""PyTorch on the wire. Its layers take the probability of dropping; its optimizers decay every parameter given."""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from keepprob_adapter import by_layer, schedule, serve


@by_layer
def layer_of(args):
    """A dropout module, and where there is a seed the stream of random numbers that it begins."""
    stream = torch.Generator().manual_seed(args["seed"]) if "seed" in args else None
    return nn.Dropout(p=1 - args["keep_prob"]), stream


def dropout(args, tensors):
    layer, stream = layer_of(args)
    layer.train(args["training"])
    x = torch.from_numpy(tensors["x"]).requires_grad_()
    y = drawing_from(stream, lambda: refusing(lambda: layer(x)))
    if "dy" in tensors:
        y.backward(torch.from_numpy(tensors["dy"]))
        return {"y": y.detach().numpy(), "dx": x.grad.numpy()}
    return {"y": y.detach().numpy()}


def drawing_from(stream, call):
    """Modules draw from the generator of the whole process: a seeded one is given its own stream while it draws."""
    if stream is None:
        return call()
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(stream.get_state())
        result = call()
        stream.set_state(torch.get_rng_state())
    return result


def refusing(call):
    """NaN is refused by PyTorch's C++, whose errors are of one kind."""
    try:
        return call()
    except RuntimeError as error:
        raise ValueError(str(error)) if "dropout probability has to be" in str(error) else error


OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def step(args, tensors):
    named = {name: nn.Parameter(torch.from_numpy(w)) for name, w in tensors.items() if not name.startswith("g:")}
    named.update({name: named[other] for name, other in args.get("alias", {}).items()})
    for name, role in args["roles"].items():
        named[name].requires_grad_(role != "frozen")
    settings = {"momentum": args["momentum"]} if "momentum" in args else {}
    if "beta1" in args:
        settings = {"betas": (args["beta1"], args["beta2"]), "eps": args["eps"]}
    lr, weight_decay = (schedule(args[name], args["steps"]) for name in ("lr", "weight_decay"))
    # The parameters of a module: one with two names is there once.
    parameters = nn.ParameterDict(named).parameters()
    optimizer = OPTIMIZERS[args["optimizer"]](parameters, lr=lr[0], weight_decay=weight_decay[0], **settings)
    for k, now in enumerate(zip(lr, weight_decay, strict=True)):
        (group,) = optimizer.param_groups
        group["lr"], group["weight_decay"] = now
        for name, parameter in named.items():
            if parameter.requires_grad and f"g:{name}" in tensors:
                parameter.grad = torch.from_numpy(tensors[f"g:{name}"][k, ...])
        optimizer.step()
    return {name: w.detach().numpy() for name, w in named.items() if name not in args.get("alias", {})}


ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "identity": nn.Identity}


def network(args, tensors):
    """A Sequential of Linear, activation and Dropout, whose weights are [out, in] as the wire's are."""
    given = {name: torch.from_numpy(array) for name, array in tensors.items()}
    sizes, modules, dense = args["layers"], [], []
    for l, keep_prob in enumerate([*args["keep_probs"], None], 1):
        dense.append(nn.Linear(sizes[l - 1], sizes[l], dtype=given["x"].dtype))
        dense[-1].weight.data, dense[-1].bias.data = given[f"W{l}"], given[f"b{l}"]
        modules.append(dense[-1])
        if keep_prob is not None:
            modules += [ACTIVATIONS[args["activation"]](), nn.Dropout(p=1 - keep_prob)]
    y = nn.Sequential(*modules).train(args["training"])(given["x"])
    if args["loss"] == "mse":
        # The wire's mse is half the sum over the outputs, where PyTorch's mean is over all elements.
        loss = F.mse_loss(y, given["t"]) * (sizes[-1] / 2)
    else:
        loss = F.cross_entropy(y, given["t"])
    loss.backward()
    answer = {"loss": loss.detach().double().numpy(), "y": y.detach().numpy()}
    for l, layer in enumerate(dense, 1):
        answer.update({f"d:W{l}": layer.weight.grad.numpy(), f"d:b{l}": layer.bias.grad.numpy()})
    return answer


FLOATS = ["float64", "float32"]

serve(
    name="PyTorch",
    version=torch.__version__,
    homepage="https://pytorch.org",
    capabilities={
        "dropout": {
            "dtypes": FLOATS,
            "gradient": True,
            "seed": "advances",
            "layer": True,
            "repeat": True,
            "keep_prob_zero": "zeros",
        },
        "step": {
            "dtypes": FLOATS,
            "optimizers": {
                "sgd": {"decay": "coupled", "bias": True},
                "adam": {"decay": "coupled", "bias": True},
                "adamw": {"decay": "decoupled", "times_lr": True, "order": "before", "bias": True},
            },
        },
        "network": {"dtypes": FLOATS},
    },
    dropout=dropout,
    step=step,
    network=network,
)
