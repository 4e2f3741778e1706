"""What the figures paint, read back: colours, texts, heights and names against the numbers they were made of."""

import base64
import html
import io
import re

import numpy as np
import pytest
from PIL import Image

from mlcore import activations
from mlcore.lecture.film import film
from tests.ui.test_film import scene, sent
from ui import colors
from ui.figures import costs, curves, digits, matrices, outputs
from ui.numbers import cell, plain
from ui.softmax import loss, saturation
from ui.theta import step_by_step

RNG = np.random.default_rng(0)
SIGNED = [RNG.normal(size=(3, 4)), RNG.normal(size=(7, 12)) * 1e-6, 10 ** RNG.uniform(-6, 6, (5, 5)) * RNG.choice([-1, 1], (5, 5))]
SIGNED[0][1, 2] = SIGNED[1][2] = 0


def decoded(source):
    """A data URI or PNG bytes as (H, W, 4)."""
    png = base64.b64decode(source.split(",", 1)[1]) if isinstance(source, str) else source
    return np.array(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)


def sign_of(rgb):
    """+1 for red, −1 for blue, 0 for white or grey, of colours (…, 3)."""
    rgb = np.asarray(rgb, int)[..., :3]
    return np.sign(rgb[..., 0] - rgb[..., 2]) * (np.abs(rgb[..., 0] - rgb[..., 2]) > 1)


def scaled(trace):
    """The colours of a heatmap's cells, as Plotly mixes them from its scale."""
    places, stops = zip(*[(place, colors.rgb(color)) for place, color in trace.colorscale])
    at = (np.asarray(trace.z, float) - trace.zmin) / (trace.zmax - trace.zmin)
    return np.stack([np.interp(at, places, channel) for channel in np.array(stops).T], axis=-1)


def number(text):
    """The number that a text shows."""
    return float(re.sub(r"<[^>]*>", "", text).replace("−", "-").replace("∞", "inf"))


@pytest.mark.parametrize("values", SIGNED)
def test_a_cell_is_red_above_zero_blue_below_and_white_at_zero(values):
    for clickable in (False, True):
        trace = matrices.heatmap(values, clickable=clickable).data[0]
        painted = scaled(trace)
        wanted = np.where(np.abs(values) > 1e-2 * np.abs(values).max(), np.sign(values), sign_of(painted))
        assert np.array_equal(sign_of(painted), wanted) and (painted[values == 0] == colors.rgb(colors.ZERO)).all()
        assert trace.zmin == -trace.zmax == -np.abs(values).max() and not trace.reversescale


@pytest.mark.parametrize("values", SIGNED)
def test_every_cell_says_its_own_number(values):
    heat, points = matrices.heatmap(values, clickable=True).data
    unit = 10.0 ** matrices.power(values)
    for index in np.ndindex(values.shape):
        text = re.sub(r"<[^>]*>", "", heat.text[index[0]][index[1]])
        if text == "≈0":
            assert 0 < abs(values[index]) <= 2.0**-46 * np.abs(values).max()
            continue
        shown, value = number(text), values[index] / unit
        assert np.sign(shown) == np.sign(value) and abs(shown - value) <= max(0.0051, 0.5 * abs(value)) and text == cell(value)
        assert heat.customdata[index[0]][index[1]] == plain(values[index])
    for x, y, told in zip(points.x, points.y, points.customdata, strict=True):
        assert told == plain(values[y, x])
    assert "%{customdata}" in points.hovertemplate and "row %{y}, column %{x}" in points.hovertemplate


def test_rounding_beside_the_rest_is_nearly_zero_and_its_hover_says_what_it_is():
    heat = matrices.heatmap([[1.0, 1e-15, -2e-15], [0.0, 1e-13, -0.5]]).data[0]
    assert [list(row) for row in heat.text] == [["1.00", "≈0", "≈0"], ["0", "1e−13", "−.50"]]
    assert heat.customdata[0][2] == plain(-2e-15)


