"""The shipped networks: what docs/models.md says of them, measured again."""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import mlcore

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script():
    """The script that made them, for the way it draws pen strokes and for whom it holds out."""
    pytest.importorskip("PIL")
    sys.path.insert(0, str(ROOT / "scripts"))
    import train_models

    return train_models


def right(net, X, y):
    return (net.predict(X) == y).mean()


def test_the_shipped_networks_are_small_and_say_what_they_are():
    assert mlcore.models.names() == ("mlp", "softmax")
    assert sum(file.stat().st_size for file in (ROOT / "mlcore" / "models").glob("*.npz")) <= 4e6
    for name in mlcore.models.names():
        net = mlcore.models.load(name)
        assert net.sizes[0] == 784 and net.sizes[-1] == 10 and net.dtype == np.float32
        assert {"name", "data", "what", "trained", "test_accuracy", "test_accuracy_strokes", "recipe"} <= net.info.keys()
    assert mlcore.models.load("softmax").sizes == (784, 10)


def test_loading_twice_gives_two_networks():
    first, second = mlcore.models.load("softmax"), mlcore.models.load("softmax")
    first.layers[0].W = np.zeros((10, 784))
    assert second.layers[0].W.any()


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="expected one of: mlp, softmax"):
        mlcore.models.load("cnn")


@pytest.mark.parametrize("name, least", [("mlp", 0.98), ("softmax", 0.90)])
def test_they_read_digits_they_never_saw(name, least):
    data = mlcore.datasets.load("digits")
    assert right(mlcore.models.load(name), data.X_test, data.y_test) >= least


@pytest.mark.parametrize("name, least", [("mlp", 0.99), ("softmax", 0.923)])
def test_they_read_the_test_set_of_mnist_as_their_card_says(name, least, shared_data):
    data, net = mlcore.datasets.load("mnist", folder=shared_data / "mnist"), mlcore.models.load(name)
    accuracy = right(net, data.X_test, data.y_test)
    assert accuracy >= least and accuracy == pytest.approx(net.info["test_accuracy"], abs=1e-3)


def test_they_read_writers_they_never_saw_as_their_card_says(shared_data, script):
    with gzip.open(shared_data / "strokes" / "30-writers.json.gz", "rt") as file:
        items = [item for item in json.load(file) if item["writer"] in ("tra25", "tra26", "tra27", "tra28", "tra29", "tra30")]
    assert {item["writer"] for item in items} == script.HELD_OUT
    X, y = script.as_drawn(items[::5])
    mlp, softmax = (right(mlcore.models.load(name), X, y) for name in ("mlp", "softmax"))
    assert mlp >= 0.98
    assert softmax == pytest.approx(mlcore.models.load("softmax").info["test_accuracy_strokes"], abs=0.05)


def test_the_embedded_held_out_digits_are_kept_out_of_training(shared_data, script):
    X, y = script.mnist_to_train_on()
    held_out = {row.tobytes() for row in mlcore.datasets.load("digits").X_test}
    assert len(X) == len(y) == 59_000
    assert not any(row.tobytes() in held_out for row in X)
