"""A network for other programs: as an ONNX model, as the arrays of a PyTorch state_dict, as a script that needs NumPy alone.

Each takes a path or a binary file object; on disk the old file stays until the new one is complete. All expect inputs as the network
learned them: for pixels shares of 255, ink 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import activations, files, validate

if TYPE_CHECKING:
    from .files import File
    from .network import Network

ONNX_NAMES = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu", "identity": "Identity", "softmax": "Softmax"}
# Old enough for every runtime of the last years, new enough for a softmax along the last axis.
OPSET, IR_VERSION = 13, 8


def onnx(net: Network, file: File) -> None:
    """Write net as an ONNX model: input "x" (n, p), outputs "probabilities" and "logits", both (n, c), in the network's dtype.

    The model takes numbers as they are: uint8 pixels are to be divided by 255 first. Raises ImportError without the package onnx.
    """
    try:
        from onnx import checker, helper, numpy_helper
    except ImportError:
        raise validate.absent("exporting to ONNX", "onnx", "onnx") from None

    nodes, weights, a = [], [], "x"
    for l, layer in enumerate(net.layers):
        last = l == len(net.layers) - 1
        W, b, z, after = f"W{l + 1}", f"b{l + 1}", "logits" if last else f"z{l + 1}", "probabilities" if last else f"a{l + 1}"
        weights += [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in ((W, layer.W), (b, layer.b))]
        nodes.append(helper.make_node("Gemm", [a, W, b], [z], transB=1))
        nodes.append(helper.make_node(ONNX_NAMES[net.output if last else net.hidden], [z], [after]))
        a = after
    kind = helper.np_dtype_to_tensor_dtype(net.dtype)
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", kind, ["n", net.sizes[0]])],
        [helper.make_tensor_value_info(name, kind, ["n", net.sizes[-1]]) for name in ("probabilities", "logits")],
        weights,
    )
    model = helper.make_model(graph, producer_name="backprop-lab", ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)])
    model.doc_string = f"{net!r}. x as it was learned: for pixels shares of 255, ink 1."
    checker.check_model(model)
    with files.writing(file) as f:
        f.write(model.SerializeToString())


def state_dict(net: Network, file: File) -> None:
    """Write the weights as an .npz with the names and shapes of a PyTorch state_dict: "0.weight" (out, in), "0.bias" (out,), "2.weight" …

    They fit nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)), which gives the logits:
    model.load_state_dict({name: torch.from_numpy(array) for name, array in np.load(file).items()})
    """
    arrays: dict[str, Any] = {}
    for l, layer in enumerate(net.layers):
        arrays[f"{2 * l}.weight"], arrays[f"{2 * l}.bias"] = layer.W, layer.b
    with files.writing(file) as f:
        np.savez(f, **arrays)


SCRIPT = '''"""{net!r} as a script that needs NumPy alone.

    python {name} inputs.npy

prints the label of each input and its probability; (n, {p}), or ({p},) for one. To import: predict_proba(X), predict(X).
Inputs are taken as the network learned them; uint8 is pixels and is divided by 255.
"""

import base64
import sys
import zlib

import numpy as np

SIZES = {sizes}


{functions}

def predict_proba(X):
    """X (n, {p}) → probabilities (n, {c})."""
    X = np.asarray(X)
    if X.ndim != 2 or X.shape[1] != SIZES[0]:
        raise ValueError(f"X has shape {{X.shape}}, expected (n, {{SIZES[0]}})")
    a = (X / 255 if X.dtype == np.uint8 else X).astype(np.{dtype})
    if not np.isfinite(a).all():
        raise ValueError("X has entries that are NaN or infinite, expected finite numbers")
    for Theta in THETAS[:-1]:
        a = {hidden}(a @ Theta[:, 1:].T + Theta[:, 0])
    return {output}(a @ THETAS[-1][:, 1:].T + THETAS[-1][:, 0])


def predict(X):
    """The most probable label of each input, (n,); for one output 1 where its probability is at least 1/2."""
    a = predict_proba(X)
    return (a[:, 0] >= 0.5).astype(int) if a.shape[1] == 1 else a.argmax(axis=1)


def thetas():
    """Θ = [b | W] of each layer, (out, in + 1)."""
    values = np.frombuffer(zlib.decompress(base64.b64decode(WEIGHTS)), "{stored}").astype(np.{dtype})
    for inputs, outputs in zip(SIZES, SIZES[1:]):
        theta, values = np.split(values, [outputs * (inputs + 1)])
        yield theta.reshape(outputs, inputs + 1)


WEIGHTS = """
{weights}
"""
THETAS = list(thetas())

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {{sys.argv[0]}} inputs.npy")
    try:
        inputs = np.atleast_2d(np.load(sys.argv[1]))
        answers = zip(predict(inputs), predict_proba(inputs))
    except (OSError, ValueError, EOFError) as error:
        sys.exit(f"{{sys.argv[1]}}: {{error}}")
    for label, a in answers:
        print(label, f"{{a[label] if len(a) > 1 else max(a[0], 1 - a[0]):.6f}}")
'''


def script(net: Network, file: File) -> None:
    """Write net as one Python file with its weights inside, to run or to import (predict_proba, predict); it needs NumPy alone."""
    import base64
    import inspect
    import os
    import re
    import zlib

    # The name goes into a docstring, where a quote or a backslash would end or change it.
    name = "this_file.py" if hasattr(file, "write") else re.sub(r"[^\w. ()-]", "_", os.path.basename(os.fspath(file)))
    stored = np.dtype(files.narrowest(net)).newbyteorder("<")
    weights = base64.b64encode(zlib.compress(b"".join(layer.theta.astype(stored).tobytes() for layer in net.layers))).decode()
    g, output = activations.HIDDEN[net.hidden][0], activations.OUTPUT[net.output]
    own = [output] if g is np.tanh else [g, output]
    source = "\n\n".join(inspect.getsource(function) for function in dict.fromkeys(own))
    text = SCRIPT.format(
        net=net,
        name=name,
        p=net.sizes[0],
        c=net.sizes[-1],
        sizes=net.sizes,
        functions=re.sub(r"    if out is None:\n.*\n", "", source),  # the script's own arrays need no checking
        hidden="np.tanh" if g is np.tanh else g.__name__,
        output=output.__name__,
        dtype=net.dtype.name,
        stored=stored.str,
        weights="\n".join(weights[k : k + 140] for k in range(0, len(weights), 140)),
    )
    with files.writing(file) as f:
        f.write(text.encode())
