"""Exported networks answer as mlcore does: in onnxruntime, with a state_dict's arrays, and as a script that knows nothing of mlcore."""

import io
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import mlcore
from tests.mlcore.cases import ACTIVATIONS, OUTPUTS, case, cases

SMALL = [(sizes, hidden, output) for sizes in ((4, 3), (4, 5, 6, 3)) for hidden in ACTIVATIONS for output in OUTPUTS[:3]]


def in_onnxruntime(net, X):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    file = io.BytesIO()
    mlcore.export.onnx(net, file)
    session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    return session.run(["probabilities", "logits"], {"x": X})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(given_case=cases())
def test_onnxruntime_gives_the_same_probabilities(given_case):
    for dtype in ("float32", "float64"):
        net, X = given_case.net.copy(dtype), given_case.X.astype(dtype)
        probabilities, logits = in_onnxruntime(net, X)
        assert np.abs(probabilities - net.predict_proba(X)).max() <= 1e-6
        assert logits == pytest.approx(net.forward(X).z[-1], rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("output", ["softmax", "sigmoids, labels"])
def test_onnxruntime_survives_huge_logits(output):
    net, X, _, _ = case((4, 3), output=output, n=1, dtype="float32")
    net.layers[0].W = np.zeros((3, 4))
    net.layers[0].b = [1e4, -1e4, 0]
    assert in_onnxruntime(net, X)[0].tolist() == net.predict_proba(X).tolist()


@pytest.mark.parametrize("name", mlcore.models.names())
@pytest.mark.parametrize("n", [1, 100])
def test_the_shipped_networks_in_onnxruntime(name, n):
    net, X = mlcore.models.load(name), mlcore.datasets.load("digits").X_test[:n]
    shares = (X / 255).astype("float32")
    assert np.abs(in_onnxruntime(net, shares)[0] - net.predict_proba(X)).max() <= 1e-6


@pytest.mark.parametrize("sizes, hidden, output", SMALL)
def test_the_state_dict_is_the_forward_pass(sizes, hidden, output):
    net, X, _, _ = case(sizes, hidden, output)
    file = io.BytesIO()
    mlcore.export.state_dict(net, file)
    file.seek(0)
    arrays = np.load(file)
    assert list(arrays) == [f"{2 * l}.{part}" for l in range(len(net.layers)) for part in ("weight", "bias")]
    for l, z in enumerate(net.forward(X).z):
        below = net.forward(X).a[l - 1] if l else X
        assert below @ arrays[f"{2 * l}.weight"].T + arrays[f"{2 * l}.bias"] == pytest.approx(z, rel=1e-12)


def test_pytorch_loads_the_state_dict():
    torch = pytest.importorskip("torch")
    net, X, _, _ = case((4, 6, 5, 3), "tanh", dtype="float32")
    file = io.BytesIO()
    mlcore.export.state_dict(net, file)
    file.seek(0)
    nn = torch.nn
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in np.load(file).items()})
    assert model(torch.from_numpy(X)).detach().numpy() == pytest.approx(net.forward(X).z[-1], rel=1e-5, abs=1e-6)


def exported(net):
    """The script's own names, run where mlcore does not exist."""
    file, names = io.BytesIO(), {"__name__": "exported"}
    mlcore.export.script(net, file)
    exec(compile(file.getvalue(), "exported", "exec"), names)
    return names


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes, hidden, output", SMALL)
def test_the_script_answers_as_the_network(sizes, hidden, output, dtype):
    net, X, _, _ = case(sizes, hidden, output, dtype=dtype)
    names = exported(net)
    assert names["predict_proba"](X) == pytest.approx(net.predict_proba(X), rel=1e-6)
    assert names["predict_proba"](X).dtype == net.dtype
    assert names["predict"](X).tolist() == net.predict(X).tolist()


def test_the_script_refuses_another_shape():
    with pytest.raises(ValueError, match=r"\(n, 4\)"):
        exported(case((4, 3)).net)["predict_proba"](np.ones((2, 5)))


def test_the_script_runs_alone(tmp_path):
    net, data = mlcore.models.load("mlp"), mlcore.datasets.load("digits")
    script, inputs = tmp_path / "digit.py", tmp_path / "inputs.npy"
    mlcore.export.script(net, script)
    assert "import mlcore" not in script.read_text()
    np.save(inputs, data.X_test[:5])
    command = [sys.executable, "-I", script]
    run = subprocess.run([*command, inputs], capture_output=True, text=True, cwd=tmp_path, check=True)
    answers = [line.split() for line in run.stdout.splitlines()]
    a = net.predict_proba(data.X_test[:5])
    assert [int(label) for label, _ in answers] == a.argmax(axis=1).tolist()
    assert [float(share) for _, share in answers] == pytest.approx(a.max(axis=1), abs=1e-6)
    for bad in ("absent.npy", str(script)):
        run = subprocess.run([*command, bad], capture_output=True, text=True, cwd=tmp_path)
        assert run.returncode == 1
        assert len(run.stderr.splitlines()) == 1


