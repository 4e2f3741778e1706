"""The structure of the program: which file may import which, what its names look like, how long it is."""

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = [*sorted(path for folder in ("mlcore", "ui", "pages", "backprop_lab") for path in (ROOT / folder).rglob("*.py")), ROOT / "app.py"]
WRITTEN = sorted(
    path for folder in ("mlcore", "ui", "pages", "scripts", "benchmarks", "tests") for kind in ("py", "js", "css")
    for path in (ROOT / folder).rglob(f"*.{kind}")
)  # fmt: skip
ALIASES = {"numpy": "np", "streamlit": "st", "plotly.graph_objects": "go", "plotly.express": "px"}
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in CODE}
SHARED = {"figures", "components", "training", "visits"}  # folders of ui that every page may use
ROOMS = {path.name for path in (ROOT / "ui").iterdir() if path.is_dir()} - SHARED - {"__pycache__"}
LONGEST, LONGEST_PAGE = 300, 150


@functools.cache
def imports(path):
    """What a file imports, wherever in it: (module, name in it or None, alias or None)."""
    return [*imports_of(path.read_text("utf-8"), path)]


def imports_of(text, path):
    package = path.relative_to(ROOT).parent.parts
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, None, name.asname) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = ".".join([*package[: len(package) - node.level + 1], node.module or ""]).strip(".") if node.level else node.module
            yield from ((start, name.name, name.asname) for name in node.names)


def needed(path):
    """The modules of the program that a file imports, those that only a type checker reads among them."""
    for module, name, _ in imports(path):
        whole = f"{module}.{name}"
        if whole in MODULES or module in MODULES:
            yield whole if whole in MODULES else module


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CODE, ids=named)
def test_a_name_is_not_changed_at_the_import(path):
    changed = [(module, name, alias) for module, name, alias in imports(path) if alias]
    assert all((name is None and ALIASES.get(module) == alias) or alias == name for module, name, alias in changed), changed


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_down_only(module):
    """pages → ui/<page> → ui → mlcore; components know no page, and no page's room another's."""
    for other in set(needed(MODULES[module])):
        mine, its = module.split("."), other.split(".")
        room, its_room = ((parts[1] if parts[0] == "ui" and parts[1:2] and parts[1] in ROOMS else None) for parts in (mine, its))
        assert its[0] != "pages", f"{module} imports the page {other}"
        if mine[0] == "mlcore":
            assert its[0] == "mlcore", f"{module} imports {other} of the app"
        if mine[0] == "ui":
            assert its_room in (None, room), f"{module} imports {other} of a page's room"
        if mine[:2] == ["ui", "components"]:
            assert its[:2] == ["ui", "components"] or other in ("ui", "ui.colors", "ui.numbers"), f"the component {module} imports {other}"


def test_mlcore_knows_nothing_of_the_app():
    for path in (ROOT / "mlcore").rglob("*.py"):
        elsewhere = {module.split(".")[0] for module, *_ in imports(path)}
        assert not elsewhere & {"ui", "streamlit", "plotly", "backprop_lab"}, named(path)


def test_there_is_no_circle():
    graph = {module: set(needed(path)) - {module} for module, path in MODULES.items()}
    # A package's own file names its modules, and they may name it: what counts is whether the modules need each other.
    graph = {module: needs - {package for package in needs if module.startswith(package + ".")} for module, needs in graph.items()}
    while graph:
        free = [module for module, needs in graph.items() if not needs & set(graph)]
        assert free, f"these import each other: {sorted(graph)}"
        for module in free:
            del graph[module]


@pytest.mark.parametrize("path", CODE, ids=named)
def test_no_private_name_is_imported(path):
    private = [f"{module}.{name}" for module, name, _ in imports(path) if name and name.startswith("_") and not name.startswith("__")]
    assert not private
    modules = {name.split(".")[-1] for name in MODULES}
    taken = [
        f"{node.value.id}.{node.attr}" for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
        and re.match(r"_[^_]", node.attr)
    ]  # fmt: skip
    assert not taken


@pytest.mark.parametrize("path", WRITTEN, ids=named)
def test_a_file_can_be_read_at_a_sitting(path):
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= (LONGEST_PAGE if path.parent == ROOT / "pages" else LONGEST)


def test_imports_are_read_as_they_are_written():
    file = ROOT / "ui" / "figures" / "made_up.py"
    text = "import numpy as n\nfrom ..train import settings as s\nfrom mlcore.engine import _sum\n"
    found = list(imports_of(text, file))
    assert found == [("numpy", None, "n"), ("ui.train", "settings", "s"), ("mlcore.engine", "_sum", None)]
