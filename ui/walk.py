"""The controls of a debugger: buttons by stride, on and back, and its position, which stands in the address."""

import streamlit as st

from ui.inputs import number


def controls(walked, strides, key):
    """Buttons for strides, the longest first, and the input of the position under this key; walked is put there.

    walked is a mlcore.lecture.walk.Walk.
    """
    last = len(walked) - 1
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _button("Start over", "Back to the start", walked, None, True, key)
        for stride in strides:
            _button(f"{'|' * (stride == strides[0])}◀ {stride}", f"One {stride} back", walked, stride, True, key)
        for stride in reversed(strides):
            _button(f"{stride} ▶{'|' * (stride == strides[0])}", f"One {stride} on", walked, stride, False, key)
        _button("End", "On to the end", walked, None, False, key)
        asked = number(f"Step (0 to {last})", key, last, 0)
    walked.to(asked)


def _button(label, said, walked, stride, back, key):
    st.button(label, help=said, on_click=_go, args=(walked, stride, back, key))


def _go(walked, stride, back, key):
    """A button's work: the position goes into the input beside the buttons, and so into the address."""
    walked.to(st.session_state.get(key) or 0)
    if stride is None:
        st.session_state[key] = walked.start() if back else walked.end()
    else:
        st.session_state[key] = walked.move(stride, back)
