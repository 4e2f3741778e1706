"""One derivative read in several ways; what is saturated; sums of which only the largest terms are written out."""

import numpy as np
import pytest

from ui import colors

from .grid import assert_reads
from .mathml import evaluate, sides
from .static import rgb
from .strip import THETA, W_B, Scene, scene, strip
from .symbols import Names
from .test_matrices import PICTURES

HIDDEN = scene(4, 5, 3, y=2)
READ = {  # what is read twice: its row and the matrix behind it
    "dL_dz1": ("dL_da1", "da_dz1"), "dL_da0": ("dL_dz1", "dz_da1"), "dL_dz0": ("dL_da0", "da_dz0"), "dL_dz": ("dL_da0", "da_dz0"),
}  # fmt: skip


def read(mounted):
    """The paths, the table and the badge, as they stand there."""
    return mounted.page.locator(".readings").evaluate(
        """section => ({
            paths: [...section.querySelectorAll("g[data-path]")].map((g) => {
                const [one, other] = [...g.querySelectorAll("path")].map((p) => getComputedStyle(p));
                return {unit: +g.dataset.path, color: one.stroke, width: parseFloat(one.strokeWidth),
                        label: g.querySelector("text").textContent,
                        alike: one.stroke === other.stroke && one.strokeWidth === other.strokeWidth}; }),
            rows: [...section.querySelectorAll("tbody tr")].map(
                (r) => [r.cells[0].textContent, ...[...r.querySelectorAll("data")].map((d) => d.value)]),
            texts: [...section.querySelectorAll("tbody data")].map((d) => [d.textContent, +d.value]),
            badge: [...section.querySelectorAll(".badge data")].map((d) => +d.value),
            names: section.querySelector(".badge").innerText, verdict: section.querySelector(".badge b").innerText,
            equal: section.querySelector(".badge").dataset.equal,
            ends: [...section.querySelectorAll("svg > text")].map((t) => t.textContent),
        })"""
    )  # fmt: skip


@pytest.mark.parametrize("notation", [W_B, THETA])
def test_paths_are_as_wide_as_their_products_and_add_up(mount, notation):
    arrays, first = HIDDEN.arrays, int(notation == THETA)
    mounted, shown = strip(mount, HIDDEN, notation=notation)
    for name, layer in (("dL_dz1", 2), ("dL_da0", 1), ("dL_dz0", 1)):
        mounted.page.get_by_role("button", name=f"Layer {layer}").click()
        left, right = (arrays[one] for one in READ[name])
        for j in range(arrays[name].shape[1]):
            shown.point_at(name, 0, j)
            found, products = read(mounted), left[0] * right[:, j]
            assert [p["unit"] for p in found["paths"]] == list(range(len(products)))
            largest = np.abs(products).max()
            for path, value in zip(found["paths"], products):
                assert path["width"] == pytest.approx(0.75 + 6 * abs(value) / largest, abs=1e-3) and path["alike"]
                color = colors.NEGATIVE if value < 0 else colors.POSITIVE if value > 0 else colors.MUTED
                np.testing.assert_array_equal(rgb(path["color"]), colors.rgb(color))
                assert path["label"] == ("z" if name == "dL_da0" else "a") + str(path["unit"] + first)
            rows = [[int(unit), *map(float, numbers)] for unit, *numbers in found["rows"]]
            assert rows == [[i + first, left[0, i], right[i, j], products[i]] for i in range(len(products))]
            for text, value in found["texts"]:
                assert_reads(text, value)
            value = arrays[name][0, j]
            np.testing.assert_allclose(found["badge"], [left[0] @ right[:, j], products.sum(), value], rtol=1e-12, atol=1e-15)
            assert found["badge"][2] == value and found["equal"] == "true" and found["verdict"].startswith("equal")
            assert ("a − onehot(y)" in found["names"]) == (name == "dL_dz1")
            assert found["ends"] == ["L", ("a" if name == "dL_da0" else "z") + str(j + first)]


def test_where_nothing_is_read_twice_no_readings_are_shown(mount):
    mounted, shown = strip(mount, scene(3, 3))
    for name in ("z0", "dL_dW0", "dL_db0", "dL_da0"):
        shown.point_at(name, 0, 0)
        assert mounted.page.locator(".readings").is_hidden()
    shown.point_at("dL_dz0", 0, 0)
    assert mounted.page.locator(".readings").is_visible()


