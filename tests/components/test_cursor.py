"""The cursor through the chain rule: where it goes by buttons and keys, there and back; what it tells the app; keys within a matrix."""

import json

import numpy as np
import pytest

from tests.chromium import becomes
from tests.mlcore.lecture.stepping import Stepping
from ui import chain

from .strip import SOURCES, THETA, W_B, scene, strip
from .test_matrices import PICTURES

EXAMPLES = {"softmax regression": scene(3, 3), "hidden": scene(3, 2, 3, y=2), "sigmoid": scene(2, 3, 2, hidden="relu", output="sigmoid")}


def terms(of):
    """The trace, term by term: (object, row, column, term, value of the term, sum so far, value of the cell)."""
    trace, found = Stepping(of.explained), []
    for k, o in enumerate(trace.objects):
        for row, col in np.ndindex(o.shape):
            _, values, sums = trace.terms(k, row, col)
            cell = trace.array(k)[row, col]
            found += [(f"{o.name}{o.layer}", row, col, term, *map(float, pair), float(cell)) for term, pair in enumerate(zip(values, sums))]
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_cursor_walks_every_term_there_and_back(mount, name):
    of = EXAMPLES[name]
    _, shown = strip(mount, of)
    wanted, there = terms(of), shown.walk("term")
    assert [(s["object"], s["row"], s["col"], s["term"], float(s["value"])) for s in there] == [(*one[:4], one[6]) for one in wanted]
    assert [s["position"] for s in there] == list(range(len(wanted)))
    counts = {one[:3]: one[3] + 1 for one in wanted}
    for (*cell, term, value, so_far, _), stop in zip(wanted, there):
        count = counts[tuple(cell)]
        part = f", term {term + 1} of {count}" if count > 1 else ""
        assert stop["where"] == f"step {stop['position'] + 1:,} of {len(wanted):,}{part}"
        if count > 1:
            assert stop["said"].startswith(f"Term {term + 1} of {count}: ")
            said = dict(zip(("term", "so-far"), shown.root.evaluate(
                "(_, html) => { const p = document.createElement('p'); p.innerHTML = html;"
                " return ['term', 'so-far'].map((c) => +p.querySelector(`.${c}`).value); }", stop["sentence"])))  # fmt: skip
            assert said == {"term": value, "so-far": pytest.approx(so_far, rel=1e-12, abs=1e-15)}
    back = shown.root.evaluate(
        """root => { const seen = [];
            for (let before = null; before !== root.dataset.position; root.querySelector('[data-go="back"]').click())
                seen.push(+(before = root.dataset.position));
            return seen; }"""
    )
    assert back == list(range(len(wanted)))[::-1]


@pytest.mark.parametrize("stride", ["node", "object"])
def test_a_stride_goes_from_cell_to_cell_or_from_object_to_object(mount, stride):
    of = EXAMPLES["hidden"]
    _, shown = strip(mount, of)
    wanted = list(dict.fromkeys(one[: 3 if stride == "node" else 1] for one in terms(of)))
    there = shown.walk(stride)
    assert [(s["object"], s["row"], s["col"])[: len(wanted[0])] for s in there] == wanted
    assert all(s["term"] == 0 and (stride == "node" or s["row"] == s["col"] == 0) for s in there)
    back = shown.root.evaluate(
        """root => { const seen = [];
            for (let before = null; before !== root.dataset.position; root.querySelector('[data-go="back"]').click()) {
                before = root.dataset.position;
                seen.push([root.dataset.object, +root.dataset.row, +root.dataset.col]);
            }
            return seen; }"""
    )
    assert [tuple(one)[: len(wanted[0])] for one in back] == wanted[::-1]