@pytest.mark.parametrize("shape", [(60, 70), (400, 784)])
def test_cells_without_room_for_numbers_have_the_colours_of_their_signs(shape):
    values = RNG.normal(size=shape)
    trace = matrices.heatmap(values).data[0]
    if trace.type == "heatmap":
        found, wanted = sign_of(scaled(trace)), np.sign(values)
        np.testing.assert_allclose(trace.z, values, rtol=1e-6)
    else:
        found = sign_of(decoded(trace.source))
        down, across = int(trace.dy), int(trace.dx)
        blocks = np.pad(values, ((0, -shape[0] % down), (0, -shape[1] % across)))
        blocks = blocks.reshape(len(blocks) // down, down, -1, across).swapaxes(1, 2).reshape(*found.shape, -1)
        wanted = np.sign(np.take_along_axis(blocks, np.abs(blocks).argmax(-1)[..., None], -1)[..., 0])
    strong = found != 0
    assert strong.mean() > 0.95 and np.array_equal(found[strong], wanted[strong])


def test_pictures_of_weights_and_shares_are_red_above_zero_and_as_strong_as_the_number():
    W = RNG.normal(size=(4, 784))
    sheet = decoded(matrices.unit_pictures(W, columns=2, zoom=1))
    for k, (top, left) in enumerate(((0, 0), (0, 29), (29, 0), (29, 29))):
        found, wanted = sheet[top : top + 28, left : left + 28], W[k].reshape(28, 28)
        expected = colors.diverging(wanted / np.abs(W).max()).astype(int)
        assert np.abs(found[..., :3] - expected).max() <= 2 and (found[..., 3] == 255).all()
        assert np.array_equal(sign_of(found)[np.abs(wanted) > 0.1], np.sign(wanted)[np.abs(wanted) > 0.1])
    shares = RNG.normal(size=784)
    found = decoded(digits.diverging(shares, 5.0))[..., :3].reshape(784, 3)
    assert np.abs(found - colors.diverging(shares / 5)).max() <= 2
    assert np.array_equal(sign_of(found)[np.abs(shares) > 0.2], np.sign(shares)[np.abs(shares) > 0.2])


def test_ink_is_the_darker_the_more_of_it():
    x = RNG.random((28, 28))
    assert np.abs(decoded(digits.picture(x))[..., 0] - 255 * (1 - x)).max() <= 0.5


@pytest.mark.parametrize("told", (matrices.key(), digits.scale(0.5)))
def test_a_legend_has_minus_at_the_blue_end_and_plus_at_the_red(told):
    stops = re.findall(r"#(\w{6}) (\d+)%", told)
    places, signs = [int(place) for _, place in stops], sign_of([colors.rgb(f"#{code}") for code, _ in stops])
    assert "to right" in told and places == sorted(places) and list(signs) == [-1, -1, 0, 1, 1]
    text = html.unescape(re.sub(r"<[^>]*>", " ", told))
    assert text.rindex("−") < text.rindex("+")


def test_the_scale_of_shares_has_its_limits():
    assert re.findall(r"<span>([^<]*)</span>", digits.scale(0.123456)) == ["−0.1235", "0", "+0.1235"]


@pytest.mark.parametrize("label", (None, 0, 2))
def test_the_bar_of_each_class_has_its_height_and_its_text(label):
    a, before = np.array([0.07, 0.61, 0.003, 0.317]), np.array([0.4, 0.3, 0.2, 0.1])
    faint, bars = outputs.bars(a, before, label).data
    for k in range(4):
        at = list(bars.x).index(str(k))
        assert bars.y[at] == a[k] and bars.customdata[at] == plain(a[k])
        assert bars.text[at] == ("<.01" if a[k] < 0.005 else f"{a[k]:.2f}"[1:])
        assert bars.marker.color[at] == (colors.ACCENT if label in (None, k) else colors.MUTED)
        assert faint.y[list(faint.x).index(str(k))] == before[k] and faint.customdata[k] == plain(before[k])
    assert faint.name == "before" and "before" in faint.hovertemplate and "before" not in bars.hovertemplate
    assert faint.marker.color == colors.MUTED and faint.width > bars.width
    assert outputs.spoken("a", a) == "a: class 0 0.07, class 1 0.61, class 2 0.003, class 3 0.317"


def test_before_after_and_change_stand_in_the_columns_of_their_classes():
    before, after = np.array([0.5, 0.25, 0.25]), np.array([0.2, 0.5, 0.3])
    table = digits.before_after(before, after, 1)
    rows = [[html.unescape(t) for t in re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row)] for row in table.split("</tr>")[:-1]]
    assert rows == [
        ["Digit", "0", "1", "2"], ["Before", "50.00 %", "25.00 %", "25.00 %"], ["After", "20.00 %", "50.00 %", "30.00 %"],
        ["Change", "−30.00", "+25.00", "+5.00"],
    ]  # fmt: skip
    assert [re.findall(r"font-weight:(\d+)", row)[1:] for row in table.split("</tr>")[1:-1]] == [["400", "700", "400"]] * 3


