"""The data of the chain component: the trace of one instance, its arrays as bytes, the code behind each object."""

import base64
import hashlib

import numpy as np

from mlcore.lecture.chain import Trace
from ui import subject
from ui.inputs import THETA, WEIGHTS
from ui.numbers import FULL

CELLS = 131_072  # of a matrix of weights that goes out whole
UNITS, PICTURES = 32, 32  # of a larger one, and rows of pixels that are drawn as pictures
ROWS = ("W", "dz_dW", "dL_dW", "dz_da", "Theta", "dz_dTheta", "dL_dTheta")  # whose rows are units
LARGEST = 3  # terms of the sum of a unit whose row does not go out
SENT = {"given", "affine", "softmax", "g", "log", "losses", "slope", "jacobian", "product", "diagonal"}
NAMES = {
    "x": "x", "W": "W", "b": "b", "z": "z", "a": "a", "L": "L", "dL_da": "∂L/∂a", "da_dz": "∂a/∂z", "dL_dz": "∂L/∂z", "dz_dW": "∂z/∂W",
    "dz_db": "∂z/∂b", "dL_dW": "∂L/∂W", "dL_db": "∂L/∂b", "dz_da": "∂z/∂a", "Theta": "Θ", "dz_dTheta": "∂z/∂Θ", "dL_dTheta": "∂cost/∂Θ",
}  # fmt: skip
BIAS = {"x": "row", "a": "row", "Theta": "column", "dz_dTheta": "column", "dL_dTheta": "column"}  # where a₀ = 1 or the biases stand


def data(seen, digits, notation=WEIGHTS):
    """What the component takes for a Subject of one instance; digits is one of `arithmetic.CHOICES`, notation one of `inputs`'."""
    e, net = seen.explained(), seen.net
    trace = Trace(e, theta=notation == THETA)
    units = [_units(layer) for layer in e.layers]
    sent = [_object(trace, k, units, net.output) for k in range(len(trace.objects))]
    last = len(e.layers) - 1
    activations = [net.output if l == last else net.hidden for l in range(last + 1)]
    content = {
        "objects": sent, "layers": last + 1, "label": int(seen.y[0]), "target": _bytes(e.target),
        "exponentials": _bytes(trace.exponentials), "losses": _bytes(trace.losses), "code": _code(trace, net),
        "activation": {"output": net.output, "hidden_of": activations, "names": [f"{name} →" for name in activations]},
    }  # fmt: skip
    arrays = [e.x, e.target, *(array for layer in e.layers for array in (layer.W, layer.b, layer.a))]
    version = hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()[:16]
    return content | {"digits": digits if digits == FULL else int(digits), "notation": notation, "version": version}


def graph(seen, X, y, l2, digits, notation):
    """The same drawn as a network, with Δ and D over all instances X (n, p), y (n,)."""
    content = data(seen, digits, notation)
    gradients = seen.net.gradients(X, y, l2)
    sums = {"Delta": [_bytes(Delta) for Delta in gradients.Delta], "D": [_bytes(D) for D in gradients.D]}
    version = hashlib.sha256("".join([content["version"], *sums["D"]]).encode()).hexdigest()[:16]
    return content | {"graph": sums | {"n": len(y), "l2": l2}, "version": version}


def _units(layer):
    """The rows of a layer's matrices that go out, None for all: those with the largest errors."""
    out, inputs = layer.W.shape
    most = PICTURES if inputs == 784 else UNITS if layer.W.size > CELLS else out
    return None if out <= most else np.sort(np.argsort(-np.abs(layer.dL_dz), kind="stable")[:most])


def _object(trace, k, units, output):
    o = trace.objects[k]
    rows, cols = o.shape
    spoken = NAMES[o.name] + (f" of layer {o.layer + 1}" if len(units) > 1 else "")
    made = {"name": o.name, "layer": o.layer, "rows": rows, "cols": cols, "rule": o.rule, "sources": o.sources}
    made |= {"spoken": spoken, "code": f"{o.name}{o.layer}"}
    if trace.theta and o.name in BIAS and not (o.name == "a" and o.layer == len(units) - 1):
        made["bias"] = BIAS[o.name]
    kept = units[o.layer] if o.name in ROWS else None
    if kept is not None:
        made |= {"rows": len(kept), "of": rows, "units": kept.tolist()}
    if o.rule in SENT:
        values = np.diag(trace.array(k)) if o.rule == "diagonal" else trace.array(k)
        values = values if kept is None else values[kept]
        with np.errstate(over="ignore"):
            single = o.name in ("W", "Theta") and bool((values.astype(np.float32) == values).all())
        made |= {"data": _bytes(values, "<f4" if single else "<f8"), "single": single}
    if o.name == "z" and units[o.layer] is not None:
        inputs, rest = trace.largest(k, LARGEST)
        weights = np.take_along_axis(trace.array(o.sources[0]), inputs, axis=1)
        made["largest"] = {"count": inputs.shape[1], "inputs": _bytes(inputs), "weights": _bytes(weights), "rest": _bytes(rest)}
    if o.rule == "product":
        readings = trace.readings(k)
        made["readings"] = {"product": _bytes(readings.product), "path_sum": _bytes(readings.path_sum)}
        if o.name == "dL_dz" and o.layer == len(units) - 1:
            made["fused"] = "a − onehot(y)" if output == "softmax" else "a − y"
        others = units[o.layer + 1] if o.name == "dL_da" else None
        if others is not None:
            left_out = np.ones(len(readings.paths), bool)
            left_out[others] = False
            made["rest"] = _bytes(readings.paths[left_out].sum(axis=0))
    return made


def _bytes(values, kind="<f8"):
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


def _code(trace, net):
    """Title and source of the function behind each object that was computed."""
    return {f"{o.name}{o.layer}": [NAMES[o.name], subject.code(o.name, o.layer, net)] for o in trace.objects if o.rule != "given"}
