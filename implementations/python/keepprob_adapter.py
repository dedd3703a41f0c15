"""The wire protocol for implementations in Python: write the operations as functions and hand them to `serve`.

An operation takes the request's args and its tensors, NumPy arrays by name, and answers arrays by name. To refuse a
request that is meaningless it raises ValueError, to say that something is not implemented NotImplementedError; any
other exception counts as a failure. `repeat` never reaches it: `serve` makes the successive calls. Needs NumPy only.
"""

import itertools
import json
import os
import sys
import traceback

import numpy as np

DTYPES = {"float64": "<f8", "float32": "<f4", "float16": "<f2", "uint8": "|u1"}
NAMES = {np.dtype(code): name for name, code in DTYPES.items()}
numbers = itertools.count()
NON_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def serve(*, name, version, capabilities, language="python", homepage=None, **operations):
    """Answers requests until stdin ends. `operations` are any of dropout, penalty, step and network."""
    about = {"protocol": 1, "name": name, "version": version, "language": language, "capabilities": capabilities}
    if homepage is not None:
        about["homepage"] = homepage
    answers = take_stdout()
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        body = bytearray(sys.stdin.buffer.read(request.get("bytes", 0)))
        try:
            result, tensors, chunks = respond(request, body, about, operations)
            header = {"ok": True, "result": result, "tensors": tensors, "bytes": sum(chunk.nbytes for chunk in chunks)}
        except Exception as error:  # Whatever an operation raises is its answer, and the next request is served.
            traceback.print_exc()
            header, chunks = {"ok": False, "error": {"code": code_of(error), "message": message_of(error)}}, []
        answers.write(json.dumps({"id": request["id"], **header}).encode() + b"\n")
        for chunk in chunks:
            answers.write(chunk)
        answers.flush()


def respond(request, body, about, operations):
    """The result, the tensors as a header lists them, and their data."""
    op, listed = request["op"], request.get("tensors", [])
    if op == "hello":
        return about, [], []
    if op == "echo":
        return {}, listed, [memoryview(body)]
    if op not in operations:
        raise NotImplementedError(f"{about['name']} has no operation {op}")
    arrays = ask(operations[op], with_numbers(request["args"]), read_tensors(listed, body))
    described = [{"name": name, "dtype": dtype_of(name, array), "shape": array.shape} for name, array in arrays.items()]
    return {}, described, [array.reshape(-1).data for array in arrays.values()]


def ask(operation, args, tensors):
    """What the operation answers; to `repeat`, what successive calls answer, stacked along a leading axis."""
    repeat = args.pop("repeat", None)
    if repeat is not None and "seed" in args and "layer" not in args:
        # Seeded once, before the first of the calls: a layer of their own.
        args["layer"] = f"repeated {next(numbers)}"
    answers = [operation(args, tensors) for _ in range(1 if repeat is None else repeat)]
    columns = {name: [each[name] for each in answers] for name in answers[0]}
    stacked = {name: column[0] if repeat is None else np.stack(column) for name, column in columns.items()}
    arrays = {name: np.asarray(value, order="C") for name, value in stacked.items()}
    return {name: array.view(np.uint8) if array.dtype == bool else array for name, array in arrays.items()}


def by_layer(make):
    """Of `make(args)`, which makes a layer, or what a layer remembers: one made once for each layer that requests name,
    and anew for each request that names none."""
    made = {}

    def layer_of(args):
        if "layer" not in args:
            return make(args)
        name = args["layer"]
        if name not in made:
            made[name] = make(args)
        return made[name]

    return layer_of


def schedule(value, steps):
    """An lr or a weight_decay as one entry a step; what was given as one number is the same in each."""
    return value if isinstance(value, list) else [value] * steps


def read_tensors(listed, body):
    """The arrays that a header lists. They are views of the request's data, and may be written to."""
    tensors, offset = {}, 0
    for entry in listed:
        if entry["dtype"] not in DTYPES:
            raise NotImplementedError(f"NumPy has no {entry['dtype']}")
        array = np.ndarray(entry["shape"], DTYPES[entry["dtype"]], body, offset)
        tensors[entry["name"]] = array
        offset += array.nbytes
    return tensors


def with_numbers(value):
    """JSON has no words for numbers that are not finite: they come as strings."""
    if isinstance(value, dict):
        return {key: with_numbers(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [with_numbers(entry) for entry in value]
    return NON_FINITE.get(value, value) if isinstance(value, str) else value


def dtype_of(name, array):
    if array.dtype not in NAMES:
        raise TypeError(f"{name} was answered as {array.dtype}, which the protocol does not carry")
    return NAMES[array.dtype]


def code_of(error):
    kinds = {ValueError: "invalid_argument", NotImplementedError: "unsupported"}
    return next((code for kind, code in kinds.items() if isinstance(error, kind)), "internal")


def message_of(error):
    return str(error) if code_of(error) != "internal" else f"{type(error).__name__}: {error}"


def take_stdout():
    """A stream of our own to stdout; what anything else prints, in Python or in C, goes to stderr from now on."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return answers
