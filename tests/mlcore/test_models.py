"""The shipped networks: what docs/models.md promises of them, measured again."""

import sys
from pathlib import Path

import numpy as np
import pytest

import mlcore
from mlcore import drawing, strokes
from mlcore.evaluation import evaluate

ROOT = Path(__file__).resolve().parents[2]
# accuracy at least, calibration error at most
MNIST = {"mlp": (0.995, 0.01), "softmax": (0.923, 0.01)}
STROKES = {"mlp": (0.99, 0.01), "softmax": (0.75, 0.10)}
EMBEDDED = {"mlp": (0.99, 0.01), "softmax": (0.905, 0.025)}  # 1,000 digits: chance alone moves the softmax's calibration error by 0.01


@pytest.fixture(scope="module")
def script():
    """The script that made them, for what it holds out."""
    for needed in ("PIL", "tqdm", "threadpoolctl"):
        pytest.importorskip(needed)
    sys.path.insert(0, str(ROOT / "scripts"))
    import train_models

    return train_models


@pytest.fixture(scope="module")
def never_seen(shared_data):
    """The digits of the six writers that are held out."""
    pytest.importorskip("PIL")
    return [item for item in strokes.load(shared_data / "strokes" / "30-writers.json.gz") if item["writer"] in strokes.HELD_OUT]


def reads(name, X, y, floors):
    least, most = floors[name]
    found = evaluate(mlcore.models.load(name), X, y)
    assert found.accuracy >= least and found.calibration_error <= most
    return found


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


@pytest.mark.parametrize("name", MNIST)
def test_they_read_the_embedded_digits_they_never_saw(name):
    data = mlcore.datasets.load("digits")
    reads(name, data.X_test, data.y_test, EMBEDDED)


@pytest.mark.parametrize("name", MNIST)
def test_they_read_the_test_set_of_mnist_as_their_card_says(name, shared_data):
    data = mlcore.datasets.load("mnist", folder=shared_data / "mnist")
    found, info = reads(name, data.X_test, data.y_test, MNIST), mlcore.models.load(name).info
    assert found.accuracy == pytest.approx(info["test_accuracy"], abs=2e-4)
    assert found.calibration_error == pytest.approx(info["calibration_error"], abs=1e-3)


def test_they_read_writers_they_never_saw_as_their_card_says(never_seen):
    X, y = strokes.drawn(never_seen)
    for name in STROKES:
        found, info = reads(name, X, y, STROKES), mlcore.models.load(name).info
        assert found.accuracy == pytest.approx(info["test_accuracy_strokes"], abs=1e-3)
        assert found.calibration_error == pytest.approx(info["calibration_error_strokes"], abs=2e-3)


def slanted(by):
    return np.array([[1, 0], [-by, 1]])


AS_PEOPLE_DRAW = {
    "a hair-thin pen": {"pen": 3, "filled": 0.7}, "a thick pen": {"pen": 44}, "in the corner": {"centre": (0.25, 0.8), "filled": 0.35},
    "tiny": {"filled": 0.06, "pen": 3}, "as large as the canvas": {"filled": 1.0, "pen": 26}, "slanted": {"affine": slanted(0.4)},
    "slanted back": {"affine": slanted(-0.3)}, "light on dark": {}, "a stray dot": {"filled": 0.4, "centre": (0.3, 0.35), "pen": 12},
}  # fmt: skip


@pytest.mark.parametrize("how", AS_PEOPLE_DRAW)
def test_drawings_of_all_kinds_are_read(how, never_seen):
    items = never_seen[::4]
    pictures = [strokes.render(item["strokes"], **AS_PEOPLE_DRAW[how]) for item in items]
    if how == "light on dark":
        pictures = [255 - picture for picture in pictures]
    if how == "a stray dot":
        pictures = [picture.copy() for picture in pictures]
        for picture in pictures:
            picture[250:260, 240:250] = 0
    X = np.stack([drawing.to_digit(picture) for picture in pictures])
    found = evaluate(mlcore.models.load("mlp"), X, np.array([item["label"] for item in items]))
    assert found.accuracy >= 0.97, found.confused()


def test_the_embedded_held_out_digits_and_the_writers_are_kept_out_of_training(shared_data, script):
    X, y = script.mnist_to_train_on()
    held_out = {row.tobytes() for row in mlcore.datasets.load("digits").X_test}
    assert len(X) == len(y) == 59_000
    assert not any(row.tobytes() in held_out for row in X)
    assert not script.VALIDATION & set(strokes.HELD_OUT)


def test_the_pictures_of_a_block_depend_on_the_seed_and_its_number_alone(script):
    rng = np.random.default_rng(0)
    sets = [(rng.integers(0, 256, (n, 784), dtype=np.uint8), rng.integers(0, 10, n)) for n in (50, 30)]
    recipe = script.SHIPPED["mlp"].members[0]._replace(batch=8)
    first, again = (script.Pictures(sets, [0.7, 0.3], recipe, seed=1) for _ in range(2))
    for k in (3, 0):
        for one, other in zip(first.block(k), again.block(k)):
            np.testing.assert_array_equal(one, other)
    assert not np.array_equal(first.block(0)[0], first.block(1)[0])
    still = script.Pictures(sets, [0.7, 0.3], recipe._replace(moved=False), seed=1)
    counts = [np.isin(still.block(k)[0], X).all(axis=1).sum() for k in (0, 1) for X, _ in sets]
    assert sum(len(still.block(k)[1]) for k in (0, 1)) == 2 * 8 * script.BLOCK and all(counts)


def test_every_card_is_dealt_equally_often(script):
    dealt = np.concatenate([script.dealt(7, start, start + 5, 0) for start in range(0, 70, 5)])
    assert np.bincount(dealt).tolist() == [10] * 7
    assert sorted(dealt[:7]) == list(range(7)) and len(script.dealt(7, 4, 4, 0)) == 0


def test_training_by_the_script_follows_the_gradients_of_mlcore(script):
    net, rng = mlcore.Network((784, 12, 10), seed=3), np.random.default_rng(0)
    X, y = rng.integers(0, 256, (40, 784), dtype=np.uint8), rng.integers(0, 10, 40)
    Deltas = script.gradients([layer.theta for layer in net.layers], X, y, 1 / 40)
    for Delta, D in zip(Deltas, net.gradients(X, y).D):
        np.testing.assert_allclose(Delta, D, atol=1e-6)


def test_networks_side_by_side_average_their_logits(script):
    members = [mlcore.Network((6, *hidden, 3), seed=k) for k, hidden in enumerate([(5, 4), (2, 3)])]
    for member in members:
        for layer in member.layers:
            layer.b = np.random.default_rng(1).standard_normal(len(layer.b))
    X = np.random.default_rng(2).standard_normal((7, 6)).astype(np.float32)
    net = script.side_by_side(members)
    assert net.sizes == (6, 7, 7, 3)
    np.testing.assert_allclose(net.forward(X).z[-1], sum(member.forward(X).z[-1] for member in members) / 2, atol=1e-5)
