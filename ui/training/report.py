"""What a training run has to say, in words: where it stands, what went wrong, what to try."""

import functools
import math

import numpy as np

import mlcore
from ui.figures import curves, matrices
from ui.numbers import plain
from ui.text import one_line, verbatim
from ui.training import needs, turns

NEAR_GUESSING = 0.8
EXAMPLES = 72


def moving(run):
    """Whether something will happen without anybody's doing."""
    return run is not None and not run.over and run.status != "paused"


def guessing(spec):
    """The loss of always answering with equal probabilities, and its name."""
    c = spec.classes
    value = mlcore.activations.loss_of_guessing(spec.output, c)
    return value, f"guessing: ln {c}" if spec.output == "softmax" or c == 2 else f"guessing: {value:.2f}"


def noun(spec):
    return {"digits": "digits", "mnist": "digits", "fashion": "pictures"}.get(spec.data, "points")


def axis(spec):
    """The title of the epochs' axis: what an epoch and an update are."""
    (n, _), size, things = spec.instances, spec.batch, noun(spec)
    updates = -(-n // size)
    if updates == 1:
        return f"epochs; one epoch = 1 update with all {n:,} {things}"
    return f"epochs; one epoch = {updates:,} updates of {size} {things if size > 1 else things[:-1]} each"


def standing(run):
    """Share done, 0 to 1, and where that is."""
    if run.last is None:
        return 0.0, "No update yet"
    left = f" · {needs.duration(run.time_left * turns.crowd())} left" if run.time_left is not None and not run.over else ""
    return min(1.0, run.fraction / run.spec.epochs), f"Epoch {epochs(run.fraction)} of {run.spec.epochs}{left}"


def epochs(fraction):
    return f"{fraction:.1f}".removesuffix(".0") if fraction < 100 else f"{fraction:.0f}"


def number(loss):
    """A loss at a glance, also when it explodes."""
    return plain(loss, 3)


def length(spec, instructor=False):
    """How long it would train, before it starts; empty while nothing is known of this machine's speed."""
    needed = needs.seconds(spec)
    if needed is None:
        return ""
    if complaint := needs.too_long(spec, instructor):
        return complaint
    later = needed * turns.crowd(1)
    others = f"; others are training too, so more like {needs.duration(later)}" if later > 1.5 * needed + 1 else ""
    return f"It will take about {needs.duration(needed)}{others}."


def _turn(run):
    """When a run that waits has its turn."""
    if not (place := turns.place(run)):
        return "It starts when the training before it has ended or is paused."
    when = turns.wait(run)
    soon = "now" if when < 1.5 else f"in about {needs.duration(when)}"
    if run.shared:
        return f"Others are waiting too; its next turn comes {soon}."
    return f"Number {place} in the queue: its turn comes {soon}."


def state(run):
    """Where the run is in its life, and how fast it was."""
    words = {
        "starting": "Starting: the data are being loaded.",
        "running": "It goes on while you look at other pages.",
        "paused": verbatim(run.message) or "Paused. Resume goes on where it stands; One epoch takes one more; Stop ends it.",
        "finished": "Finished.",
        "stopped": verbatim(run.message) or "Stopped.",
        "diverged": "Diverged.",
    }
    sentence = _turn(run) if run.status == "queued" else words.get(run.status, "")
    if run.last is None or not run.rate:
        return sentence
    return f"{sentence} {run.last.updates:,} updates, {float(f'{run.rate:.2g}'):,.0f} {noun(run.spec)} a second."


def row(run, whose=""):
    """A run in a list: whose it is, what, since when, where it stands."""
    layers = "-".join(map(str, run.spec.sizes))
    since = f"since {run.started.astimezone():%H:%M}"
    return one_line(" · ".join([*[whose] * bool(whose), run.spec.name, layers, since, run.status, standing(run)[1].lower()]))


def settings(spec):
    """What a run trains on what and how: the settings on the page may have changed since."""
    layers = "-".join(map(str, spec.layers)) + f" {spec.hidden}" if spec.layers else "no hidden layer"
    data = ", ".join([spec.data, *(f"{name} = {value}" for name, value in spec.made.items() if name != "seed")])
    return f"This run: {data} · {layers}, {spec.output} · {spec.recipe}"


def troubles(run):
    """What went wrong and what to try: (kind, sentences), kind "error" or "warning"."""
    rate = run.spec.learning_rate
    if run.status == "failed":
        yield "error", f"The training failed: {verbatim(run.message.rstrip('.'))}."
    elif run.status == "diverged":
        loss = number(run.last.loss) if math.isfinite(run.last.loss) else "infinite"
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


def probabilities(net, X):
    """What the network says at each place of `curves.grid(X)`, (GRID², c); NaN where its weights have exploded."""
    with np.errstate(all="ignore"):
        return net.predict_proba(curves.grid(X)[1])


@functools.cache
def examples(data):
    """What there is to learn from, as HTML; sets that would have to be fetched are only named."""
    if data != "digits":
        return "60,000 pictures to train on, 10,000 held out; fetched when the first training on them starts."
    X = mlcore.datasets.load(data).X_train[:EXAMPLES]
    return f"{matrices.thumbnails(X)}<br>Some of the 4,000 digits to train on; 1,000 are held out."


def before(run, spec):
    """The held-out list of `curves.measured` of an earlier run on the same data; the training list where that ended too soon."""
    if not run or not run.instances or run.spec.data != spec.data:
        return ()
    training, held_out, _ = curves.measured(run.history, run.instances)
    return held_out if len(held_out) > 1 else training
