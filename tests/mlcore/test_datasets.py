"""Data sets: what is in the package, what is made on call, what is read from files."""

import gzip
import os

import numpy as np
import pytest

import mlcore
from mlcore import datasets, fetching


def test_the_embedded_digits_are_400_and_100_of_each():
    data = datasets.load("digits")
    assert data.X_train.shape == (4000, 784) and data.X_test.shape == (1000, 784)
    assert data.X_train.dtype == np.uint8 and data.classes == 10
    assert (np.bincount(data.y_train) == 400).all() and (np.bincount(data.y_test) == 100).all()
    assert os.path.getsize(datasets.DIGITS) <= 1.5e6


def test_the_embedded_digits_are_shuffled_and_not_repeated_across_the_split():
    data = datasets.load("digits")
    assert len(set(data.y_train[:50])) == 10 and len(set(data.y_test[:50])) == 10
    assert not {row.tobytes() for row in data.X_train} & {row.tobytes() for row in data.X_test}


def test_the_embedded_digits_are_from_the_training_set_of_mnist(shared_data):
    mnist = datasets.load("mnist", folder=shared_data / "mnist")
    known = {row.tobytes(): label for row, label in zip(mnist.X_train, mnist.y_train)}
    data = datasets.load("digits")
    for X, y in ((data.X_train, data.y_train), (data.X_test, data.y_test)):
        assert all(known.get(row.tobytes()) == label for row, label in zip(X, y))


