"""The static page itself: a component is called, sends, is called again with other data, and what it paints is read back."""

import numpy as np

from ui.components import Sources

from .static import Outline, Text, contrast, rgb

COUNTER = Sources(
    '<button type="button">more</button><canvas></canvas>',
    "button { color: var(--st-primary-color); }",
    """
    let calls = 0;
    export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
      const [button, canvas] = parentElement.querySelectorAll("button, canvas"), pen = canvas.getContext("2d");
      button.onclick = () => (setStateValue("count", data.count + 1), setTriggerValue("clicked", [calls]));
      calls += 1;
      canvas.width = canvas.height = 20;
      pen.fillStyle = "#ff0000";
      pen.fillRect(0, 0, 10, 20);
      pen.textAlign = "center";
      pen.fillText(data.count, 5, 10);
      pen.strokeStyle = "#00ff00";
      pen.strokeRect(1, 2, 3, 4);
      return () => (document.body.dataset.cleaned = calls);
    }
    """,
)


def test_a_component_is_mounted_as_in_the_app(mount):
    mounted = mount(COUNTER, {"count": 7}, "dark")
    button, canvas = mounted.page.locator("button"), mounted.page.locator("canvas")
    button.click()
    assert mounted.sent == [["state", "count", 8], ["trigger", "clicked", [1]]]
    mounted.update({"count": 12})
    button.click()
    assert mounted.sent[2:] == [["state", "count", 13], ["trigger", "clicked", [2]]]
    (text,) = mounted.texts(canvas)
    assert text == Text("12", 5, 10, text.width, "#ff0000")
    assert mounted.outlines(canvas) == [Outline(1, 2, 3, 4, "#00ff00", 1)]
    pixels = mounted.pixels(canvas)
    assert pixels.shape == (20, 20, 4)
    np.testing.assert_array_equal(pixels[15, 5], [255, 0, 0, 255])
    np.testing.assert_array_equal(pixels[15, 15], [0, 0, 0, 0])
    assert button.evaluate("e => getComputedStyle(e).color") == "rgb({}, {}, {})".format(*rgb("#2a9d92"))
    mounted.unmount()
    assert mounted.page.evaluate("document.body.dataset.cleaned") == "2" and button.count() == 0


def test_contrast_is_that_of_the_guidelines():
    assert contrast([0, 0, 0], [255, 255, 255]) == 21 and contrast([9, 9, 9], [9, 9, 9]) == 1
    assert round(float(contrast(rgb("#777777"), rgb("#ffffff"))), 2) == 4.48
