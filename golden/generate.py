#!/usr/bin/env python3
"""Writes the golden vectors: dropout.json, l2.json, decay.json and training.json, next to this file.

    python3 golden/generate.py            writes the four files
    python3 golden/generate.py --check    generates them in memory and compares them with the files, byte for byte

Exit codes: 0 written, or nothing differs; 1 something differs; 2 wrong usage, or NumPy is missing or another one.

Each operation is stated once, in NumPy's words (`dropout`, `penalty`, `step`, `network`, `train`). Dropout is
elementwise, so its vectors are what NumPy's float64 and float32 give, bit for bit. The other operations sum, and an
order of summation is nobody's right answer: the same functions run on `Bounded` arrays, which carry 50 digits and the
bound of the rounding error that a float64 or float32 implementation may make. They run a second time on plain NumPy
arrays, and NumPy must keep to the bound before a vector is written. README.md derives the rules.
"""

import argparse
import decimal
import itertools
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
PINNED = (HERE / "requirements.txt").read_text(encoding="utf-8").strip().removeprefix("numpy==")

try:
    import numpy as np
except ImportError:
    print(f"generate.py needs NumPy {PINNED}: pip install -r golden/requirements.txt", file=sys.stderr)
    sys.exit(2)
if np.__version__ != PINNED:
    print(f"generate.py needs NumPy {PINNED}, but this Python has {np.__version__}", file=sys.stderr)
    sys.exit(2)

Decimal = decimal.Decimal


# Numbers with the bound of their rounding error ----------------------------------------------------------------------

# Each operation of a formula may make this many roundings: its own; two more where the formula is written in another
# way, as w (1 - a) - b for w - (a w + b); and one for products of errors and for the rounding of the record itself.
ROUNDINGS = 4

# The error of exp, log and tanh in units of u: 6 units in the last place, of at most 2 u each. That is the worst known
# to us in a library: Eigen's float32 tanh, before libeigen's merge request 2082. glibc's are within 2.
FUNCTION = 12

# A comparison with 0 must not depend on rounding: no number compared is nearer to 0 than this.
KINK = 1e-6

# A bound that no wrong answer breaks is no bound: none may exceed this part of its tensor's largest number.
BLUNT = 0.01

UNIT_ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24}

RULES = {}


class TooNearToKink(Exception):
    """A comparison with 0 that rounding could decide."""


