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


@pytest.fixture
def idx_folder(tmp_path):
    """A tiny data set in IDX files, two of them gzipped."""
    rng = np.random.default_rng(0)
    for k, (file, n) in enumerate(zip(fetching.FILES, (30, 30, 10, 10))):
        array = rng.integers(0, 256, (n, 28, 28), np.uint8) if "images" in file else rng.integers(0, 10, n, np.uint8)
        if k < 2:
            (tmp_path / file).write_bytes(gzip.compress(idx(array)))
        else:
            (tmp_path / file.removesuffix(".gz")).write_bytes(idx(array))
    return tmp_path


def test_idx_files_are_read_gzipped_or_not(idx_folder):
    data = datasets.load("mnist", folder=idx_folder)
    assert data.X_train.shape == (30, 784) and data.X_test.shape == (10, 784) and data.y_test.shape == (10,)


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
        gzip.compress(idx(np.zeros(9, np.uint8)))[:-6],
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


def test_noise_and_classes_are_what_was_asked():
    still = datasets.load("circles", noise=0.0)
    radius = np.hypot(*still.X_train.T)
    np.testing.assert_allclose(radius, np.where(still.y_train == 1, 0.5, 1.25))
    assert datasets.load("spirals", classes=4).classes == 4
    assert len(datasets.load("xor", n=50).X_train) == 40


@pytest.mark.parametrize(
    "arguments, says",
    [
        ({"name": "mnits"}, "expected one of: digits, mnist"),
        ({"name": "xor", "n": 3}, "n is 3"),
        ({"name": "xor", "n": 10.5}, "n is 10.5"),
        ({"name": "moons", "noise": -1}, "noise is -1"),
        ({"name": "moons", "seed": -1}, "seed is -1"),
        ({"name": "moons", "classes": 3}, "classes is 3"),
        ({"name": "blobs", "classes": 1}, "classes is 1"),
        ({"name": "blobs", "n": 12, "classes": 3}, "n is 12"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        datasets.load(**arguments)
