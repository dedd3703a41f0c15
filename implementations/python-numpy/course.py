"""The course's NumPy code as functions: the snippet as it stands, and around it what a program needs that uses it.

Inverted dropout is the snippet's three lines, `d = rand(...) < keep_prob; a = multiply(a, d); a /= keep_prob`. Around
them: a probability is checked, keep_prob 0 drops everything instead of dividing 0 by 0, and evaluation, in which no
dropout takes place, is not to call them. L2 regularization is the course's too: lambda / (2 m) times the sum of the
squared weights of m examples, and lambda / m times w in the gradient.
"""

import math

import numpy as np


def draw_mask(shape, keep_prob, random=np.random):
    check_probability(keep_prob)
    return random.rand(*shape) < keep_prob


def dropout(a, d, keep_prob):
    """Forward and, applied to the gradient that arrives, backward: a * d / keep_prob, in a's own format."""
    if keep_prob == 0:
        return np.zeros_like(a)
    a = np.multiply(a, d)
    a /= keep_prob
    return a


def l2_penalty(weights, lambd, m):
    check_strength("lambda", lambd)
    return lambd / (2 * m) * sum(np.sum(np.square(w)) for w in weights)


def l2_gradient(w, lambd, m):
    return lambd / m * w


def sgd(w, gradients, lr, weight_decay, momentum):
    """Gradient descent with momentum, a step for each gradient, which weight_decay * w joins: the decay is coupled."""
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must be in [0, 1), got {momentum}")
    v = np.zeros_like(w)
    for dw, rate, decay in zip(gradients, lr, weight_decay, strict=True):
        check_strength("lr", rate)
        check_strength("weight_decay", decay)
        v = momentum * v + (dw + decay * w)
        w = w - rate * v
    return w


ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z, a: z > 0),
    "tanh": (np.tanh, lambda z, a: 1 - a**2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z, a: a * (1 - a)),
    "identity": (lambda z: z, lambda z, a: np.ones_like(z)),
}


def softmax_cross_entropy(y, t):
    shifted = y - y.max(axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.sum(t * log_softmax), np.exp(log_softmax) * t.sum(axis=1, keepdims=True) - t


def half_squared_error(y, t):
    return np.sum((y - t) ** 2) / 2, y - t


LOSSES = {"mse": half_squared_error, "softmax_cross_entropy": softmax_cross_entropy}


def network(x, t, weights, biases, masks, keep_probs, lambd, activation, loss):
    """Loss, output and gradients of a dense network. `masks` holds one mask a hidden layer, or None to drop nothing."""
    m = x.shape[0]
    act, slope = ACTIVATIONS[activation]
    inputs, sums = [x], []
    for W, b, d, keep_prob in zip(weights, biases, masks, keep_probs):
        z = inputs[-1] @ W.T + b
        a = act(z)
        inputs.append(a if d is None else dropout(a, d, keep_prob))
        sums.append((z, a))
    y = inputs[-1] @ weights[-1].T + biases[-1]

    total, dz = LOSSES[loss](y, t)
    dz = dz / m
    gradients = []
    for l in reversed(range(len(weights))):
        gradients.insert(0, (dz.T @ inputs[l] + l2_gradient(weights[l], lambd, m), dz.sum(axis=0)))
        if l > 0:
            da = dz @ weights[l]
            da = da if masks[l - 1] is None else dropout(da, masks[l - 1], keep_probs[l - 1])
            dz = da * slope(*sums[l - 1])
    return total / m + l2_penalty(weights, lambd, m), y, gradients


def check_probability(keep_prob):
    if not 0 <= keep_prob <= 1:
        raise ValueError(f"keep_prob must be in [0, 1], got {keep_prob}")


def check_strength(name, value):
    if not 0 <= value < math.inf:
        raise ValueError(f"{name} must be finite and not negative, got {value}")