def test_full_mnist_is_read_from_a_folder(shared_data):
    data = datasets.load("mnist", folder=shared_data / "mnist")
    assert data.X_train.shape == (60000, 784) and data.X_test.shape == (10000, 784) and data.X_train.dtype == np.uint8
    assert np.bincount(data.y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def idx(array):
    return b"\0\0\x08" + bytes([array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def tiny():
    """Images and labels to train on, images and labels held out; no square images, so that no axis stands for another."""
    rng = np.random.default_rng(0)
    return [array for n in (30, 10) for array in (rng.integers(0, 256, (n, 2, 3), np.uint8), rng.integers(0, 10, n, np.uint8))]


@pytest.fixture
def idx_folder(tmp_path):
    """A tiny data set in IDX files, two of them gzipped."""
    for k, (file, array) in enumerate(zip(fetching.FILES, tiny())):
        if k < 2:
            (tmp_path / file).write_bytes(gzip.compress(idx(array)))
        else:
            (tmp_path / file.removesuffix(".gz")).write_bytes(idx(array))
    return tmp_path


def test_idx_files_are_read_gzipped_or_not(idx_folder):
    for name in ("mnist", "fashion"):
        data = datasets.load(name, folder=idx_folder)
        assert (data.name, data.classes) == (name, 10)
        for array, expected in zip((data.X_train, data.y_train, data.X_test, data.y_test), tiny()):
            np.testing.assert_array_equal(array, expected.reshape(len(expected), -1) if expected.ndim == 3 else expected)


def test_a_missing_idx_file_is_named(idx_folder):
    (idx_folder / fetching.FILES[1]).unlink()
    with pytest.raises(FileNotFoundError, match=fetching.FILES[1]):
        datasets.load("fashion", folder=idx_folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\x08",
        b"not an idx file",
        idx(np.zeros((3, 4), np.uint8))[:-1],
        idx(np.zeros(3, np.uint8)) + b"x",
        b"\0\0\x0d\1\0\0\0\1\0\0\0\0",
        gzip.compress(idx(np.zeros(9, np.uint8)), mtime=0)[:-6],
    ],
)
def test_a_damaged_idx_file_is_refused(tmp_path, content):
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(ValueError, match="fetch it again"):
        datasets.read_idx(tmp_path / "f")


@pytest.mark.parametrize("k, array, says", [
    (0, np.zeros((0, 28, 28), np.uint8), r"shape \(0, 28, 28\), expected images"),
    (1, np.zeros(0, np.uint8), r"shape \(0,\), expected labels"),
    (2, np.zeros(784, np.uint8), r"shape \(784,\), expected images"),
    (3, np.zeros((10, 1), np.uint8), r"shape \(10, 1\), expected labels"),
])
def test_an_idx_file_of_another_form_is_named(idx_folder, k, array, says):
    for file in idx_folder.glob(fetching.FILES[k].removesuffix(".gz") + "*"):
        file.unlink()
    (idx_folder / fetching.FILES[k]).write_bytes(idx(array))
    with pytest.raises(ValueError, match=f"{fetching.FILES[k]} holds an array of {says}"):
        datasets.load("mnist", folder=idx_folder)


@pytest.mark.parametrize("name", datasets.MADE)
def test_made_sets_are_seeded_balanced_and_split(name):
    data, again, other = datasets.load(name, seed=1), datasets.load(name, seed=1), datasets.load(name, seed=2)
    np.testing.assert_array_equal(data.X_train, again.X_train)
    assert not np.array_equal(data.X_train, other.X_train)
    assert data.X_train.shape == (320, 2) and data.X_test.shape == (80, 2) and data.name == name
    for y in (data.y_train, data.y_test, np.concatenate([data.y_train, data.y_test])):
        counts = np.bincount(y)
        assert len(counts) == data.classes and counts.max() - counts.min() <= 1
        assert len(set(y[:20])) == data.classes  # in no order of the classes


@pytest.mark.parametrize("name", datasets.MADE)
@pytest.mark.parametrize("n", [15, 16, 17, 18, 19, 23])
def test_the_smallest_made_sets_hold_out_each_class(name, n):
    for seed in range(10):
        data = datasets.load(name, n=n, seed=seed)
        assert (len(data.X_train), len(data.X_test)) == (n - n // 5, n // 5)
        for y in (data.y_train, data.y_test):
            counts = np.bincount(y, minlength=data.classes)
            assert counts.min() >= 1 and counts.max() - counts.min() <= 1


def test_parts_of_a_made_set_are_shuffled():
    orders = {tuple(datasets.load("moons", n=50, seed=seed).y_test) for seed in range(10)}
    assert len(orders) > 5


@pytest.mark.parametrize("name", datasets.MADE)
def test_made_sets_can_be_learned_but_not_by_a_straight_line(name):
    data = datasets.load(name, n=400)
    deep, flat = mlcore.Network((2, 24, 24, data.classes), hidden="tanh"), mlcore.Network((2, data.classes))
    for net in (deep, flat):
        *_, last = mlcore.train(net, data, mlcore.Adam(0.02), batch_size=32, epochs=120)
        net.info["right"] = last.test_accuracy
    assert deep.info["right"] >= 0.93
    assert flat.info["right"] < 0.93 or name == "blobs"


def without_noise(name, classes=2, **named):
    """All points of a made set and their labels."""
    data = datasets.load(name, noise=0.0, classes=classes, **named)
    return np.concatenate([data.X_train, data.X_test]), np.concatenate([data.y_train, data.y_test])


def test_made_sets_lie_where_their_names_say():
    X, y = without_noise("xor")
    assert set(map(tuple, X)) == {(1, 1), (1, -1), (-1, 1), (-1, -1)}
    np.testing.assert_array_equal(y, X[:, 0] * X[:, 1] < 0)
    X, y = without_noise("circles")
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 1, 0.5, 1.25))
    for label in (0, 1):  # all the way round
        assert np.diff(np.sort(np.arctan2(*X[y == label].T))).max() < 0.3
    X, y = without_noise("moons")
    upper, lower = X[y == 0] - [-0.5, -0.25], X[y == 1] - [0.5, 0.25]
    for moon, side in ((upper, 1), (lower, -1)):
        np.testing.assert_allclose(np.hypot(*moon.T), 1)
        assert (side * moon[:, 1]).min() >= 0 and moon[:, 0].min() < -0.95 and moon[:, 0].max() > 0.95
    for classes in (2, 3):
        X, y = without_noise("spirals", classes)
        t = np.hypot(*X.T) / 1.5
        assert 0.1 <= t.min() < 0.15 and 0.95 < t.max() <= 1
        angle = 2 * np.pi * (t + y / classes)
        np.testing.assert_allclose(X, np.column_stack([np.cos(angle), np.sin(angle)]) * 1.5 * t[:, None], atol=1e-12)
        X, y = without_noise("blobs", classes)
        angle = 2 * np.pi * y / classes
        np.testing.assert_allclose(X, 1.25 * np.column_stack([np.cos(angle), np.sin(angle)]), atol=1e-12)


@pytest.mark.parametrize("name, usual", [("xor", 0.3), ("circles", 0.12), ("moons", 0.12), ("spirals", 0.04), ("blobs", 0.35)])
def test_noise_is_a_standard_deviation_around_them(name, usual):
    still, noisy = (datasets.load(name, n=2000, noise=noise, seed=3).X_train for noise in (0.0, 0.2))
    moved = noisy - still
    np.testing.assert_allclose(moved.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(moved.std(axis=0), 0.2, atol=0.01)
    assert abs(np.corrcoef(moved.T)[0, 1]) < 0.1
    named = {"n": 400, "seed": 0, "classes": 3 if name == "blobs" else 2}
    np.testing.assert_array_equal(datasets.load(name).X_train, datasets.load(name, noise=usual, **named).X_train)


def test_the_embedded_digits_cannot_be_written_into():
    data = datasets.load("digits")
    for array in (data.X_train, data.X_test):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert repr(data) == "Dataset('digits', 4000 + 1000 × 784, 10 classes)"
    assert repr(datasets.load("xor", n=10)) == "Dataset('xor', 8 + 2 × 2, 2 classes)"
    assert repr(mlcore.Dataset([[1.0]], [0])) == "Dataset('', 1 + 0 × 1, 2 classes)"


def test_size_and_classes_are_what_was_asked():
    assert datasets.load("spirals", classes=4).classes == 4
    assert len(datasets.load("xor", n=50).X_train) == 40


@pytest.mark.parametrize(
    "arguments, says",
    [
        ({"name": "mnits"}, "expected one of: digits, mnist"),
        ({"name": "xor", "n": 3}, "n is 3"),
        ({"name": "xor", "n": 9}, "n is 9, expected a whole number of at least 10"),
        ({"name": "xor", "n": 10.5}, "n is 10.5"),
        ({"name": "moons", "noise": -1}, "noise is -1"),
        ({"name": "moons", "seed": -1}, "seed is -1"),
        ({"name": "moons", "classes": 3}, "classes is 3"),
        ({"name": "blobs", "classes": 1}, "classes is 1"),
        ({"name": "blobs", "n": 12, "classes": 3}, "n is 12"),
        ({"name": "spirals", "n": 14, "classes": 3}, "n is 14"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        datasets.load(**arguments)
