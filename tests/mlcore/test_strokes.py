"""Pen strokes: read strictly, drawn where and as large as asked for, the same for the same seed."""

import gzip
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore import drawing, strokes

pytest.importorskip("PIL")

SEVEN = [[[0, 0], [60, 0], [20, 100]], [[10, 50], [50, 50]]]
ITEMS = [{"label": 7, "writer": "me", "strokes": SEVEN}, {"label": 1, "writer": "me", "strokes": [[[5, 0], [5, 90]]]}] * 4


def ends(ink):
    """First and last row, first and last column with ink."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return np.array([rows[0], rows[-1], columns[0], columns[-1]])


def test_a_file_gzipped_or_not_by_path_or_open(tmp_path):
    text = json.dumps(ITEMS).encode()
    (tmp_path / "a.json").write_bytes(text)
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(text))
    for file in (tmp_path / "a.json", str(tmp_path / "a.json.gz"), io.BytesIO(text), io.BytesIO(gzip.compress(text))):
        assert strokes.load(file) == ITEMS
    assert strokes.load(io.BytesIO(json.dumps([{"label": 0, "strokes": SEVEN}]).encode()))[0]["writer"] == ""


@pytest.mark.parametrize("items, says", [
    ([], "expected a list"), ({"label": 1}, "expected a list"), (3, "expected a list"),
    ([3], "digit 0 .* label"), ([ITEMS[0], {"label": "1", "strokes": SEVEN}], "digit 1 .* label '1'"),
    ([{"label": -1, "strokes": SEVEN}], "label -1"), ([{"label": True, "strokes": SEVEN}], "label True"),
    *[([{"label": 1, "strokes": wrong}], "digit 0 .* no strokes") for wrong in (
        None, [], [[]], 5, "ab", [3, 4], [[1, 2], [3, 4]], [[[1, 2, 3]]], [[[1, 2], [3]]], [[["a", "b"]]], [[[None, 1]]],
        [[[1e999, 0]]], {"a": 1})],
])
def test_other_contents_are_refused(items, says):
    with pytest.raises(ValueError, match=says) as refusal:
        strokes.load(io.BytesIO(json.dumps(items).encode()))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe\0", b"PK\3\4", gzip.compress(b"[1", mtime=0)[:-6], b"\x1f\x8b\x08broken", b"[" * 200_000],
    ids=lambda data: f"{len(data)} bytes",
)
def test_other_files_are_refused(data):
    with pytest.raises(ValueError, match="no JSON"):
        strokes.load(io.BytesIO(data))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        strokes.load(tmp_path / "nowhere.json")


@given(st.integers(100, 400), st.floats(4, 30), st.floats(0.2, 0.6), st.floats(0.35, 0.65), st.floats(0.35, 0.65))
def test_the_digit_is_drawn_as_large_as_asked_for_where_asked_for(side, pen, filled, x, y):
    picture = strokes.render(SEVEN, side, pen, filled, (x, y))
    assert picture.shape == (side, side) and picture.dtype == np.uint8 and picture.min() == 0 and picture.max() == 255
    # The 7 is 60 wide and 100 high, and half a pen stands out on every side.
    half = np.array([1, 1, 0.6, 0.6]) * filled * side / 2 + pen / 2
    expected = np.array([y, y, x, x]) * side + [-1, 1, -1, 1] * half
    np.testing.assert_allclose(ends(255 - picture), np.clip(expected, 0, side - 1), atol=1.6)


def test_the_pen_is_as_wide_as_asked_for_and_round():
    for pen in (12, 20, 30):
        line = 255 - strokes.render([[[0, 0], [100, 0]]], pen=pen, filled=0.5)
        assert line[:, 140].sum() / 255 == pytest.approx(pen, abs=1)
        dot = 255 - strokes.render([[[3, 3]]], pen=pen)
        assert dot.sum() / 255 == pytest.approx(np.pi * pen**2 / 4, rel=0.1)


def test_an_affine_map_turns_the_strokes():
    turned = strokes.render(SEVEN, affine=np.array([[0, 1], [1, 0]]))
    np.testing.assert_allclose(turned, strokes.render([[p[::-1] for p in s] for s in SEVEN]))


def test_strokes_without_points_are_refused():
    for nothing in ([], [[]]):
        with pytest.raises(ValueError, match="no points"):
            strokes.render(nothing)
    with pytest.raises(ValueError, match="no digits"):
        strokes.drawn([])


def test_drawn_digits_depend_on_the_seed_alone_and_went_through_to_digit(monkeypatch):
    pictures = []
    monkeypatch.setattr(strokes, "to_digit", lambda picture: pictures.append(picture) or drawing.to_digit(picture))
    X, y = strokes.drawn(ITEMS, seed=3)
    assert X.shape == (8, 784) and X.dtype == np.uint8 and y.tolist() == [7, 1] * 4
    np.testing.assert_array_equal(X / np.float32(255), [drawing.to_digit(picture) for picture in pictures])
    again, other = strokes.drawn(ITEMS, seed=3)[0], strokes.drawn(ITEMS, seed=4)[0]
    np.testing.assert_array_equal(X, again)
    assert not np.array_equal(other, X)


def test_drawn_digits_differ_in_pen_size_and_place(monkeypatch):
    boxes, pens = [], []
    monkeypatch.setattr(strokes, "to_digit", lambda picture: boxes.append(ends(255 - picture)) or drawing.to_digit(picture))
    usual = strokes.render
    monkeypatch.setattr(strokes, "render", lambda s, pen, **rest: pens.append(pen) or usual(s, pen=pen, **rest))
    strokes.drawn(ITEMS * 25, seed=0)
    heights = np.array([bottom - top for top, bottom, _, _ in boxes])
    tops = np.array([top for top, *_ in boxes])
    assert 12 <= min(pens) < 13 and 29 < max(pens) <= 30
    assert heights.min() < 110 and heights.max() > 270 and tops.min() < 10 and tops.max() > 120


def test_the_usual_picture_pens_and_sizes():
    np.testing.assert_array_equal(strokes.render(SEVEN), strokes.render(SEVEN, 280, 20, 0.64, (0.5, 0.5), None))
    np.testing.assert_array_equal(strokes.drawn(ITEMS)[0], strokes.drawn(ITEMS, 0, (12, 30), (0.25, 1.0))[0])
    ticks = []
    strokes.drawn(ITEMS, done=lambda: ticks.append(1))
    assert len(ticks) == len(ITEMS)
    assert [f"tra{k}" for k in range(25, 31)] == list(strokes.HELD_OUT)


def test_the_path_stays_on_the_canvas_wherever_it_is_put(monkeypatch):
    centres = []
    usual = strokes.render
    monkeypatch.setattr(strokes, "render", lambda s, pen, filled, centre: centres.append((filled, *centre)) or usual(s, pen=pen))
    strokes.drawn(ITEMS * 30, seed=1)
    filled, x, y = np.array(centres).T
    assert 0.25 <= filled.min() < 0.28 and 0.97 < filled.max() <= 1
    for place in (x, y):
        room = (place - filled / 2) / (1 - filled)
        assert -1e-9 <= room.min() < 0.05 and 0.95 < room.max() <= 1 + 1e-9
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.3


def test_a_single_point_or_a_stroke_of_no_length_is_a_dot():
    dot = strokes.render([[[3, 3]]])
    for same_place in ([[[7, 9], [7, 9]]], [[[1, 1]], [[1, 1]]]):
        assert np.abs(strokes.render(same_place).astype(int) - dot).mean() < 1
