"""What goes out to the film component: a byte a pixel of each frame, the right way up, and the numbers of the training."""

import base64
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import mlcore
from mlcore.lecture.film import film
from ui import colors
from ui.numbers import percent, plain
from ui.theta import scenes
from ui.theta.film import frames
from ui.theta.filming import UNIT_SIDE, UNITS, around, cells, palette


def scene(name="xor", units=(4,), hidden="sigmoid", rate=1.0, l2=0.001, epochs=20):
    X, y = scenes.instances(name, 40, 0.1, 0, (3, 8))
    net = mlcore.Network((X.shape[1], *units, 1), hidden, "sigmoid", 0, "float64")
    return scenes.Scene(net, X, y, rate, l2, epochs, name != scenes.DIGITS)


def sent(it):
    return frames(it)


def pixels(pictures, count):
    return np.frombuffer(base64.b64decode(pictures["data"]), np.uint8).astype(int).reshape(-1, count, pictures["rows"], pictures["cols"])


def test_the_numbers_are_those_of_the_training():
    it = scene()
    data, made = sent(it), film(it.net, it.X, it.y, it.rate, it.l2, it.epochs)
    assert len(data["J"]) == 21
    assert data["J"] == made.J.tolist() and data["accuracy"] == made.accuracy.tolist()
    assert [data["data"], data["penalty"]] == made.costs.T.tolist()
    assert data["points"] == [[*x, k] for x, k in zip(it.X.tolist(), it.y.tolist())]
    json.dumps(data, allow_nan=False)


def test_the_field_of_a_frame_is_what_the_network_says_there():
    it = scene(epochs=30, rate=3.0)
    data, made = sent(it), film(it.net, it.X, it.y, it.rate, it.l2, it.epochs)
    left, right, bottom, top = data["box"]
    field = pixels(data["field"], 1)[:, 0]
    for k, row, col in ((0, 0, 0), (10, 3, 31), (30, 39, 0), (30, 12, 20)):
        place = left + (col + 0.5) / 40 * (right - left), top - (row + 0.5) / 40 * (top - bottom)
        p = made.network(k).predict_proba(np.array([place]))[0, 0]
        assert abs((field[k, row, col] - 128) / 127 - (2 * p - 1)) <= 0.5 / 127 + 1e-12


@pytest.mark.parametrize("hidden", ("sigmoid", "tanh", "relu", "identity"))
def test_each_hidden_unit_has_a_field(hidden):
    it = scene(units=(3, 2), hidden=hidden)
    data, made = sent(it), film(it.net, it.X, it.y, it.rate, it.l2, it.epochs)
    assert data["units"]["names"] == [["a", 1, 2], ["a", 2, 2], ["a", 3, 2], ["a", 1, 3], ["a", 2, 3]]
    units, places = pixels(data["units"], 5), cells(data["box"], UNIT_SIDE)
    run = made.network(20).forward(places)
    for j, z in enumerate(np.hstack(run.z[:-1]).T):
        got = units[20, j].ravel()
        clear, white = np.abs(z) > 0.5 * np.abs(z).max(), "z ≤ 0" if hidden == "relu" else "z = 0"
        assert data["hint"].endswith(f"; white where {white}.")
        assert (got[clear & (z > 0)] > 128).all()
        assert (got[z < 0] == 128).all() if hidden == "relu" else (got[clear & (z < 0)] < 128).all() and (got[z < 0] <= 128).all()


def test_no_more_than_twelve_units_go_out_and_the_hint_says_so():
    data = sent(scene(units=(12, 12), epochs=2))
    assert len(data["units"]["names"]) == UNITS == 12 and "the first 12 of 24 hidden units" in data["hint"]


def test_500_frames_stay_small():
    assert len(json.dumps(sent(scene(epochs=500)))) < 2_500_000
    assert len(json.dumps(sent(scene(units=(12,) * 6, epochs=500)))) < 4_000_000


def test_digits_have_weights_as_pictures_instead_of_a_plane():
    it = scene(scenes.DIGITS, rate=0.3, epochs=5)
    data, made = sent(it), film(it.net, it.X, it.y, it.rate, it.l2, it.epochs)
    assert data["field"] is None and data["units"]["names"] == [["Θ", j + 1, 1] for j in range(4)]
    W = made.thetas[0][:, :, 1:]
    np.testing.assert_allclose((pixels(data["units"], 4) - 128) / 127, (W / np.abs(W).max()).reshape(6, 4, 28, 28), atol=0.5 / 127 + 1e-9)


def test_the_version_follows_the_scene():
    made = scene(), scene(), scene(rate=2.0), scene(l2=0.0), scene(units=(5,)), scene(epochs=21), scene("moons")
    versions = [sent(s)["version"] for s in made]
    assert versions[0] == versions[1] and len(set(versions)) == 6


