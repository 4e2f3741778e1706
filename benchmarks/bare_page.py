"""The measure for the Draw page: a canvas, one metric, one fragment and nothing else."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas


@st.fragment
def board():
    canvas = st_canvas(width=336, height=336, stroke_width=24, stroke_color="#000000", background_color="#ffffff",
                       return_image_data=True, key="canvas")  # fmt: skip
    st.metric("Prediction", str(len((canvas.json_data or {}).get("objects", []))))


board()
