"""The Backpropagation page in a real Chromium: the network drawn, the debugger walked there and back, a link that opens the same scene."""

import numpy as np

import mlcore
from tests.chromium import becomes
from ui.theta import scenes

from .conftest import copied, settle
from .strip import FIND

SCENE = "data=moons&points=30&noise=0.1&seed=3&units=3%2C+3&alpha=2&l2=0.01"


def made():
    """The same scene by mlcore: network, X, y."""
    X, y = scenes.instances("moons", 30, 0.1, 3, (0, 1))
    return mlcore.Network((2, 3, 3, 1), "sigmoid", "sigmoid", 3, "float64"), X, y


def opened(page, app_url, query=""):
    page.goto(f"{app_url}/backpropagation?{SCENE}{query}")
    page.locator(".net .node").first.wait_for()
    settle(page)
    return page.evaluate_handle(FIND)


def said(page, role):
    return [float(v) for v in page.locator(f".sentence .{role}").evaluate_all("all => all.map((e) => e.value)")]


def test_an_edge_of_d_says_its_numbers(page, app_url):
    opened(page, app_url)
    net, X, y = made()
    gradients = net.gradients(X, y, 0.01)
    page.locator('select[data-choice="Edges"]').select_option("D")
    edge = page.get_by_label("edge from unit 2 of layer 2 to unit 3 of layer 3", exact=True)
    edge.dispatch_event("pointerover")
    becomes(lambda: said(page, "value"), [gradients.D[1][2, 2]])
    assert said(page, "mean") == [gradients.Delta[1][2, 2] / 30]
    assert said(page, "penalty") == [0.01 * net.layers[1].theta[2, 2]]
    page.get_by_label("edge from the bias unit of layer 2 to unit 1 of layer 3", exact=True).dispatch_event("pointerover")
    becomes(lambda: said(page, "value"), [gradients.D[1][0, 0]])
    assert "column 0 has no λ" in page.locator(".sentence").inner_text()


def test_from_a_node_to_an_edge_within_one_frame_the_edge_is_said(page, app_url):
    root = opened(page, app_url)
    net, X, y = made()
    page.locator('select[data-choice="Edges"]').select_option("D")
    found = root.evaluate(
        """async (root) => {
            const parts = [...root.querySelectorAll(".net [aria-label]")];
            const part = (name) => parts.find((e) => e.getAttribute("aria-label").startsWith(name));
            for (const name of ["unit 1 of layer 2,", "edge from unit 2 of layer 2 to unit 3 of layer 3"])
                part(name).dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
            for (let k = 0; k < 3; k++) await new Promise(requestAnimationFrame);
            return +root.dataset.value;
        }"""
    )
    assert found == net.gradients(X, y, 0.01).D[1][2, 2]


def test_with_more_digits_the_same_edge_is_said(page, app_url):
    opened(page, app_url)
    page.locator('select[data-choice="Edges"]').select_option("D")
    page.get_by_label("edge from unit 2 of layer 2 to unit 3 of layer 3", exact=True).dispatch_event("pointerover")
    net, X, y = made()
    D = net.gradients(X, y, 0.01).D[1][2, 2]
    becomes(lambda: said(page, "value"), [D])
    choice = page.get_by_role("combobox", name="Digits")
    choice.click()
    page.get_by_role("option", name="full", exact=True).click()
    becomes(lambda: repr(float(D)) in page.locator(".sentence").inner_text(), True)


def test_a_node_lights_its_partners(page, app_url):
    opened(page, app_url)
    page.locator('select[data-choice="Nodes"]').select_option("z")
    node = page.get_by_label("unit 2 of layer 2,")
    node.hover()
    page.wait_for_function("() => [...document.querySelectorAll('*')].some((e) => e.shadowRoot?.querySelector('.net .node.here'))")
    lit = page.locator(".net .lit").evaluate_all("all => all.map((e) => e.getAttribute('aria-label').split(',')[0])")
    edges = [f"edge from {one} of layer 1 to unit 2 of layer 2" for one in ("the bias unit", "unit 1", "unit 2")]
    assert sorted(lit) == sorted(["unit 1 of layer 1", "unit 2 of layer 1", *edges])


