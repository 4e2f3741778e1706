"""What `pip install .` puts into another Python: mlcore with NumPy alone, and the app in one folder of its own."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DEVELOPMENT = "is not installed: pip install -r requirements-dev.txt"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]


def run(*command, **options):
    """Run to the end → what it prints, the error stream included."""
    options = {"check": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 60} | options
    try:
        return subprocess.run(command, **options).stdout
    except subprocess.CalledProcessError as error:
        pytest.fail(f"{' '.join(map(str, command))}: {error.stdout}")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling", reason=f"hatchling {DEVELOPMENT}")
    folder = tmp_path_factory.mktemp("wheel")
    before = set(os.listdir(ROOT))
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, ROOT)
    assert not [name for name in set(os.listdir(ROOT)) - before if name in ("build", "dist") or name.endswith(".egg-info")]
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {*archive.namelist()}


@pytest.fixture(scope="module")
def clean(wheel, tmp_path_factory):
    """The Python of an environment that holds NumPy and the wheel; installed without an index, so that nothing else could be needed."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, symlinks=os.name != "nt")
    python = next(path for path in (folder / "bin/python", folder / "Scripts/python.exe") if path.exists())
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    numpy = importlib.metadata.distribution("numpy")
    for name in {file.parts[0] for file in numpy.files} - {".."}:
        shutil.copytree(numpy.locate_file(name), packages / name, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    run(*PIP, "--python", python, "install", "--no-index", wheel)
    return python


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with the wheel unpacked as pip does, for the packages of this Python to run."""
    folder = tmp_path_factory.mktemp("installed")
    run(*PIP, "install", "--no-index", "--no-deps", "--target", folder, wheel)
    return folder


def test_the_wheel_holds_the_library_and_the_app_and_nothing_else(files):
    assert {name.split("/")[0] for name in files} == {"mlcore", "backprop_lab", "backprop_lab-0.1.0.dist-info"}
    assert not [name for name in files if "test" in name or name.endswith(".pyc")]
    source = {path.relative_to(ROOT).as_posix() for folder in ("ui", "pages", "mlcore") for path in (ROOT / folder).rglob("*.*")}
    source = {path for path in source if "__pycache__" not in path} | {"app.py", ".streamlit/config.toml"}
    packed = {name if name.startswith("mlcore/") else f"backprop_lab/{name}" for name in source}
    assert packed == {name for name in files if "dist-info" not in name} - {"backprop_lab/__init__.py"}
    assert {"mlcore/py.typed", "mlcore/data/digits.npz", "mlcore/models/mlp.npz", "mlcore/models/softmax.npz"} <= files
    assert {"backprop_lab-0.1.0.dist-info/licenses/LICENSE", "backprop_lab-0.1.0.dist-info/licenses/NOTICE"} <= files


def test_numpy_is_the_only_hard_dependency(wheel):
    with zipfile.ZipFile(wheel) as archive:
        about = HeaderParser().parsestr(archive.read("backprop_lab-0.1.0.dist-info/METADATA").decode())
    assert [needed for needed in about.get_all("Requires-Dist") if "extra ==" not in needed] == ["numpy<3,>=2.0"]
    assert {*about.get_all("Provides-Extra")} == {"app", "cli", "data", "dev", "onnx", "sklearn"}


def test_a_clean_python_reads_digits_with_both_networks(clean, tmp_path):
    code = """
import importlib.util, sys
import mlcore
assert "site-packages" in mlcore.__file__, mlcore.__file__
data = mlcore.datasets.load("digits")
for name in ("mlp", "softmax"):
    print((mlcore.models.load(name).predict(data.X_test) == data.y_test).mean())
assert "streamlit" not in sys.modules
assert not [name for name in ("ui", "pages", "app", "streamlit", "PIL", "tests") if importlib.util.find_spec(name)]
"""
    mlp, softmax = map(float, run(clean, "-I", "-c", code, cwd=tmp_path).split())
    assert mlp > 0.97 and softmax > 0.85


def test_the_command_without_streamlit_names_the_extra(clean, tmp_path):
    command = next(clean.parent.glob("backprop-lab*"))
    said = run(command, cwd=tmp_path, check=False)
    assert said.strip() == "The app needs Streamlit and what it draws with: pip install '.[app]' in the project's folder"


def test_the_command_serves_the_packaged_app_in_its_theme(installed, tmp_path):
    pytest.importorskip("streamlit", reason=f"streamlit {DEVELOPMENT}")
    code = """
import sys
from streamlit import config
from streamlit.web import bootstrap
options = ("theme.headingFont", "theme.light.primaryColor", "server.port")
bootstrap.run_asgi_app = lambda script, *rest: print(script, *map(config.get_option, options))
import backprop_lab
sys.argv = ["backprop-lab", "--server.port", "8765"]
backprop_lab.main()
"""
    said = run(sys.executable, "-c", code, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(installed)})
    assert said.split() == [str((installed / "backprop_lab/app.py").resolve()), "serif", "#0f766e", "8765"]


def test_a_training_runs_in_the_packaged_app(installed, tmp_path):
    pytest.importorskip("streamlit", reason=f"streamlit {DEVELOPMENT}")
    code = """
import time
import mlcore
from ui.training import runs
from ui.training.spec import Spec
run = runs.start(Spec(data="xor", n=50, epochs=3), "a token")
end = time.monotonic() + 30
while not run.over and time.monotonic() < end:
    time.sleep(0.05)
print(runs.__file__, mlcore.__file__, run.status, run.last.epoch)
"""
    env = os.environ | {"PYTHONPATH": f"{installed / 'backprop_lab'}{os.pathsep}{installed}"}
    runs_file, mlcore_file, status, epoch = run(sys.executable, "-c", code, cwd=tmp_path, env=env).split()
    assert runs_file.startswith(str(installed)) and mlcore_file.startswith(str(installed)) and (status, epoch) == ("finished", "3")


def test_the_app_is_drawn_from_the_package(installed, tmp_path):
    pytest.importorskip("streamlit", reason=f"streamlit {DEVELOPMENT}")
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[1] + "/ui/navigation.py", default_timeout=30).run()
print([error.value for error in app.exception], sys.modules["ui"].__file__)
"""
    env = os.environ | {"PYTHONPATH": str(installed)}
    said = run(sys.executable, "-c", code, str(installed / "backprop_lab"), cwd=tmp_path, env=env).splitlines()[-1]
    assert said == f"[] {installed / 'backprop_lab/ui/__init__.py'}"
