"""The curves of a training, the field of a network over the plane, and weights as pictures."""

import json
import math

import numpy as np
import pytest

import mlcore
from mlcore.training import Progress
from ui import colors, report, runs
from ui.figures import curves

GUESS = (math.log(10), "guessing: ln 10")


def ended(epoch, loss, n=100):
    return Progress(epoch, 2 * epoch, 0, True, loss, 0.5, loss + 0.1, 0.4)


@pytest.fixture
def history():
    between = [Progress(0, k, 10 * k, False, 2.0 - k / 10, 0.3) for k in range(1, 5)]
    start = [Progress(0, 0, 50, False, 2.3, 0.1), Progress(0, 0, 0, False, 2.3, 0.1, 2.4, 0.1)]
    later = [ended(1, 1.5), Progress(1, 11, 40, False, 1.2, 0.6), ended(2, 1.0), Progress(2, 22, 10, False, 7.0, 0.9)]
    return start + between + later


def test_measured_reads_epochs_from_what_was_met(history):
    training, held_out = curves.measured(history, 100)
    assert [x for x, *_ in training] == [0, 0.1, 0.2, 0.3, 0.4, 1, 2]
    assert held_out == [(0, 2.4, 0.1), (1, 1.6, 0.4), (2, 1.1, 0.4)]
    under_way = curves.measured([*history, Progress(2, 25, 60, False, 0.8, 0.7)], 100)[0]
    assert under_way[-1] == (2.6, 0.8, 0.7)


def test_what_was_measured_before_the_first_update_is_not_drawn_as_progress():
    assert curves.measured([Progress(0, 0, 4000, False, 2.3, 0.1)], 4000) == ([], [])


def test_a_long_training_stays_small():
    history = [ended(k, 1 / (k + 1)) for k in range(20_000)]
    pair = curves.measured(history, 100)
    assert [len(points) for points in pair] == [curves.POINTS] * 2
    assert pair[0][0][0] == 0 and pair[0][-1][0] == 19_999
    assert len(curves.curves(*pair, GUESS, "epochs", pair[1]).to_json()) < 100_000


def test_guessing_is_a_dashed_line_and_the_curves_have_their_colours(history):
    figure = curves.curves(*curves.measured(history, 100), GUESS, "epochs; one epoch = 2 updates of 50 digits each")
    [line] = figure.layout.shapes
    assert line.y0 == line.y1 == GUESS[0] and line.line.dash == "dash"
    assert [a.text for a in figure.layout.annotations] == ["guessing: ln 10"]
    assert [t.line.color for t in figure.data] == [colors.TRAIN] * 2 + [colors.TEST] * 2
    assert figure.layout.xaxis2.title.text.startswith("epochs; one epoch")
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_an_explosion_leaves_the_picture_and_breaks_no_json():
    points = [(0, 2.3, 0.1), (1, 1e30, 0.1), (2, math.inf, 0.1), (3, math.nan, 0.1)]
    figure = curves.curves(points, [], GUESS, "epochs")
    assert figure.layout.yaxis.range[1] < 12 * GUESS[0]
    assert figure.data[0].y[2:] == (None, None)
    assert "Infinity" not in figure.to_json() and "NaN" not in figure.to_json()


def test_nothing_measured_shows_the_frame():
    figure = curves.curves([], [], GUESS, "epochs")
    assert len(figure.data) == 4 and figure.layout.shapes
    assert "nothing measured yet" in curves.spoken([], [])


def test_the_words_say_where_the_curves_stand(history):
    text = curves.spoken(*curves.measured(history, 100))
    assert "After 2:" in text and "training loss 1" in text and "held out loss 1.1" in text


@pytest.mark.parametrize("name", ("xor", "blobs"))
def test_the_field_shows_points_over_the_networks_probabilities(name):
    data = mlcore.datasets.load(name, n=2000)
    net = mlcore.Network((2, 4, data.classes))
    figure = curves.field(data.X_train, data.y_train, data.X_test, data.y_test, report.probabilities(net, data.X_train))
    training, held_out = figure.data
    assert training.marker.symbol == "circle" and held_out.marker.symbol == "circle-open"
    assert set(training.marker.color) == set(colors.CLASSES[: data.classes])
    [image] = figure.layout.images
    assert image.source.startswith("data:image/png;base64,")
    assert len(figure.to_json()) < 100_000


def test_the_field_is_the_right_way_up():
    X = np.array([[-1.0, -1], [1, 1]])
    (left, right, bottom, top), places = curves.grid(X)
    assert (left, right, bottom, top) == (-1.2, 1.2, -1.2, 1.2)
    np.testing.assert_allclose(places[0], (left, top))
    np.testing.assert_allclose(places[-1], (right, bottom))
    np.testing.assert_allclose(places[curves.GRID - 1], (right, top))


def test_a_network_that_exploded_has_a_field_too():
    net = mlcore.Network((2, 3, 1), output="sigmoid")
    net.layers[0].theta[...] = np.nan
    X = np.array([[-1.0, -1], [1, 1]])
    figure = curves.field(X, np.array([0, 1]), X, np.array([0, 1]), report.probabilities(net, X))
    json.loads(figure.to_json())


def test_weights_are_one_picture_with_words():
    image, text = curves.weights(mlcore.Network((784, 128, 10)).layers[0].W)
    assert image.count("<img") == 1 and f'alt="{text}"' in image and "first 30 of 128 units" in text
    assert "each of the 10 units" in curves.weights(mlcore.Network((784, 10)).layers[0].W)[1]


@pytest.mark.parametrize(
    "batch, n, says",
    [
        (64, 4000, "63 updates of 64 digits each"),
        (1, 4000, "4,000 updates of 1 digit each"),
        (None, 4000, "1 update with all 4,000 digits"),
        (64, 32, "1 update with all 32 digits"),
    ],
)
def test_the_axis_says_what_an_update_and_an_epoch_are(batch, n, says):
    assert report.axis(runs.Spec(batch_size=batch), n).endswith(says)


def test_the_guessing_line_fits_the_output():
    assert report.guessing(runs.Spec()) == (math.log(10), "guessing: ln 10")
    assert report.guessing(runs.Spec(data="moons", output="sigmoid")) == (math.log(2), "guessing: ln 2")
    value, _ = report.guessing(runs.Spec(output="sigmoid"))
    net = mlcore.Network((784, 10), output="sigmoid", init="zeros")
    net.layers[0].b = np.full(10, -math.log(9))
    assert value == pytest.approx(net.cost(np.zeros((1, 784), np.float32), [3]), rel=1e-5)