def test_a_hidden_error_is_said_as_on_the_slide(page, app_url):
    opened(page, app_url)
    page.locator('select[data-choice="Nodes"]').select_option("δ")
    page.get_by_label("unit 2 of layer 2,").dispatch_event("pointerover")
    net, X, y = made()
    becomes(lambda: said(page, "value"), [net.gradients(X[:1], y[:1]).delta[0][0, 1]])
    back, slope = said(page, "factor")
    assert back * slope == said(page, "value")[0]
    text = page.locator(".formula math").text_content()
    assert text.startswith("δ2(2)=(𝚯(2)T𝛅(3))2∘g′(z2(2))="), text


def test_a_pixel_of_a_digit_says_its_edge(page, app_url):
    page.goto(f"{app_url}/backpropagation?data=digits&units=3&l2=0.01")
    page.locator(".net .node").first.wait_for()
    settle(page)
    page.locator('select[data-choice="Edges"]').select_option("D")
    picture = page.get_by_label("the edges from the pixels to unit 2 of layer 2")
    picture.focus()
    for key, times in (("ArrowDown", 14), ("ArrowRight", 13)):
        for _ in range(times):
            picture.press(key)
    X, y = scenes.instances("digits", 0, None, 0, (0, 1))
    D = mlcore.Network((784, 3, 1), "sigmoid", "sigmoid", 0, "float64").gradients(X, y, 0.01).D[0]
    becomes(lambda: said(page, "value"), [D[1, 1 + 14 * 28 + 13]])
    assert page.locator(".formula math").text_content().startswith("D2,406(1)")
    picture.hover(position={"x": 20.5, "y": 30.5})
    becomes(lambda: said(page, "value"), [D[1, 1 + 28 * 15 + 10]])


def test_by_keyboard_from_node_to_node_and_into_its_edges(page, app_url):
    root = opened(page, app_url)
    last = page.get_by_label("unit 1 of layer 4,")
    page.locator(".net [tabindex='0']").focus()
    page.keyboard.press("End")
    becomes(lambda: last.evaluate("e => e.matches(':focus')"), True)
    page.keyboard.press("Enter")
    becomes(lambda: page.get_by_label("edge from the bias unit of layer 3").evaluate("e => e.matches(':focus')"), True)
    page.keyboard.press("Enter")
    becomes(lambda: root.evaluate("r => [r.dataset.object, +r.dataset.row, +r.dataset.col]"), ["W2", 0, 0])
    page.keyboard.press("ArrowLeft")
    assert root.evaluate("r => r.getRootNode().activeElement.getAttribute('aria-label')").startswith(("bias unit of layer 3", "unit"))


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
        other.locator(".net .node").first.wait_for()
        settle(other)
        assert other.evaluate_handle(FIND).evaluate(numbers) == here
        becomes(other.get_by_label("Step size α").input_value, "2")
    finally:
        context.close()


def test_the_notation_changes_names_and_no_numbers(page, app_url):
    root = opened(page, app_url)
    page.locator('select[data-choice="Edges"]').select_option("D")
    edge = page.get_by_label("edge from unit 2 of layer 2 to unit 3 of layer 3", exact=True)
    edge.dispatch_event("pointerover")
    before = [made()[0].gradients(*made()[1:], 0.01).D[1][2, 2]]
    becomes(lambda: said(page, "value"), before)
    page.get_by_label("unit 1 of layer 2,").dispatch_event("pointerover")
    page.wait_for_function("r => r.dataset.object === 'a0'", arg=root)

    def formula(node):
        """What the node is computed by, up to its numbers; the network is drawn anew when the names change."""
        node.dispatch_event("pointerover")
        return page.locator(".formula math").text_content()[:20]

    here, there = [], []
    names = ((here, "Θ", "unit 1 of layer 2,", "a1(2)=sigmoid(z1(2))"), (there, "W, b", "unit 0 of layer 1,", "a0(1)=sigmoid(z0(1))"))
    for found, name, unit, begins in names:
        page.get_by_role("radio", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).first.click()
        settle(page)
        page.get_by_label(unit).wait_for()
        becomes(lambda unit=unit: formula(page.get_by_label(unit)), begins)
        found.append(root.evaluate("r => r.dataset.value"))
    assert here == there
    page.get_by_label("edge from unit 1 of layer 1 to unit 2 of layer 2", exact=True).dispatch_event("pointerover")
    becomes(lambda: said(page, "value"), before)
    assert page.locator(".formula math").text_content().startswith("∂J∂W2,1(2)=∑∂L∂W2,1(2)n+λW2,1(2)")
    assert "Θ" not in page.locator(".said").inner_text() + " ".join(page.locator(".choices option").all_text_contents())
