"""A damaged or forged network file is refused in one sentence, before its claims are believed, and nothing in it runs."""

import io
import json
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlcore
from tests.mlcore.archives import INFO, Payload, array, members, npy, packed, refused, saved, weights
from tests.mlcore.cases import case, same


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
