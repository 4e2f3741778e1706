"""The network drawn: its nodes and edges as they are painted, and what it says of Θ, Δ and D, against mlcore."""

import re

import numpy as np
import pytest

import mlcore
from tests.chromium import becomes
from ui import chain, colors
from ui.theta import scenes

from .grid import assert_reads, colored
from .mathml import evaluate, parsed, shown_numbers, sides
from .static import contrast, rgb
from .strip import SOURCES, THETA, W_B, Scene, Strip
from .symbols import Names
from .test_formulas import assert_sign, rounded

L2 = 0.05
EDGES = {"Θ": ("W", "b"), "∂cost/∂Θ": ("dL_dW", "dL_db"), "Δ": "Delta", "D": "D"}
NODES = {"a": "a", "z": "z", "δ": "dL_dz"}
EACH = pytest.mark.parametrize("notation", [THETA, W_B])


def moons():
    """A network of two hidden layers, its biases not 0, and 30 instances of two classes."""
    X, y = scenes.instances("moons", 30, 0.1, 3, (0, 1))
    net = mlcore.Network((2, 3, 4, 1), "sigmoid", "sigmoid", 3, "float64")
    for layer in net.layers:
        layer.b = np.random.default_rng(layer.b.size).normal(size=layer.b.shape)
    return net, X, y


def network(mount, notation=THETA, digits=4, made=moons, k=4, **options):
    """The network with the numbers of instance k → (its Scene, all Scenes, the Mounted, its Strip)."""
    net, X, y = made()
    each = [Scene(net, *one) for one in zip(X, (int(one) for one in y))]
    data = chain.graph(each[k].seen, X, y, L2, digits, notation) | {"position": None}
    mounted = mount(SOURCES, data, **options)
    return each[k], each, mounted, Strip(mounted.page)


def choose(mounted, name, option):
    mounted.page.locator(f'select[data-choice="{name}"]').select_option(option)


def drawn(shown):
    """Everything that is drawn, in its order: what a visitor sees of it and what is read aloud."""
    return shown.root.evaluate(
        """root => [...root.querySelectorAll(".net svg > :is(path, circle, text)")].map((e) => {
            const style = getComputedStyle(e), of = (name) => e.getAttribute(name);
            return {tag: e.tagName, name: of("aria-label"), stroke: style.stroke, width: parseFloat(style.strokeWidth),
                    opacity: parseFloat(style.strokeOpacity), fill: style.fill, text: e.textContent,
                    dashed: style.strokeDasharray !== "none",
                    at: e.tagName === "path" ? of("d").match(/[-\\d.]+/g).map(Number) : ["cx", "cy", "x", "y", "r"].map(of)};
        })"""
    )


def said(shown, names):
    """Point at what is called so, one after the other → what is said and lit."""
    return shown.root.evaluate(
        """async (root, names) => {
            const parts = [...root.querySelectorAll(".net svg [aria-label]")], seen = [];
            for (const name of names) {
                parts.find((e) => e.getAttribute("aria-label") === name).dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
                await new Promise(requestAnimationFrame);
                const marked = (mark) => [...root.querySelectorAll(`.net .${mark}`)].map((e) => e.getAttribute("aria-label"));
                seen.push({value: +root.dataset.value, formula: root.querySelector(".formula").innerHTML, here: marked("here"),
                           sentence: root.querySelector(".sentence").innerHTML, lit: marked("lit"), col: 0});
            }
            return seen;
        }""",
        names,
    )


def called(notation, n, u):
    """A unit of layer n of nodes, u = −1 the bias unit, as the notation counts."""
    layer = n + 1 if notation == THETA else n
    return f"the bias unit of layer {layer}" if u < 0 else f"unit {u + (notation == THETA)} of layer {layer}"


