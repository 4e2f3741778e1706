"""What `import mlcore` brings along, and that every public name says what it is."""

import ast
import importlib
import inspect
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mlcore
from mlcore import export, strokes

FOLDER = Path(mlcore.__file__).parent
NAMES = ("Network", "explain", "local_gradients", "contributions", "check_gradients", "Dataset", "train", "SGD", "Adam", "datasets",
         "drawing", "save", "load", "models")
HEAVY = ("streamlit", "plotly", "scipy", "PIL", "pooch", "tqdm", "threadpoolctl", "sklearn", "autograd", "pandas", "onnx", "requests")


def test_the_public_names_are_there():
    assert [name for name in NAMES if not hasattr(mlcore, name)] == []
    assert mlcore.models.names() == ("mlp", "softmax")
    assert set(mlcore.datasets.names()) >= {"digits", "mnist", "fashion", "xor", "circles", "moons", "spirals", "blobs"}


def test_import_loads_numpy_alone():
    code = "import sys, mlcore; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent, capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_training_goes_on_without_threadpoolctl():
    code = """
import sys
sys.modules["threadpoolctl"] = None
import mlcore
data = mlcore.datasets.load("xor", n=40)
for progress in mlcore.train(mlcore.Network((2, 8, 2)), data, epochs=2): pass
print(progress.epoch)
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["2"]


@pytest.mark.parametrize(
    "package, extra, use",
    [
        ("pooch", "data", lambda: mlcore.datasets.load("mnist")),
        ("PIL", "cli", lambda: mlcore.drawing.to_digit(np.zeros((9, 9), np.uint8))),
        ("PIL", "cli", lambda: mlcore.drawing.open_picture(b"")),
        ("PIL", "cli", lambda: strokes.render([[[0, 0], [1, 1]]])),
        ("onnx", "onnx", lambda: export.onnx(mlcore.Network((2, 2)), io.BytesIO())),
        ("sklearn", "sklearn", lambda: importlib.import_module("mlcore.sklearn")),
    ],
    ids=["datasets", "drawing", "pictures", "strokes", "export", "sklearn"],
)
def test_one_sentence_names_the_extra_of_a_missing_package(monkeypatch, package, extra, use):
    for name in [package, *sys.modules]:  # the parts of it that are loaded, too
        if name.split(".")[0] == package:
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "mlcore.sklearn", raising=False)
    with pytest.raises(ImportError) as caught:
        use()
    assert f"pip install '.[{extra}]'" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.py")), ids=lambda file: str(file.relative_to(FOLDER)))
def test_no_file_imports_the_app_or_its_tools(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found = {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found = {node.module.split(".")[0]}
        else:
            continue
        assert not found & {"streamlit", "streamlit_drawable_canvas", "plotly", "ui", "pages", "app"}
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300


def public():
    """(dotted name, object) of all that is public: names of the package, functions of its modules, methods of its classes."""
    for name in NAMES:
        thing = getattr(mlcore, name)
        yield name, thing
        for inner, member in vars(thing).items() if inspect.ismodule(thing) or inspect.isclass(thing) else ():
            owned = getattr(member, "__module__", "").startswith("mlcore") if not isinstance(member, property) else True
            if not inner.startswith("_") and owned and (callable(member) or isinstance(member, property)):
                yield f"{name}.{inner}", member


@pytest.mark.parametrize("name, thing", list(public()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_public_name_has_a_docstring(name, thing):
    first = (inspect.getdoc(thing) or "").split("\n")[0]
    assert len(first) > 10, name
