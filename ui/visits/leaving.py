"""To be forgotten: everything that is kept of a visitor is deleted, from outside the visitor's sessions, which learn of it."""

from ui.training import runs
from ui.visits.store import Visit


def forget(token):
    """Delete what is kept of the visitor with this token and stop the trainings → what that was, in a sentence."""
    visit, own = Visit(token), runs.of(token)
    if not visit.exists() and not own:
        return "There was nothing to delete."
    nets = sum(visit.size(name) is not None for name in visit.names("network"))
    drawing = bool(visit.read("drawing"))
    stopped = sum(not run.over for run in own)
    for run in own:
        runs.leave(run, token)
    visit.forget()
    things = ["your settings and numbers", *["your drawing"] * drawing, *[f"{nets} network{'s' * (nets != 1)}"] * bool(nets)]
    ended = f" {stopped} training{'s were' if stopped != 1 else ' was'} stopped." * bool(stopped)
    return f"Deleted: {', '.join(things)}.{ended}"
