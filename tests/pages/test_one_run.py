"""One scene, one run: where the last bit decides the future, all parts of Backpropagation still show the same Θ and the same J."""

import functools
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import mlcore
from mlcore.lecture import errata
from mlcore.lecture.descent import UPDATE, Descent
from mlcore.lecture.film import film
from tests.mlcore.cases import same
from tests.pages.visit import asked, text
from ui import chain
from ui.numbers import plain
from ui.theta import not_to_zero, scenes, vectorised
from ui.theta.film import frames

pytestmark = pytest.mark.part1
RATE, EPOCHS = 30.0, 500
TIMES = (0, 1, 37, 100, 500)


@functools.cache
def scene(hidden):
    X, y = scenes.instances("xor", 40, 0.3, 0, (0, 1))
    return scenes.Scene(mlcore.Network((2, 4, 1), hidden, "sigmoid", 0, "float64"), X, y, RATE, 0.0, EPOCHS, True)


@functools.cache
def run(hidden):
    it = scene(hidden)
    return film(it.net, it.X, it.y, it.rate, it.l2, it.epochs)


def page(hidden, section, **params):
    opened = AppTest.from_file("../../pages/backpropagation.py", default_timeout=60)
    return asked(opened, **{"activation": hidden, "alpha": RATE, "section": section, "noise": 0.3} | params)


@pytest.mark.parametrize("hidden", ("sigmoid", "tanh"))
def test_the_walk_begins_every_epoch_and_ends_it_with_the_films_theta(hidden):
    it, made = scene(hidden), run(hidden)
    for walked in (Descent(it.net, it.X, it.y, it.rate, it.l2, it.epochs), Descent(*it[:6], scenes.trained(it))):
        for k in TIMES:
            walked.to(k * walked.ticks_of_epoch)
            assert k == 0 or walked.line == UPDATE
            assert same(walked.net, made.network(k)) and walked.history.tobytes() == made.costs[: k + 1].tobytes()
            walked.to(walked.position + 1)
            assert same(walked.net, made.network(k)), "the next epoch begins with it"
            assert same(scenes.after(it, k), made.network(k))
        walked.end()
        assert walked.history.tobytes() == made.costs.tobytes()
    assert frames(it)["J"] == made.J.tolist()
    assert not_to_zero.run(it, "auto").costs.tobytes() == made.costs.tobytes()


@pytest.mark.parametrize("hidden", ("sigmoid", "tanh"))
@pytest.mark.parametrize("k", TIMES[1::2] + TIMES[-1:])
def test_every_part_of_the_page_is_given_that_theta_and_shows_that_J(hidden, k, monkeypatch):
    given = {}

    def watched(module, name, net_of):
        right = getattr(module, name)

        def seen(*args):
            given[name] = net_of(args[0])
            return right(*args)

        monkeypatch.setattr(module, name, seen)

    watched(chain, "graph", lambda subject: subject.net)
    watched(errata, "cost_parts", lambda net: net)
    watched(vectorised, "forward_forms", lambda net: net)
    ends = {section: page(hidden, section, epoch=k) for section in ("Network", "Cost", "Vectorised")}
    net, J = run(hidden).network(k), plain(run(hidden).J[k])
    assert len(given) == 3 and all(same(one, net) for one in given.values()), given.keys()
    assert [block for block in ends["Cost"].get("html") if f">{J}<" in block.proto.body]
    walk = page(hidden, "Step by step", at=k * Descent(*scene(hidden)[:6]).ticks_of_epoch)
    assert f"(λ) = **{J}**" in text(walk)
    shown = walk.get("html")[1].proto.body
    assert all(f">{plain(v)}<" in shown for layer in net.layers for v in np.ravel(layer.theta))


@pytest.mark.parametrize("section", ("Network", "Step by step", "Film", "Cost", "Vectorised", "NOT to 0"))
@pytest.mark.parametrize("hidden", ("sigmoid", "tanh"))
def test_that_rounding_decides_is_said_once(hidden, section):
    sentence = r"Rounding decides this run from epoch (\d+) on: .* J after epoch (\d+) is (\S+) and not (\S+)\. All"
    said = re.findall(sentence, text(page(hidden, section)))
    [(first, most, other, J)] = said
    assert 0 < int(first) <= int(most) and J == plain(run(hidden).J[int(most)]) != other


def test_of_a_run_that_hangs_on_no_rounding_nothing_is_said():
    assert "Rounding decides" not in text(page("sigmoid", "Network", alpha=1.0))
