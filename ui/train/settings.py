"""The settings of a training: widgets whose values stand in the URL, what suits each data set, and the Spec they make."""

import streamlit as st

import mlcore
from mlcore import limits
from ui.inputs import choice, decimal, layers, number
from ui.training.spec import MOST_POINTS, Spec

ACTIVATIONS = ["relu", "tanh", "sigmoid", "identity"]
OUTPUTS = ["softmax", "sigmoid"]
RATES = {"SGD": 0.1, "momentum": 0.03, "Adam": 0.002}
BATCHES = ["1", "16", "64", "256", "all"]
MOST_EPOCHS, LARGEST_RATE = 1000, 1e6
EPOCHS = {"digits": 120, "mnist": 10, "fashion": 10}


def plane(data):
    """Whether the set lies in the plane."""
    return data in mlcore.datasets.MADE


def suits(data):
    """Settings to begin with."""
    if plane(data):
        noise = mlcore.datasets.MADE[data][1]
        return {"units": "16, 16", "activation": "tanh", "size": "16", "epochs": 150, "noise": noise}
    return {"units": "128, 64", "activation": "relu", "size": "16" if data == "digits" else "64", "epochs": EPOCHS[data], "noise": 0.1}


def _follow_data():
    """What was left as it suits the former data set becomes what suits the new one."""
    now, then = st.session_state["data"], st.session_state.get("data_before", "digits")
    if now not in mlcore.datasets.names():
        return
    for key, value in suits(then).items():
        if st.session_state.get(key, value) == value:
            st.session_state[key] = suits(now)[key]
    st.session_state["data_before"] = now


def _follow_optimizer():
    now, then = st.session_state["optimizer"], st.session_state.get("optimizer_before", "SGD")
    if now not in RATES:
        return
    if st.session_state["alpha"] == RATES[then]:
        st.session_state["alpha"] = RATES[now]
    st.session_state["optimizer_before"] = now


def form():
    """All settings, the rare ones folded away."""
    data = choice("Data", mlcore.datasets.names(), "data", on_change=_follow_data, help=DATA_HELP)
    st.session_state["data_before"] = data
    good = suits(data)
    if plane(data):
        left, right = st.columns(2)
        with left:
            number("Points", "points", MOST_POINTS, 400, 20, help=f"20 to {MOST_POINTS}; a fifth is held out.", width="stretch", step=100)
        with right:
            decimal("Noise", "noise", 0.0, 2.0, good["noise"], 0.02)
    st.text_input(
        f"Hidden layers (up to {limits.MOST_LAYERS - 1}, of up to {limits.MOST_UNITS} units)", good["units"], key="units",
        placeholder="none: softmax regression", help=UNITS_HELP, bind="query-params",
    )  # fmt: skip
    left, right = st.columns(2)
    with left:
        choice("Activation", ACTIVATIONS, "activation", ACTIVATIONS.index(good["activation"]))
    with right:
        optimizer = choice("Optimizer", list(RATES), "optimizer", on_change=_follow_optimizer, help="momentum: SGD with μ = 0.9.")
    st.session_state["optimizer_before"] = optimizer
    left, right = st.columns(2)
    usual = RATES[optimizer]
    with left:
        decimal("Learning rate α", "alpha", 0.0, LARGEST_RATE, usual, usual / 10, format="%g")
    with right:
        choice("Batch size", BATCHES, "size", BATCHES.index(good["size"]))
    left, right = st.columns(2)
    with left:
        number("Epochs", "epochs", MOST_EPOCHS, good["epochs"], 1, help=f"1 to {MOST_EPOCHS}.", width="stretch", step=10)
    with right:
        number("Seed", "seed", 999_999, 0, help="Draws the first weights, the order, and a plane set's points.", width="stretch")
    with st.expander("More"):
        left, right = st.columns(2)
        with left:
            decimal("λ", "l2", 0.0, 10.0, 0.0, 0.0001, format="%g", help="Adds λ/2 · ΣW² to the loss; biases are left out.")
        with right:
            choice("Output", OUTPUTS, "output", help=OUTPUT_HELP)


UNITS_HELP = (
    "Units of each hidden layer, such as 128, 64. Empty is softmax regression. "
    f"All layers together have at most {limits.MOST_PARAMETERS:,} parameters."
)
DATA_HELP = (
    "digits: 5,000 of MNIST, in the app. mnist and fashion: 70,000 pictures each, fetched the first time. "
    "The others are points in the plane."
)
OUTPUT_HELP = "softmax: one distribution over the classes. sigmoid: each class for itself; for two classes one output."


def spec():
    """The Spec of the settings as they stand. ValueError in one sentence for what cannot be trained."""
    get = st.session_state.get

    def one(key, options, usual):
        return get(key) if get(key) in options else usual

    data, optimizer, rate = one("data", mlcore.datasets.names(), "digits"), one("optimizer", RATES, "SGD"), get("alpha", RATES["SGD"])
    batch = one("size", BATCHES, suits(data)["size"])
    if not rate:
        raise ValueError("The learning rate is 0, so nothing would be learned; choose one above 0, such as 0.1.")
    made = {"n": get("points", 400), "noise": get("noise")} if plane(data) else {}
    return Spec(
        data=data, layers=layers(get("units", suits(data)["units"])), hidden=one("activation", ACTIVATIONS, suits(data)["activation"]),
        output=one("output", OUTPUTS, "softmax"), optimizer=optimizer.lower(), learning_rate=rate,
        batch_size=None if batch == "all" else int(batch), epochs=get("epochs", suits(data)["epochs"]), l2=get("l2", 0.0),
        seed=get("seed", 0), name=f"{data}, {optimizer} {rate:g}", **made,
    )  # fmt: skip
