"""Photos and PNGs of digits, and what lies on the sheet."""

import io

import numpy as np
import pytest
import streamlit as st
from PIL import Image, ImageDraw

from ui import state
from ui.draw import paper


@pytest.fixture(autouse=True)
def visitor(monkeypatch):
    """A fresh session without a running app."""
    monkeypatch.setattr(st, "session_state", {})


def seven(paper_grey=200.0, ink=40, shadow=0.0, noise=0.0, mode="L"):
    """A photo of a 7 as a file: paper with a shadow from left to right, and noise."""
    light = np.full((600, 500), paper_grey) + np.linspace(-shadow, shadow, 500)
    light += np.random.default_rng(0).normal(0, 1, light.shape) * noise
    image = Image.fromarray(light.clip(0, 255).astype(np.uint8))
    ImageDraw.Draw(image).line([(150, 150), (350, 150), (240, 480)], fill=ink, width=30, joint="curve")
    file = io.BytesIO()
    image.convert(mode).save(file, "PNG")
    return io.BytesIO(file.getvalue())


@pytest.mark.parametrize(
    "look", [{}, {"shadow": 40}, {"shadow": 30, "noise": 6}, {"paper_grey": 20, "ink": 230}, {"mode": "RGB"}, {"mode": "P"}]
)
def test_a_photo_is_read_in_any_light(look):
    inst = paper.photo(seven(**look), "seven.png")
    assert state.networks()["mlp"].network.predict(inst.x[None])[0] == 7
    clean = paper.photo(seven(), "seven.png")
    assert np.abs(inst.x - clean.x).mean() < 0.03
    assert (inst.origin, inst.label, inst.text) == ("photo", None, "the picture seven.png")


def test_ink_in_the_alpha_channel_is_read():
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(50, 10), (50, 90)], fill=(0, 0, 0, 255), width=12)
    file = io.BytesIO()
    image.save(file, "PNG")
    assert state.networks()["mlp"].network.predict(paper.photo(file, "one.png").x[None])[0] == 1


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 60])
def test_what_is_no_picture_is_refused_in_one_sentence(content):
    with pytest.raises(ValueError, match=r"^x\.png: this is not a picture that can be read: it is .*\.$"):
        paper.photo(io.BytesIO(content), "x.png")


def test_a_picture_cut_short_is_refused():
    with pytest.raises(ValueError, match="cut short"):
        paper.photo(io.BytesIO(seven().getvalue()[:800]), "half.png")


def test_an_empty_sheet_of_paper_is_refused():
    file = io.BytesIO()
    Image.new("L", (200, 200), 220).save(file, "PNG")
    with pytest.raises(ValueError, match="No digit stands out"):
        paper.photo(file, "blank.png")


def test_a_real_digit_comes_with_its_label():
    inst = paper.real_digit(np.random.default_rng(1))
    assert inst.x.shape == (784,) and inst.x.dtype == np.float32 and 0 <= inst.label <= 9 and inst.origin == "data"
    now = paper.put(inst)
    assert now.initial["objects"][0]["type"] == "Image" and state.instance() is inst


def test_coming_back_finds_a_new_sheet_with_the_same_instance():
    inst = paper.real_digit(np.random.default_rng(1))
    first = paper.put(inst)
    again = paper.sheet()  # the canvas of the first sheet is gone from the session
    assert again.key != first.key and again.given is inst
    st.session_state[again.key] = {}
    assert paper.sheet() is again


def test_undo_goes_back_stroke_by_stroke_to_what_was_given():
    given = paper.real_digit(np.random.default_rng(1))
    first = paper.put(given)
    stroke = {"type": "Path", "left": 1.0, "top": 2.0}
    objects = given.json["objects"] + [stroke, stroke | {"left": 3.0}]
    state.set_instance(state.Instance(given.x, json={"objects": objects}))
    paper.undo()
    assert first.initial["objects"] == objects[:-1]
    state.set_instance(state.Instance(given.x, json={"objects": objects[:-1]}))
    paper.undo()
    assert state.instance() is given
    paper.undo()
    assert state.instance() is None


@pytest.mark.parametrize("picture", [b"", b"no picture", b"%!PS-Adobe-3.0 EPSF-3.0"])
def test_what_no_canvas_sends_is_an_empty_sheet(picture):
    class Canvas:
        image_bytes, json_data = picture, {"objects": [{"type": "Path", "left": 1.0, "top": 2.0}]}

    now = paper.put(paper.real_digit(np.random.default_rng(1)))
    assert paper.read(now, Canvas) is None and state.instance() is None
