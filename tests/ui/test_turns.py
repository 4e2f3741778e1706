"""Six visitors who start, pause, leave, come back and stop, in any order: nobody loses a training to another, and all have their turns."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ui.training import needs, runs, turns
from ui.training.run import COMPUTING
from ui.training.spec import Spec

VISITORS = "ABCDEF"
CORES = 2
EXAMPLES = int(os.environ.get("BACKPROP_LAB_EXAMPLES", 40))
QUICK = Spec(data="xor", layers=(4,), epochs=1)


class Stub:
    """A worker without a training: it answers at once, and computes while it is told to."""

    machine = None

    def __init__(self, spec, checkpoint, hear, gone):
        self.hear, self.computing, self.left, self.alive = hear, True, self.machine.length, True
        self.machine.processes.append(self)
        self.machine.later.append(lambda: hear("status", ("running", "", 0)))

    def tell(self, number, command):
        self.machine.later.append(lambda: self._obey(number, command))

    def _obey(self, number, command):
        if not self.alive:
            return
        self.computing = command in ("resume", "one_epoch")
        answers = {"pause": "paused", "yield": "yielded", "stop": "stopped"}
        self.alive = command != "stop"
        self.hear("status", (answers.get(command, "running"), "", number))

    def hang_up(self):
        self.alive = self.computing = False


class Machine:
    """Time, processes, and what they have still to say."""

    def __init__(self, length):
        self.now, self.length, self.processes, self.later, self.visitors = 0.0, length, [], [], set(VISITORS)

    def answer(self):
        while self.later:
            self.later.pop(0)()

    def jump(self, seconds):
        """A long time at once, in which nothing is computed."""
        self.now += seconds
        for visitor in self.visitors:
            runs.seen(visitor)
        for _ in range(3):
            turns.tick()
            self.answer()
        self.holds()

    def wait(self, seconds):
        """Let time pass, in steps of half a second."""
        for _ in range(int(2 * seconds)):
            self.now += 0.5
            for process in self.processes:
                if process.alive and process.computing:
                    process.left -= 0.5
                    if process.left <= 0:
                        process.alive = process.computing = False
                        self.later.append(lambda process=process: process.hear("status", ("finished", "", 0)))
            self.answer()
            for visitor in self.visitors:
                runs.seen(visitor)
            turns.tick()
            self.answer()
            self.holds()

    def holds(self):
        computing = [run for run in turns.runs.values() if run.status in COMPUTING]
        assert len(computing) <= CORES and sum(p.computing for p in self.processes) <= CORES
        for visitor in VISITORS:
            alive = [run for run in runs.of(visitor) if not run.over]
            assert len(alive) <= 3 and sum(run in computing for run in alive) <= 1
        wanting = {run.owner for run in turns.runs.values() if run.status == "queued" or run in computing}
        assert len(computing) == min(CORES, len(wanting)), "no core is idle while somebody waits"


@pytest.fixture
def machine(monkeypatch):
    """Puts stubs in the place of processes, and a clock that stands still."""

    def make(length=12.0):
        machine = Stub.machine = Machine(length)
        monkeypatch.setattr(turns, "runs", {})
        monkeypatch.setattr(turns, "_waiting", [])
        monkeypatch.setattr(turns, "clock", lambda: machine.now)
        monkeypatch.setattr(turns, "Process", Stub)
        monkeypatch.setattr(turns, "AT_ONCE", CORES)
        monkeypatch.setattr(turns, "STOP_WITHIN", 0.0)
        monkeypatch.setattr(needs, "seconds", lambda spec: None)
        monkeypatch.setattr(runs, "_keep_time", lambda: None)
        monkeypatch.setattr(turns.changed, "wait_for", lambda condition, seconds: (machine.answer(), condition())[1])
        return machine

    return make


ACTIONS = st.tuples(
    st.sampled_from(VISITORS), st.sampled_from(["start", "start", "pause", "resume", "stop", "leave", "return"]),
    st.integers(0, 2), st.sampled_from(VISITORS),
)  # fmt: skip
PASSING = st.sampled_from([0, 0.5, 1, 4, 12, 700, 4000])


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(ACTIONS, PASSING), max_size=20))
def test_nobodys_run_is_ended_by_another_and_all_have_their_turn(machine, steps):
    machine = machine()
    for (visitor, action, which, owner), seconds in steps:
        before = {run: run.status for run in turns.runs.values() if not runs.belongs(run, visitor)}
        own = [run for run in runs.of(visitor) if not run.over]
        if action == "start":
            try:
                runs.start(QUICK, visitor)
                assert len(own) < 3
            except ValueError:
                assert len(own) == 3
        elif action in ("leave", "return"):
            (machine.visitors.discard if action == "leave" else machine.visitors.add)(visitor)
        else:
            act = getattr(runs, action)
            for run in own[which : which + 1]:
                act(run, visitor)
            for run in [run for run in runs.of(owner) if owner != visitor][which : which + 1]:
                with pytest.raises(PermissionError):
                    act(run, visitor)
        machine.answer()
        machine.holds()
        for run, status in before.items():
            allowed = {"queued": {"queued", *COMPUTING}, "starting": COMPUTING}.get(status, {status})
            assert run.status in allowed, f"{visitor}'s {action} made another's {status} run {run.status}"
        ended = {run for run in turns.runs.values() if run.over}
        (machine.wait if seconds < 100 else machine.jump)(seconds)
        for run in {run for visitor in machine.visitors for run in runs.of(visitor)} - ended:
            assert run.status != "stopped", "time ended a run of one who was there"
    machine.visitors = set(VISITORS)
    goes_on = [run for run in turns.runs.values() if run.status in ("queued", *COMPUTING)]
    machine.wait(len(goes_on) * machine.length / CORES + 60)
    assert all(run.status == "finished" for run in goes_on), "whoever waited had turns, until all was done"


def test_turns_go_round_and_the_time_that_is_said_is_the_time_that_it_takes(machine):
    machine = machine(length=60.0)
    all_of = [runs.start(QUICK, visitor) for visitor in VISITORS]
    said = {run: turns.wait(run) for run in all_of if run.status == "queued"}
    assert [turns.place(run) for run in all_of] == [0, 0, 1, 2, 3, 4]
    began = {}
    while len(began) < len(all_of):
        machine.wait(0.5)
        began |= {run: machine.now for run in all_of if run.status == "running" and run not in began}
    assert all(abs(began[run] - seconds) < 1.5 for run, seconds in said.items())
    first = all_of[0]
    assert first.shared and first.status == "queued" and turns.wait(first) < len(VISITORS) * turns.SLICE / CORES
    machine.wait(30)
    computed = [60.0 - process.left for process in machine.processes]
    assert max(computed) - min(computed) <= turns.SLICE + 0.5, "all have computed for as long"


def test_one_with_three_trainings_has_no_more_of_the_cores_than_one_with_one(machine):
    machine = machine(length=600.0)
    for visitor in "AAABCD":
        runs.start(QUICK, visitor)
    machine.wait(60)
    computed = {v: sum(600.0 - run.process.left for run in runs.of(v) if run.process) for v in "ABCD"}
    assert max(computed.values()) - min(computed.values()) <= turns.SLICE + 0.5, computed
    waiting = [run.process for run in runs.of("A")][1:]
    assert waiting == [None, None], "one's second waits until the first is over or paused, and has no process yet"


def test_the_queue_counts_visitors_and_no_more_give_way_than_wait(machine):
    machine = machine()
    for visitor in "ABCC":
        runs.start(QUICK, visitor)
    last = runs.start(QUICK, "D")
    assert turns.place(last) == 2 and turns.place(runs.of("C")[1]) == 0
    runs.stop(last, "D")
    machine.answer()
    machine.now += turns.SLICE
    for _ in range(3):  # before any answer
        turns.tick()
    assert sum(run.yields for run in turns.runs.values()) == 1
    machine.answer()
    assert runs.of("C")[0].status in COMPUTING and turns.place(runs.of("A")[0]) == 1


def test_who_is_away_is_paused_then_gives_the_process_back_and_is_told(machine):
    machine = machine(length=1e6)
    run, other = runs.start(QUICK, "A"), runs.start(QUICK, "B")
    machine.visitors = {"B"}
    machine.wait(turns.UNWATCHED + 1)
    assert run.status == "paused" and "ten minutes" in run.message and other.status == "running"
    machine.now += turns.AWAY
    runs.seen("B")
    turns.tick()
    machine.answer()
    assert run.status == "stopped" and "its network is kept" in run.message and not run.process.alive
    assert other.status == "running"
    machine.now += turns.AWAY + 1
    runs.seen("B")
    turns.tick()
    assert runs.get(run.id) is None and runs.get(other.id) is other


def test_no_more_processes_than_there_is_memory_for(machine, monkeypatch):
    machine()
    monkeypatch.setattr(runs, "MOST_MB", 3.5 * needs.megabytes(QUICK))
    begun = [runs.start(QUICK, visitor) for visitor in "ABC"]
    with pytest.raises(ValueError, match="try again in a few minutes"):
        runs.start(QUICK, "D")
    assert not any(run.over for run in begun)


def test_what_has_ended_is_forgotten_the_oldest_first_and_only_ones_own(machine):
    machine = machine(length=0.5)
    kept = runs.start(QUICK, "B")
    mine = []
    for _ in range(runs.MOST_OVER + 3):
        mine.append(runs.start(QUICK, "A"))
        machine.wait(2)
    assert runs.of("A") == mine[-runs.MOST_OVER :] and runs.of("B") == [kept]


def test_a_training_that_loads_its_data_for_long_holds_no_core_for_long(machine):
    machine = machine()
    slow = [runs.start(QUICK, visitor) for visitor in "AB"]
    machine.later.clear()  # they fetch, and say nothing
    quick = runs.start(QUICK, "C")
    for _ in range(4 * int(turns.LOADING + 1)):
        machine.now += 0.25
        turns.tick()
    assert quick.status in COMPUTING and sum(run.status == "queued" for run in slow) == 1