def edges(of, notation, which, gradients):
    """{what an edge is called: (layer, row, column, value)}, column −1 for the bias."""
    found = {}
    for l, layer in enumerate(of.explained.layers):
        if isinstance(EDGES[which], str):
            values = getattr(gradients, EDGES[which])[l]
        else:
            weights, biases = (getattr(layer, name) for name in EDGES[which])
            values = np.column_stack([biases, weights])
        for i, j in np.ndindex(values.shape):
            found[f"edge from {called(notation, l, j - 1)} to {called(notation, l + 1, i)}"] = l, i, j - 1, values[i, j]
    return found


@EACH
@pytest.mark.parametrize("which", EDGES)
def test_edges_join_their_units_as_wide_and_as_red_or_blue_as_their_numbers(mount, notation, which):
    of, each, mounted, shown = network(mount, notation)
    gradients = of.net.gradients(np.array([one.x for one in each]), [one.y for one in each], L2)
    choose(mounted, "Edges", which)
    wanted = edges(of, notation, which, gradients)
    everything = drawn(shown)
    paths = {one["name"]: one for one in everything if one["tag"] == "path"}
    nodes = {("the " if "bias" in name else "") + name.split(",")[0]: list(map(float, (x, y, r)))
             for name, (x, y, _, _, r) in ((one["name"], one["at"]) for one in everything if one["tag"] == "circle")}  # fmt: skip
    assert sorted(paths) == sorted(wanted)
    for name, (l, _, _, value) in wanted.items():
        largest = max(abs(v) for layer, _, _, v in wanted.values() if layer == l)
        path = paths[name]
        assert path["width"] == pytest.approx(1 + 6 * abs(value) / largest, abs=1e-3)
        assert path["opacity"] == pytest.approx(0.45 + 0.5 * abs(value) / largest, abs=1e-3)
        color = colors.NEGATIVE if value < 0 else colors.POSITIVE if value > 0 else colors.MUTED
        np.testing.assert_array_equal(rgb(path["stroke"]), colors.rgb(color))
        start, end = (nodes[one] for one in re.fullmatch("edge from (.+) to (.+)", name).groups())
        assert path["at"] == pytest.approx([start[0] + start[2], start[1], end[0] - end[2], end[1]])


@EACH
@pytest.mark.parametrize("which", NODES)
def test_nodes_show_their_numbers(mount, notation, which):
    of, _, mounted, shown = network(mount, notation)
    choose(mounted, "Nodes", which)
    everything = drawn(shown)
    circles = [(one, text) for one, text in zip(everything, everything[1:]) if one["tag"] == "circle"]
    columns = {}
    for n in range(4):
        values = of.x if n == 0 else getattr(of.explained.layers[n - 1], NODES[which])
        names = [called(notation, n, u).removeprefix("the ") for u in range(-(n < 3), len(values))]
        here = [(one, text) for one, text in circles if one["name"].split(",")[0] in names]
        assert [one["name"].split(",")[0] for one, _ in here] == names
        places = [float(one["at"][1]) for one, _ in here]
        assert places == sorted(places) and len({one["at"][0] for one, _ in here}) == 1
        columns[n] = float(here[0][0]["at"][0])
        if n < 3:
            bias, one = here.pop(0)
            assert one["text"] == "1" and bias["dashed"] and bias["name"].endswith(", 1")
            np.testing.assert_array_equal(rgb(bias["fill"]), [255, 255, 255])
        for (node, text), value, color in zip(here, values, colored(values)):
            np.testing.assert_allclose(rgb(node["fill"]), color, atol=1)
            assert_reads(text["text"], value, np.abs(values).max())
            assert contrast(rgb(text["fill"]), rgb(node["fill"])) >= 3.5 and not node["dashed"]
            assert text["at"][2] == node["at"][0] and abs(float(text["at"][3]) - float(node["at"][1])) < 6
            assert_reads(node["name"].split(", ")[1], value)
    assert list(columns.values()) == sorted(columns.values())
    under = [one["text"] for one in everything if one["tag"] == "text" and "layer" in one["text"]]
    assert under == [f"layer {n + (notation == THETA)}" for n in range(4)]


