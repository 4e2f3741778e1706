"""The film within the app: its frame in the address and on the other parts, its points in the data, a link to it."""

import json

from tests.chromium import becomes

from .conftest import copied, settle

SCENE = "data=xor&points=20&units=3&alpha=2&l2=0.01"


def film(page):
    """The component, once it stands on the frame that is typed beside it."""
    root = page.locator(".film")
    root.wait_for()
    settle(page)
    typed = page.get_by_role("spinbutton", name="Epoch")
    becomes(lambda: root.get_attribute("data-frame") == typed.input_value(), True)
    return root


def test_a_film_is_scrubbed_typed_linked_clicked_and_its_epoch_seen_elsewhere(page, app_url, browser):
    page.goto(f"{app_url}/backpropagation?{SCENE}&section=Film&epoch=7")
    root = film(page)
    slider, typed = page.get_by_role("slider", name="Epoch"), page.get_by_role("spinbutton", name="Epoch")
    assert slider.input_value() == "7"
    slider.focus()
    slider.press("End")
    slider.press("ArrowLeft")
    page.wait_for_url("**epoch=499*")
    becomes(typed.input_value, "499")
    typed.fill("42")
    typed.press("Enter")
    becomes(lambda: root.get_attribute("data-frame"), "42")
    page.wait_for_url("**epoch=42*")
    slider.press("End")
    page.wait_for_url("**epoch=500*")
    typed.fill("42")
    typed.press("Enter")
    becomes(slider.input_value, "42")
    page.wait_for_url("**epoch=42*")
    settle(page)
    cost = root.get_attribute("data-cost")

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        other = context.new_page()
        other.goto(copied(page))
        again = film(other)
        assert (again.get_attribute("data-frame"), again.get_attribute("data-cost")) == ("42", cost)
    finally:
        context.close()

    count = root.locator(".plane circle").count()
    plane = root.locator(".plane")
    left, right, bottom, top = json.loads(root.evaluate("root => JSON.stringify(root.film.data.box)"))
    box = plane.bounding_box()
    plane.click(position={"x": 0.25 * box["width"], "y": 0.25 * box["height"]})
    becomes(root.locator(".plane circle").count, count + 1)
    x, y, _ = root.evaluate("root => root.film.data.points.at(-1)")
    assert abs(x - (0.75 * left + 0.25 * right)) < 0.02 * (right - left) and abs(y - (0.75 * top + 0.25 * bottom)) < 0.02 * (top - bottom)

    page.get_by_role("radio", name="Network").or_(page.get_by_role("button", name="Network", exact=True)).first.click()
    page.locator(".net .node").first.wait_for()
    settle(page)
    becomes(page.get_by_label("After epoch").input_value, "42")
