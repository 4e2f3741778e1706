"""The colours of the lab: one accent, one diverging scale, one sequential scale. Nothing else in the app names a colour."""

ACCENT = "#0f766e"
MUTED = "#8a8f98"
TRAIN, TEST = "#0d9488", "#c2410c"

# The column of the bias unit in Θ, Δ and D.
BIAS = TEST

# Gradients, weights and contributions: blue below zero, white at zero, red above, the same on every page.
NEGATIVE, ZERO, POSITIVE = "#2166ac", "#f7f7f7", "#b2182b"
DIVERGING = [[0.0, "#2166ac"], [0.25, "#92c5de"], [0.5, "#f7f7f7"], [0.75, "#f4a582"], [1.0, "#b2182b"]]

# Probabilities: from paper to accent.
SEQUENTIAL = [[0.0, "#f7f7f7"], [1.0, "#0f766e"]]

# A digit is ink on paper in either theme.
PAPER, INK = "#ffffff", "#000000"

# Classes of the two-dimensional sets.
CLASSES = ["#2166ac", "#b2182b", "#0f766e", "#c2410c", "#7c3aed", "#8a6d1d", "#be185d", "#475569", "#4d7c0f", "#0369a1"]