def test_a_saturated_output_is_said_as_what_it_is(mount):
    net = scene(3, 3).net
    net.layers[0].W = np.zeros((3, 3))
    net.layers[0].W[0, 0], net.layers[0].b = 900, np.zeros(3)
    mounted, shown = strip(mount, Scene(net, np.array([1.0, 2.0, -1.0]), 1))
    formula, sentence = mounted.page.locator(".formula math"), mounted.page.locator(".sentence")
    shown.point_at("L0", 0, 0)
    assert formula.text_content().replace("\u00a0", " ").endswith("=∞, in one step 900")
    assert "−log 0 is infinite. From the logits, by log-sum-exp, the loss is 900" in sentence.inner_text()
    shown.point_at("dL_dz0", 0, 1)
    assert formula.text_content().replace("\u00a0", " ").endswith("=NaN, in one step −1")
    assert "≈" not in mounted.page.locator(".said").inner_text()
    found = read(mounted)
    assert found["equal"] == "false" and "only the fused form holds" in found["verdict"] and found["badge"][2] == -1


@pytest.mark.parametrize("notation", [W_B, THETA])
def test_of_a_long_sum_the_largest_terms_and_the_rest_are_said(mount, notation):
    of = PICTURES["pixels"]
    e, names = of.explained.layers[0], Names(of, notation)
    mounted, shown = strip(mount, of, notation=notation)
    for unit in (3, 7):
        shown.point_at("z0", unit, 0)
        terms = np.append(e.W[unit] * e.input, e.b[unit])
        assert sorted(map(abs, shown.numbers("value"))) == sorted(np.sort(np.abs(terms))[-3:])
        assert shown.value == e.z[unit] and f"The largest of {len(terms)} terms" in mounted.page.locator(".sentence").inner_text()
        html = mounted.page.locator(".formula").inner_html()
        assert "(782 more)" in html.replace("&nbsp;", " ").replace("\u00a0", " ")
        parts, _ = sides(html)
        assert evaluate(parts[1], names) == pytest.approx(e.z[unit], rel=1e-9)
        assert evaluate(parts[2], names) == pytest.approx(e.z[unit], rel=1e-2, abs=5e-3)


def test_a_unit_whose_row_is_not_drawn_still_says_its_largest_terms(mount):
    of = PICTURES["wide"]
    e = of.explained.layers[0]
    mounted, shown = strip(mount, of)
    mounted.page.get_by_role("button", name="Layer 1").click()
    drawn = set(shown.root.evaluate("root => root.chain.trace.objects.find((o) => o.name === 'W').units"))
    unit = next(k for k in range(60) if k not in drawn)
    shown.point_at("z0", unit, 0)
    terms = np.append(e.W[unit] * e.input, e.b[unit])
    largest = np.sort(np.abs(terms[:-1]))[-3:]
    assert sorted(map(abs, shown.numbers("value"))) == sorted(sorted([*largest, abs(terms[-1])])[-3:])
    assert "Its row of W is not drawn: 32 units are" in mounted.page.locator(".sentence").inner_text()
    assert shown.value == e.z[unit] and shown.lit("x0") == [[None, None]] and shown.lit("b0") == [[unit, 0]] and shown.lit("W0") == []
    parts, _ = sides(mounted.page.locator(".formula").inner_html())
    assert evaluate(parts[2], Names(of, W_B)) == pytest.approx(e.z[unit], rel=1e-2, abs=5e-3)


def test_of_a_large_layer_the_element_wise_product_is_said(mount):
    of = PICTURES["wide"]
    e = of.explained.layers[0]
    mounted, shown = strip(mount, of)
    mounted.page.get_by_role("button", name="Layer 1").click()
    for unit in np.flatnonzero(e.delta)[[0, 5]]:
        shown.point_at("dL_dz0", 0, int(unit))
        assert shown.numbers("factor") == [e.dL_da[unit], e.da_dz[unit, unit]] and shown.numbers("value") == [e.dL_dz[unit]]
        assert "the other 59 entries of the column are 0" in mounted.page.locator(".sentence").inner_text()
        found = read(mounted)
        assert found["rows"][0][0] == str(unit) and [p["unit"] for p in found["paths"]] == [unit]
