"""Names in the address: links with the former ones open the scenes that they always opened, and a page's own stays its own."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import mlcore
from tests.pages.visit import asked, run, text
from ui import addresses
from ui.numbers import plain

TITLES = {
    "train": "Train", "gradients": "Gradients", "softmax": "Softmax", "chain-rule": "Chain rule", "backpropagation": "Backpropagation (Θ)",
}  # fmt: skip
DIGITS = mlcore.datasets.load("digits")


def visit(file, title):
    """A page as a visit begins with it: its address is read before it runs."""
    import runpy

    from ui import header

    header.carry(title)
    runpy.run_path(f"pages/{file}.py")


def opened(link):
    """The page of a link such as softmax?source=Data&index=5."""
    file, _, query = link.partition("?")
    params = dict(one.split("=") for one in query.split("&"))
    return asked(AppTest.from_function(visit, args=(file, TITLES[file]), default_timeout=60), **params)


def values(at):
    """What each input with a name of its own shows."""
    kinds = ("number_input", "selectbox", "text_input", "text_area", "slider", "toggle", "button_group")
    return {element.key: element.value for kind in kinds for element in at.get(kind) if element.key}