@pytest.mark.parametrize("y", (0, 1))
def test_each_branch_of_the_cost_is_its_logarithm_in_its_classs_colour(y):
    h = np.linspace(0.01, 0.99, 50)
    figure = costs.branches(h, -np.log(1 - h), -np.log(h), (0.3, -np.log(0.3 if y else 0.7)), y)
    zero, one, _, point = figure.data
    for k, (line, values) in enumerate(((zero, -np.log(1 - h)), (one, -np.log(h)))):
        np.testing.assert_allclose(line.y, values)
        assert sign_of(colors.rgb(line.line.color)) == (1 if k else -1)
        assert (line.line.width, line.line.dash) == ((4, "solid") if k == y else (2, "dot"))
        [name] = [note for note in figure.layout.annotations if note.text.startswith(f"y = {k}")]
        assert name.y == line.y[list(line.x).index(name.x)] and ("(1 − h)" in name.text) == (k == 0)
        assert line.customdata[7] == f"{name.text} = {plain(values[7])} at h = {plain(h[7])}"
    assert (point.x[0], point.y[0]) == (0.3, -np.log(0.3 if y else 0.7)) and plain(point.y[0]) in point.text[0]


def test_each_run_has_its_name_its_losses_and_a_line_of_its_own():
    runs = [("slow", [1.0, 0.9, 0.8], None), ("fast", [1.0, 0.5, 0.2], None), ("wild", [1.0, 9.0, np.inf], "stopped")]
    runs.append(("still", [1.0], None))
    figure = costs.losses(runs, ceiling=4)
    lines = {trace.name: trace for trace in figure.data if trace.name}
    assert list(lines) == [name for name, *_ in runs] and figure.layout.showlegend
    for name, values, _ in runs:
        assert list(lines[name].y) == [min(v, 4) for v in values] and list(lines[name].customdata) == [plain(v) for v in values]
        assert lines[name].hovertemplate.startswith(name)
    assert len({(line.line.color, line.line.dash) for line in lines.values()}) == 4 == len({line.line.dash for line in lines.values()})
    [cross] = [trace for trace in figure.data if trace.mode == "markers"]
    assert (cross.x[0], cross.y[0], cross.marker.color) == (2, 4, lines["wild"].line.color)


def test_each_depth_has_its_norms():
    by_depth = [np.array([0.5, 0.25]), np.array([0.1, 0.0, 0.3])]
    for values, line in zip(by_depth, costs.norms(by_depth, 0.01, 1).data, strict=True):
        np.testing.assert_array_equal(line.y, np.where(values > 0, values, np.nan))
        assert list(line.customdata) == [plain(v) for v in values] and line.text[-1] == str(len(values) - 1)
    bars = matrices.norms(["layer 1", "layer 2"], [0.25, 4.0]).data[0]
    assert list(zip(bars.y, bars.x, bars.text)) == [("layer 1", 0.25, "0.25"), ("layer 2", 4.0, "4")]


def test_the_curve_is_minus_log_a_and_the_point_lies_on_it():
    a, values = loss.curve_points(1.2)
    line, *_, point = outputs.curve(a, values, (0.3, -np.log(0.3))).data
    np.testing.assert_allclose(line.y, -np.log(line.x))
    assert line.customdata[9] == f"−log {plain(a[9])} = {plain(values[9])}"
    assert (point.x[0], point.y[0], point.text[0]) == (0.3, -np.log(0.3), f"<b>{plain(-np.log(0.3))}</b>")


def test_each_quantity_on_the_way_to_saturation_has_its_own_line():
    z, y = np.array([0.5, -1.0, 2.0]), 1
    figure = outputs.parts(saturation.SWEEP, saturation.sweep(z, y, "softmax"), 100)
    lines = {trace.name: trace for trace in figure.data}
    moved = z - 40 * (np.arange(3) == y)
    a = activations.softmax(moved)[y]
    k = list(saturation.SWEEP).index(40)
    for name, value in (("|∂L/∂a|", 1 / a), ("|∂a/∂z|", a * (1 - a)), ("|a − y|", 1 - a), ("product", 1 - a)):
        assert lines[name].y[k] == pytest.approx(value) and lines[name].customdata[k] == plain(lines[name].y[k])
        [note] = [note for note in figure.layout.annotations if note.text == name]
        assert note.font.color == lines[name].line.color
    assert lines["|a − y|"].line.color != lines["product"].line.color


def test_j_and_its_parts_have_their_names_in_the_walk():
    it = scene()
    history = film(it.net, it.X, it.y, it.rate, it.l2, it.epochs).costs
    figure = step_by_step.curve(history)
    lines = {trace.name: trace for trace in figure.data}
    for k, theta in ((0, it.net), (20, None)):
        data, penalty = history[k]
        assert (lines["data part"].y[k], lines["λ part"].y[k]) == (data, penalty) and lines["J"].y[k] == data + penalty
        if theta is not None:
            assert data == pytest.approx(it.net.cost(it.X, it.y)) and data + penalty == pytest.approx(it.net.cost(it.X, it.y, it.l2))
            assert lines["λ part"].customdata[k] == plain(penalty) and lines["data part"].customdata[k] == plain(data)
    assert [(name, trace.line.color) for name, trace in lines.items()] == [
        ("J", colors.ACCENT), ("data part", colors.DATA), ("λ part", colors.PENALTY),
    ]  # fmt: skip
    assert len({trace.line.dash for trace in figure.data}) == 3