@pytest.mark.parametrize("settings", [{"hidden": "identity", "rate": 1000.0}, {"hidden": "relu", "rate": 0.5, "l2": 10.0}])
def test_a_film_that_ends_early_says_so_and_is_drawn(settings):
    data = sent(scene(units=(6, 6), epochs=200, **settings))
    assert 1 <= len(data["J"]) < 201 and f"stopped after epoch {len(data['J']) - 1}: " in data["warning"][1]
    assert data["top"] < 8 and len(pixels(data["field"], 1)) == len(data["J"])
    json.dumps(data, allow_nan=False)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [({"rate": 100.0, "l2": 0.0}, "info"), ({"rate": 30.0, "l2": 0.0}, "warning"), ({"rate": 0.3, "l2": 10.0}, "warning")],
)
def test_a_cost_that_leaps_is_told_by_what_became_of_it(settings, kind):
    data = sent(scene(epochs=100, **settings))
    J, (found, said) = np.array(data["J"]), data["warning"]
    most, start, end = (plain(J[k]) for k in (J.argmax(), 0, -1))
    assert len(J) == 101 and found == kind and J.max() > 10 * max(J[0], np.log(2))
    assert said.startswith(f"J rose to {most} after epoch {J.argmax()}, more than ten times what it was at first")
    if kind == "info":
        right = percent(data["accuracy"][-1])
        assert J[-1] < J[0] and said.endswith(f"came back: after epoch 100 it is {end}, and {right} are read right.")
        assert "too far" not in said and "Try" not in said
    else:
        assert J[-1] > J[0] and f"at α = {settings['rate']:g} the steps go too far. Try α = {settings['rate'] / 10:g}." in said
        assert (f"and is {end} at the end, above its {start} at the start:" in said) == (J.argmax() < 100)
    assert sent(scene())["warning"] is None


def test_white_is_the_middle_and_the_ends_are_the_classes():
    scale = palette().astype(int)
    assert scale.shape == (256, 3) and scale[128].min() > 240
    assert scale[1, 2] > scale[1, 0] + 60 and scale[255, 0] > scale[255, 2] + 60
    assert colors.CLASSES[:2] == [colors.NEGATIVE, colors.POSITIVE]


def test_the_cells_are_the_right_way_up():
    places = cells([0.0, 4.0, -2.0, 2.0], 4)
    assert places[0].tolist() == [0.5, 1.5] and places[3].tolist() == [3.5, 1.5] and places[-1].tolist() == [3.5, -1.5]


def test_one_point_has_a_plane_around_it():
    left, right, bottom, top = around(np.array([[1.0, 2.0]]))
    assert left < 1 < right and bottom < 2 < top


def shown(epochs, rate, l2=0.0):
    import streamlit as st

    import mlcore
    from ui.theta import film, scenes

    X, y = scenes.instances("xor", 40, 0.1, 0, (0, 1))
    net = mlcore.Network((2, 6, 6, 1), "relu", "sigmoid", 0, "float64")
    film.show(scenes.Scene(net, X, y, rate, l2, st.session_state.get("epochs", epochs), True))


def opened(epochs, rate, frame=0, l2=0.0):
    at = AppTest.from_function(shown, args=(epochs, rate, l2))
    at.query_params["epoch"] = str(frame)
    at.run()
    assert not at.exception
    return at


def test_a_link_leads_to_its_frame():
    at = opened(20, 0.1, 7)
    assert at.number_input(key="epoch").value == 7 and not at.warning
    at = opened(20, 0.1, 21)
    assert at.number_input(key="epoch").value == 20 and at.query_params["epoch"] == "20", "there is no such frame: the last one"


def test_a_frame_behind_the_end_of_a_shorter_film_is_its_end():
    at = opened(40, 0.1, 30)
    at.session_state["epochs"] = 12
    at.run()
    assert not at.exception and at.number_input(key="epoch").value == 12


def test_steps_that_go_too_far_are_said_with_what_to_try():
    at = opened(100, 100.0)
    assert "more than ten times what it was at first" in at.warning[0].value and "Try α = 10." in at.warning[0].value and not at.info
    assert at.number_input(key="epoch").label == "Epoch (0 to 100)"


def test_a_run_that_stops_says_so_and_a_frame_behind_its_end_is_its_last():
    at = opened(100, 0.5, 90, l2=10.0)
    last = at.number_input(key="epoch").value
    assert 0 < last < 90 and f"stopped after epoch {last}: " in at.warning[0].value and "Try α = 0.05." in at.warning[0].value
    assert at.number_input(key="epoch").label == f"Epoch (0 to {last})" and at.query_params["epoch"] == str(last)
