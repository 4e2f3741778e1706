"""Names in the address: links with the former ones open the scenes that they always opened, and what is a page's own stays there."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.returning import TITLES, moved, script
from tests.pages.visit import asked, run, text
from ui import addresses
from ui.inputs import COUNTS, THETA, WEIGHTS

KINDS = ("number_input", "selectbox", "text_input", "text_area", "slider", "toggle", "checkbox", "button_group")
MOONS = "backpropagation?set=moons&many=30&spread=0.1&draw=3&units=3, 3&step=2&lambda=0.01"
MOONS_MEAN = {
    "data": "moons", "points": 30, "noise": 0.1, "seed": 3, "units": "3, 3", "alpha": 2.0, "l2": 0.01, "epochs": 500,
    "activation": "sigmoid", "start": "random",
}  # fmt: skip
# Each link, what the inputs showed when it had these names, under their names of now, and a number that stood on the page.
LINKS = [
    ("train?rate=0.5", {"alpha": 0.5, "epochs": 120, "activation": "relu", "size": "16", "units": "128, 64", "data": "digits"}, ""),
    ("train?rate=3&layers=8&epochs=3", {"alpha": 3.0, "epochs": 3, "units": "8"}, ""),
    (
        "train?data=xor&epochs=1000&layers=64, 64&batch=1&hidden=relu",
        {"data": "xor", "epochs": 1000, "units": "64, 64", "size": "1", "activation": "relu", "points": 400, "noise": 0.3, "alpha": 0.1},
        "",
    ),
    ("train?data=moons&epochs=2&n=100&noise=0.3", {"points": 100, "noise": 0.3, "epochs": 2, "units": "16, 16", "activation": "tanh"}, ""),
    ("train?data=digits&layers=16&batch=1&epochs=1000", {"units": "16", "size": "1", "epochs": 1000, "alpha": 0.1}, ""),
    (
        "gradients?source=Batch&index=20&size=3&layer=1&array=∂L/∂b&col=5",
        {"source": "Batch", "instance": 21, "size": 3, "layer": 1, "array": "∂L/∂b", "col": 5},
        "J = 2.221e−4, the mean loss of 3; 3 read right",
    ),
    (
        "gradients?source=Data&index=7&layer=1&array=∂L/∂W&row=4&col=406",
        {"source": "Data", "instance": 8, "layer": 1, "array": "∂L/∂W", "row": 4, "col": 406},
        "y = 0; read as 0 (> 99.9 %), loss 1.772e−4",
    ),
    (
        "softmax?source=Data&index=5&digits=6&notation=Θ&section=Prediction",
        {"source": "Data", "instance": 6, "digits": "6", "notation": "Θ", "section": "Prediction"},
        "y = 2; read as 2 (> 99.9 %), loss 1.16667e−6",
    ),
    (
        "softmax?source=Example&section=Cancellation&logits=(0, −s), y %3D 1&sure=800",
        {"section": "Cancellation", "logits": "(0, −s), y = 1", "sure": 800, "output": "softmax"},
        "by log-sum-exp **800**",
    ),
    ("softmax?source=Example&section=Cancellation&parts=sigmoid&sure=20", {"output": "sigmoid", "sure": 20, "y": 0}, "loss 2.732"),
    ("chain-rule?net=softmax&source=Data&index=5", {"net": "softmax", "instance": 6, "section": "The chain"}, "y = 2; read as 2"),
    ("chain-rule?net=softmax&source=Data&index=5", {"notation": "W, b", "digits": "4"}, "loss 2.750e−4"),
    (
        "chain-rule?view=One step&alpha=0.1&source=Example&deep=true",
        {"section": "One step", "alpha": 0.1, "deep": True},
        "read as 2 (61.2 %), loss 2.700",
    ),
    (
        "chain-rule?view=The loop&n_epoch=7&from=to zeros&at=100&alpha=0.3&source=Example",
        {"section": "The loop", "epochs": 7, "start": "to zeros", "at": 100, "alpha": 0.3},
        "loss of the last instance 0.2806",
    ),
    (
        "chain-rule?view=Which product is it?&left=∂L/∂z&product=⊗ outer&right=x&source=Example",
        {"section": "Which product is it?", "left": "∂L/∂z", "product": "⊗ outer", "right": "x"},
        "**∂L/∂z ⊗ x = ∂L/∂W**",
    ),
    ("backpropagation?set=digits&units=3&lambda=0.01", {"data": "digits", "units": "3", "l2": 0.01, "section": "Network"}, "loss 0.9151"),
    (
        "backpropagation?set=xor&many=10&part=Step by step",
        {"data": "xor", "points": 10, "section": "Step by step", "at": 0, "alpha": 1.0},
        "J = 0.7323 + 0 (λ) = **0.7323**",
    ),
    (f"{MOONS}&part=Film&frame=7", MOONS_MEAN | {"section": "Film", "epoch": 7}, ""),
    (f"{MOONS}&instance=5&frame=20", MOONS_MEAN | {"instance": 5, "epoch": 20}, "x = (−1.480, −0.08814), y = 0; read as 1 (50.1 %)"),
    (
        "backpropagation?units=3, 3&g=relu&lambda=0.01&part=Cost",
        {"units": "3, 3", "activation": "relu", "l2": 0.01, "section": "Cost", "instance": 1, "epoch": 0},
        "z = −0.4898, y = 0",
    ),
    (
        "backpropagation?set=digits&zero=3&one=8&part=Vectorised&nodes=3",
        {"data": "digits", "zero": 3, "one": 8, "section": "Vectorised", "nodes": 3},
        "",
    ),
    ("backpropagation?start=zeros&set=moons", {"start": "zeros", "data": "moons", "noise": 0.12}, "read as 1 (50.0 %), loss 0.6931"),
    (
        "backpropagation?part=Step by step&many=10&tick=25&lambda=0.01",
        {"at": 25, "l2": 0.01},
        "instance 4 of 10. J = 0.7323 + 0.02989 (λ) = **0.7622**",
    ),
    (
        "backpropagation?many=10&more=0.5, -1, 1; 2, 2, 0&instance=12",
        {"points": 10, "more": "0.5, -1, 1; 2, 2, 0", "instance": 12},
        "instance 12, x = (2, 2), y = 0; read as 0 (53.7 %), loss 0.6220",
    ),
    (
        "backpropagation?lambda=10&step=0.3&many=10&runs=60&frame=40&part=Cost",
        {"l2": 10.0, "alpha": 0.3, "epochs": 60, "epoch": 40},
        "z = 1.091e12, y = 1",
    ),
    ("backpropagation?part=NOT to 0&after=8", {"section": "NOT to 0", "after": 8}, ""),
]


def opened(link):
    file, _, query = link.partition("?")
    params = dict(one.split("=") for one in query.replace("%3D", "\0").split("&")) if query else {}
    at = AppTest.from_function(script, args=(file, TITLES[file]), default_timeout=60)
    return asked(at, **{name: value.replace("\0", "=") for name, value in params.items()})


def shown(at):
    """What each input shows, by its name."""
    return {element.key: element.value for kind in KINDS for element in at.get(kind) if element.key}


@pytest.mark.parametrize(("link", "means", "said"), LINKS)
def test_a_link_with_the_former_names_opens_its_scene(link, means, said):
    at = opened(link)
    assert {name: shown(at).get(name) for name in means} == means
    assert said in text(at)
    assert not set(at.query_params) & set(addresses.FORMER[TITLES[link.partition("?")[0]]]), "the address has the names of now"


def test_the_former_names_are_no_names_of_now():
    now = set().union(*addresses.OWN.values()) | {"source", "instance", "digits", "notation", "net", "layer"}
    for page, former in addresses.FORMER.items():
        assert not set(former) & (addresses.OWN[page] | set(former.values())), page
        assert set(former.values()) <= now


@pytest.mark.parametrize("wrong", ["", "x", "1.5", "9" * 30])
def test_an_instance_that_is_no_number_is_the_usual_one(wrong):
    usual = shown(opened("softmax?source=Data"))["instance"]
    assert shown(opened(f"softmax?source=Data&index={wrong}"))["instance"] == usual


@pytest.mark.parametrize(("index", "instance"), [("-3", 1), ("0", 1), ("999", 1000), ("5000", 1000)])
def test_an_instance_beyond_the_data_is_the_nearest(index, instance):
    assert shown(opened(f"softmax?source=Data&index={index}"))["instance"] == instance


def test_of_two_names_for_one_the_name_of_now_holds():
    assert shown(opened("train?rate=3&alpha=0.5"))["alpha"] == 0.5


def test_what_is_a_pages_own_stays_there_and_is_there_again():
    at = opened("chain-rule?source=Data&instance=6&section=One step&alpha=0.7&digits=6")
    at = moved(at, "backpropagation")
    here = shown(at)
    assert (here["alpha"], here["section"], here["instance"], here["digits"]) == (1.0, "Network", 1, "6")
    at = run(at.number_input(key="alpha").set_value(3.0))
    at = run(at.number_input(key="instance").set_value(9))
    at = moved(at, "train")
    assert shown(at)["alpha"] == 0.1 and shown(at)["epochs"] == 120
    at = moved(at, "softmax")
    assert (shown(at)["section"], shown(at)["instance"], shown(at)["digits"]) == ("Outputs", 6, "6")
    at = moved(at, "chain-rule")
    assert (shown(at)["section"], shown(at)["alpha"], shown(at)["instance"]) == ("One step", 0.7, 6)
    at = moved(at, "backpropagation")
    assert (shown(at)["alpha"], shown(at)["instance"]) == (3.0, 9)


@pytest.mark.parametrize(
    ("link", "notation"),
    [
        ("gradients?source=Data", WEIGHTS), ("softmax?source=Example", WEIGHTS), ("chain-rule?source=Example&section=One step", WEIGHTS),
        ("backpropagation?section=Cost", THETA), ("backpropagation?section=Vectorised", THETA),
    ],
)  # fmt: skip
def test_each_page_says_how_it_counts(link, notation):
    assert COUNTS[notation] in text(opened(link))
