"""The section NOT to 0 of part one, run without a browser on small scenes."""

import re

import numpy as np
import pytest

import mlcore
from mlcore.lecture import pitfalls
from mlcore.lecture.film import film
from tests.pages.test_theta_sections import made, page, tables
from tests.pages.visit import text
from ui.numbers import plain
from ui.theta import not_to_zero

pytestmark = pytest.mark.part1


def test_zeros_leave_the_units_equal_and_random_numbers_do_not():
    at = page("not_to_zero", after=8)
    zeros, random = tables(at)[:2]
    assert len({tuple(row[1:]) for row in zeros[1:]}) == 1 and len({tuple(row[1:]) for row in random[1:]}) == 4
    apart = [m.value for m in at.markdown if m.value.startswith("Largest difference")]
    assert float(re.search(r"\*\*(.*)\*\*", apart[0])[1].replace("−", "-")) <= 1e-12
    assert float(re.search(r"\*\*(.*)\*\*", apart[1])[1]) > 0.1


@pytest.mark.parametrize(("ones", "moved"), ((15, False), (16, True)))
def test_zeros_stay_where_they_are_while_the_classes_are_equal(ones, moved):
    scene = made((2, 4, 1), "sigmoid", "zeros")
    rows = np.append(np.flatnonzero(scene.y == 0)[:15], np.flatnonzero(scene.y == 1)[:ones])
    scene = scene._replace(X=scene.X[rows], y=scene.y[rows])
    end = film(scene.net, scene.X, scene.y, 1.0, 0, 8).network(-1)
    assert (max(np.abs(layer.theta).max() for layer in end.layers) > 1e-3) == moved
    used = not_to_zero.lopsided(scene)
    assert (len(used.y) == len(scene.y)) == moved
    end = film(used.net, used.X, used.y, 1.0, 0, 8).network(-1)
    assert max(np.abs(layer.theta).max() for layer in end.layers) > 1e-3


@pytest.mark.parametrize("hidden", ("tanh", "relu", "identity"))
def test_from_zeros_only_the_bias_of_the_output_moves(hidden):
    scene = not_to_zero.lopsided(made((2, 4, 1), hidden))
    start = mlcore.Network((2, 4, 1), hidden, "sigmoid", 0, "float64", "zeros")
    bias = plain(film(start, scene.X, scene.y, 1.0, 0, 8).network(-1).layers[-1].b[0])
    said = text(page("not_to_zero", hidden=hidden, after=8))
    assert f"the largest weight is 0, and only the output's bias has moved, to {bias}" in said


def test_a_step_size_too_large_is_said_as_its_run_has_it():
    at = page("not_to_zero", hidden="tanh", rate=500.0)
    [proof] = [c.value for c in at.caption if "α = 1:" in c.value]
    assert re.search(r"α = 1: J falls at each of 100 steps, from (\S+) to (\S+)\. α = 15: J rises at \d\d of 100 steps", proof)
    assert "α = 300: J rises at each of 100 steps" in proof and "1 − αλ = −2 in" in proof
    for alpha, run in pitfalls.step_sizes().items():
        assert f"α = {alpha}: {not_to_zero.course(run.J)}." in proof
    scene = made((2, 4, 1), "tanh", rate=500.0)
    J = film(scene.net, scene.X, scene.y, 500.0, 0.0, 60).J
    [own] = [c.value for c in at.caption if "α = 500:" in c.value]
    assert f"rises at {(J[1:] > J[:-1]).sum()} of 60 steps, from {plain(J[0])} to {plain(J[-1])}, {plain(J.max())} at most" in own


@pytest.mark.parametrize(
    ("J", "said"),
    [
        ([3.0, 2.0, 1.0], "J falls at each of 2 steps, from 3 to 1"),
        ([1.0, 2.0, 3.0], "J rises at each of 2 steps, from 1 to 3"),
        ([2.0, 5.0, 1.0], "J rises at 1 of 2 steps, from 2 to 1, 5 at most"),
        ([2.0, 2.0], "J rises at 0 of 1 step, from 2 to 2"),
        ([2.0], "J is 2"),
    ],
)
def test_the_course_of_J_in_words(J, said):
    assert not_to_zero.course(np.array(J)) == said