def test_the_keys_of_the_cursor(mount):
    mounted, shown = strip(mount, EXAMPLES["softmax regression"])
    bar = mounted.page.locator('.cursor button[data-go="on"]')
    place = lambda: int(shown.root.evaluate("root => root.dataset.position"))  # noqa: E731
    walk = [("Home", ["x0", 0, 0], 0), ("ArrowRight", ["x0", 1, 0], 1), ("ArrowUp", ["x0", 1, 0], 1), ("ArrowRight", ["W0", 0, 0], 3),
            ("ArrowLeft", ["x0", 0, 0], 0), ("End", ["dL_db0", 0, 0], None), ("ArrowDown", ["dL_db0", 0, 0], None),
            ("End", ["dL_db0", 0, 2], None), ("ArrowLeft", ["dL_db0", 0, 1], None), ("ArrowDown", ["dL_db0", 0, 1], None),
            ("End", ["dL_db0", 0, 2], len(terms(EXAMPLES["softmax regression"])) - 1)]  # fmt: skip
    for key, cell, position in walk:
        bar.press(key)
        assert shown.at == cell, (key, cell)
        assert position in (None, place())
    bar.press("ArrowUp")
    bar.press("ArrowUp")
    bar.press("Home")
    play = mounted.page.locator('.cursor [data-go="play"]')
    bar.press(" ")
    assert play.inner_text() == "Pause"
    shown.wait_for("W0", 0, 0)
    bar.press(" ")
    assert play.inner_text() == "Play"


def test_space_presses_the_buttons_that_are_no_steps(mount):
    mounted, shown = strip(mount, EXAMPLES["hidden"])
    play = mounted.page.locator('.cursor [data-go="play"]')
    mounted.page.locator('.cursor [data-go="start"]').press(" ")
    assert shown.at == ["x0", 0, 0]
    mounted.page.get_by_role("button", name="Layer 2").press(" ")
    assert shown.at == ["W1", 0, 0] and play.inner_text() == "Play"


def test_the_app_is_told_where_the_cursor_is_and_the_address_keeps_it(mount):
    mounted, shown = strip(mount, EXAMPLES["softmax regression"])
    assert mounted.sent == [] and shown.at == ["L0", 0, 0]
    for _ in range(3):
        mounted.page.locator('.cursor [data-go="on"]').click()
    position = int(shown.root.evaluate("root => root.dataset.position"))
    becomes(lambda: mounted.sent, [["state", "position", position]])
    assert mounted.page.url.endswith(f"?cell={position}") and mounted.page.evaluate("history.length") == 2


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_cursor_begins_where_it_was(mount, name):
    of = EXAMPLES[name]
    for position in (0, 5, len(terms(of)) - 1):
        mounted = mount(SOURCES, of.data(position=position))
        cell = [*terms(of)[position][:3]]
        becomes(lambda m=mounted: m.page.locator(".chain").evaluate("r => [r.dataset.object, +r.dataset.row, +r.dataset.col]"), cell)
        assert mounted.page.url.endswith(f"?cell={position}")
    mounted = mount(SOURCES, of.data(position=10**7))
    assert mounted.page.locator(".chain").get_attribute("data-object") == f"L{len(of.net.layers) - 1}"


def test_an_answer_of_the_app_leaves_the_cursor_where_it_is_unless_the_numbers_are_others(mount):
    of = EXAMPLES["softmax regression"]
    mounted, shown = strip(mount, of)
    mounted.page.locator('.cursor [data-go="start"]').click()
    mounted.update(of.data(2))
    assert shown.at == ["x0", 0, 0]
    mounted.update(of.data(notation=THETA))  # where x has a₀ = 1 on top
    assert shown.at == ["x0", 1, 0] and "given" in mounted.page.locator(".sentence").inner_text()
    mounted.update(scene(3, 3, seed=1).data())
    assert shown.at == ["L0", 0, 0] and shown.value == scene(3, 3, seed=1).explained.loss


def test_a_click_puts_the_cursor_on_a_cell_and_shows_its_code(mount):
    of = scene(4, 5, 3)
    mounted, shown = strip(mount, of)
    code = chain.data(of.seen, 4)["code"]
    for name, i, j in (("da_dz1", 1, 2), ("z1", 2, 0), ("W1", 1, 3), ("dL_db1", 0, 1)):
        mounted.page.mouse.click(*shown.cell_box(name, i, j))
        assert shown.at == [name, i, j]
        mounted.page.mouse.move(1, 1)
        shown.wait_for(name, i, j)
        panel = mounted.page.locator(".code")
        assert panel.is_hidden() == (name not in code)
        if name in code:
            title, text = code[name]
            assert panel.locator("code").text_content() == text and "def " in text
            assert panel.locator("summary").inner_text() == f"The code that computed {title}"


