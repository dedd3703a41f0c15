"""scikit-learn on the wire: the penalty of a multi-layer perceptron, in its loss and in its gradients."""

import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.neural_network import MLPRegressor

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from keepprob_adapter import serve


def penalty(args, tensors):
    distinct = {name: w for name, w in tensors.items() if name not in args.get("alias", {})}
    weights = {name: w for name, w in distinct.items() if args["roles"][name] == "weight"}
    others = {name: w for name, w in distinct.items() if name not in weights}
    # Two regressions without a hidden layer: one whose coefficients are the weights, one whose intercepts are the rest.
    dtype = next(iter(distinct.values())).dtype
    coefficients, intercepts = joined(weights, dtype), joined(others, dtype)
    value, d_coefficients, _ = perceptron(args, coefficients.reshape(-1, 1), np.zeros(1, dtype))
    more, _, d_intercepts = perceptron(args, np.zeros((1, len(intercepts)), dtype), intercepts)
    gradients = {**split(d_coefficients, weights), **split(d_intercepts, others)} if args.get("gradient") else {}
    return {"value": np.float64(value + more), **gradients}


def perceptron(args, coefficients, intercepts):
    """Loss and gradients of one that predicts without an error, so that nothing but the penalty is in them."""
    x = np.zeros((args["examples"], len(coefficients)), coefficients.dtype)
    y = np.broadcast_to(intercepts, (len(x), intercepts.size))
    model = MLPRegressor(hidden_layer_sizes=(), alpha=args["lambda"], solver="sgd")
    model.partial_fit(x, y if intercepts.size > 1 else y.ravel())
    model.coefs_, model.intercepts_ = [coefficients], [intercepts]
    loss, (d_coefficients,), (d_intercepts,) = model._backprop(x, y, None, [x, None], [None], [None], [None])
    return loss, d_coefficients, d_intercepts


def joined(parameters, dtype):
    """All elements in a row, and a zero at its end: no model of scikit-learn is without a feature or an output."""
    return np.concatenate([*(w.ravel() for w in parameters.values()), np.zeros(1, dtype)])


def split(row, parameters):
    ends = np.cumsum([w.size for w in parameters.values()], dtype=int)
    parts = np.split(row.ravel(), ends)
    return {f"d:{name}": part.reshape(w.shape) for (name, w), part in zip(parameters.items(), parts)}


serve(
    name="scikit-learn",
    version=sklearn.__version__,
    homepage="https://scikit-learn.org",
    capabilities={
        "penalty": {"dtypes": ["float64", "float32"], "gradient": True, "coefficient": 0.5, "per_example": True},
    },
    penalty=penalty,
)
