"""save() and load(): bit-equal through a path and through memory; a save that fails leaves what was there."""

import io
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import mlcore
from tests.mlcore.archives import INFO, array, members, npy, packed, refused, saved
from tests.mlcore.cases import OUTPUTS, case, same


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("sizes", [(4, 3), (5, 4, 3), (3, 1, 1, 2, 4)])
def test_bit_equal_through_path_and_memory(tmp_path, sizes, output, dtype):
    net, X, _, _ = case(sizes, "relu", output, dtype=dtype)
    net.layers[0].W[0, 0] = np.nextafter(np.array(1, dtype), 2)
    net.layers[0].b[0] = -0.0
    net.info.update(INFO)
    path = tmp_path / "net.npz"
    mlcore.save(net, path)
    mlcore.save(net, str(tmp_path / "again.npz"))
    mlcore.save(net, path)
    loaded = [mlcore.load(path), mlcore.load(str(path)), mlcore.load(tmp_path / "again.npz"), mlcore.load(io.BytesIO(saved(net)))]
    with open(path, "rb") as file:
        loaded.append(mlcore.load(file))
    for other in loaded:
        assert same(net, other)
        assert np.signbit(other.layers[0].b[0])
        assert (tuple(other.sizes), other.hidden, other.output) == (tuple(net.sizes), "relu", net.output)
        assert np.dtype(other.dtype) == np.dtype(dtype)
        assert other.info == INFO
        assert np.array_equal(other.predict_proba(X), net.predict_proba(X))
    loaded[0].layers[0].theta = np.zeros_like(loaded[0].layers[0].theta)
    assert sorted(os.listdir(tmp_path)) == ["again.npz", "net.npz"]


def rounded(dtype="float32", sizes=(40, 30, 10)):
    """A network whose weights float16 holds exactly, the smallest and the largest of them among them."""
    net = mlcore.Network(sizes, dtype=dtype, seed=1)
    net.layers[0].W[0, :4] = [-0.0, 65504, 2.0**-24, -(2.0**-14)]
    for layer in net.layers:
        layer.theta = layer.theta.astype("float16")
    return net


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_that_float16_holds_take_half_the_space_and_come_back_as_they_were(dtype):
    net = rounded(dtype)
    parts = members(saved(net))
    other = mlcore.load(io.BytesIO(saved(net)))
    assert same(net, other) and other.dtype == net.dtype == np.dtype(dtype) and np.signbit(other.layers[0].W[0, 0])
    assert {array(parts[f"theta_{l}.npy"]).dtype.name for l in (0, 1)} == {"float16"}
    assert json.loads(array(parts["header.npy"]).tobytes())["stored"] == "float16"
    assert saved(other) == saved(net)


@pytest.mark.parametrize("value", [1 + 2.0**-11, 65520, 2.0**-25, 1e-30, 1e30])
def test_one_weight_that_float16_does_not_hold_keeps_all_in_full(value):
    net = rounded()
    net.layers[1].b[3] = value
    parts = members(saved(net))
    assert {array(parts[f"theta_{l}.npy"]).dtype.name for l in (0, 1)} == {"float32"}
    assert "stored" not in json.loads(array(parts["header.npy"]).tobytes())
    assert same(net, mlcore.load(io.BytesIO(saved(net))))


@pytest.mark.parametrize("stored", ["float16", "float64", "object", "", None, 7, ["float16"], {}])
def test_arrays_stored_otherwise_than_the_header_claims(stored):
    """Both ways: float16 claimed of full arrays, and float16 arrays under every other claim."""
    net = mlcore.Network((4, 5, 3), init="zeros")
    halves = members(saved(net))
    net.layers[0].b[0] = 0.1
    full = members(saved(net))
    for parts in (halves, full):
        header = {**json.loads(array(parts["header.npy"]).tobytes()), "stored": stored}
        if parts is full or stored != "float16":
            refused(packed({**parts, "header.npy": npy(np.frombuffer(json.dumps(header).encode(), "uint8"))}))


def test_a_loaded_network_can_be_trained_and_saved_again():
    net, X, y, _ = case()
    net.info["name"] = "first"
    other = mlcore.load(io.BytesIO(saved(net)))
    for _ in mlcore.train(other, mlcore.Dataset(X, y), epochs=1):
        pass
    assert not same(net, other)
    assert same(other, mlcore.load(io.BytesIO(saved(other))))


def test_an_empty_info_stays_empty():
    assert mlcore.load(io.BytesIO(saved(mlcore.Network((4, 3))))).info == {}


def test_the_file_is_an_npz_without_pickles():
    parts = members(saved(case().net))
    assert all(name.endswith(".npy") for name in parts)
    assert not any(array(content).dtype.hasobject for content in parts.values())


