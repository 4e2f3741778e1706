"""From the Draw page on, in a real Chromium: drawing, other ways to a digit, its explanation, and the drawing on all pages."""

import io
import re

import numpy as np
from PIL import Image, ImageDraw

from tests.chromium import becomes

from . import strip
from .conftest import ONE, THREE, Board, settle

READ = "The 28 by 28 pixels that the network reads"


def open_section(page, name):
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first.click()
    settle(page)


def tool(board, name):
    return board.page.locator(".st-key-tools").get_by_role("button", name=name)


def test_strokes_are_answered_undone_and_cleared(board):
    assert board.prediction == "–"
    board.wait_for_note("Draw one digit")
    board.stroke(ONE)
    board.wait_for("1")
    becomes(lambda: board.ink() > 0, True)
    one = board.ink()
    board.stroke([(60, 60), (280, 60), (280, 280), (60, 280), (60, 60)])
    becomes(lambda: board.ink() > 2 * one, True)
    board.page.wait_for_timeout(800)  # the canvas sends 200 ms after a stroke
    tool(board, "Undo").click()
    board.wait_for("1")
    becomes(lambda: abs(board.ink() - one) < 20, True)
    tool(board, "Undo").click()
    board.wait_for("–")
    board.stroke(THREE)
    board.wait_for("3")
    tool(board, "Clear").click()
    board.wait_for("–")
    becomes(board.ink, 0)


def test_an_answer_is_explained_and_the_network_is_taught(board):
    page = board.page
    board.stroke(THREE)
    board.wait_for("3")
    tool(board, "A photo").focus()
    page.keyboard.press("Tab")  # onto the bar of the digit that was read
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("Their share in the logit of 8").wait_for()
    page.get_by_text("leave over").wait_for()
    open_section(page, "What the network sees")
    page.get_by_text("Centre of mass in 28 × 28").first.wait_for()
    open_section(page, "Teach it")
    page.locator("[class*=st-key-label_]").get_by_text("5", exact=True).click()
    settle(page)
    page.get_by_role("button", name="Take one step").click()
    losses = page.get_by_text("at the label 5").inner_text()
    becomes(lambda: "(changed)" in board.network, True)
    before, after = map(float, re.findall(r"([\d.]+) (?:before|after)", losses))
    assert after < before
    page.get_by_role("button", name="Undo step").click()
    page.get_by_text("at the label 5").wait_for(state="detached")
    becomes(lambda: "(changed)" in board.network, False)


def test_a_digit_without_a_pointer_and_pictures_good_and_bad(board):
    page = board.page
    page.get_by_role("button", name="A real digit").focus()
    page.keyboard.press("Enter")
    board.wait_for_note(r"This is instance \d+ of the held-out data, a \d")
    becomes(lambda: board.ink() > 0 and board.prediction[0] != "–", True)
    before = board.prediction
    page.get_by_role("button", name="A photo").click()
    upload = page.locator('input[type="file"]')
    upload.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture at all"})
    page.get_by_text("notes.png: this is not a picture").wait_for()
    assert board.prediction == before
    image = Image.fromarray(np.full((300, 400), 200, np.uint8))
    ImageDraw.Draw(image).line([(200, 60), (200, 240)], fill=30, width=24)
    file = io.BytesIO()
    image.save(file, "PNG")
    upload.set_input_files({"name": "one.png", "mimeType": "image/png", "buffer": file.getvalue()})
    board.wait_for("1")
    board.wait_for_note("one.png")


def test_the_drawn_digit_and_the_network_go_through_the_pages_and_back(board, app_url):
    page = board.page
    page.goto(app_url + "/?net=softmax")
    board = Board(page)
    becomes(lambda: "784-10" in board.network, True)
    board.stroke(THREE)
    board.wait_for("3")
    ink, picture = board.ink(), page.get_by_alt_text(READ).get_attribute("src")

    page.get_by_role("link", name="Softmax").click()
    page.wait_for_url("**/softmax?net=softmax*")
    bars = page.locator('[data-testid="stPlotlyChart"][aria-label^="One softmax"]')
    bars.wait_for()
    shown = [float(v.replace("−", "-")) for v in re.findall(r"class \d+ ([^,]+)", bars.get_attribute("aria-label"))]
    assert len(shown) == 10 and shown.index(max(shown)) == 3 and abs(sum(shown) - 1) < 1e-3
    assert "your drawing" in page.locator('[data-testid="stMain"]').inner_text()

    page.get_by_role("link", name="Gradients").click()
    page.wait_for_url("**/gradients?net=softmax*")
    page.get_by_alt_text("digit, 28 by 28 pixels").wait_for()
    assert page.get_by_alt_text("digit, 28 by 28 pixels").get_attribute("src") == picture
    charts = page.locator('[data-testid="stPlotlyChart"]:has(.main-svg)')
    charts.nth(5).wait_for()
    settle(page)
    described = " ".join(charts.nth(k).get_attribute("aria-label") or "" for k in range(6))
    assert all(f"Heatmap of {name}" in described for name in ("∂L/∂a", "∂a/∂z", "∂L/∂z", "∂L/∂W", "∂L/∂b"))
    area = charts.nth(1).locator(".nsewdrag").bounding_box()
    place = area["x"] + area["width"] * 0.25, area["y"] + area["height"] * 0.75
    page.mouse.move(*place)
    page.wait_for_timeout(300)
    page.mouse.click(*place)
    page.wait_for_url(re.compile("row=7.*col=2|col=2.*row=7"))
    formula = page.locator('[data-testid="stMain"] .katex-display annotation')
    becomes(lambda: any(r"\partial a_{7}" in text and "z_{2}" in text for text in formula.all_text_contents()), True)
    page.get_by_role("button", name="Check gradients").click()
    page.get_by_text(re.compile(r"\d+ entries agree\. The worst is ∂J/∂")).wait_for()

    page.get_by_role("link", name="Chain rule").click()
    chain = strip.shown(page)
    x = chain.array("x0")[:, 0]
    chain.point_at("dL_dW0", 3, int(x.argmax()))
    first, second = chain.numbers("factor")
    assert first * second == chain.value != 0 and abs(chain.array("a0")[:, 0] - shown).max() < 1e-3

    page.get_by_role("link", name="Draw").click()
    page.wait_for_selector("canvas.upper-canvas")
    board.wait_for("3")
    becomes(lambda: abs(board.ink() - ink) < 20, True)
    board.stroke([(40, 40), (60, 40)])
    becomes(lambda: board.ink() > ink, True)
