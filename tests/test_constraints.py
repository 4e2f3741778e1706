"""constraints.txt: the versions that the README's commands install."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PINNED = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NAMED = sorted({re.match(r"[\w.-]+", need)[0] for extra in PROJECT["optional-dependencies"].values() for need in extra} | {"numpy"})


@pytest.mark.parametrize("name", NAMED)
def test_what_is_needed_has_one_version(name):
    assert re.fullmatch(r"[0-9][\w.]*", PINNED[name])


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_the_commands_of_the_readme_take_them(file):
    assert "-c constraints.txt" in (ROOT / file).read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", ["streamlit", "plotly", "streamlit-drawable-canvas", "numpy"])
def test_what_is_used_beyond_its_promise_has_an_end(name):
    """A version that nobody has tried is not what `pip install` brings."""
    needs = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["app"]]
    (need,) = [need for need in needs if re.match(r"[\w.-]+", need)[0] == name]
    assert re.search(r"<[0-9.]+$", need)
