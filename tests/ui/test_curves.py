"""The curves of a training, the field of a network over the plane, and weights as pictures."""

import base64
import dataclasses
import json
import math
import re

import numpy as np
import pytest

import mlcore
from mlcore.training import Progress
from ui import colors
from ui.figures import curves
from ui.training import report
from ui.training.spec import Spec

GUESS = (math.log(10), "guessing: ln 10")


def ended(epoch, loss, n=100):
    return Progress(epoch, 2 * epoch, 0, True, loss + 0.3, 0.45, loss + 0.1, 0.4, False, loss, 0.5)


@pytest.fixture
def history():
    between = [Progress(0, k, 10 * k, False, 2.0 - k / 10, 0.3) for k in range(1, 5)]
    start = [Progress(0, 0, 50, False, 2.3, 0.1), Progress(0, 0, 0, False, 2.3, 0.1, 2.4, 0.1, False, 2.3, 0.1)]
    later = [ended(1, 1.5), Progress(1, 11, 40, False, 1.2, 0.6), ended(2, 1.0), Progress(2, 22, 10, False, 7.0, 0.9)]
    return start + between + later


def test_measured_reads_epochs_from_what_was_met(history):
    training, held_out, running = curves.measured(history, 100)
    assert [x for x, *_ in running] == [0, 0.1, 0.2, 0.3, 0.4, 1, 2] and running[-1] == (2, 1.3, 0.45)
    assert training == [(0, 2.3, 0.1), (1, 1.5, 0.5), (2, 1.0, 0.5)]
    assert held_out == [(0, 2.4, 0.1), (1, 1.6, 0.4), (2, 1.1, 0.4)]
    under_way = curves.measured([*history, Progress(2, 25, 60, False, 0.8, 0.7)], 100)[2]
    assert under_way[-1] == (2.6, 0.8, 0.7)


def test_what_was_measured_before_the_first_update_is_not_drawn_as_progress():
    assert curves.measured([Progress(0, 0, 4000, False, 2.3, 0.1)], 4000) == ([], [], [])


def test_a_long_training_stays_small():
    history = [ended(k, 1 / (k + 1)) for k in range(20_000)]
    training, held_out, running = curves.measured(history, 100)
    assert [len(points) for points in (training, held_out, running)] == [curves.POINTS] * 3
    assert training[0][0] == 0 and training[-1][0] == 19_999
    assert len(json.dumps(curves.chart(training, held_out, GUESS, "epochs", held_out, running))) < 32_000


def test_the_chart_has_all_that_is_drawn(history):
    title = "epochs; one epoch = 2 updates of 50 digits each"
    training, held_out, running = curves.measured(history, 100)
    chart = curves.chart(training, held_out, GUESS, title, held_out[:2], running)
    assert chart["running"][-1] == [2, 1.3, 0.45]
    assert chart["training"][-1] == [2, 1.0, 0.5] and chart["heldOut"] == [[x, round(v, 5), a] for x, v, a in held_out]
    assert len(chart["before"]) == 2 and chart["last"] == 2 and chart["top"] > 2.4
    assert (chart["level"], chart["guess"], chart["title"]) == (*GUESS, title)
    assert chart["colors"] == {"training": colors.TRAIN, "heldOut": colors.HELD_OUT, "before": colors.MUTED}


def test_an_explosion_leaves_the_picture_and_breaks_no_json():
    points = [(0, 2.3, 0.1), (1, 1e30, 0.1), (2, math.inf, 0.1), (3, math.nan, 0.1)]
    chart = curves.chart(points, [], GUESS, "epochs")
    assert chart["top"] < 12 * GUESS[0] and [loss for _, loss, _ in chart["training"]] == [2.3, 1e30, None, None]
    json.dumps(chart, allow_nan=False)


def test_an_earlier_explosion_does_not_flatten_the_curves():
    assert curves.chart([(0, 2.3, 0.1)], [], GUESS, "epochs", [(1, 1e6, 0.1)])["top"] < 3


