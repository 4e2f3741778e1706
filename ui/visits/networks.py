"""The networks of a visit on disk: a record and a file each, so that several tabs do not take away each other's; and its trainings."""

import contextlib
import functools
import time

import mlcore
from ui import networks, state, visitor
from ui.entry import Entry, Stored
from ui.text import NAME, one_line
from ui.training import report, runs
from ui.visits import drawings, servers
from ui.visits.store import root, tag


def keep(kept):
    """Keep what has changed → whether anything has."""
    now, changed = {}, False
    for place, entry in enumerate(list(state.networks().values())):
        if entry.id not in kept.entries and _is_lost(entry):
            continue
        if entry.kind != "shipped" or entry.steps or entry.id in kept.entries:
            now[entry.id] = (entry.name, len(entry.steps), entry.steps[-1] if entry.steps else None)
            if not _alike(now[entry.id], kept.entries.get(entry.id)):
                _keep_network(kept, entry, place, new=entry.id not in kept.entries)
                changed = True
    gone = kept.entries.keys() - now.keys()
    for id in gone:
        kept.visit.remove(f"network-{tag(id)}")
    kept.entries = now
    return changed or bool(gone)


def _is_lost(entry):
    """Whether it was never read and its file is gone, as where the visit made room for others: it leaves the shelf, and that is said."""
    try:
        entry.original  # noqa: B018 — it is read now if it was not
    except (ValueError, OSError):
        entry.steps = []
        state.lost(entry)
        return True
    return False


def _alike(now, before):
    return before is not None and now[:2] == before[:2] and now[2] is before[2]


def _keep_network(kept, entry, place, new):
    own, about = entry.kind != "shipped", entry.about
    made = {"id": entry.id, "name": entry.name, "kind": entry.kind, "steps": drawings.steps(entry.steps)}
    if own:
        made |= {"place": [time.time(), place], "sizes": list(about.sizes), "hidden": about.hidden, "output": about.output}
        made |= {"info": about.info, "nbytes": entry.nbytes // (1 + entry.changed)}
    change = functools.partial(_with_file, made, ("digest", "bytes") if new else ("digest", "bytes", "place"))
    kept.visit.change(f"network-{tag(entry.id)}", change, entry.original if own and new else None)


def _with_file(made, stays, record):
    return made | {key: record[key] for key in stays if key in record}


def put_back(kept, chosen):
    records = [kept.visit.read(name) for name in kept.visit.names("network")]
    own = []
    for record in records:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            own.append((record.get("place", []), _entry(kept.visit, record)))
    own.sort(key=lambda one: one[0])
    for entry in [entry for _, entry in own][-state.MOST_OWN - len(mlcore.models.names()) :]:
        state.networks()[entry.id] = entry
        kept.entries[entry.id] = (entry.name, len(entry.steps), entry.steps[-1] if entry.steps else None)
    if chosen in state.networks():
        state.choose_network(chosen)
    state.network()  # what cannot be loaded is said at once


def _entry(visit, record):
    """The Entry of a record, its weights not loaded yet. ValueError, KeyError or TypeError for one that cannot be."""
    id, name, kind, steps = record["id"], record["name"], record["kind"], drawings.steps_of(record["steps"])
    if kind == "shipped":
        if state.networks()[id].kind != "shipped":
            raise ValueError("this network does not come with the app")
        return Entry(id, state.networks()[id].name, state.networks()[id].original, kind, steps)
    file, digest = f"network-{tag(id)}", record["digest"]
    if kind not in ("trained", "loaded") or visit.size(file) != record["bytes"]:
        raise ValueError("its file is gone")
    about = (record[key] for key in ("hidden", "output", "info", "nbytes"))
    return Entry(id, name, Stored(tuple(record["sizes"]), *about, functools.partial(visit.load, file, digest)), kind, steps)


def start(kept, spec, one_epoch, instructor):
    """Start a training → Run, its network on disk as of each epoch, so that it outlives the server. ValueError as `runs.start`."""
    if kept is None:
        return runs.start(spec, visitor.token(), one_epoch, None, instructor)
    if kept.visit.out_of_date:
        raise ValueError("You asked to be forgotten: reload the page to start again.")
    name = f"run-{tag(time.time_ns())}"
    with contextlib.suppress(OSError):
        kept.visit.make()
    run = runs.start(spec, visitor.token(), one_epoch, str(kept.visit.file(name)), instructor)
    kept.runs[run.id] = name
    made = {"run": run.id, "server": servers.own(root()), "name": spec.name, "at": time.time()}
    kept.visit.change(name, lambda _: made, replaces=True)
    return run


def keep_runs(kept):
    """A training whose network is on the shelf, or need not be there, leaves nothing else behind."""
    for id, name in list(kept.runs.items()):
        run = runs.get(id)
        if run is None or (run.over and (run.unwanted or networks.kept(run) or not report.worth(run))):
            kept.visit.remove(name)
            del kept.runs[id]


def put_back_runs(kept):
    """The trainings that still are, by their ids, the latest last; the network of one that went with its server goes on the shelf."""
    found = [(name, kept.visit.read(name)) for name in kept.visit.names("run")]
    for name, record in sorted(found, key=lambda one: one[1].get("at", 0)):
        run = runs.get(record.get("run"))
        if run is not None and runs.belongs(run, visitor.token()):
            kept.runs[run.id] = name
        elif not servers.alive(root(), record.get("server")) or record["server"] == servers.own(root()):
            _end(kept, name, record)


def _end(kept, name, record):
    """Nobody trains it any more: its network, as it was last written, goes on the shelf, and what was lost is said."""
    try:
        net = kept.visit.load(name)
        epoch, epochs = (one_line(f"{net.info[key]:g}") for key in ("epoch", "epochs"))
    except (OSError, ValueError, KeyError, TypeError):
        if record:
            state.tell("The server restarted before your training had finished its first epoch, so it is lost: press Start again.")
    else:
        ended, net.info = net.info.get("ended"), networks.sound(net.info)
        called = one_line(record.get("name", net.info.get("name", "network")), NAME)
        try:
            state.add_network(net, called if ended else f"{called}, epoch {epoch}", "trained", f"{record.get('run')}.kept")
        except ValueError as error:
            state.tell(f"One of your networks is waiting for room. {error}")
            return
        state.tell(
            "Your training ended while you were away: its network is under Your networks."
            if ended else
            f"The server restarted during your training: its network as of epoch {epoch} of {epochs} is under Your networks; "
            "what it learned after that is lost."
        )  # fmt: skip
    kept.visit.remove(name)
