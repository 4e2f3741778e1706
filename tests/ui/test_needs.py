"""What a training takes: the processors that there are, the length that is said before it starts, and the bound."""

import os

import numpy as np
import pytest

from tests.waiting import until
from ui.training import calibration, needs, process
from ui.training.cores import cores
from ui.training.spec import Spec

DEFAULT = Spec(layers=(128, 64), optimizer="sgd", learning_rate=0.1, batch_size=16, epochs=120)
V1, V2 = "2:cpuset:/a\n1:cpu,cpuacct:/a/b\n", "0::/a/b\n"


@pytest.mark.parametrize(
    "groups, files, expected",
    [
        ("", {}, 64),
        (V2, {"a/b/cpu.max": "max 100000"}, 64),
        (V2, {"a/b/cpu.max": "200000 100000\n"}, 2),
        (V2, {"a/b/cpu.max": "max 100000", "a/cpu.max": "150000 100000"}, 2),
        (V2, {"cpu.max": "300000 100000"}, 3),  # in a container, whose own group is the top
        (V2, {"a/b/cpu.max": "5000 100000"}, 1),
        (V2, {"a/b/cpu.max": "nonsense"}, 64),
        (V1, {"cpu/a/b/cpu.cfs_quota_us": "400000\n", "cpu/a/b/cpu.cfs_period_us": "100000\n"}, 4),
        (V1, {"cpu/a/b/cpu.cfs_quota_us": "-1\n", "cpu/a/b/cpu.cfs_period_us": "100000\n"}, 64),
        (V1, {"cpu/cpu.cfs_quota_us": "150000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
    ],
)
def test_a_containers_quota_is_kept_to(tmp_path, monkeypatch, groups, files, expected):
    monkeypatch.setattr(os, "process_cpu_count", lambda: 64, raising=False)
    for name, text in {"proc/self/cgroup": groups, **{f"sys/fs/cgroup/{name}": text for name, text in files.items()}}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert cores(tmp_path) == expected


def test_no_more_than_the_processors_that_this_process_may_use():
    assert 1 <= cores() <= len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count()))


@pytest.fixture(scope="module")
def speed():
    """What a calibration tells of this machine."""
    speed = needs.Speed()
    assert speed.effort(DEFAULT) is None, "a page does not wait for it"
    until(lambda: speed.effort(DEFAULT), 60)
    assert 0 < speed.beginning < 30
    return speed


@pytest.mark.parametrize("change", [{}, {"batch_size": 1}, {"optimizer": "adam", "batch_size": 64}, {"data": "xor", "layers": (16, 16)}])
def test_the_length_that_is_said_is_about_the_length_that_it_has(speed, change):
    spec = Spec(**{**DEFAULT.__dict__, **change})
    seconds = calibration.measured(spec.sizes, spec.optimizer, spec.batch, 320, epochs=2)
    assert 1 / 3 < speed.effort(spec) / seconds < 3


def test_one_that_has_run_is_known_better(speed):
    speed.learn(DEFAULT, 0.25)
    assert speed.effort(DEFAULT) == 0.25
    before, other = speed.effort(Spec()), Spec(layers=(100,))
    assert speed.effort(other) > 0 and before > 0
    for k in range(300):
        speed.learn(Spec(layers=(k + 1,)), 1e-4)
    assert speed.effort(DEFAULT) < 0.25, "of many kinds the oldest is forgotten"


def test_costs_are_told_from_times_and_none_is_less_than_nothing():
    rng = np.random.default_rng(0)
    A, costs = rng.uniform(0, 1, (30, 4)), np.array([1.0, 0.0, 2.0, 0.5])
    np.testing.assert_allclose(calibration.fitted(A, A @ costs), costs, atol=1e-9)
    assert (calibration.fitted(A, A @ [1, -0.2, 2, 0.5]) >= 0).all()


@pytest.mark.parametrize("data", ["digits", "mnist", "fashion"])
def test_the_largest_training_of_each_data_set_is_refused(monkeypatch, data):
    spec = Spec(data=data, layers=(1024, 1024, 1024, 600), optimizer="momentum", batch_size=1, epochs=1000)
    monkeypatch.setattr(needs.speed, "effort", lambda spec: 4e-9 * sum(a * b for a, b in zip(spec.sizes, spec.sizes[1:])))
    for instructor in (False, True):
        sentence = needs.too_long(spec, instructor)
        assert sentence and len(sentence) <= 200 and ("lower the epochs to" in sentence or "fewer or smaller layers" in sentence)


def test_the_instructors_may_be_longer_and_the_epochs_that_are_named_are_allowed(monkeypatch):
    monkeypatch.setattr(needs.speed, "effort", lambda spec: 0.01)
    spec = Spec(epochs=100)  # 4,000 s
    assert needs.too_long(spec) == "This training would take 67 min of computing, but at most 30 min are allowed; lower the epochs to 45."
    assert needs.too_long(Spec(epochs=45)) is None and needs.too_long(spec, instructor=True) is None
    monkeypatch.setattr(needs.speed, "effort", lambda spec: None)
    assert needs.too_long(spec) is None and needs.seconds(spec) is None


def test_how_long_is_said_in_words():
    said = [needs.duration(s) for s in (0.2, 4.4, 13, 44, 99, 130, 7200)]
    assert said == ["a second", "4 s", "15 s", "40 s", "100 s", "2 min", "2 h"]


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="only Linux tells what a process holds alone")
@pytest.mark.parametrize("layers", [(8,), (1024, 512)])
def test_the_memory_of_a_process_is_about_what_is_reckoned_with(layers):
    frames = []
    spec = Spec(layers=layers, optimizer="adam", batch_size=256, epochs=1000)
    worker = process.Process(spec, None, lambda *frame: frames.append(frame), lambda: None)
    until(lambda: any(kind == "weights" and k > 8 for k, (kind, _) in enumerate(frames)), 40)
    with open(f"/proc/{worker.pid}/smaps_rollup") as file:
        private = sum(int(line.split()[1]) for line in file if line.startswith("Private_")) / 1024
    worker.hang_up()
    assert worker.wait(5) == 0
    assert 0.5 * private < needs.megabytes(spec) < 2 * private