def test_nothing_measured_has_axes_and_words():
    chart = curves.chart([], [], GUESS, "epochs")
    assert chart["last"] == 1 and chart["top"] > GUESS[0] and "nothing measured yet" in chart["alt"]


def test_the_words_say_where_the_curves_stand(history):
    text = curves.spoken(*curves.measured(history, 100))
    assert "After 2:" in text and "training loss 1," in text and "held out loss 1.1" in text
    assert "mean over the epoch, as the updates met it, loss 1.3" in text


def svg(image):
    return base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', image)[1]).decode()


@pytest.mark.parametrize("name", ("xor", "blobs"))
def test_the_field_shows_points_over_the_networks_probabilities(name):
    data = mlcore.datasets.load(name, n=4000)
    net = mlcore.Network((2, 4, data.classes))
    image = curves.field(data.X_train, data.y_train, data.X_test, data.y_test, report.probabilities(net, data.X_train), "points")
    assert 'alt="points"' in image and len(image) < 150_000
    picture = svg(image)
    assert picture.count("<circle") == 2 * curves.DOTS and picture.count("data:image/png;base64,") == 1
    assert picture.count('fill="none"') == curves.DOTS
    assert all(color in picture for color in colors.CLASSES[: data.classes])
    assert "<image" not in svg(curves.field(data.X_train, data.y_train, data.X_test, data.y_test))


def test_the_field_is_the_right_way_up():
    X = np.array([[-1.0, -1], [1, 1]])
    circles = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', svg(curves.field(X, np.array([0, 1]), X[:0], np.array([], int), size=240)))
    assert circles == [("20.0", "220.0"), ("220.0", "20.0")]
    (left, right, bottom, top), places = curves.grid(X)
    assert (left, right, bottom, top) == (-1.2, 1.2, -1.2, 1.2)
    np.testing.assert_allclose(places[0], (left, top))
    np.testing.assert_allclose(places[-1], (right, bottom))
    np.testing.assert_allclose(places[curves.GRID - 1], (right, top))


def test_a_network_that_exploded_has_a_field_too():
    net = mlcore.Network((2, 3, 1), output="sigmoid")
    net.layers[0].theta[...] = np.nan
    X = np.array([[-1.0, -1], [1, 1]])
    assert "<image" in svg(curves.field(X, np.array([0, 1]), X, np.array([0, 1]), report.probabilities(net, X)))


def test_weights_are_one_picture_with_words():
    image, text = curves.weights(mlcore.Network((784, 128, 10)).layers[0].W)
    assert image.count("<img") == 1 and f'alt="{text}"' in image and "first 30 of 128 units" in text
    assert "each of the 10 units" in curves.weights(mlcore.Network((784, 10)).layers[0].W)[1]


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"batch_size": 64}, "63 updates of 64 digits each"),
        ({"batch_size": 1}, "4,000 updates of 1 digit each"),
        ({"batch_size": None}, "1 update with all 4,000 digits"),
        ({"data": "xor", "n": 42, "batch_size": 64}, "1 update with all 34 points"),
        ({"data": "fashion", "batch_size": 256}, "235 updates of 256 pictures each"),
    ],
)
def test_the_axis_says_what_an_update_and_an_epoch_are(settings, says):
    assert report.axis(Spec(**settings)).endswith(says)


@pytest.mark.parametrize("spec", (Spec(), Spec(data="moons", n=23), Spec(data="blobs", n=400)))
def test_the_axis_counts_the_set_as_it_is(spec):
    assert f"all {len(spec.load_data().X_train):,} " in report.axis(dataclasses.replace(spec, batch_size=None))


def test_the_guessing_line_fits_the_output():
    assert report.guessing(Spec()) == (math.log(10), "guessing: ln 10")
    assert report.guessing(Spec(data="moons", output="sigmoid")) == (math.log(2), "guessing: ln 2")
    value, _ = report.guessing(Spec(output="sigmoid"))
    net = mlcore.Network((784, 10), output="sigmoid", init="zeros")
    net.layers[0].b = np.full(10, -math.log(9))
    assert value == pytest.approx(net.cost(np.zeros((1, 784), np.float32), [3]), rel=1e-5)
