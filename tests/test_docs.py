"""docs/lecture.md: every name of mlcore and every test that the lecture's map points to is there."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "docs" / "lecture.md").read_text("utf-8")
NAMES = sorted(set(re.findall(r"`(mlcore(?:\.\w+)+)", MAP)))
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", MAP)))


def found(name):
    """The object of a dotted name: the longest part that is a module, then its attributes."""
    parts = name.split(".")
    for k in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:k]))
        except ImportError:
            continue
        for part in parts[k:]:
            thing = getattr(thing, part)
        return thing
    raise AssertionError(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there(name):
    assert found(name) is not None


@pytest.mark.parametrize(("file", "test"), TESTS)
def test_every_test_is_there(file, test):
    assert re.search(rf"^def {test}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)


def test_the_map_points_somewhere():
    assert len(NAMES) > 15 and len(TESTS) > 15


def test_every_erratum_has_its_row():
    rows = re.findall(r"^\| (\d+) \|", MAP, re.MULTILINE)
    assert sorted(map(int, rows)) == list(range(1, 19))
