"""Documents: every link leads to a file, every name and test that the map of the lecture points to is there, every setting is read."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "docs" / "lecture.md").read_text("utf-8")
NAMES = sorted(set(re.findall(r"`(mlcore(?:\.\w+)+)", MAP)))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
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


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path):
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8")) if ":" not in link]
    assert not [link for link in links if not (path.parent / link).exists()]


def test_the_settings_of_the_readme_are_those_that_are_read():
    named = set(re.findall(r"^\| `(BACKPROP_LAB_\w+)`", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))
    read = {name for folder in ("ui", "mlcore") for path in (ROOT / folder).rglob("*.py")
            for name in re.findall(r"\"(BACKPROP_LAB_[A-Z]+)\"", path.read_text("utf-8"))}  # fmt: skip
    assert named == read
