"""What a training run has to say, in words: where it stands, what went wrong, what to try."""

import functools
import math

import mlcore
from ui import runs

NUMBERS = {1: "One training runs", 2: "Two trainings run", 3: "Three trainings run", 4: "Four trainings run"}
CLASSES = {"digits": 10, "mnist": 10, "fashion": 10, "blobs": 3}
NEAR_GUESSING = 0.8


def moving(run):
    """Whether something will happen without anybody's doing."""
    return run is not None and not run.over and run.status != "paused"


def guessing(spec):
    """The loss of always answering with equal probabilities, and its name."""
    c = CLASSES.get(spec.data, 2)
    if spec.output == "softmax" or c == 2:
        return math.log(c), f"guessing: ln {c}"
    value = math.log(c) - (c - 1) * math.log(1 - 1 / c)
    return value, f"guessing: {value:.2f}"


def noun(spec):
    return {"digits": "digits", "mnist": "digits", "fashion": "pictures"}.get(spec.data, "points")


def axis(spec, n):
    """The title of the epochs' axis: what an epoch and an update are. n is the size of the training set, None while unknown."""
    things = noun(spec)
    if n is None:
        return f"epochs; in one, each of the training {things} is met once"
    size = min(spec.batch_size or n, n)
    updates = -(-n // size)
    if updates == 1:
        return f"epochs; one epoch = 1 update with all {n:,} {things}"
    return f"epochs; one epoch = {updates:,} updates of {size} {things if size > 1 else things[:-1]} each"


def standing(run):
    """Share done, 0 to 1, and a line: epoch, updates, speed, time left."""
    if run.last is None:
        return 0.0, "No update yet"
    parts = [f"Epoch {run.fraction:.3g} of {run.spec.epochs}", f"{run.last.updates:,} updates"]
    if run.rate:
        parts.append(f"{float(f'{run.rate:.2g}'):,.0f} {noun(run.spec)} a second")
    if not run.over and run.time_left is not None:
        parts.append(f"{_duration(run.time_left)} left")
    return min(1.0, run.fraction / run.spec.epochs), " · ".join(parts)


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def state(run):
    """Where the run is in its life, in a sentence or two."""
    if run.place:
        return f"{NUMBERS.get(runs.AT_ONCE, f'{runs.AT_ONCE} trainings run')} already; this one is number {run.place} in the queue."
    return {
        "starting": "Starting: the data are being loaded.",
        "paused": run.message or "Paused. Resume goes on where it stands; One epoch takes one more.",
        "running": "Training; it goes on while you look at other pages.",
        "finished": "Finished.",
        "diverged": "Diverged.",
        "stopped": run.message or "Stopped.",
    }.get(run.status, "")


def troubles(run):
    """What went wrong and what to try: (kind, sentences), kind "error" or "warning"."""
    rate = run.spec.learning_rate
    if run.status == "failed":
        yield "error", f"The training failed. {run.message}"
    elif run.status == "diverged":
        loss = f"{run.last.loss:.3g}" if math.isfinite(run.last.loss) else "infinite"
        kept = "its last sound weights are kept" if worth(run) else "nothing was learned"
        yield "warning", (
            f"It diverged: at a learning rate of {rate:g} each step goes too far, and the loss became {loss}; {kept}. "
            f"Try a tenth, {rate / 10:g}."
        )
    elif run.dead and run.last and run.last.loss > NEAR_GUESSING * guessing(run.spec)[0]:
        which = f"Hidden layer {run.dead[0]} is" if len(run.dead) == 1 else f"Hidden layers {', '.join(map(str, run.dead))} are"
        yield "warning", (
            f"{which} dead: every unit is 0 for every instance tried, so no gradient passes and the loss stays near that of guessing. "
            f"Try a smaller learning rate ({rate / 10:g}), another seed, or tanh."
        )


def worth(run):
    """Whether there is a network that has learned anything."""
    return run.last is not None and run.last.updates > 0 and not (run.last.diverged and run.last.epoch == 0)


@functools.lru_cache(16)
def points(data, n, noise, seed):
    """A set in the plane, as the run with these settings sees it."""
    return mlcore.datasets.load(data, n=n, noise=noise, seed=seed)
