"""Whether what follows the pointer keeps its frames. Alone and last: in a file of its own."""

import numpy as np
import pytest

from tests.chromium import frames
from ui.components import sources

from .strip import strip
from .test_matrices import PICTURES
from .test_player import Player, scene

pytestmark = pytest.mark.alone


def test_scrubbing_500_epochs_keeps_its_frames(mount):
    _, data, _ = scene(epochs=500)
    player = Player(mount(sources("player"), data), data)
    page, box, seen = player.page, player.slider.bounding_box(), set()

    def move(k):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.49 * np.sin(k / 40)), box["y"] + box["height"] / 2)
        if k % 3 == 0:
            seen.add(player.root.get_attribute("data-frame"))

    page.mouse.move(box["x"] + box["width"] / 5, box["y"] + box["height"] / 2)
    page.mouse.down()
    found = frames(page, move)
    page.mouse.up()
    assert found.kept and len(seen) > 12, (sorted(found.gaps)[-20:], found.long, len(seen))


def test_hovering_over_the_large_matrices_keeps_its_frames(mount):
    mounted, shown = strip(mount, PICTURES["pixels"])
    shown.cell_box("dL_dW0", 0, 0)
    box, seen = shown.face("dL_dW0").bounding_box(), set()

    def move(k):
        across, down = (0.5 + 0.48 * np.sin(k / slow) for slow in (9, 5))
        mounted.page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        if k % 3 == 0:
            seen.add(tuple(shown.at))

    found = frames(mounted.page, move)
    assert found.kept and len(seen) > 12, (sorted(found.gaps)[-20:], found.long, len(seen))