@pytest.mark.parametrize(("digits", "notation"), [(4, THETA), ("full", THETA), (2, W_B)])
@pytest.mark.parametrize("which", EDGES)
def test_every_edge_says_its_numbers(mount, notation, which, digits):
    of, each, mounted, shown = network(mount, notation, digits)
    gradients = of.net.gradients(np.array([one.x for one in each]), [one.y for one in each], L2)
    choose(mounted, "Edges", which)
    wanted = edges(of, notation, which, gradients)
    names, arithmetic = Names(of, notation, each, L2), 0
    for (name, (l, i, j, value)), found in zip(wanted.items(), said(shown, list(wanted))):
        assert found["value"] == value, name
        assert found["here"] == [name]
        for text, full in shown_numbers(found["formula"]):
            assert_reads(text, full)
        parts, signs = sides(found["formula"])
        for part in parts:
            numeric = "symbol" not in str(part)
            assert numeric or evaluate(part, names) == pytest.approx(value, rel=1e-9, abs=1e-15), found["formula"]
        assert evaluate(parts[-1], names) == pytest.approx(rounded(value, digits), rel=1e-9)
        if which == "D":
            bias = j < 0
            assert ("λ" in found["formula"]) == (not bias) and len(parts) == 4
            assert_sign(signs[-1], evaluate(parts[2], names), evaluate(parts[3], names), digits)
            arithmetic += 1
            numbers = [(one.get("class"), float(one.get("value"))) for one in parsed(f"<p>{found['sentence']}</p>").iter("data")]
            mean = gradients.Delta[l][i, j + 1] / 30
            penalty = [] if bias else [("penalty", L2 * of.net.layers[l].W[i, j])]
            assert numbers == [("mean", mean), *penalty, ("value", value)]
            no = "column 0 has no λ" if notation == THETA else "the bias has no λ"
            assert ((no in found["sentence"]) == bias and f"{'Θ' if notation == THETA else 'W'} is" in found["sentence"]) or bias
        for one in parsed(f"<p>{found['sentence']}</p>").iter("data"):
            assert_reads(one.text, float(one.get("value")))
    assert which != "D" or arithmetic == 9 + 16 + 5


@EACH
def test_a_node_says_its_formula_and_lights_its_partners(mount, notation):
    of, _, mounted, shown = network(mount, notation)
    names = Names(of, notation)
    for which, attribute in NODES.items():
        choose(mounted, "Nodes", which)
        called_ = [(n, u) for n in (1, 2, 3) for u in range(of.net.sizes[n])]
        labels = {one["name"].split(",")[0]: one["name"] for one in drawn(shown) if one["tag"] == "circle"}
        found = said(shown, [labels[called(notation, *one)] for one in called_])
        for (n, u), one in zip(called_, found):
            value = getattr(of.explained.layers[n - 1], attribute)[u]
            assert one["value"] == value and [label.split(",")[0] for label in one["here"]] == [called(notation, n, u)]
            for part in sides(one["formula"])[0]:
                if "symbol" in str(part):
                    assert evaluate(part, names, u) == pytest.approx(value, rel=1e-9, abs=1e-15), one["formula"]
            if which == "z":
                into = [f"edge from {called(notation, n - 1, j)} to {called(notation, n, u)}" for j in range(-1, of.net.sizes[n - 1])]
                first = -1 if notation == THETA else 0  # a₀ = 1 is part of a there
                before = [labels[called(notation, n - 1, j).removeprefix("the ")] for j in range(first, of.net.sizes[n - 1])]
                assert sorted(one["lit"]) == sorted(into + before)
    bias = said(shown, [f"{called(notation, 1, -1).removeprefix('the ')}, 1"])[0]
    assert bias["value"] == 1 and "A bias unit is always 1" in bias["sentence"]


