"""The controls of a debugger: buttons by stride, on and back, and its position, which stands in the address."""

import streamlit as st

from ui.inputs import number


def controls(make, strides, key):
    """Buttons for strides, the longest first, and the input of the position under this key; the walk, put there.

    make() gives the mlcore.lecture.walk.Walk; the buttons keep it for as long as they stand on the page.
    """
    walked = make()
    last = len(walked) - 1
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _button("Start over", "Back to the start", make, None, True, key)
        for stride in strides:
            _button(f"{'|' * (stride == strides[0])}◀ {stride}", f"One {stride} back", make, stride, True, key)
        for stride in reversed(strides):
            _button(f"{stride} ▶{'|' * (stride == strides[0])}", f"One {stride} on", make, stride, False, key)
        _button("End", "On to the end", make, None, False, key)
        asked = number(f"Step (0 to {last})", key, last, 0)
    walked.to(asked)
    return walked


def _button(label, said, make, stride, back, key):
    st.button(label, help=said, on_click=_go, args=(make, stride, back, key))


def _go(make, stride, back, key):
    """A button's work: the position goes into the input beside the buttons, and so into the address."""
    walked = make()
    walked.to(st.session_state.get(key) or 0)
    if stride is None:
        st.session_state[key] = walked.start() if back else walked.end()
    else:
        st.session_state[key] = walked.move(stride, back)
