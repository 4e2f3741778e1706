"""The answer: ten probability bars and the picture that the network sees.

The bars are a table; one can be chosen with the pointer or with the arrow keys and Enter.
"""

from ui.components import registered

_mount = registered("answer")


def answer(probabilities, picture, note, chosen=None, on_pick=lambda: None, key="answer"):
    """Show the probabilities (10,) or None, the picture (a data URI, or "") and a line of text. Returns the digit just picked, or None.

    `chosen` marks the digit that is looked at closer.
    """
    data = {
        "p": None if probabilities is None else [round(float(p), 4) for p in probabilities],
        "picture": picture,
        "note": note,
        "chosen": chosen,
    }
    return _mount(key=key, data=data, on_picked_change=on_pick).picked
