"""save() and load(): bit-equal through a path and through memory; a damaged or forged file is one sentence, and nothing in it runs."""

import io
import json
import os
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest
from cases import OUTPUTS, case, same
from hypothesis import given, settings
from hypothesis import strategies as st

import mlcore

INFO = {"name": "mine – α", "data": "digits", "what": "a try", "trained": "2026-01-31T12:00:00Z", "test_accuracy": 0.97,
        "test_accuracy_strokes": None, "recipe": "3 epochs"}


def saved(net):
    file = io.BytesIO()
    mlcore.save(net, file)
    return file.getvalue()


def refused(data, words=""):
    """load() raises a ValueError of one sentence for these bytes."""
    with pytest.raises(ValueError) as refusal:
        mlcore.load(io.BytesIO(data))
    sentence = str(refusal.value)
    assert type(refusal.value) is ValueError
    assert 15 < len(sentence) < 300
    assert "\n" not in sentence
    assert words in sentence, sentence


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def npy(array, allow_pickle=False):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), allow_pickle=allow_pickle)
    return file.getvalue()


def array(content):
    return np.load(io.BytesIO(content), allow_pickle=False)


def weights(parts):
    """The members that hold a floating-point array."""
    return [name for name, content in parts.items() if array(content).dtype.kind == "f"]


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


@pytest.mark.parametrize("info", [{"f": print}, {"x": object()}, {1: "a"}, {"x": [object()]}, {"x": b"1"}, {"x": float("nan")}])
def test_a_failing_save_leaves_the_old_file(tmp_path, info):
    net, path = case().net, tmp_path / "net.npz"
    mlcore.save(net, path)
    before = path.read_bytes()
    net.info.update(info)
    with pytest.raises(ValueError, match="info"):
        mlcore.save(net, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["net.npz"]


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


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), bytes(5000), b"\x93NUMPY\x01\x00",
                                  pickle.dumps({"W": [1, 2]}), npy(np.ones(3)), b"<html></html>" * 100])
def test_files_of_another_kind(data):
    refused(data)


def test_truncated_anywhere():
    data = saved(case().net)
    for length in {*range(0, len(data), 37), len(data) - 1}:
        refused(data[:length])


def test_bytes_flipped_anywhere_are_refused_or_harmless():
    net = case().net
    net.info.update(INFO)
    data = saved(net)
    harmless = 0
    for place in range(len(data)):
        for bits in (0x01, 0x80, 0xFF):
            broken = bytearray(data)
            broken[place] ^= bits
            try:
                other = mlcore.load(io.BytesIO(bytes(broken)))
            except ValueError as error:
                assert "\n" not in str(error)
            else:
                # A date or an attribute in the archive's directory: the contents are under a checksum.
                assert same(net, other)
                assert other.info == INFO
                harmless += 1
    assert harmless < len(data)


@settings(max_examples=60)
@given(st.data())
def test_contents_rewritten_at_random_are_refused_or_sound(data):
    """The checksum is right again, so only the checks of the contents stand in the way."""
    parts = members(saved(case((3, 2, 2)).net))
    name = data.draw(st.sampled_from(sorted(parts)))
    content = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        net = mlcore.load(io.BytesIO(packed({**parts, name: bytes(content)})))
    except ValueError as error:
        assert "\n" not in str(error)
    else:
        assert tuple(net.sizes) == tuple(np.array(net.sizes))
        assert all(np.isfinite(layer.theta).all() for layer in net.layers)
        net.predict(np.zeros((1, net.sizes[0])))


def test_a_part_missing_or_too_many():
    parts = members(saved(case().net))
    for name in parts:
        refused(packed({other: content for other, content in parts.items() if other != name}))
    refused(packed({**parts, "extra.npy": npy(np.ones(3))}))
    refused(packed({**parts, "../../escape.npy": npy(np.ones(3))}))
    refused(packed({**parts, "run.py": b"print('hello')"}))


def test_other_shapes_and_types_than_claimed():
    parts = members(saved(case((4, 6, 3)).net))
    for name in weights(parts):
        value = array(parts[name])
        for wrong in (value.T, value[:-1], value[:, :-1], value.ravel(), value[None], np.ones((0, 0)), value.astype("float16"),
                      value.astype("float32"), value.astype("int64"), value.astype("complex128"), value.astype("S8"), value > 0):
            refused(packed({**parts, name: npy(wrong)}))


