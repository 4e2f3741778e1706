"""The bench of products, run without a browser on small networks."""

import numpy as np
import pytest

import mlcore
from mlcore.lecture import products
from tests.pages.visit import of_script, press, run, text
from ui.chain_rule import bench

pytestmark = pytest.mark.part2


def script(sizes, z):
    import numpy as np

    import mlcore
    from ui import subject
    from ui.chain_rule import bench

    net = mlcore.Network(sizes, dtype="float64", seed=3)
    if z is not None:
        net = mlcore.Network(sizes, dtype="float64", init="zeros")
        net.layers[-1].b = z
    x = np.arange(1, sizes[0] + 1) / 4
    bench.show(subject.Subject(net, x[None], np.array([1]), ["the example"]))


def page(sizes=(5, 3), z=None, **params):
    return of_script(script, {"sizes": sizes, "z": z}, **params)


def test_it_opens_with_a_product_that_fits():
    at = page()
    assert "**∂L/∂a × ∂a/∂z = ∂L/∂z**" in text(at) and "It is ∂L/∂z." in text(at)
    assert "c = 3 classes, p = 5 inputs." in text(at)
    assert len(at.get("plotly_chart")) == 3


def test_the_trap_is_a_row_of_zeros_with_its_rounding_error():
    at = press(page(), "The trap")
    assert "**∂L/∂a × ∂a/∂z × ∂z/∂W**" in text(at) and "A row of zeros and not ∂L/∂W" in text(at)
    e = mlcore.explain(mlcore.Network((5, 3), dtype="float64", seed=3), np.arange(1, 6) / 4, 1)
    objects = products.bench_objects(e)
    largest = np.abs(objects["∂L/∂a"] @ objects["∂a/∂z"] @ objects["∂z/∂W"]).max()
    assert (f"{largest:.1e} at most".replace("-", "−") if largest else "0 to the last bit") in text(at)
    at = press(at, "∂L/∂W as the slide means it")
    assert "**(∂L/∂z)ᵀ ∘ ∂z/∂W = ∂L/∂W**" in text(at) and "zeros" not in text(at).split("the trap.")[1]


def test_the_address_opens_a_prepared_bench():
    at = page(left="∂L/∂z", product="⊗ outer", right="x")
    assert "**∂L/∂z ⊗ x = ∂L/∂W**" in text(at)
    assert [box.value for box in at.selectbox][:3] == ["∂L/∂z", "⊗ outer", "x"]


def test_what_does_not_fit_says_why_and_has_no_picture():
    at = page(left="∂L/∂z", product="× matrix", right="x", then="∘ element-wise")
    assert "It does not fit: ∂L/∂z is 1 × 3 and x is 1 × 5." in text(at)
    assert len(at.get("plotly_chart")) == 3, "the three factors"


@pytest.mark.parametrize("transposed", (False, True))
def test_transposing_a_factor(transposed):
    at = page(left="∂L/∂z", product="∘ element-wise", right="∂z/∂W")
    if transposed:
        at = run(at.checkbox(key="left_turned").check())
    assert ("It is ∂L/∂W." in text(at)) == transposed and ("It does not fit" in text(at)) != transposed


def test_a_hidden_layer_has_its_own_objects():
    at = page((4, 6, 3), layer=2)
    assert "a" in at.selectbox(key="right").options and "x" not in at.selectbox(key="right").options
    at = run(at.selectbox(key="right").set_value("a"))
    at.session_state["layer"] = 1
    at = run(at)
    assert "c = 6 units, p = 4 inputs." in text(at) and at.selectbox(key="right").value != "a"


def test_at_most_three_pictures_stand_side_by_side():
    at = press(page(), "The trap")
    assert [round(1 / column.weight) for column in at.columns] == [3] * 6 and len(at.get("plotly_chart")) == 5


def test_a_saturated_output_is_said_kindly():
    at = page((3, 2), z=[0.0, -800.0])
    assert "infinite or NaN" in text(at) and "stays finite" in text(at)


@pytest.mark.parametrize("left", ("∂L/∂a", "x", "∂L/∂W"))
@pytest.mark.parametrize("product", bench.OPERATIONS)
def test_every_choice_is_answered(left, product):
    for right in ("∂a/∂z", "∂z/∂W", "x"):
        at = page(left=left, product=product, right=right, then="× matrix", third="∂z/∂b")
        assert "It does not fit" in text(at) or len(at.get("plotly_chart")) == 5
