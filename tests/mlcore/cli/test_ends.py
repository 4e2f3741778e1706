"""How a training on the command line ends before its time: whatever comes, what has been learned is saved."""

import json
import os
import signal
import subprocess
import sys

import pytest

import mlcore
from tests.mlcore.cli.commandline import QUICK, started


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_training_saves_what_there_is(number, tmp_path):
    out = tmp_path / "net.npz"
    process = started("train", "--hidden", "16", "--epochs", "100000", "--json", "--out", out)
    assert json.loads(process.stdout.readline())["epoch"] == 1
    process.send_signal(number)
    *_, end = process.communicate(timeout=20)[0].splitlines()
    assert (process.returncode, json.loads(end)["status"]) == (130, "interrupted")
    assert mlcore.load(out).sizes == (784, 16, 10)


def test_a_disk_that_fills_up_during_the_training_loses_nothing(run, monkeypatch):
    save = mlcore.files.save

    def full(net, file):
        if file == "net.npz":
            raise OSError(28, "No space left on device")
        save(net, file)

    monkeypatch.setattr(mlcore.files, "save", full)
    code, out, error = run(*QUICK, "--out", "net.npz", "--json")
    elsewhere = json.loads(out[-1])["file"]
    assert (code, error) == (0, ["mlcore train: net.npz could not be written (No space left on device)"])
    assert mlcore.load(elsewhere).sizes == (2, 4, 2)
    os.unlink(elsewhere)


def test_a_reader_who_has_had_enough_ends_the_training_quietly_but_not_as_if_it_were_done():
    process = started("train", "--data", "blobs", "--epochs", "100000", "--json")
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=20) == 130


def test_a_reader_who_has_left_does_not_cost_the_network(tmp_path):
    out = tmp_path / "net.npz"
    process = started("train", "--data", "blobs", "--epochs", "100000", "--out", out)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read().splitlines() == [f"mlcore train: interrupted; saved as {out}"]
    assert process.wait(timeout=20) == 130
    assert mlcore.load(out).sizes == (2, 128, 3)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_an_output_on_a_full_disk_does_not_cost_the_network(tmp_path):
    out = tmp_path / "net.npz"
    with open("/dev/full", "w") as full:
        process = started(*QUICK, "--out", out, stdout=full)
        error = process.communicate(timeout=20)[1].splitlines()
    assert process.returncode == 130
    assert error[0].startswith("mlcore train: the output cannot be written (")
    assert error[1:] == [f"mlcore train: interrupted; saved as {out}"]
    assert mlcore.load(out).sizes == (2, 4, 2)
    with open("/dev/full", "w") as full:
        process = started("check", "softmax", "--entries", "20", stdout=full)
        assert process.communicate(timeout=20)[1] == "mlcore check: No space left on device\n"
    assert process.returncode == 2


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_output_does_not_cost_the_network(tmp_path, closed):
    out = tmp_path / "net.npz"
    command = f'exec "{sys.executable}" -m mlcore {" ".join(QUICK)} --out "{out}" {closed}'
    run = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=20, env=os.environ | {"PYTHONPATH": os.getcwd()})
    assert (run.returncode, run.stderr) == (0, "")
    assert bool(run.stdout) == (closed == "2>&-")
    assert mlcore.load(out).sizes == (2, 4, 2)


@pytest.mark.parametrize("hidden, words", [
    ("168000", "a layer's size is 168000, expected 1 … 4096"), ("4096,4096", "20,037,642 parameters, more than 4,000,000"),
    (",".join("9" * 10), "here are 11 layers of weights, more than 10"), ("9" * 40, "expected 1 … 4096"),
])
def test_a_network_larger_than_may_be_kept_is_refused_before_it_is_made(run, hidden, words):
    code, out, [error] = run("train", "--hidden", hidden, "--epochs", "1")
    assert (code, out) == (2, []) and error.startswith("mlcore train: ") and words in error and len(error) < 200


def test_ctrl_c_before_a_command_has_begun_is_no_traceback(tmp_path):
    (tmp_path / "argparse.py").write_text("raise KeyboardInterrupt")
    process = started("train", env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.getcwd()])})
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 130


def test_one_signal_while_the_network_is_being_written_does_not_cost_it(run, tmp_path, monkeypatch):
    save = mlcore.files.save

    def interrupted(net, file):
        os.kill(os.getpid(), signal.SIGINT)
        save(net, file)

    monkeypatch.setattr(mlcore.files, "save", interrupted)
    code, out, _ = run(*QUICK, "--out", "net.npz")
    assert (code, out[-1]) == (0, "finished; saved as net.npz")
    assert mlcore.load(tmp_path / "net.npz").sizes == (2, 4, 2)
