"""The Backpropagation page in a real Chromium: what the network says, and a link that opens the same scene."""

import numpy as np

import mlcore
from tests.chromium import becomes
from ui.theta import scenes

from .conftest import copied, settle
from .strip import shown

SCENE = "data=moons&points=30&noise=0.1&seed=3&units=3%2C+3&alpha=2&l2=0.01"


def made():
    """The same scene by mlcore: network, X, y."""
    X, y = scenes.instances("moons", 30, 0.1, 3, (0, 1))
    return mlcore.Network((2, 3, 3, 1), "sigmoid", "sigmoid", 3, "float64"), X, y


def opened(page, app_url, query=""):
    page.goto(f"{app_url}/backpropagation?{SCENE}{query}")
    return shown(page).root


def said(page, role):
    return [float(v) for v in page.locator(f".sentence .{role}").evaluate_all("all => all.map((e) => e.value)")]


def test_an_edge_says_the_same_with_more_digits_and_by_another_name(page, app_url):
    opened(page, app_url)
    net, X, y = made()
    D = net.gradients(X, y, 0.01).D[1][2, 2]
    page.locator('select[data-choice="Edges"]').select_option("D")
    page.get_by_label("edge from unit 2 of layer 2 to unit 3 of layer 3", exact=True).dispatch_event("pointerover")
    becomes(lambda: said(page, "value"), [D])
    choice = page.get_by_role("combobox", name="Digits")
    choice.click()
    page.get_by_role("option", name="full", exact=True).click()
    becomes(lambda: repr(float(D)) in page.locator(".sentence").inner_text(), True)
    page.get_by_role("radio", name="W, b", exact=True).or_(page.get_by_role("button", name="W, b", exact=True)).first.click()
    becomes(lambda: page.locator(".choices option").first.text_content(), "W, b")
    settle(page)
    page.get_by_label("edge from unit 1 of layer 1 to unit 2 of layer 2", exact=True).dispatch_event("pointerover")
    becomes(lambda: said(page, "value"), [D])
    assert "Θ" not in page.locator(".said").inner_text()


def test_a_copied_link_opens_the_same_scene_with_the_same_numbers(page, app_url, browser):
    root = opened(page, app_url, "&instance=5&epoch=20")
    net, X, y = made()
    for _ in mlcore.train(net, mlcore.Dataset(X, y, classes=2), mlcore.SGD(2.0), None, 20, 0.01, shuffle=False):
        pass
    numbers = (
        "r => r.chain.trace.objects.filter((o) => o.name === 'W')"
        ".map((o) => Array.from({length: o.rows}, (_, i) => Array.from({length: o.cols}, (_, j) => o.value(i, j))))"
    )
    here = root.evaluate(numbers)
    for W, layer in zip(here, net.layers):
        np.testing.assert_array_equal(np.array(W), layer.W)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        other = context.new_page()
        other.goto(copied(page))
        assert shown(other).root.evaluate(numbers) == here
        becomes(other.get_by_label("Step size α").input_value, "2")
    finally:
        context.close()
