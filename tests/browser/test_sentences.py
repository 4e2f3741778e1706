"""What the Chain rule page says of a cell, in a real Chromium: its formula, its sentence, its two readings."""

import numpy as np
import pytest

import mlcore
from tests.chromium import becomes

from .strip import Strip, open_example


def test_a_logit_names_its_largest_contributions(drawn):
    drawn.point_at("z0", 3, 0)
    products = drawn.array("W0")[3] * drawn.array("x0")[:, 0]
    bias = drawn.array("b0")[3, 0]
    largest = np.sort(np.abs(np.append(products, bias)))[-3:]
    assert sorted(map(abs, drawn.numbers("value"))) == sorted(largest)
    shares = mlcore.contributions(mlcore.models.load("softmax"), drawn.array("x0")[:, 0], 3)
    assert drawn.value == pytest.approx(shares.sum() + bias, rel=1e-12)


def test_both_readings_stand_side_by_side(drawn):
    drawn.point_at("dL_dz0", 0, 2)
    badge = drawn.page.locator(".badge")
    assert badge.get_attribute("data-equal") == "true"
    shown = [float(v) for v in badge.locator("data").evaluate_all("all => all.map((e) => e.value)")]
    dL_da, da_dz = drawn.array("dL_da0"), drawn.array("da_dz0")
    fused = drawn.array("a0")[2, 0] - (drawn.root.evaluate("root => root.chain.trace.label") == 2)
    np.testing.assert_allclose(shown, [(dL_da @ da_dz)[0, 2], sum(dL_da[0] * da_dz[:, 2]), fused], rtol=1e-12, atol=1e-15)
    assert drawn.page.locator(".both g[data-path]").count() == 10


def test_numbers_that_are_equal_as_shown_are_called_equal(page, app_url):
    page.goto(f"{app_url}/chain-rule?source=Data&instance=6&net=softmax&digits=4")
    strip = Strip(page)
    signs = strip.root.evaluate(
        "root => { const o = root.chain.trace.objects.find((o) => o.name === 'dL_dW'), s = root.chain.sentences, found = [];"
        " for (let i = 0; i < 10; i++) for (let j = 0; j < 784; j += 3) { const [d, x] = root.chain.trace.terms(o, i, j).factors(0);"
        "   const text = s.of(o, i, j)[1], shown = s.r(d) * s.r(x);"
        "   found.push([text.includes('≈'), Number(shown.toPrecision(4)) !== Number(o.value(i, j).toPrecision(4))]); } return found; }"
    )
    assert {tuple(one) for one in signs} == {(False, False), (True, True)}


def test_part_ones_names_count_from_1_in_the_sentences_too(page, app_url):
    strip = open_example(page, app_url, "&notation=Θ")
    strip.point_at("da_dz0", 2, 1)
    assert "what unit 2 gains, unit 3 loses" in page.locator(".sentence").inner_text()
    strip.point_at("dL_da0", 0, 1)
    assert "no a of unit 2 in cost" in page.locator(".sentence").inner_text()


def test_the_numbers_of_a_small_matrix_stay_in_their_cells(phone, app_url):
    phone.goto(f"{app_url}/chain-rule?source=Data&instance=6")
    strip = Strip(phone)
    wide = strip.root.evaluate(
        "root => { const {matrix} = root.chain.shapes.get(root.chain.trace.objects.find((o) => o.name === 'da_dz').index), widths = [];"
        " const canvas = document.createElement('canvas'), sized = matrix.sized.bind(matrix);"
        " matrix.sized = (c) => { const pen = sized(c), fill = pen.fillText.bind(pen);"
        "   pen.fillText = (text, ...at) => { widths.push(pen.measureText(text).width); fill(text, ...at); }; return pen; };"
        " matrix.paint(canvas); delete matrix.sized; return [matrix.w, Math.max(...widths), widths.length]; }"
    )
    assert wide[2] > 20 and wide[1] <= wide[0] - 3


def test_a_slice_of_the_tensor_is_zero_off_its_row(page, app_url):
    strip = open_example(page, app_url)
    strip.point_at("dz_dW0", 1, 1)
    assert strip.value == 2
    page.get_by_role("button", name="3 × 3 × 3: slices").click()
    strip.point_at("dz_dW0", 1, 1)
    becomes(lambda: strip.value, 0)
    assert "Slice 0 is the derivative of z of unit 0 alone" in page.locator(".sentence").inner_text()
    assert strip.lit("x0") == []
    strip.point_at("dz_dW0", 0, 1)
    becomes(lambda: strip.value, 2)


def test_a_saturated_output_is_said_as_what_it_is(page, app_url):
    numbers = "1_2_-1_900_" + "_".join(["0"] * 11)
    strip = open_example(page, app_url, f"&y=1&numbers={numbers}")
    strip.point_at("L0", 0, 0)
    assert page.locator(".formula math").text_content().replace("\u00a0", " ").endswith("=∞, in one step 900")
    assert "−log 0 is infinite. From the logits, by log-sum-exp, the loss is 900" in page.locator(".sentence").inner_text()
    strip.point_at("dL_dz0", 0, 1)
    assert page.locator(".formula math").text_content().replace("\u00a0", " ").endswith("=NaN, in one step −1")
    assert "≈" not in page.locator(".said").inner_text()


def test_bold_is_a_whole_array(page, app_url):
    strip = open_example(page, app_url)
    title = page.locator('figure[data-object="dL_dz0"] .title math')
    assert title.text_content() == "∂L∂𝐳"
    strip.point_at("dL_dz0", 0, 1)
    assert page.locator(".formula math").text_content().startswith("∂L∂z1=")
    page.get_by_text("Bold is a whole array").wait_for()


@pytest.mark.parametrize(("digits", "sign"), [("4", "≈"), ("full", "=")])
def test_numbers_that_are_shown_rounded_are_not_called_equal(page, app_url, digits, sign):
    strip = open_example(page, app_url, f"&deep=true&y=1&digits={digits}")
    strip.point_at("dL_dz1", 0, 0)
    text = page.locator(".formula math").text_content().replace("−", "-")
    assert f"{sign}{'0.06723' if digits == '4' else repr(strip.value)}" in text
    strip.point_at("dL_dW1", 1, 1)
    assert "=" in page.locator(".sentence").inner_text() and "≈" not in page.locator(".sentence").inner_text()


def test_a_unit_whose_row_is_not_drawn_still_says_its_largest_terms(page, app_url):
    page.goto(f"{app_url}/chain-rule?source=Data&instance=6")
    strip = Strip(page)
    page.get_by_role("button", name="Layer 1").click()
    page.locator('.line h3:has-text("layer 1")').wait_for()
    drawn = set(strip.root.evaluate("root => root.chain.trace.objects.find((o) => o.name === 'W' && !o.layer).units"))
    unit = next(k for k in range(1536) if k not in drawn)
    strip.point_at("z0", unit, 0)
    e = mlcore.explain(mlcore.models.load("mlp"), mlcore.datasets.load("digits").X_test[5], 1).layers[0]
    terms = np.append(e.W[unit] * e.input, e.b[unit])
    said = sorted(map(abs, strip.numbers("value")))
    assert said == sorted(sorted(np.abs(terms))[-3:]) or said == sorted([*sorted(np.abs(terms[:-1]))[-2:], abs(e.b[unit])])
    assert "Its row of W is not drawn" in page.locator(".sentence").inner_text()
    assert strip.value == pytest.approx(e.z[unit], rel=1e-12)
    assert strip.lit("x0") == [[None, None]] and strip.lit("b0") == [[unit, 0]]
