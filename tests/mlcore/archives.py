"""Network files taken apart and put together again, for the tests."""

import io
import zipfile

import numpy as np
import pytest

import mlcore

INFO = {"name": "mine – α", "data": "digits", "what": "a try", "trained": "2026-01-31T12:00:00Z", "test_accuracy": 0.97,
        "test_accuracy_strokes": None, "recipe": "3 epochs"}


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


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
    assert 15 < len(sentence) <= 200
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