def test_an_edge_of_the_gradient_lights_what_it_is_the_product_of(mount):
    of, _, mounted, shown = network(mount)
    choose(mounted, "Edges", "∂cost/∂Θ")
    found = said(shown, ["edge from unit 2 of layer 2 to unit 3 of layer 3"])[0]
    assert {label.split(",")[0] for label in found["lit"]} >= {"unit 3 of layer 3", "unit 2 of layer 2"}
    assert found["value"] == of.explained.layers[1].dL_dW[2, 1]


def test_from_a_node_to_an_edge_within_one_frame_the_edge_is_said(mount):
    of, each, mounted, shown = network(mount)
    choose(mounted, "Edges", "D")
    D = of.net.gradients(np.array([one.x for one in each]), [one.y for one in each], L2).D
    found = shown.root.evaluate(
        """async (root) => {
            const parts = [...root.querySelectorAll(".net [aria-label]")];
            const part = (name) => parts.find((e) => e.getAttribute("aria-label").startsWith(name));
            for (const name of ["unit 1 of layer 2,", "edge from unit 2 of layer 2 to unit 3 of layer 3"])
                part(name).dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
            for (let k = 0; k < 3; k++) await new Promise(requestAnimationFrame);
            return +root.dataset.value;
        }"""
    )
    assert found == D[1][2, 2]


def test_other_digits_and_another_notation_say_the_same_edge_anew(mount):
    net, X, y = moons()
    of, _, mounted, shown = network(mount)
    choose(mounted, "Edges", "D")
    name = "edge from unit 2 of layer 2 to unit 3 of layer 3"
    value = said(shown, [name])[0]["value"]
    assert value == net.gradients(X, y, L2).D[1][2, 2]
    mounted.update(chain.graph(of.seen, X, y, L2, "full", THETA) | {"position": None})
    assert repr(float(value)) in mounted.page.locator(".sentence").inner_text().replace("−", "-")
    mounted.update(chain.graph(of.seen, X, y, L2, 4, W_B) | {"position": None})
    options = mounted.page.locator(".choices option").all_text_contents()
    assert options == ["W, b", "∂L/∂W, ∂L/∂b", "Σ ∂L/∂W, Σ ∂L/∂b", "∂J/∂W, ∂J/∂b", "a", "z", "∂L/∂z"]
    found = said(shown, ["edge from unit 1 of layer 1 to unit 2 of layer 2"])[0]
    assert found["value"] == value and "Θ" not in found["sentence"] + found["formula"]


def test_keys_go_from_node_to_node_and_into_the_edges_of_one(mount):
    _, _, mounted, shown = network(mount)
    page = mounted.page
    here = lambda: shown.root.evaluate("r => r.getRootNode().activeElement?.getAttribute('aria-label')?.split(',')[0]")  # noqa: E731
    page.locator(".net [tabindex='0']").focus()
    walk = [("End", "unit 1 of layer 4"), ("ArrowLeft", "bias unit of layer 3"), ("ArrowDown", "unit 1 of layer 3"),
            ("ArrowLeft", "unit 1 of layer 2"), ("ArrowUp", "bias unit of layer 2"), ("ArrowUp", "bias unit of layer 2"),
            ("ArrowDown", "unit 1 of layer 2"), ("Enter", "edge from the bias unit of layer 1 to unit 1 of layer 2"),
            ("Enter", "edge from unit 1 of layer 1 to unit 1 of layer 2"), ("Enter", "edge from unit 2 of layer 1 to unit 1 of layer 2"),
            ("Enter", "unit 1 of layer 2"), ("ArrowRight", "unit 1 of layer 3"), ("Home", "bias unit of layer 1")]  # fmt: skip
    for key, wanted in walk:
        page.keyboard.press(key)
        assert here() == wanted, (key, wanted)
        if wanted.startswith("unit"):
            unit, layer = map(int, re.findall(r"\d+", wanted))
            becomes(lambda u=unit - (layer == 4), l=layer - 2: shown.at == [f"a{l}", u, 0], True)  # behind a₀, but in the last layer
