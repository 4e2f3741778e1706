"""The Draw page in a real Chromium."""

import io
import re

import numpy as np
from PIL import Image, ImageDraw

from tests.chromium import becomes

from .conftest import ONE, THREE, fits, settle


def open_section(page, name):
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first.click()
    settle(page)


def test_a_stroke_is_answered(board):
    assert board.prediction == "–"
    board.wait_for_note("Draw one digit")
    board.stroke(THREE)
    board.wait_for("3")
    rows = board.page.locator(".st-key-answer tbody tr")
    rows.nth(3).filter(has_text=re.compile(r"\d\.\d %")).wait_for()
    becomes(rows.count, 10)


def test_clear_empties_the_paper(board):
    board.stroke(ONE)
    board.wait_for("1")
    board.page.locator(".st-key-tools").get_by_role("button", name="Clear").click()
    board.wait_for("–")
    becomes(board.ink, 0)
    board.stroke(THREE)
    board.wait_for("3")


def test_undo_takes_the_last_stroke_away(board):
    board.stroke(ONE)
    board.wait_for("1")
    one = board.ink()
    board.stroke([(60, 60), (280, 60), (280, 280), (60, 280), (60, 60)])
    becomes(lambda: board.ink() > 2 * one, True)
    board.page.wait_for_timeout(800)  # the canvas sends 200 ms after a stroke
    board.page.locator(".st-key-tools").get_by_role("button", name="Undo").click()
    board.wait_for("1")
    becomes(lambda: abs(board.ink() - one) < 20, True)
    board.page.locator(".st-key-tools").get_by_role("button", name="Undo").click()
    board.wait_for("–")


def test_a_real_digit_needs_no_pointer(board):
    button = board.page.get_by_role("button", name="A real digit")
    button.focus()
    board.page.keyboard.press("Enter")
    board.page.wait_for_function("() => !document.querySelector('[data-testid=stMetricValue]').innerText.trim().startsWith('–')")
    board.wait_for_note(r"This is digit \d+ of the held-out data, a \d")
    becomes(lambda: board.ink() > 0, True)


def test_the_drawing_is_still_there_on_coming_back(board):
    page = board.page
    board.stroke(THREE)
    board.wait_for("3")
    ink = board.ink()
    page.get_by_role("link", name="Gradients").click()
    page.wait_for_url("**/gradients*")
    settle(page)
    page.get_by_role("link", name="Draw").click()
    page.wait_for_selector("canvas.upper-canvas")
    board.wait_for("3")
    becomes(lambda: abs(board.ink() - ink) < 20, True)
    board.stroke([(40, 40), (60, 40)])
    becomes(lambda: board.ink() > ink, True)


def test_the_sections_explain_and_teach(board):
    page = board.page
    board.stroke(THREE)
    board.wait_for("3")
    open_section(page, "What the network sees")
    page.get_by_text("Centre of mass in 28 × 28").first.wait_for()
    open_section(page, "Why this answer")
    page.get_by_text("Their share in the logit of 3").wait_for()
    page.get_by_text("leave over").wait_for()
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


def test_a_bar_chosen_by_keyboard_is_explained(board):
    page = board.page
    board.stroke(THREE)
    board.wait_for("3")
    page.locator(".st-key-tools").get_by_role("button", name="A photo").focus()
    page.keyboard.press("Tab")  # onto the bar of the digit that was read
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("Their share in the logit of 8").wait_for()


def test_a_picture_can_be_given_and_a_bad_one_leaves_the_drawing(board):
    page = board.page
    board.stroke(THREE)
    board.wait_for("3")
    page.get_by_role("button", name="A photo").click()
    upload = page.locator('input[type="file"]')
    upload.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture at all"})
    page.get_by_text("notes.png is not a picture").wait_for()
    assert board.prediction.startswith("3")
    image = Image.fromarray(np.full((300, 400), 200, np.uint8))
    ImageDraw.Draw(image).line([(200, 60), (200, 240)], fill=30, width=24)
    file = io.BytesIO()
    image.save(file, "PNG")
    upload.set_input_files({"name": "one.png", "mimeType": "image/png", "buffer": file.getvalue()})
    board.wait_for("1")
    board.wait_for_note("one.png")


def test_the_chosen_network_is_in_the_address(board, app_url):
    page = board.page
    page.goto(app_url + "/?net=softmax")
    page.wait_for_selector("canvas.upper-canvas")
    becomes(lambda: "784-10" in board.network and "net=softmax" in page.url, True)
    page.get_by_role("link", name="Gradients").click()
    page.wait_for_url("**/gradients?net=softmax")
    becomes(lambda: "784-10" in board.network, True)


def test_nothing_overflows_on_a_phone(board):
    page = board.page
    page.set_viewport_size({"width": 390, "height": 844})
    board.stroke(THREE)
    board.wait_for("3")
    for name in ("What the network sees", "Why this answer", "Teach it"):
        open_section(page, name)
        fits(page)