def test_keys_within_a_matrix_and_over_the_edge_of_a_picture(mount):
    of = PICTURES["pixels"]
    _, shown = strip(mount, of)
    face = shown.face("W0")
    face.focus()
    walk = [("Home", 0, 0), ("ArrowRight", 0, 1), ("ArrowDown", 0, 29), ("ArrowLeft", 0, 28), ("ArrowUp", 0, 0), ("ArrowLeft", 0, 0),
            ("ArrowUp", 0, 0), ("End", 9, 783), ("ArrowRight", 9, 783), ("ArrowLeft", 9, 782), ("ArrowUp", 9, 754)]  # fmt: skip
    for key, i, j in walk:
        face.press(key)
        assert shown.at == ["W0", i, j], key
    face.press("Home")
    for _ in range(27):
        face.press("ArrowRight")
    face.press("ArrowRight")
    assert shown.at == ["W0", 1, 0]
    face.press("ArrowLeft")
    assert shown.at == ["W0", 0, 27]
    x = shown.face("x0")
    for key, i in (("Home", 0), ("ArrowDown", 28), ("ArrowRight", 29), ("ArrowUp", 1), ("End", 783)):
        x.press(key)
        assert shown.at == ["x0", i, 0]


def test_every_cell_is_found_where_it_is_drawn(mount):
    of = PICTURES["wide"]
    mounted, shown = strip(mount, of)
    for layer in (1, 2, 3):
        mounted.page.get_by_role("button", name=f"Layer {layer}").click()
        lost = shown.root.evaluate(
            "root => [...root.chain.shapes.values()].filter((s) => s.figure.isConnected && !s.matrix.diagonal).flatMap(({matrix}) => {"
            " const {rows, cols, name} = matrix.o, lost = [];"
            " for (let i = 0; i < rows; i += 1 + (rows >> 4)) for (let j = 0; j < cols; j += 1 + (cols >> 8)) {"
            "   const [x, y, w, h] = matrix.rects(i, j)[0], found = matrix.cellAt(x + w / 2, y + h / 2);"
            "   if (found?.join() !== `${i},${j}` || x + w > matrix.width || y + h > matrix.height) lost.push([name, i, j, found]); }"
            " return lost; })"
        )
        assert lost == []


@pytest.mark.parametrize("notation", [W_B, THETA])
def test_what_is_bold_and_how_units_count_is_said(mount, notation):
    mounted, shown = strip(mount, scene(3, 3), notation=notation)
    title = mounted.page.locator('figure[data-object="dL_dz0"] .title math')
    assert title.text_content() == ("∂L∂𝐳" if notation == W_B else "𝛅(2)")
    shown.point_at("dL_dz0", 0, 1)
    assert mounted.page.locator(".formula math").text_content().startswith("∂L∂z1=" if notation == W_B else "δ2(2)=")
    hint = mounted.page.locator(".names").inner_text()
    assert hint.startswith("Bold is a whole array") and ("count from 1" in hint) == (notation == THETA)


def test_the_chain_is_the_same_on_a_phone_and_says_what_is_lit(mount):
    mounted, shown = strip(mount, scene(3, 3), size=(390, 844))
    assert mounted.page.evaluate("document.documentElement.scrollWidth") <= 390
    shown.point_at("z0", 1, 0)
    assert shown.lit("W0") == [[1, None]] and json.dumps(shown.lit("x0")) == "[[null, null]]"


def test_the_cursor_stays_in_sight(mount):
    mounted, shown = strip(mount, PICTURES["pixels"], size=(900, 500))
    mounted.page.locator('.cursor button[data-go="on"]').press("End")
    assert shown.at[0] == "dL_db0"

    def seen():
        face, said = shown.face("dL_db0").bounding_box(), mounted.page.locator(".said").bounding_box()
        return face["y"] >= 0 and face["y"] + face["height"] <= said["y"]

    becomes(seen, True)
