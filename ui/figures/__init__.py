"""Pictures: arrays in, Plotly figures or PNG out."""

# Plotly looks at pandas wherever Streamlit has begun to load it. Loaded here, once and whole, no visitor's figure meets it half loaded.
import pandas  # noqa: F401
