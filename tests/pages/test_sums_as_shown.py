"""Step by step: sums and differences hold in the numbers as they are shown."""

import re
from decimal import ROUND_HALF_UP, Decimal

import pytest

from mlcore.lecture.descent import PENALTY
from tests.pages.test_step_by_step import first, page, text, walked
from ui.numbers import plain

pytestmark = pytest.mark.part1


@pytest.mark.parametrize(("l2", "start"), ((0.1, 0), (0.03, 1), (0.37, 2)))
def test_the_parts_of_J_add_up_as_shown(l2, start):
    holds = 0
    for epoch in range(start, 20, 3):
        said = text(page(epoch * walked().ticks_of_epoch, l2=l2, epochs=20))
        data, penalty, sign, J = re.search(r"J = (\S+) \+ (\S+) \(λ\) ([=≈]) \*\*(\S+)\*\*", said).groups()
        assert sign == "≈" or (Decimal(data) + Decimal(penalty)).quantize(Decimal(J), ROUND_HALF_UP) == Decimal(J), said
        holds += sign == "="
    assert holds >= 5


@pytest.mark.parametrize("rate", (0.5, 0.3, 30.0))
def test_the_line_of_the_update_stands_with_its_numbers(rate):
    holds = 0
    for epoch in range(1, 13, 3):
        tick = epoch * walked().ticks_of_epoch
        at, found = page(tick, rate=rate, epochs=12), walked(tick, rate=rate, epochs=12)
        [said] = [block.value for block in at.caption if block.value.startswith("Θ<sup>")]
        lines = re.findall(r"Θ<sup>\((\d)\)</sup><sub>(\d),(\d)</sub>: (\S+) − (\S+) · (\S+) ([=≈]) (\S+?)[;.](?: |$)", said)
        for (l, i, j, *numbers), step in zip(lines, found.steps, strict=True):
            assert (int(l), (int(i) - 1, int(j))) == (step.layer, step.index)
            before, alpha, D, sign, after = (text.strip("()").replace("−", "-") for text in numbers)
            assert after == plain(step.after).replace("−", "-") and Decimal(alpha) == Decimal(str(rate))
            for shown, value in ((before, step.before), (D, step.D)):
                assert Decimal(value).quantize(Decimal(shown), ROUND_HALF_UP) == Decimal(shown)
            result = (Decimal(before) - Decimal(alpha) * Decimal(D)).quantize(Decimal(after), ROUND_HALF_UP)
            assert sign == "≈" or (step.exact and result == Decimal(after)), said
            assert sign == "=" or not step.exact or result != Decimal(after), said
            holds += result == Decimal(after)
        assert ("in another order" in said) == (not all(step.exact for step in found.steps))
    assert holds > 6
    assert not [block for block in page(first(PENALTY)).caption if block.value.startswith("Θ<sup>")]
