"""Each colour has one meaning, can be told from the page in either theme, and is named in one place."""

import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from ui import colors

ROOT = Path(__file__).parents[2]
THEMES = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))["theme"]
MEANINGS = ("ACCENT", "MUTED", "HELD_OUT", "BIAS", "LIT", "NOT_FINITE", "DATA", "PENALTY", "NEGATIVE", "POSITIVE")


def luminance(rgb):
    c = np.asarray(rgb) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    """As WCAG 2 defines it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_meaning_has_a_colour_of_its_own():
    for one, other in itertools.combinations([getattr(colors, name) for name in MEANINGS], 2):
        assert np.abs(np.subtract(colors.rgb(one), colors.rgb(other))).max() >= 32, (one, other)
    assert colors.TRAIN == colors.ACCENT and len(set(colors.SERIES)) == 4 and len(set(colors.CLASSES)) == 10
    others = set(colors.SERIES[1:3]) | set(colors.CLASSES[2:])
    assert not others & {getattr(colors, name) for name in MEANINGS}


@pytest.mark.parametrize("theme", ("light", "dark"))
def test_lines_marks_and_texts_stand_out_from_the_page(theme):
    back, ink = (np.array(colors.rgb(THEMES[theme][name])) for name in ("backgroundColor", "textColor"))
    for color in (*(getattr(colors, name) for name in MEANINGS), *colors.SERIES, *colors.CLASSES):
        assert contrast(colors.rgb(color), back) >= 3, (theme, color)
    for color in (colors.BIAS, colors.NOT_FINITE):
        share = int(re.search(r"(\d+)%, currentColor", colors.text(color))[1]) / 100
        assert color in colors.text(color) and contrast(share * np.array(colors.rgb(color)) + (1 - share) * ink, back) >= 4.5


def test_the_page_and_the_theme_have_the_same_accent():
    assert THEMES["light"]["primaryColor"] == colors.ACCENT


def test_blue_is_below_zero_white_is_zero_and_red_above():
    red, _, blue = colors.diverging(np.linspace(-1, 1, 201)).astype(int).T
    assert (blue[:100] > red[:100]).all() and (red[101:] > blue[101:]).all() and red[100] == blue[100] >= 247
    assert colors.diverging([-2.0, -1, 0, 1, 2]).tolist() == [
        colors.rgb(c) for c in (colors.NEGATIVE, colors.NEGATIVE, colors.ZERO, colors.POSITIVE, colors.POSITIVE)
    ]
    # The further from zero, the darker, on both sides alike.
    light = luminance(colors.diverging(np.linspace(-1, 1, 201)))
    assert (np.diff(light[:101]) > 0).all() and (np.diff(light[100:]) < 0).all()
    assert [place for place, _ in colors.DIVERGING] == [0, 0.25, 0.5, 0.75, 1] and tuple(c for _, c in colors.DIVERGING) == colors.STOPS


@pytest.mark.parametrize("strength", (1.0, 0.6, 0.0))
def test_a_paled_scale_is_the_scale_mixed_with_white(strength):
    whole, paled = colors.palette().astype(float), colors.palette(strength).astype(float)
    np.testing.assert_allclose(paled, strength * whole + (1 - strength) * 255, atol=1)
    assert len(set(map(tuple, colors.palette().tolist()))) > 200 and whole[128].tolist() == colors.rgb(colors.ZERO)
    assert whole[0].tolist() == whole[1].tolist() == colors.rgb(colors.NEGATIVE) and whole[255].tolist() == colors.rgb(colors.POSITIVE)


def test_the_gradient_runs_from_blue_to_red():
    assert re.findall(r"(#\w{6}) (\d+)%", colors.gradient()) == [(c, f"{25 * k}") for k, c in enumerate(colors.STOPS)]
    assert "to right" in colors.gradient()


def test_no_other_file_names_a_colour():
    files = [p for kind in ("py", "js", "css", "html") for part in ("ui", "pages") for p in (ROOT / part).rglob(f"*.{kind}")]
    assert len(files) > 60
    named = [p.name for p in files if re.search(r"(?<![&\w/])#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b(?!\w)", p.read_text("utf-8"))]
    assert named == ["colors.py"]