def test_the_film_sends_each_part_of_j_under_its_name():
    it = scene(l2=0.05)
    data = sent(it)
    weights = sum((layer.W**2).sum() for layer in it.net.layers)
    assert data["data"][0] == pytest.approx(it.net.cost(it.X, it.y)) and data["penalty"][0] == pytest.approx(0.05 / 2 * weights)
    np.testing.assert_allclose(np.add(data["data"], data["penalty"]), data["J"])
    assert (data["colors"]["data"], data["colors"]["penalty"]) == (colors.DATA, colors.PENALTY)
    palette = np.frombuffer(base64.b64decode(data["palette"]), np.uint8).reshape(256, 3)
    assert (sign_of(palette)[:100] == -1).all() and (sign_of(palette)[156:] == 1).all() and sign_of(palette)[128] == 0


def test_training_and_held_out_are_sent_under_their_names():
    training, held_out, before = [(1, 0.5, 0.8), (2, 0.3, 0.9)], [(1, 0.6, 0.7), (2, 0.45, 0.75)], [(1, 0.9, 0.6)]
    made = curves.chart(training, held_out, (2.3, "guessing: ln 10"), "epochs", before)
    for name, points in (("training", training), ("heldOut", held_out), ("before", before)):
        assert made[name] == [list(point) for point in points]
    assert made["colors"] == {"training": colors.TRAIN, "heldOut": colors.HELD_OUT, "before": colors.MUTED}
    assert len(set(made["colors"].values())) == 3 and made["level"] == 2.3
    assert "training loss 0.3, accuracy 90.0 %; held out loss 0.45, accuracy 75.0 %" in made["alt"]


def test_points_of_the_plane_stand_where_they_are_in_their_classs_colour_and_held_out_ones_are_open():
    X, y, X_test, y_test = np.array([[0.0, 0.0], [2.0, 1.0]]), np.array([0, 1]), np.array([[1.0, 0.5]]), np.array([1])
    svg = base64.b64decode(re.search(r"svg\+xml;base64,([^\"]+)", curves.field(X, y, X_test, y_test, size=240))[1]).decode()
    circles = [dict(re.findall(r'([\w-]+)="([^"]*)"', circle)) for circle in re.findall(r"<circle [^>]*>", svg)]
    (left, right, _, top), _ = curves.grid(X)
    for circle, (x1, x2), k in zip(circles, [*X, *X_test], [*y, *y_test], strict=True):
        assert float(circle["cx"]) == pytest.approx(240 * (x1 - left) / (right - left), abs=0.06)
        assert float(circle["cy"]) == pytest.approx(240 * (top - x2) / (right - left), abs=0.6)
        color = circle["stroke"] if circle["fill"] == "none" else circle["fill"]
        assert sign_of(colors.rgb(color)) == (1 if k else -1)
    assert [circle["fill"] == "none" for circle in circles] == [False, False, True]


@pytest.mark.parametrize("outputs_", (1, 2))
def test_the_field_is_red_where_class_1_is_likely(outputs_):
    X, y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])
    _, points = curves.grid(X)
    p = np.clip(points[:, :1], 0, 1)
    drawn = curves.field(X, y, X, y, p if outputs_ == 1 else np.hstack([1 - p, p]))
    svg = base64.b64decode(re.search(r"svg\+xml;base64,([^\"]+)", drawn)[1]).decode()
    picture = decoded(re.search(r'href="([^"]+)"', svg)[1])
    assert picture.shape[:2] == (curves.GRID, curves.GRID)
    signs = sign_of(picture)
    assert (signs[:, :20] == -1).all() and (signs[:, -20:] == 1).all()


def test_a_table_sets_what_is_not_finite_in_bold_and_in_its_colour():
    cells = re.findall(r"<td style=\"([^\"]*)\">([^<]*)</td>", outputs.table(["", "a"], [["0", 0.5, -0.25], ["1", np.inf, np.nan]]))
    assert [text for _, text in cells] == ["0.5", "−0.25", "∞", "NaN"]
    assert [colors.NOT_FINITE in style for style, _ in cells] == [False, False, True, True]
    assert ["font-weight:700" in style for style, _ in cells] == [False, False, True, True]
