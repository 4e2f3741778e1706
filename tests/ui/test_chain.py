"""What goes out to the chain component: the numbers of the trace, to the bit, and of large layers a part with the rest summed up."""

import base64

import numpy as np
import pytest

import mlcore
from mlcore.lecture.chain import Trace
from ui import chain, subject


def seen(*sizes, hidden="tanh", output="softmax", dtype="float64", seed=0, y=1):
    net = mlcore.Network(sizes, hidden, output, seed, dtype)
    return subject.Subject(net, np.random.default_rng(seed).uniform(size=(1, sizes[0])), [y], ["it"])


def numbers(text, kind="<f8"):
    return np.frombuffer(base64.b64decode(text), kind)


@pytest.mark.parametrize("sizes", [(3, 3), (4, 5, 3), (4, 5, 6, 1)])
def test_every_object_goes_out_as_it_is(sizes):
    it = seen(*sizes, output="softmax" if sizes[-1] > 1 else "sigmoid")
    trace, sent = Trace(it.explained()), chain.data(it, 4)
    assert [(o["name"], o["layer"], (o["rows"], o["cols"]), o["rule"]) for o in sent["objects"]] == [o[:4] for o in trace.objects]
    for k, o in enumerate(sent["objects"]):
        if o["rule"] == "diagonal":
            np.testing.assert_array_equal(numbers(o["data"]), trace.array(k).diagonal())
        elif "data" in o:
            assert not o["single"]
            np.testing.assert_array_equal(numbers(o["data"]).reshape(o["rows"], o["cols"]), trace.array(k))
        else:
            assert o["rule"] in ("sheet", "identity", "outer", "weight")


def test_of_a_large_layer_the_units_with_the_largest_errors_go_out():
    it = seen(784, 100, 3, hidden="relu")
    e, sent = it.explained(), {f"{o['name']}{o['layer']}": o for o in chain.data(it, 4)["objects"]}
    W = sent["W0"]
    assert (W["rows"], W["of"], len(W["units"])) == (chain.PICTURES, 100, chain.PICTURES)
    others = np.setdiff1d(np.arange(100), W["units"])
    assert np.abs(e.layers[0].dL_dz[W["units"]]).min() >= np.abs(e.layers[0].dL_dz[others]).max()
    np.testing.assert_array_equal(numbers(W["data"]).reshape(-1, 784), e.layers[0].W[W["units"]])


def test_what_is_left_out_of_a_sum_is_summed_up(monkeypatch):
    monkeypatch.setattr(chain, "CELLS", 10)
    monkeypatch.setattr(chain, "UNITS", 4)
    it = seen(5, 3, 9, hidden="sigmoid")
    sent = {f"{o['name']}{o['layer']}": o for o in chain.data(it, 4)["objects"]}
    units, e = sent["dz_da1"]["units"], it.explained()
    shown = e.layers[1].dL_dz[units] @ e.layers[1].W[units]
    np.testing.assert_allclose(shown + numbers(sent["dL_da0"]["rest"]), e.layers[0].dL_da, rtol=1e-12)


def test_weights_that_float32_holds_go_out_as_float32():
    it = subject.Subject(mlcore.Network((3, 3), seed=1), np.ones((1, 3)), [0], ["it"])
    (W,) = (o for o in chain.data(it, 4)["objects"] if o["name"] == "W")
    assert W["single"]
    np.testing.assert_array_equal(numbers(W["data"], "<f4").reshape(3, 3), it.net.layers[0].W)


def test_the_version_tells_instances_and_labels_apart():
    versions = {chain.data(one, 4)["version"] for one in (seen(3, 3), seen(3, 3, y=2), seen(3, 3, seed=1), seen(4, 3))}
    assert len(versions) == 4
    assert chain.data(seen(3, 3), 2)["version"] == chain.data(seen(3, 3), "full")["version"]


def test_each_computed_object_shows_the_code_behind_it():
    code = chain.data(seen(3, 4, 3), 4)["code"]
    assert set(code) == {f"{o.name}{o.layer}" for o in Trace(seen(3, 4, 3).explained()).objects if o.rule != "given"}
    assert "def softmax_jacobian" in code["da_dz1"][1] and "def tanh_prime" in code["da_dz0"][1] and "multiply.outer" in code["dL_dW0"][1]


def test_a_unit_whose_row_is_left_out_has_its_largest_terms():
    it = seen(784, 100, 3, hidden="relu")
    sent = {f"{o['name']}{o['layer']}": o for o in chain.data(it, 4)["objects"]}
    layer, some = it.explained().layers[0], sent["z0"]["largest"]
    inputs, weights = (numbers(some[name], kind).reshape(100, -1) for name, kind in (("inputs", "<f8"), ("weights", "<f8")))
    assert some["count"] == inputs.shape[1] == chain.LARGEST and "largest" not in sent["z1"]
    inputs = inputs.astype(int)
    np.testing.assert_array_equal(weights, np.take_along_axis(layer.W, inputs, axis=1))
    np.testing.assert_allclose((weights * layer.input[inputs]).sum(axis=1) + numbers(some["rest"]) + layer.b, layer.z, rtol=1e-12)
