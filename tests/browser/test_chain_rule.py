"""The Chain rule page in a real Chromium, as a person goes through it."""

import numpy as np

from tests.chromium import becomes

from .conftest import fits, settle
from .strip import shown


def test_the_cursor_is_where_it_was_and_adds_no_step_to_the_way_back(page, app_url):
    page.goto(f"{app_url}/chain-rule?source=Example")
    strip = shown(page)
    page.mouse.click(*strip.cell_box("da_dz0", 1, 2))
    position = strip.root.evaluate("root => root.dataset.position")
    assert strip.at == ["da_dz0", 1, 2]
    page.wait_for_url(f"**cell={position}*")
    settle(page)
    page.get_by_role("link", name="Softmax").click()
    page.get_by_role("heading", name="Softmax", level=1).wait_for(state="attached")
    settle(page)
    page.get_by_role("link", name="Chain rule").click()
    becomes(lambda: shown(page).at, ["da_dz0", 1, 2])
    page.wait_for_url(f"**cell={position}*")
    page.reload()
    becomes(lambda: shown(page).at, ["da_dz0", 1, 2])
    strip = shown(page)
    for _ in range(3):
        page.locator('.cursor [data-go="on"]').click()
        page.wait_for_url(f"**cell={strip.root.evaluate('root => root.dataset.position')}*")
        settle(page)
    assert strip.at == ["da_dz0", 2, 2]
    page.go_back()
    page.wait_for_url("**/softmax*")
    page.get_by_role("heading", name="Softmax", level=1).wait_for(state="attached")


def test_a_finger_on_a_phone(phone, app_url):
    phone.goto(f"{app_url}/chain-rule?net=softmax&source=Data&index=5")
    strip = shown(phone)
    x, y = strip.cell_box("dL_dW0", 4, 28 * 14 + 14)
    phone.touchscreen.tap(x, y)
    becomes(lambda: strip.root.evaluate("root => root.dataset.object"), "dL_dW0")
    becomes(lambda: np.prod(strip.numbers("factor")) == strip.value, True)
    said = phone.locator(".said").bounding_box()
    assert said["y"] + said["height"] <= 845 and said["x"] >= 0
    fits(phone)
