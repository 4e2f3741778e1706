"""The network of a training on disk: there as of the last finished epoch however the training, or the server, ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mlcore
from tests.waiting import until
from ui.training import runs
from ui.training.checkpoint import Checkpoint
from ui.training.spec import Spec

ROOT = Path(__file__).parents[2]
SPEC = Spec(data="moons", layers=(6,), epochs=4, seed=3)
SERVER = """
import sys, time
from ui.training import runs, turns
from ui.training.spec import Spec
turns.SLICE = 0.1
small = Spec(data="xor", layers=(8,), batch_size=16, epochs=20_000)
*paths, last = sys.argv[1:]
trained = [runs.start(small, f"owner {path}", checkpoint=path) for path in paths]
large = runs.start(Spec(data="digits", layers=(1024, 512), batch_size=1, epochs=1), "another owner", checkpoint=last)
end = time.monotonic() + 60
while not (all(run.fraction > 1 for run in trained) and large.instances):
    assert time.monotonic() < end
    time.sleep(0.01)
print(*(run.last.epoch for run in trained), flush=True)
if sys.stdin.readline():
    sys.exit()
"""


def ended(run, seconds=20):
    until(lambda: run.over, seconds)
    assert run.process.wait(5) == 0
    return run


@pytest.mark.parametrize("change, status", [({}, "finished"), ({"learning_rate": 1e6, "data": "blobs"}, "diverged")])
def test_it_holds_the_network_at_the_end_and_what_there_is_to_say(tmp_path, change, status):
    path = tmp_path / "net.npz"
    run = ended(runs.start(Spec(**{**SPEC.__dict__, **change}), "owner", checkpoint=path))
    assert run.status == status
    if status == "diverged" and run.last.epoch == 0:
        assert not path.exists(), "nothing was learned"
        return
    saved, kept = mlcore.load(path), run.network()
    assert all(np.array_equal(a.theta, b.theta) for a, b in zip(saved.layers, kept.layers))
    assert (saved.info["epoch"], saved.info["epochs"], saved.info["ended"]) == (4, 4, "finished")
    assert {key: saved.info[key] for key in ("name", "data", "recipe", "test_accuracy", "n", "seed")} == {
        key: kept.info[key] for key in ("name", "data", "recipe", "test_accuracy", "n", "seed")
    }


@pytest.mark.parametrize("how, trainings", [("killed", 6), ("ended in order", 2)])
def test_the_server_ends_and_leaves_the_last_finished_epoch_and_no_process(tmp_path, how, trainings):
    paths = [tmp_path / f"{k}.npz" for k in range(trainings)]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, *map(str, paths)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    epochs = [*map(int, server.stdout.readline().split())]
    if how == "killed":
        server.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    else:
        server.stdin.write(b"go\n")
    *_, errors = server.communicate(timeout=20)  # whose end every process that it started holds: until the last of them is gone
    assert not errors
    for path, epoch in zip(paths, epochs):
        info = mlcore.load(path).info
        assert info["epoch"] >= epoch and info["ended"] == ""
    assert sorted(tmp_path.iterdir()) == paths[:-1], "of the last no epoch was finished, and no part of a file lies there"


def test_a_pause_writes_the_middle_of_an_epoch(tmp_path):
    path = tmp_path / "net.npz"
    run = runs.start(Spec(data="digits", layers=(512, 512), batch_size=1, epochs=3), "owner", checkpoint=path)
    until(lambda: run.fraction)
    runs.pause(run, "owner")
    until(path.exists)
    assert 0 < mlcore.load(path).info["epoch"] < 1
    runs.stop(run, "owner")


def test_no_folder_and_weights_that_are_not_finite_end_no_training(tmp_path):
    run = ended(runs.start(SPEC, "owner", checkpoint=tmp_path / "no such folder" / "net.npz"))
    assert run.status == "finished"
    checkpoint, net = Checkpoint(tmp_path / "net.npz", SPEC), mlcore.Network((2, 3, 2))
    checkpoint.write(net, 1.0)
    broken = net.copy()
    broken.layers[0].theta[...] = np.nan
    checkpoint.write(broken, 2.0)
    checkpoint.leave()
    assert mlcore.load(tmp_path / "net.npz").info["epoch"] == 1


def test_writing_takes_little_of_the_time(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(mlcore, "save", lambda net, path: written.append(net.info["epoch"]))
    checkpoint, net = Checkpoint(tmp_path / "net.npz", SPEC), mlcore.Network((2, 3, 2))
    for epoch in range(1, 50):
        checkpoint.epoch_end(net, mlcore.training.Progress(epoch, epoch, 0, True, 1.0, 0.5))
    checkpoint.leave()
    assert written == [1, 49]
