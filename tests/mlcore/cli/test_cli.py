"""The command line: what it prints, what it saves, how it ends; in this process where that says as much, else in one of its own."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import mlcore
from mlcore import pictures
from mlcore.cli import parser
from tests.mlcore.cli.commandline import QUICK, started


def drawing(path, k=0, mode="L"):
    """A digit of the embedded ones as a picture of 200 × 200, dark on light; its label."""
    data = mlcore.datasets.load("digits")
    picture = Image.fromarray(255 - data.X_test[k].reshape(28, 28)).resize((200, 200), Image.Resampling.BICUBIC).convert(mode)
    picture.save(path)
    return int(data.y_test[k])


def test_without_a_net_one_line_says_what_to_do(run, monkeypatch):
    pytest.importorskip("pooch")
    monkeypatch.setattr(mlcore.fetching, "MIRRORS", {"mnist": ("http://127.0.0.1:1/", "http://127.0.0.1:2/")})
    monkeypatch.setenv(mlcore.fetching.CACHE, "cache")
    code, out, error = run("train", "--data", "mnist")
    assert (code, out, len(error)) == (2, [], 1)
    assert "connect to the internet" in error[0]


def test_train_says_each_epoch_and_saves_a_network_that_goes_on(run, tmp_path):
    code, out, error = run(*QUICK, "--out", "moons.npz")
    assert (code, error) == (0, [])
    assert [line.split()[:2] for line in out[1:4]] == [["epoch", "1"], ["epoch", "2"], ["epoch", "3"]]
    assert out[-1] == "finished; saved as moons.npz"
    net = mlcore.load(tmp_path / "moons.npz")
    assert (net.sizes, net.info["data"]) == ((2, 4, 2), "moons")
    data = mlcore.datasets.load("moons")
    assert f"{100 * mlcore.evaluate(net, data.X_test, data.y_test).accuracy:.2f}% right" in out[3]
    assert run("train", "--data", "moons", "--start", "moons.npz", "--epochs", "2", "-o", "more.npz")[0] == 0
    assert mlcore.load(tmp_path / "more.npz").sizes == (2, 4, 2)


def test_train_is_mlcore_train(run, tmp_path):
    words = ("--activation", "tanh", "--optimizer", "adam", "--learning-rate", "0.01", "--l2", "0.001", "--seed", "7", "--dtype", "float64")
    run("train", "--data", "xor", "--hidden", "5,3", "--epochs", "4", "--batch-size", "all", "--output", "sigmoid", *words, "-o", "a.npz")
    net = mlcore.Network((2, 5, 3, 1), "tanh", "sigmoid", 7, "float64")
    for _ in mlcore.train(net, mlcore.datasets.load("xor", seed=7), mlcore.Adam(0.01), None, 4, 0.001, seed=7):
        pass
    assert all(np.array_equal(a.theta, b.theta) for a, b in zip(net.layers, mlcore.load(tmp_path / "a.npz").layers))


def test_json_is_a_line_for_each_epoch_and_nothing_else(run):
    code, out, error = run(*QUICK, "--json")
    assert (code, error) == (0, [])
    *epochs, end = map(json.loads, out)
    assert [one["epoch"] for one in epochs] == [1, 2, 3]
    assert set(epochs[0]) == {"epoch", "updates", "loss", "accuracy", "test_loss", "test_accuracy"}
    assert (end["status"], end["file"]) == ("finished", None)


def test_a_divergence_has_its_own_exit_code_and_keeps_a_finite_network(run, tmp_path):
    code, out, _ = run(*QUICK, "--learning-rate", "1e12", "--out", "kept.npz")
    assert code == 3
    assert "diverged" in out[-1] and "smaller --learning-rate" in out[-1] and "kept.npz" in out[-1]
    assert all(np.isfinite(layer.theta).all() for layer in mlcore.load(tmp_path / "kept.npz").layers)


def test_what_did_not_finish_claims_no_accuracy(run, tmp_path):
    assert run(*QUICK, "--out", "first.npz")[0] == 0
    assert mlcore.load(tmp_path / "first.npz").info["test_accuracy"] > 0
    code, _, _ = run("train", "--data", "moons", "--start", "first.npz", "--learning-rate", "1e12", "--epochs", "2", "--out", "second.npz")
    assert code == 3 and "test_accuracy" not in mlcore.load(tmp_path / "second.npz").info


def test_evaluate_says_what_evaluate_says(run):
    data = mlcore.datasets.load("digits")
    expected = mlcore.evaluate(mlcore.models.load("softmax"), data.X_test, data.y_test)
    code, out, _ = run("evaluate", "softmax", "--json")
    said = json.loads(out[0])
    assert code == 0 and len(out) == 1
    assert (said["n"], said["accuracy"], said["calibration_error"]) == (1000, expected.accuracy, expected.calibration_error)
    assert said["confusion"] == expected.confusion.tolist()
    assert [tuple(one) for one in said["confused"]] == expected.confused()
    _, out, _ = run("evaluate", "softmax", "--confusion")
    assert f"{expected.accuracy:.2%}" in out[1]
    assert [int(n) for n in out[-1].split()] == [9, *expected.confusion[9]]


def test_evaluate_draws_strokes_of_chosen_writers(run, tmp_path):
    one, seven = [[[5, 0], [5, 10]]], [[[0, 0], [10, 0], [4, 10]]]
    items = [{"label": 1, "writer": "a", "strokes": one}, {"label": 7, "writer": "b", "strokes": seven}] * 3
    (tmp_path / "pen.json").write_text(json.dumps(items))
    said = json.loads(run("evaluate", "mlp", "--strokes", "pen.json", "--writers", "b", "--times", "2", "--json")[1][0])
    assert said["n"] == 6
    assert sum(said["confusion"][7]) == 6
    assert run("evaluate", "--strokes", "pen.json", "--writers", "a,z")[2] == ["mlcore evaluate: pen.json has no writer z"]


@pytest.mark.parametrize("name, mode", [
    ("a.png", "L"), ("a.jpg", "RGB"), ("a.png", "RGBA"), ("a.png", "1"), ("a.png", "I;16"), ("a.png", "P"),
])
def test_predict_reads_pictures(run, tmp_path, name, mode):
    label = drawing(tmp_path / name, mode="L" if mode == "I;16" else mode)
    if mode == "I;16":
        grey = np.asarray(Image.open(tmp_path / name)).astype(np.uint16) * 257
        Image.fromarray(grey).save(tmp_path / name)
    code, out, error = run("predict", name, "--json")
    said = json.loads(out[0])
    assert (code, error, said["digit"]) == (0, [], label)
    assert sum(said["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert re.fullmatch(rf"{re.escape(name)}: {label}   \({label}: [\d.]+%, \d: [\d.]+%, \d: [\d.]+%\)", run("predict", name)[1][0])


def test_predict_turns_a_photo_upright(run, tmp_path):
    label = drawing(tmp_path / "upright.jpg", 4, "RGB")
    turned, exif = Image.open(tmp_path / "upright.jpg").rotate(90, expand=True), Image.Exif()
    exif[0x0112] = 6  # to be shown turned a quarter to the right
    turned.save(tmp_path / "turned.jpg", exif=exif)
    assert json.loads(run("predict", "turned.jpg", "--json")[1][0])["digit"] == label


def test_predict_answers_the_others_when_one_cannot_be_read(run, tmp_path):
    label = drawing(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n not really")
    Image.new("L", (50, 50), 255).save(tmp_path / "empty.png")
    code, out, error = run("predict", "bad.png", "absent.png", "good.png", "empty.png")
    assert code == 1
    assert error == [
        "mlcore predict: bad.png: this is not a picture that can be read: it is damaged or cut short",
        "mlcore predict: absent.png: there is no such file",
    ]
    assert out[0].startswith(f"good.png: {label} ") and out[1] == "empty.png: there is no ink in it"


def test_predict_reads_the_standard_input(tmp_path):
    label = drawing(tmp_path / "a.png")
    with open(tmp_path / "a.png", "rb") as file:
        out, error = started("predict", "-", "--json", stdin=file).communicate(timeout=20)
    assert (json.loads(out)["digit"], error) == (label, "")


def test_check_compares_gradients(run):
    code, out, _ = run("check", "softmax", "--l2", "0.1", "--entries", "60", "--json")
    said = json.loads(out[0])
    assert code == 0 and said["ok"] and said["entries"] >= 60 and said["worst"]["error"] < 1e-6
    code, out, _ = run("check", "softmax", "--entries", "60")
    assert code == 0 and "entries agree" in out[0]


def test_check_ends_with_1_where_a_gradient_is_wrong(run, monkeypatch):
    average = mlcore.backprop.average
    monkeypatch.setattr(mlcore.backprop, "average", lambda *given: 1.001 * average(*given))
    code, out, _ = run("check", "softmax", "--entries", "60")
    assert code == 1 and "do NOT agree" in out[0]


def test_predict_refuses_a_picture_by_its_size_and_a_pipe_at_once(run, tmp_path, monkeypatch):
    drawing(tmp_path / "large.png")
    os.mkfifo(tmp_path / "pipe") if hasattr(os, "mkfifo") else (tmp_path / "pipe").mkdir()
    monkeypatch.setattr(pictures, "MOST_PIXELS", 30_000)
    code, out, error = run("predict", "large.png", "pipe")
    begins = "this is not a picture that can be read: it"
    assert (code, out) == (1, []) and error == [
        f"mlcore predict: large.png: {begins} has 200 × 200 pixels, but at most 30,000 are read; make it smaller",
        f"mlcore predict: pipe: {begins} is a folder, a pipe or a device, expected a file",
    ]


def on_a_terminal(*words, **named):
    """The output of a command whose error stream is a terminal, and what that shows."""
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    mine, its = pty.openpty()
    termios.tcsetwinsize(its, (24, 80))
    process = started(*words, stderr=its, **named)
    os.close(its)
    shown = b""
    while True:
        try:
            if not (more := os.read(mine, 4096)):
                break
        except OSError:  # the other end is closed
            break
        shown += more
    os.close(mine)
    out = process.communicate(timeout=20)[0]
    assert process.returncode == 0, shown
    return out.splitlines(), shown.decode()


def test_what_takes_long_has_a_bar(tmp_path):
    label = drawing(tmp_path / "a.png")
    out, shown = on_a_terminal("predict", tmp_path / "a.png", tmp_path / "a.png", "--json")
    assert [json.loads(line)["digit"] for line in out] == [label] * 2
    assert "reading" in shown and "left" in shown
    (tmp_path / "pen.json").write_text(json.dumps([{"label": 1, "strokes": [[[5, 0], [5, 10]]]}] * 20))
    out, shown = on_a_terminal("evaluate", "softmax", "--strokes", tmp_path / "pen.json", "--times", "2", "--json")
    assert json.loads(out[0])["n"] == 40
    assert "drawing" in shown and "left" in shown


@pytest.mark.parametrize("file", ["net.onnx", "net.npz", "net.py"])
def test_export_writes_by_the_ending(run, tmp_path, file):
    if file.endswith("onnx"):
        pytest.importorskip("onnx")
    code, out, _ = run("export", "softmax", file)
    assert code == 0 and file in out[0]
    size = (tmp_path / file).stat().st_size
    assert size > 10_000
    code, out, _ = run("export", "softmax", file, "--force", "--json")
    assert (code, len(out)) == (0, 1)
    assert json.loads(out[0]) == {"network": "softmax", "file": file, "kind": file[4:], "bytes": size}


@pytest.mark.parametrize("words, says", [
    ((), "required"),
    (("fly",), "fly"),
    (("train", "--epochs", "few"), "few"),
    (("train", "--hidden", "12;3"), "12;3"),
    (("train", "--hidden", "0,5"), "a layer's size is 0"),
    (("train", "--hidden", "1000000000000"), "a layer's size is 1000000000000, expected 1 … 4096"),
    (("train", "--batch-size", "0"), "batch_size is 0"),
    (("train", "--learning-rate", "-1"), "learning_rate is -1"),
    (("train", "--optimizer", "adam", "--momentum", "0.5"), "--momentum"),
    (("train", "--start", "mlp", "--hidden", "5"), "--start"),
    (("train", "--start", "mlp", "--data", "moons"), "2 features"),
    (("train", "--data", "mnist", "--folder", "nowhere"), "nowhere"),
    (("train", "--folder", "."), "--folder belongs to mnist and fashion; leave it out with digits"),
    (("train", "--data", "moons", "--folder", "."), "--folder"),
    (("evaluate", "--points", "400"), "--points and --noise belong to xor, circles, moons, spirals, blobs"),
    (("check", "--noise", "0"), "--noise"),
    (("evaluate", "--strokes", "there.npz", "--points", "9"), "--strokes"),
    (("train", "--out", "no/such/net.npz"), "no folder no/such"),
    (("train", "--out", "."), "is a folder"),
    (("train", "--out", os.devnull, "--force"), "a device"),
    (("train", "--out", "there.npz"), "--force"),
    (("evaluate", "absent.npz"), "absent.npz"),
    (("evaluate", "there.npz"), "not a network file"),
    (("evaluate", "mlp", "--data", "blobs"), "784"),
    (("evaluate", "--writers", "a"), "--strokes"),
    (("evaluate", "--strokes", "absent.json"), "absent.json"),
    (("evaluate", "--strokes", "there.npz"), "there.npz: this is not a file of pen strokes"),
    (("predict",), "required"),
    (("predict", "--net", "absent", "a.png"), "absent"),
    (("check", "--entries", "-1"), "--entries"),
    (("check", "mlp", "--instances", "0"), "--instances"),
    (("export", "mlp", "net.txt"), "ends with '.txt'"),
    (("export", "mlp", "x"), "x has no ending, expected .onnx, .npz, .py"),
    (("export", "mlp", "there.npz"), "--force"),
])
def test_bad_input_is_refused_in_one_line(run, tmp_path, words, says):
    (tmp_path / "there.npz").write_bytes(b"not ours")
    code, out, error = run(*words)
    assert (code, out, len(error)) == (2, [], 1), error
    assert error[0].startswith("mlcore") and says in error[0]
    assert (tmp_path / "there.npz").read_bytes() == b"not ours"


@pytest.mark.parametrize("command", list(parser.DESCRIPTIONS))
def test_each_command_explains_itself(run, command):
    code, out, _ = run(command, "--help")
    text = "\n".join(out)
    assert code == 0
    assert f"python -m mlcore {command}" in text and "exit codes" in text
    assert all(re.search(rf"{option}\b.*?\S", text) for option in re.findall(r"\[(--[\w-]+)", text))


def test_a_terminal_that_knows_no_greek_does_not_matter():
    environment = os.environ | {"PYTHONPATH": os.getcwd(), "PYTHONIOENCODING": "ascii"}
    process = started("train", "--help", env=environment)
    out, error = process.communicate(timeout=20)
    assert (process.returncode, error) == (0, "") and "--l2" in out


def test_version(run):
    assert re.match(r"mlcore \S+", run("--version")[1][0])


def test_it_loads_only_what_it_needs():
    """A command line that only prints its help loads neither scikit-learn nor onnx, pillow or pooch."""
    code = "import sys, mlcore.cli.parser; print([name for name in ('sklearn', 'onnx', 'PIL', 'pooch', 'tqdm') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