def test_the_script_refuses_what_the_network_refuses():
    for entry in (np.nan, np.inf):
        with pytest.raises(ValueError, match="NaN or infinite"):
            exported(case((4, 3)).net)["predict_proba"](np.full((2, 4), entry))


def test_an_empty_file_of_inputs_is_refused_in_one_line(tmp_path):
    mlcore.export.script(case((4, 3)).net, tmp_path / "net.py")
    (tmp_path / "empty.npy").write_bytes(b"")
    run = subprocess.run([sys.executable, "-I", tmp_path / "net.py", tmp_path / "empty.npy"], capture_output=True, text=True)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
@pytest.mark.parametrize("name", [r"\Users.py", '""" + 1.py', "\\.py", "a\nb.py", "{net}.py"])
def test_any_name_of_the_script_is_a_script(tmp_path, name):
    mlcore.export.script(case((4, 3)).net, tmp_path / name)
    compile((tmp_path / name).read_text(), "script", "exec")


@pytest.mark.parametrize("export", [mlcore.export.state_dict, mlcore.export.script])
def test_a_path_keeps_its_old_file_until_the_new_one_is_whole(export, tmp_path, monkeypatch):
    path = tmp_path / "net"
    path.write_text("old")
    monkeypatch.setattr("os.fsync", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        export(case((4, 3)).net, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_without_onnx_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"pip install '\.\[onnx\]'"):
        mlcore.export.onnx(case((4, 3)).net, io.BytesIO())


def test_the_model_says_what_goes_in_and_what_comes_out():
    onnx = pytest.importorskip("onnx")
    net, file = mlcore.Network((4, 5, 3), "tanh", dtype="float64", seed=1), io.BytesIO()
    mlcore.export.onnx(net, file)
    model = onnx.load_from_string(file.getvalue())
    graph = model.graph

    def described(value):
        kind = value.type.tensor_type
        return value.name, kind.elem_type, [d.dim_param or d.dim_value for d in kind.shape.dim]

    double = onnx.TensorProto.DOUBLE
    assert [described(v) for v in graph.input] == [("x", double, ["n", 4])]
    assert [described(v) for v in graph.output] == [("probabilities", double, ["n", 3]), ("logits", double, ["n", 3])]
    assert [(node.op_type, *node.input, *node.output) for node in graph.node] == [
        ("Gemm", "x", "W1", "b1", "z1"), ("Tanh", "z1", "a1"), ("Gemm", "a1", "W2", "b2", "logits"), ("Softmax", "logits", "probabilities"),
    ]  # fmt: skip
    assert (model.producer_name, model.ir_version, graph.name) == ("backprop-lab", 8, "network")
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 13)]
    assert model.doc_string == f"{net!r}. x as it was learned: for pixels shares of 255, ink 1."
    for own, array in zip((net.layers[0].W, net.layers[0].b, net.layers[1].W, net.layers[1].b), graph.initializer, strict=True):
        assert np.array_equal(onnx.numpy_helper.to_array(array), own)


def test_the_script_says_what_it_is_and_how_it_is_called(tmp_path):
    net = mlcore.Network((4, 3), seed=1)
    mlcore.export.script(net, tmp_path / "digit (1).py")
    text = (tmp_path / "digit (1).py").read_text()
    assert text.startswith(f'"""{net!r} as a script that needs NumPy alone.\n\n    python digit (1).py inputs.npy\n')
    assert max(map(len, text.splitlines())) <= 140 and exported(net)["SIZES"] == (4, 3)
    assert "python this_file.py inputs.npy" in exported(net)["__doc__"]
    run = subprocess.run([sys.executable, "-I", tmp_path / "digit (1).py"], capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr.strip() == f"usage: python {tmp_path / 'digit (1).py'} inputs.npy"


def test_the_script_takes_pixels_and_one_output_as_the_network_does():
    for output, sizes in (("sigmoid", (4, 3, 1)), ("sigmoid", (4, 3)), ("softmax", (4, 3))):
        net = mlcore.Network(sizes, "tanh", output, seed=2)
        pixels = np.random.default_rng(0).integers(0, 256, (9, 4)).astype("uint8")
        names = exported(net)
        assert names["predict_proba"](pixels) == pytest.approx(net.predict_proba(pixels), rel=1e-5)
        assert names["predict"](pixels).tolist() == net.predict(pixels).tolist()