def test_a_network_that_load_would_refuse_is_not_saved(tmp_path, monkeypatch):
    net, path = mlcore.Network((4, 3), dtype="float32"), tmp_path / "net.npz"
    monkeypatch.setattr(mlcore.limits, "MOST_PARAMETERS", 15)
    mlcore.save(net, path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"layers of \(4, 4\) units have 20 parameters, more than 15; use fewer"):
        mlcore.save(mlcore.Network((4, 4)), path)
    assert path.read_bytes() == before
    monkeypatch.setattr(mlcore.limits, "MOST_PARAMETERS", 14)
    with pytest.raises(ValueError, match=r"layers of \(4, 3\) units have 15 parameters, more than 14; use fewer"):
        mlcore.load(path)


class Bare:
    """A file of which only some things are known."""

    def __init__(self, **known):
        self.__dict__.update(known)


def test_a_file_that_can_only_be_written_to_gets_the_whole_network():
    net, whole = case().net, io.BytesIO()
    mlcore.save(net, Bare(write=whole.write))
    assert same(net, mlcore.load(whole))


def test_a_file_that_cannot_be_searched_is_refused():
    with pytest.raises(ValueError, match="file is of type Bare and cannot be searched"):
        mlcore.load(Bare(read=io.BytesIO(saved(case().net)).read))


@pytest.mark.parametrize("info", [
    {"f": print}, {"x": object()}, {1: "a"}, {"x": [object()]}, {"x": b"1"}, {"x": float("nan")}, {"x": 10**400},
])
def test_a_failing_save_leaves_the_old_file(tmp_path, info):
    net, path = case().net, tmp_path / "net.npz"
    mlcore.save(net, path)
    before = path.read_bytes()
    net.info.update(info)
    with pytest.raises(ValueError, match="info"):
        mlcore.save(net, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["net.npz"]


def test_weights_that_could_not_be_loaded_are_not_saved(tmp_path):
    net, path = case().net, tmp_path / "net.npz"
    mlcore.save(net, path)
    before = path.read_bytes()
    net.layers[0].W[0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN or infinite"):
        mlcore.save(net, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("target", ["os.replace", "os.fsync", "numpy.lib.format.write_array", "zipfile.ZipFile.close"])
@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_save_cut_short_leaves_the_old_file(tmp_path, monkeypatch, target, old, error):
    net, path = case().net, tmp_path / "net.npz"
    if old:
        mlcore.save(net, path)
    before = path.read_bytes() if old else None

    def fails(*_, **__):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(target, fails)
        with pytest.raises(type(error)):
            mlcore.save(case(seed=5).net, path)
    assert os.listdir(tmp_path) == (["net.npz"] if old else [])
    assert not old or path.read_bytes() == before


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises((OSError, ValueError)):
        mlcore.load(tmp_path / "nowhere.npz")
    with pytest.raises((OSError, ValueError)):
        mlcore.save(case().net, tmp_path / "no folder" / "net.npz")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system here")
def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path):
    net = mlcore.Network((3, 2), seed=1)
    (tmp_path / "real.npz").write_text("old")
    (tmp_path / "link.npz").symlink_to(tmp_path / "real.npz")
    mlcore.save(net, tmp_path / "link.npz")
    assert (tmp_path / "link.npz").is_symlink()
    assert same(mlcore.load(tmp_path / "real.npz"), net)
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit((tmp_path / "pipe").read_bytes)
        mlcore.save(net, tmp_path / "pipe")
        assert same(mlcore.load(io.BytesIO(read.result())), net)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_arrays_stored_column_by_column_are_read_as_such():
    """As NumPy writes a transposed array; read in the other order the weights would be the same numbers in other places."""
    net = case((4, 5, 3)).net
    parts = members(saved(net))
    for name in ("theta_0.npy", "theta_1.npy"):
        parts[name] = npy(np.asfortranarray(array(parts[name])))
        assert b"'fortran_order': True" in parts[name]
    assert same(net, mlcore.load(io.BytesIO(packed(parts))))


def test_a_saved_file_can_be_read_by_all_and_written_by_its_owner(tmp_path):
    mlcore.save(case().net, tmp_path / "net.npz")
    assert stat.S_IMODE((tmp_path / "net.npz").stat().st_mode) == 0o644


def test_the_header_says_what_the_network_is():
    net = mlcore.Network((4, 5, 3), hidden="tanh", output="sigmoid", dtype="float64", seed=1)
    net.info["name"] = "mine"
    header = json.loads(array(members(saved(net))["header.npy"]).tobytes())
    assert header == {"format": "backprop-lab network", "version": 1, "sizes": [4, 5, 3], "hidden": "tanh", "output": "sigmoid",
                      "dtype": "float64", "info": {"name": "mine"}}  # fmt: skip
    assert set(members(saved(net))) == {"header.npy", "theta_0.npy", "theta_1.npy"}


@pytest.mark.parametrize("info", [{"a": 1, "b": 0.5, "c": "x", "d": None, "e": True, "f": -(10**300)}])
def test_texts_finite_numbers_and_none_come_back(info):
    net = mlcore.Network((4, 3))
    net.info.update(info)
    assert mlcore.load(io.BytesIO(saved(net))).info == info
