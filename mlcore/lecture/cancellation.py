"""Why there is no g′ in the output error: ∂L/∂a grows as ∂a/∂z shrinks, and their product is a − y (part two; erratum 7 and 15)."""

from typing import NamedTuple

import numpy as np

from .. import activations, explanation, validate


class Cancellation(NamedTuple):
    """One instance at the output: a (c,), loss, naive_loss, dL_da (c,), da_dz (c, c), product (c,), fused (c,). All float64."""

    a: np.ndarray
    loss: float
    naive_loss: float
    dL_da: np.ndarray
    da_dz: np.ndarray
    product: np.ndarray
    fused: np.ndarray


def cancellation(z, y, output="softmax"):
    """∂L/∂z of the logits z (c,) twice: `product` = ∂L/∂a × ∂a/∂z as multiplied, `fused` = a − onehot(y) → Cancellation.

    output is "softmax", y a label, or "sigmoid": then z may be a single number with y 0 or 1, or (c,) with y a label or (c,) of 0 and 1.
    `loss` is taken from z by log-sum-exp and is always finite, `naive_loss` from a: −log a_y (sigmoid: Σ −log of a or 1 − a). That one,
    dL_da and product are infinite or NaN where a is 0 or 1 to the last bit; no warning is raised. Raises ValueError for another shape,
    fewer than two logits for softmax, entries not finite, and labels out of range.
    """
    validate.one_of(output, "output", tuple(activations.OUTPUT))
    z = activations.one_row(z if output == "softmax" else np.atleast_1d(validate.array(z, "z")), "z")
    c = len(z)
    if output == "softmax" and c < 2:
        raise ValueError("z has one entry, expected at least two: softmax shares probability out among classes")
    y = validate.array(y, "y")
    target = validate.targets(y.reshape(1, c) if output == "sigmoid" and y.size == c > 1 else y.reshape(-1), 1, c, output, np.float64)
    with np.errstate(all="ignore"):
        a = activations.OUTPUT[output](z)
        dL_da = explanation.output_dL_da(output, a, target[0])
        if output == "softmax":
            da_dz = activations.softmax_jacobian(a)
            product, label = dL_da @ da_dz, a[target[0] == 1]
        else:
            slope = activations.sigmoid_prime(a)
            # Element by element: an infinite entry times the zeros off the diagonal would spoil its neighbours.
            da_dz, product, label = np.diag(slope), dL_da * slope, np.where(target[0] == 1, a, 1 - a)
        loss = activations.LOSS[output](z[None], target)[0]
        naive = activations.negative_log(label).sum()
        return Cancellation(a, float(loss), float(naive), dL_da, da_dz, product, a - target[0])