class Bounded(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of Decimals, with the bound of an implementation's error, to first order, in units of u of its dtype.

    The bound of an operation's result is what the operands' errors contribute, and the magnitude of what the operation
    itself rounds (running error analysis: Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.3).
    Sums are bounded for every order of summation (section 3.1 there).
    """

    def __init__(self, value, error, dtype):
        self.value = np.asarray(value, dtype=object)
        self.error = np.asarray(error, dtype=object)
        self.dtype = dtype

    @staticmethod
    def of(given, dtype):
        """What a request gives: exact where the dtype holds it, else rounded once (a keep_prob of 0.8 in float32)."""
        if isinstance(given, Bounded):
            return given
        given = np.asarray(given)
        value = np.asarray(np.frompyfunc(Decimal, 1, 1)(given.astype(object)), dtype=object)
        return Bounded(value, np.where(given.astype(dtype) == given, Decimal(0), abs(value)), dtype)

    def __array_ufunc__(self, ufunc, method, *inputs):
        if method != "__call__" or ufunc not in RULES:
            return NotImplemented
        return Bounded(*RULES[ufunc](*(Bounded.of(given, self.dtype) for given in inputs)), self.dtype)

    def __gt__(self, threshold):
        margin = max([Decimal(KINK), *(ROUNDINGS * Decimal(UNIT_ROUNDOFF[self.dtype]) * self.error).flat])
        if any(abs(value - threshold) <= margin for value in self.value.flat):
            raise TooNearToKink
        return np.asarray(self.value > threshold, dtype=bool)

    def __getitem__(self, index):
        return Bounded(self.value[index], self.error[index], self.dtype)

    def __len__(self):
        return len(self.value)

    @property
    def T(self):
        return Bounded(self.value.T, self.error.T, self.dtype)

    def sum(self, axis=None, keepdims=False):
        terms = self.value.size if axis is None else self.value.shape[axis]
        every = {"axis": axis, "keepdims": keepdims}
        rounded = max(terms - 1, 0) * abs(self.value).sum(**every)
        return Bounded(self.value.sum(**every), self.error.sum(**every) + rounded, self.dtype)

    def max(self, axis, keepdims):
        every = {"axis": axis, "keepdims": keepdims}
        return Bounded(self.value.max(**every), self.error.max(**every), self.dtype)


def rule(ufunc):
    """Registers how a ufunc acts on Bounded arrays: a function of its operands that gives the value and the error."""
    return lambda function: RULES.setdefault(ufunc, function)


@rule(np.negative)
def _(a):
    return -a.value, a.error


@rule(np.add)
def _(a, b):
    value = a.value + b.value
    return value, a.error + b.error + abs(value)


@rule(np.subtract)
def _(a, b):
    value = a.value - b.value
    return value, a.error + b.error + abs(value)


@rule(np.multiply)
def _(a, b):
    value = a.value * b.value
    return value, abs(a.value) * b.error + a.error * abs(b.value) + abs(value)


@rule(np.divide)
def _(a, b):
    # Two roundings: the reciprocal's and the product's.
    value = a.value / b.value
    return value, (a.error + abs(value) * b.error) / abs(b.value) + 2 * abs(value)


@rule(np.square)
def _(a):
    value = a.value * a.value
    return value, 2 * abs(a.value) * a.error + value


@rule(np.matmul)
def _(a, b):
    # One rounding for each product, one fewer than there are products for their sum.
    rounded = a.value.shape[-1] * (abs(a.value) @ abs(b.value))
    return a.value @ b.value, abs(a.value) @ b.error + a.error @ abs(b.value) + rounded


@rule(np.sqrt)
def _(a):
    value = np.sqrt(a.value)
    return value, a.error / (2 * value) + value


@rule(np.exp)
def _(a):
    value = np.exp(a.value)
    return value, (a.error + FUNCTION) * value


@rule(np.log)
def _(a):
    value = np.frompyfunc(Decimal.ln, 1, 1)(a.value)
    return value, a.error / a.value + FUNCTION * abs(value)


@rule(np.tanh)
def _(a):
    # The error is absolute, for those who compute (e^2z - 1) / (e^2z + 1).
    squared = np.exp(2 * a.value)
    value = (squared - 1) / (squared + 1)
    return value, a.error * (1 - value * value) + FUNCTION


def matmul_add(a, b, c):
    """a @ b + c, in any order: c may be where a summation starts, so it goes through as many additions as a term."""
    if not isinstance(a, Bounded):
        return a @ b + c
    product, additions = a @ b, a.value.shape[-1]
    rounded = abs(a.value) @ abs(b.value) + additions * abs(c.value)
    return Bounded(product.value + c.value, product.error + c.error + rounded, a.dtype)


def total(terms):
    """The sum of all elements of all terms, in any order."""
    if isinstance(terms[0], Bounded):
        value = np.concatenate([term.value.ravel() for term in terms])
        error = np.concatenate([term.error.ravel() for term in terms])
        return Bounded(value, error, terms[0].dtype).sum()
    return np.concatenate([np.ravel(term) for term in terms]).sum()


# The operations ------------------------------------------------------------------------------------------------------
# Each takes a request's args and tensors under the names of the wire protocol, and gives the answer's tensors.


def dropout(args, tensors):
    """Inverted dropout as the course writes it: multiplied with the mask, then divided by keep_prob."""
    x, u, dy, keep_prob = tensors["x"], tensors["u"], tensors.get("dy"), args["keep_prob"]
    if not args["training"]:
        return {"y": x} if dy is None else {"y": x, "dx": dy}
    mask = u < keep_prob

    def drop(values):
        return np.zeros_like(values) if keep_prob == 0 else np.multiply(values, mask) / keep_prob

    answer = {"y": drop(x), "mask": np.asarray(mask, dtype=np.uint8)}
    return answer if dy is None else {**answer, "dx": drop(dy)}


def is_decayed(role, convention):
    return role == "weight" or (convention["bias"] and role in ("bias", "norm"))


def penalty_parts(parameters, roles, strength, examples, convention):
    """c lambda w^2 and its derivative 2 c lambda w, by the parameter's name: zeros where it is exempt."""
    terms, gradients = {}, {}
    for name, w in parameters.items():
        c = convention["coefficient"] if is_decayed(roles[name], convention) else 0
        terms[name], gradients[name] = c * strength * np.square(w), 2 * c * strength * w
        if convention["per_example"]:
            terms[name], gradients[name] = terms[name] / examples, gradients[name] / examples
    return terms, gradients


def penalty(args, tensors, convention):
    """The sum of the terms of all parameters; an alias is no parameter of its own."""
    own = {name: w for name, w in tensors.items() if name not in args.get("alias", {})}
    terms, gradients = penalty_parts(own, args["roles"], args["lambda"], args["examples"], convention)
    answer = {"value": total(list(terms.values()))}
    return {**answer, **{f"d:{name}": d for name, d in gradients.items()}} if args["gradient"] else answer


def sgd(args, velocity, g):
    """Heavy ball as PyTorch writes it: v = momentum v + g, where the first v is g."""
    v = g if velocity is None or "momentum" not in args else args["momentum"] * velocity + g
    return v, v


def adam(args, state, g):
    """Kingma and Ba 2015, Algorithm 1."""
    beta1, beta2 = args["beta1"], args["beta2"]
    m, v, power1, power2 = state or (0, 0, 1, 1)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * np.square(g)
    power1, power2 = beta1 * power1, beta2 * power2
    return (m / (1 - power1)) / (np.sqrt(v / (1 - power2)) + args["eps"]), (m, v, power1, power2)


DIRECTIONS = {"sgd": sgd, "adam": adam, "adamw": adam}


def step(args, tensors, convention):
    """Every parameter after `steps` steps; frozen ones and those without a gradient are left alone."""
    answer = {}
    for name, role in args["roles"].items():
        w, gradients = tensors[name], tensors.get(f"g:{name}")
        moves = gradients is not None and role != "frozen"
        decay = convention if is_decayed(role, convention) else {"decay": "none"}
        answer[name] = trajectory(args, w, gradients, decay) if moves else w
    return answer


def trajectory(args, w, gradients, decay):
    state = None
    for k in range(args["steps"]):
        lr, weight_decay = entry(args["lr"], k), entry(args["weight_decay"], k)
        g = gradients[k] + weight_decay * w if decay["decay"] == "coupled" else gradients[k]
        direction, state = DIRECTIONS[args["optimizer"]](args, state, g)
        if decay["decay"] != "decoupled":
            w = w - lr * direction
            continue
        keep = 1 - (lr * weight_decay if decay["times_lr"] else weight_decay)
        w = w * keep - lr * direction if decay["order"] == "before" else (w - lr * direction) * keep
    return w


def entry(schedule, k):
    return schedule[k] if isinstance(schedule, list) else schedule


def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


# An activation, and its derivative by its argument z and its value a.
ACTIVATIONS = {
    "identity": (lambda z: z, lambda z, a: 1),
    "relu": (lambda z: z * (z > 0), lambda z, a: z > 0),
    "tanh": (np.tanh, lambda z, a: 1 - np.square(a)),
    "sigmoid": (sigmoid, lambda z, a: a * (1 - a)),
}


def softmax(y):
    e = np.exp(y - y.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# The terms whose sum is the loss (penalty aside), and its derivative by the network's output y.
LOSSES = {
    "mse": (lambda y, t: np.square(y - t) / (2 * len(y)), lambda y, t: (y - t) / len(y)),
    "softmax_cross_entropy": (lambda y, t: -t * np.log(softmax(y)) / len(y), lambda y, t: (softmax(y) - t) / len(y)),
}


def network(args, tensors, convention):
    """Dense layers, dropout after each hidden one, and backpropagation through the thinned network."""
    activation, slope = ACTIVATIONS[args["activation"]]
    loss_terms, loss_gradient = LOSSES[args["loss"]]
    depth, batch = len(args["layers"]) - 1, len(tensors["x"])

    def thin(l, values):
        return values * tensors[f"mask{l}"] / args["keep_probs"][l - 1] if args["training"] else values

    inputs, slopes = [tensors["x"]], []
    for l in range(1, depth):
        z = matmul_add(inputs[-1], tensors[f"W{l}"].T, tensors[f"b{l}"])
        a = activation(z)
        slopes.append(slope(z, a))
        inputs.append(thin(l, a))
    y = matmul_add(inputs[-1], tensors[f"W{depth}"].T, tensors[f"b{depth}"])

    roles = {name: "weight" if name[0] == "W" else "bias" for name in tensors if name[0] in "Wb"}
    parameters = {name: tensors[name] for name in roles}
    terms, gradients = penalty_parts(parameters, roles, args["lambda"], batch, convention)
    answer = {"loss": total([loss_terms(y, tensors["t"]), *terms.values()]), "y": y}

    d = loss_gradient(y, tensors["t"])
    for l in range(depth, 0, -1):
        answer[f"d:W{l}"] = matmul_add(d.T, inputs[l - 1], gradients[f"W{l}"])
        answer[f"d:b{l}"] = d.sum(axis=0) + gradients[f"b{l}"]
        if l > 1:
            d = thin(l - 1, d @ tensors[f"W{l}"]) * slopes[l - 2]
    return answer


def train(args, tensors, convention):
    """Full-batch gradient descent: the loss before each update, and the parameters after the last."""
    names = [name for name in tensors if name[0] in "Wb"]
    current, losses = dict(tensors), []
    for k in range(args["steps"]):
        masks = {name: mask[k] for name, mask in tensors.items() if name.startswith("mask")}
        answer = network({**args, "training": True}, {**current, **masks}, convention)
        losses.append(answer["loss"])
        current.update({name: current[name] - args["lr"] * answer[f"d:{name}"] for name in names})
    return {"losses": losses, **{name: current[name] for name in names}}


# Vectors -------------------------------------------------------------------------------------------------------------

OPERATIONS = {"penalty": penalty, "step": step, "network": network, "train": train}

# What an implementation answers in float64, whatever dtype it works in.
ALWAYS_FLOAT64 = ("value", "loss", "losses")


def elementwise_vector(name, args, tensors):
    """A vector of dropout: what NumPy gives, to be met bit for bit."""
    answer = dropout(args, tensors)
    expected = {key: {"tensor": np.asarray(value), "roundings": 0} for key, value in answer.items()}
    return {"name": name, "op": "dropout", "args": args, "tensors": tensors, "expected": expected}


def bounded_vector(name, op, args, convention, tensors):
    """A vector of another operation, once NumPy itself is seen to keep to the bound."""
    (dtype,) = {tensor.dtype.name for tensor in tensors.values()} - {"uint8"}
    given = with_bounds(tensors, dtype)
    exact = OPERATIONS[op](with_bounds(args, dtype), given, convention)
    plain = OPERATIONS[op](args, tensors, convention)
    expected = {}
    for key, result in exact.items():
        if result is given.get(key):
            expected[key] = {"tensor": tensors[key], "roundings": 0}
            continue
        if isinstance(result, list):
            result = Bounded([one.value[()] for one in result], [one.error[()] for one in result], dtype)
        recorded = as_floats(result.value, "float64" if key in ALWAYS_FLOAT64 else dtype)
        magnitude = as_floats(rounded_up(result.error), "float64")
        bound = ROUNDINGS * UNIT_ROUNDOFF[dtype] * magnitude
        refuse_unless_numpy_agrees(f"{name}: {key}", np.asarray(plain[key]), recorded, bound)
        refuse_if_blunt(f"{name}: {key}", recorded, bound)
        expected[key] = {"tensor": recorded, "roundings": ROUNDINGS, "magnitude": magnitude}
    return {"name": name, "op": op, "args": args, "convention": convention, "tensors": tensors, "expected": expected}


def with_bounds(given, dtype):
    """The same args or tensors with every float as a Bounded array; masks, counts and words stay as they are."""
    if isinstance(given, dict):
        return {key: with_bounds(value, dtype) for key, value in given.items()}
    if isinstance(given, list):
        return [with_bounds(value, dtype) for value in given]
    is_float = isinstance(given, float) or (isinstance(given, np.ndarray) and given.dtype.kind == "f")
    return Bounded.of(given, dtype) if is_float else given


def as_floats(decimals, dtype):
    # A sum of nothing but zeros has no sign: + 0.0 makes it positive.
    return np.array([float(value) + 0.0 for value in decimals.flat], dtype=dtype).reshape(decimals.shape)


def rounded_up(errors):
    """To three digits: a magnitude only needs to be no smaller than it is."""
    upwards = decimal.Context(prec=3, rounding=decimal.ROUND_CEILING)
    return np.asarray(np.frompyfunc(lambda error: upwards.plus(Decimal(error)), 1, 1)(errors), dtype=object)


def refuse_unless_numpy_agrees(where, got, wanted, bound):
    error = np.abs(got.astype("float64") - wanted.astype("float64"))
    if got.shape != wanted.shape or not np.all(error <= bound):
        raise AssertionError(f"{where}: NumPy's own answer breaks the bound, so the bound or the formula is wrong")


def refuse_if_blunt(where, wanted, bound):
    if wanted.size and bound.max() > BLUNT * np.abs(wanted).max():
        raise AssertionError(f"{where}: the bound is more than {BLUNT} of the largest number")


def fractions(random, shape, dtype, *, low, high, per_unit):
    """Random multiples of 1 / per_unit in [low, high): short to read, and exact in every dtype."""
    return np.asarray(np.floor(random.rand(*shape) * ((high - low) * per_unit)) / per_unit + low, dtype=dtype)


def listed(values):
    return ", ".join(values)


# dropout.json --------------------------------------------------------------------------------------------------------

DTYPES = ("float64", "float32")
SHAPES = ([], [0], [1], [7], [3, 5], [2, 3, 4], [67])
KEEP_PROBS = {
    **{"0": 0.0, "0.1": 0.1, "0.25": 0.25, "1/3": 1 / 3, "0.5": 0.5},
    **{"0.8": 0.8, "0.9": 0.9, "511/512": 511 / 512, "1": 1.0},
}
BELOW_ONE = np.nextafter(1.0, 0.0)


def dropout_vectors():
    yield from course_snippet()
    yield from shapes_and_keep_probs()
    yield from boundary_uniforms()
    yield from special_values()


def course_snippet():
    """a3 = np.random.rand(50, 1); d3 = np.random.rand(50, 1) < keep_prob; a3 = np.multiply(a3, d3); a3 /= keep_prob"""
    for seed, keep_prob, dtype in [
        *itertools.product((0, 1, 42, 2024), (0.8, 0.5, 0.1), ("float64",)),
        *itertools.product((0, 42), (0.8,), ("float32",)),
    ]:
        random = np.random.RandomState(seed)
        a3, u = random.rand(50, 1), random.rand(50, 1)
        args = {"keep_prob": keep_prob, "training": True, "seed": seed}
        name = f"the course's snippet, seed {seed}, keep_prob {keep_prob}, {dtype}"
        yield elementwise_vector(name, args, {"x": a3.astype(dtype), "u": u})


def shapes_and_keep_probs():
    random = np.random.RandomState(20121207)
    for dtype, (label, keep_prob), shape in itertools.product(DTYPES, KEEP_PROBS.items(), SHAPES):
        x, dy = (fractions(random, shape, dtype, low=-2, high=2, per_unit=8) for _ in range(2))
        u = fractions(random, shape, "float64", low=0, high=1, per_unit=1024)
        if u.size > 1:
            # The first element is dropped at every keep_prob but 1, the last is kept at every one but 0: a vectorised
            # loop shows at its ends what it forgets.
            u.flat[0], u.flat[-1] = 1023 / 1024, 0.0
        args, name = {"keep_prob": keep_prob, "training": True}, f"training, keep_prob {label}, shape {shape}, {dtype}"
        yield elementwise_vector(name, args, {"x": x, "u": u, "dy": dy})


def boundary_uniforms():
    for dtype, (label, keep_prob) in itertools.product(DTYPES, KEEP_PROBS.items()):
        neighbours = [np.nextafter(keep_prob, -1.0), keep_prob, np.nextafter(keep_prob, 2.0), 0.0, BELOW_ONE]
        u = np.array([draw for draw in neighbours if 0 <= draw < 1])
        x, dy = np.arange(1.0, u.size + 1).astype(dtype), np.full(u.size, 0.5, dtype)
        name = f"u at the boundary: keep_prob {label} and its neighbours, 0, the largest below 1, {dtype}"
        yield elementwise_vector(name, {"keep_prob": keep_prob, "training": True}, {"x": x, "u": u, "dy": dy})


def special_values():
    for dtype in DTYPES:
        limits = np.finfo(dtype)
        tiny, least, largest = float(limits.smallest_normal), float(limits.smallest_subnormal), float(limits.max)
        ordinary = [0.0, -0.0, 1.0, -1.0]
        small = [least, -least, 3 * least, tiny - least, tiny, -tiny]
        large = [0.75 * largest, largest, -largest]
        outside = [float("inf"), float("-inf"), float("nan")]

        def vector(name, keep_prob, training, values, u):
            x = np.array(values, dtype)
            tensors = {"x": x, "u": np.asarray(u, dtype="float64"), "dy": x[::-1].copy()}
            return elementwise_vector(f"{name}, {dtype}", {"keep_prob": keep_prob, "training": training}, tensors)

        def every_second_dropped(values):
            return [BELOW_ONE if i % 2 else 0.0 for i in range(len(values))]

        finite = [*ordinary, *small, *large]
        every = [*finite, *outside]
        for label, keep_prob in KEEP_PROBS.items():
            name = f"evaluation, special values, keep_prob {label}"
            yield vector(name, keep_prob, False, every, every_second_dropped(every))
        yield vector("training, keep_prob 1, special values", 1.0, True, every, [BELOW_ONE] * len(every))
        for keep_prob in (0.8, 0.5, 0.1):
            name = f"training, special values, keep_prob {keep_prob}"
            yield vector(f"{name}, all kept", keep_prob, True, every, [0.0] * len(every))
            # Whether a dropped infinity gives NaN or 0 is a convention, so what is dropped is finite.
            yield vector(f"{name}, every second dropped", keep_prob, True, finite, every_second_dropped(finite))


# l2.json -------------------------------------------------------------------------------------------------------------

PENALTY_CONVENTIONS = [
    {"coefficient": coefficient, "per_example": per_example, "bias": bias}
    for coefficient, per_example, bias in itertools.product((0.5, 1), (False, True), (False, True))
]


def in_words(convention):
    scope = "biases too" if convention["bias"] else "weights only"
    divisor = ["per example"] if convention["per_example"] else []
    return listed([f"coefficient {convention['coefficient']}", *divisor, scope])


def penalty_vectors():
    for convention, dtype in itertools.product(PENALTY_CONVENTIONS, DTYPES):
        for name, args, tensors in penalty_requests(dtype):
            yield bounded_vector(f"{name}; {in_words(convention)}, {dtype}", "penalty", args, convention, tensors)


def penalty_requests(dtype):
    random = np.random.RandomState(1991)

    def by_hand(*values):
        return np.array(values, dtype)

    def drawn(*shape):
        return (2 * random.rand(*shape) - 1).astype(dtype)

    def request(name, strength, examples, tensors, roles="weight", **more):
        roles = {key: roles for key in tensors} if isinstance(roles, str) else roles
        return name, {"lambda": strength, "roles": roles, "examples": examples, "gradient": True, **more}, tensors

    yield request("one weight", 0.1, 4, {"W1": by_hand(2)})
    yield request("a scalar weight", 0.5, 3, {"W1": np.array(-3, dtype)})
    yield request("an empty weight", 0.1, 4, {"W1": np.zeros(0, dtype)})
    yield request("zero weights", 0.1, 4, {"W1": np.zeros((2, 2), dtype)})
    yield request("lambda 0", 0.0, 4, {"W1": by_hand(1, -2, 0.5)})
    yield request("value alone", 0.01, 7, {"W1": by_hand(1, -2, 0.5)}, gradient=False)
    yield request("weights of very different size", 1e-3, 10, {"W1": by_hand(1e-3, 1, -1e3, 1e-3, -1)})
    yield request("67 weights", 0.25, 50, {"W1": fractions(random, (67,), dtype, low=-2, high=2, per_unit=8)})
    yield request(
        "two layers with biases and a norm",
        0.7,
        5,
        {"W1": drawn(2, 3), "b1": drawn(2), "gamma": drawn(2), "W2": drawn(1, 2), "b2": drawn(1)},
        {"W1": "weight", "b1": "bias", "gamma": "norm", "W2": "weight", "b2": "bias"},
    )
    yield request(
        "biases and norms alone",
        2.0,
        3,
        {"b1": by_hand(1, -2), "gamma": by_hand(3)},
        {"b1": "bias", "gamma": "norm"},
    )
    shared = drawn(2, 2)
    yield request(
        "a shared weight under two names counts once",
        0.3,
        6,
        {"W1": shared, "W2": shared, "W3": drawn(2)},
        alias={"W2": "W1"},
    )


# decay.json ----------------------------------------------------------------------------------------------------------

DECAY_CONVENTIONS = [
    *({"decay": "coupled", "bias": bias} for bias in (False, True)),
    *(
        {"decay": "decoupled", "times_lr": times_lr, "order": order, "bias": bias}
        for times_lr, order, bias in itertools.product((True, False), ("before", "after"), (False, True))
    ),
]

STEPS = 10
ADAM = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
CONSTANT = {"lr": 0.1, "weight_decay": 0.1}
SCHEDULE = {
    "lr": [0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.05, 0.02, 0.01, 0.0],
    "weight_decay": [0.1, 0.1, 0.0, 0.2, 0.05, 0.05, 0.0, 0.3, 0.1, 0.1],
}
ROLES = {"W1": "weight", "b1": "bias", "gamma": "norm", "frozen": "frozen", "idle": "weight"}


def trajectories():
    """Words for what is asked, and the args. Momentum only at a constant lr: libraries differ in where lr enters."""
    yield "sgd", {"optimizer": "sgd", **CONSTANT}
    yield "sgd with momentum", {"optimizer": "sgd", "momentum": 0.9, **CONSTANT}
    yield "sgd, schedules of lr and weight decay", {"optimizer": "sgd", **SCHEDULE}
    for optimizer in ("adam", "adamw"):
        yield optimizer, {"optimizer": optimizer, **ADAM, **CONSTANT}
        yield f"{optimizer}, schedules of lr and weight decay", {"optimizer": optimizer, **ADAM, **SCHEDULE}


def decay_in_words(convention):
    scope = "biases too" if convention["bias"] else "weights only"
    if convention["decay"] == "coupled":
        return f"coupled, {scope}"
    rate = "times lr" if convention["times_lr"] else "without lr"
    return f"decoupled, {rate}, {convention['order']} the step, {scope}"


def decay_vectors():
    for (words, args), convention, dtype in itertools.product(trajectories(), DECAY_CONVENTIONS, DTYPES):
        if args["optimizer"] == "adamw" and convention["decay"] == "coupled":
            continue  # AdamW is Adam with decoupled decay (Loshchilov and Hutter 2019).
        name = f"{words}; {decay_in_words(convention)}, {dtype}"
        args = {**args, "steps": STEPS, "roles": ROLES}
        yield bounded_vector(name, "step", args, convention, step_tensors(dtype))


def step_tensors(dtype):
    random = np.random.RandomState(2019)
    shapes = {"W1": [2, 3], "b1": [2], "gamma": [3], "frozen": [2], "idle": [2]}
    tensors = {name: fractions(random, shape, dtype, low=-2, high=2, per_unit=8) for name, shape in shapes.items()}
    for name, shape in shapes.items():
        if name != "idle":
            tensors[f"g:{name}"] = gradients(random, [STEPS, *shape], dtype)
    return tensors


def gradients(random, shape, dtype):
    """Of magnitude 1/2 to 2: far from 0, where the place of Adam's eps, in which libraries differ, would matter."""
    sign = np.where(random.rand(*shape) < 0.5, -1, 1)
    return (sign * fractions(random, shape, dtype, low=0.5, high=2, per_unit=16)).astype(dtype)


# training.json -------------------------------------------------------------------------------------------------------

BATCH = 4
HIDDEN = {1: [3, 4, 2], 2: [3, 4, 3, 2], 3: [3, 4, 3, 3, 2]}
KEEP_OF_LAYER = [0.8, 0.5, 0.9]
LAMBDA = 0.1
WEIGHTS_ONLY = PENALTY_CONVENTIONS[0]


def training_vectors():
    every = list(itertools.product(ACTIVATIONS, LOSSES))
    for hidden, (activation, loss) in itertools.product(HIDDEN, every):
        yield network_vector(hidden, activation, loss, "float64", strength=0.0)
    for activation, loss in every:
        yield network_vector(2, activation, loss, "float64", strength=LAMBDA)
        yield network_vector(2, activation, loss, "float64", strength=0.0, training=False)
        yield network_vector(1, activation, loss, "float32", strength=0.0)
    for convention, loss in itertools.product(PENALTY_CONVENTIONS, LOSSES):
        yield network_vector(1, "tanh", loss, "float64", strength=LAMBDA, convention=convention)
        yield network_vector(1, "tanh", loss, "float64", strength=LAMBDA, convention=convention, training=False)
    for convention in PENALTY_CONVENTIONS:
        yield network_vector(1, "tanh", "mse", "float32", strength=LAMBDA, convention=convention)
    for convention, dtype in itertools.product(PENALTY_CONVENTIONS, DTYPES):
        yield train_vector([3, 4, 1], "tanh", "mse", convention, dtype)
        yield train_vector([2, 4, 3, 3], "relu", "softmax_cross_entropy", convention, dtype)


def network_vector(hidden, activation, loss, dtype, *, strength, convention=WEIGHTS_ONLY, training=True):
    layers = HIDDEN[hidden]
    args = {
        "layers": layers,
        "activation": activation,
        "loss": loss,
        "keep_probs": KEEP_OF_LAYER[:hidden],
        "lambda": strength,
        "training": training,
    }
    words = [f"{hidden} hidden", activation, loss, "training" if training else "evaluation", f"lambda {strength}"]
    name = f"{listed(words)}; {in_words(convention)}, {dtype}"

    def vector(random):
        tensors = network_tensors(random, layers, loss, dtype)
        masks = network_masks(random, args) if training else {}
        return bounded_vector(name, "network", args, convention, {**tensors, **masks})

    return away_from_kinks(vector)


def train_vector(layers, activation, loss, convention, dtype):
    hidden = len(layers) - 2
    args = {
        "layers": layers,
        "activation": activation,
        "loss": loss,
        "keep_probs": KEEP_OF_LAYER[:hidden],
        "lambda": LAMBDA,
        "lr": 0.03,
        "steps": 20,
    }
    name = f"twenty steps, {hidden} hidden, {activation}, {loss}, lambda {LAMBDA}; {in_words(convention)}, {dtype}"

    def vector(random):
        tensors = {**network_tensors(random, layers, loss, dtype), **network_masks(random, args, [args["steps"]])}
        return bounded_vector(name, "train", args, convention, tensors)

    return away_from_kinks(vector)


def away_from_kinks(vector):
    """The vector of the first seed with which no relu's argument is near to 0, where rounding could change its sign."""
    for seed in itertools.count():
        try:
            return vector(np.random.RandomState(seed))
        except TooNearToKink:
            continue


def network_tensors(random, layers, loss, dtype):
    tensors = {"x": fractions(random, [BATCH, layers[0]], dtype, low=-2, high=2, per_unit=8)}
    tensors["t"] = targets(random, [BATCH, layers[-1]], loss, dtype)
    for l, (fan_in, fan_out) in enumerate(itertools.pairwise(layers), start=1):
        tensors[f"W{l}"] = fractions(random, [fan_out, fan_in], dtype, low=-1, high=1, per_unit=16)
        tensors[f"b{l}"] = fractions(random, [fan_out], dtype, low=-0.5, high=0.5, per_unit=16)
    return tensors


def targets(random, shape, loss, dtype):
    if loss == "mse":
        return fractions(random, shape, dtype, low=-2, high=2, per_unit=8)
    # One class for each example, but the last example is half one class and half the next: cross-entropy takes any
    # distribution.
    classes = fractions(random, shape[:1], "int64", low=0, high=shape[1], per_unit=1)
    t = np.eye(shape[1])[classes]
    t[-1] = (t[-1] + np.roll(t[-1], 1)) / 2
    return t.astype(dtype)


def network_masks(random, args, leading=()):
    """One for each hidden layer and example; `leading` axes where there are several steps."""
    shapes = [[*leading, BATCH, units] for units in args["layers"][1:-1]]
    pairs = enumerate(zip(shapes, args["keep_probs"]), start=1)
    return {f"mask{l}": (random.rand(*shape) < keep_prob).astype(np.uint8) for l, (shape, keep_prob) in pairs}


# Files ---------------------------------------------------------------------------------------------------------------

STEMS = {"dropout": dropout_vectors, "l2": penalty_vectors, "decay": decay_vectors, "training": training_vectors}


# How a vector's first line begins.
NAME = '{"name":'


def file_text(stem, vectors):
    head = f'{{"format":"keepprob-golden/1","stem":"{stem}","numpy":"{PINNED}","vectors":[\n'
    return head + ",\n".join(vector_text(vector) for vector in vectors) + "\n]}\n"


def vector_text(vector):
    """One line for each tensor, so that a difference between two versions of a file can be read."""
    lines = [f'{NAME}{compact(vector["name"])}', f'"op":"{vector["op"]}"', f'"args":{compact(vector["args"])}']
    if "convention" in vector:
        lines.append(f'"convention":{compact(vector["convention"])}')
    lines.append(f'"tensors":{members(vector["tensors"], tensor_text)}')
    lines.append(f'"expected":{members(vector["expected"], expected_text)}}}')
    return ",\n ".join(lines)


def members(record, text):
    return "{\n  " + ",\n  ".join(f"{compact(key)}:{text(value)}" for key, value in record.items()) + "}"


def expected_text(expected):
    text = f'{{"tensor":{tensor_text(expected["tensor"])},"roundings":{expected["roundings"]}'
    return text + (f',"magnitude":{tensor_text(expected["magnitude"])}}}' if "magnitude" in expected else "}")


def tensor_text(tensor):
    data = ",".join(number_text(value) for value in tensor.ravel().tolist())
    return f'{{"dtype":"{tensor.dtype.name}","shape":{compact(list(tensor.shape))},"data":[{data}]}}'


def number_text(value):
    """The shortest text that reads back as the same number; JSON has no words for what is not finite."""
    if value != value:
        return '"NaN"'
    if value in (float("inf"), float("-inf")):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    return repr(value)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def first_difference(recorded, generated):
    """In words: the line in which two texts of a file first differ, and the vector that it belongs to."""
    where = "before the first vector"
    for number, (old, new) in enumerate(itertools.zip_longest(recorded.split("\n"), generated.split("\n")), start=1):
        if new is not None and new.startswith(NAME):
            where = f"in the vector {new.removeprefix(NAME).rstrip(',')}"
        if old != new:
            return f"differs in line {number}, {where}"
    return "differs"


def check(path, text):
    if not path.exists():
        return "is missing"
    recorded = path.read_bytes()
    return None if recorded == text.encode() else first_difference(recorded.decode(errors="replace"), text)


def main():
    parser = argparse.ArgumentParser(description="Writes the golden vectors.")
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    checks = parser.parse_args().check
    decimal.setcontext(decimal.Context(prec=50))
    differing = []
    for stem, make in STEMS.items():
        vectors = list(make())
        names = [vector["name"] for vector in vectors]
        if len(set(names)) != len(names):
            raise AssertionError(f"{stem}: two vectors have one name")
        path, text = HERE / f"{stem}.json", file_text(stem, vectors)
        if checks:
            difference = check(path, text)
            differing += [path.name] if difference else []
            print(f"golden/{path.name}: {len(vectors)} vectors, {difference or 'no difference'}")
        else:
            path.write_bytes(text.encode())
            print(f"golden/{path.name}: {len(vectors)} vectors, written")
    if checks:
        print(f"differing: {listed(differing)}" if differing else "nothing differs")
    return 1 if differing else 0


if __name__ == "__main__":
    with np.errstate(over="ignore"):
        sys.exit(main())