def test_weights_that_are_not_finite():
    parts = members(saved(case().net))
    for name in weights(parts):
        for bad in (np.nan, np.inf, -np.inf):
            value = array(parts[name]).copy()
            value.flat[-1] = bad
            refused(packed({**parts, name: npy(value)}))


def test_an_array_cut_short_inside_a_sound_archive():
    parts = members(saved(case().net))
    for name in weights(parts):
        for content in (parts[name][:-8], parts[name][:-1], parts[name][:20], b"", parts[name] + b"12345678"):
            refused(packed({**parts, name: content}))


@pytest.mark.parametrize("old, new", [
    (b"': ", b"'{ "), (b"{", b"("), (b"False", b"Fals("), (b"shape", b"shapo"), (b"}", b" "), (b"'<f8'", b"'|O'"),
])
def test_the_header_of_an_array_is_no_header(old, new):
    parts = members(saved(case().net))
    for name in weights(parts):
        assert old in parts[name]
        refused(packed({**parts, name: parts[name].replace(old, new, 1)}))


def described(**changes):
    """The file of a small network, what its header says of it changed."""
    parts = members(saved(case((4, 5, 3)).net))
    header = json.loads(array(parts["header.npy"]).tobytes())
    assert set(changes) <= set(header)
    return packed({**parts, "header.npy": npy(np.frombuffer(json.dumps({**header, **changes}).encode(), "uint8"))})


@pytest.mark.parametrize("changes, words", [
    ({"version": 2}, "version"), ({"version": 0}, "version"), ({"version": None}, "version"), ({"version": "1"}, "version"),
    ({"format": "something else"}, ""), ({"format": None}, ""),
    ({"sizes": [4, 5, 4]}, ""), ({"sizes": [4, 5]}, ""), ({"sizes": [4, 5, 3, 3]}, ""), ({"sizes": []}, ""), ({"sizes": [4]}, ""),
    ({"sizes": "4-5-3"}, ""), ({"sizes": [4, 5.0, 3]}, ""), ({"sizes": [4, -5, 3]}, ""), ({"sizes": [10**6, 10**6, 10]}, ""),
    ({"sizes": [10**30, 5, 3]}, ""), ({"sizes": None}, ""), ({"sizes": [[4], 5, 3]}, ""),
    ({"hidden": "swish"}, "swish"), ({"hidden": None}, ""), ({"hidden": ["relu"]}, ""),
    ({"output": "linear"}, "linear"), ({"output": {}}, ""),
    ({"dtype": "float16"}, ""), ({"dtype": "object"}, ""), ({"dtype": "float32"}, ""), ({"dtype": "nonsense"}, ""), ({"dtype": 7}, ""),
    ({"info": None}, ""), ({"info": [1]}, ""), ({"info": {"name": {"a": [1]}}}, ""), ({"info": {"name": float("nan")}}, ""),
])
def test_a_header_that_claims_something_else(changes, words):
    refused(described(**changes), words)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '"text"', "{}", "[" * 100_000, '{"format": "x"}', "\ud800"],
                         ids=lambda text: repr(text[:5]))
def test_a_header_that_is_no_description(text):
    parts = members(saved(case().net))
    refused(packed({**parts, "header.npy": npy(np.frombuffer(text.encode("utf-8", "surrogatepass"), "uint8"))}))


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_nothing_in_a_file_is_executed(tmp_path):
    trap = tmp_path / "executed"
    parts = members(saved(case().net))
    objects = npy(np.array([Payload(trap)], dtype=object), allow_pickle=True)
    assert pickle.loads(pickle.dumps(Payload(trap))).close() is None
    assert trap.exists(), "the trap itself works"
    trap.unlink()
    for name in parts:
        refused(packed({**parts, name: objects}))
        refused(packed({**parts, name: pickle.dumps(Payload(trap))}))
    refused(packed({**parts, "extra.npy": objects}))
    refused(objects)
    refused(pickle.dumps(Payload(trap)))
    assert not trap.exists()


def test_sizes_are_not_believed_before_they_are_checked():
    parts = members(saved(case((4, 5, 3)).net))
    name = weights(parts)[0]
    header = b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (100000000, 1000), }".ljust(117) + b"\n"
    bombs = [packed({**parts, name: header + bytes(100)}), packed({**parts, name: bytes(50_000_000)}),
             packed({**parts, "header.npy": npy(np.zeros(50_000_000, "uint8"))}), described(sizes=[30000, 30000, 3])]
    tracemalloc.start()
    for bomb in bombs:
        refused(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
