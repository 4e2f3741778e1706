"""What the charts share: their frame, and axes in powers of ten."""

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def framed(figure, height, margin=8, size=12):
    """The figure without a legend, as high as said, on the page's own ground; pixels."""
    return figure.update_layout(
        height=height, margin=dict.fromkeys("lrtb", margin), paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False, dragmode=False, font={"size": size},
    )  # fmt: skip


def ten_to(exponent):
    """10ᵏ as text; 1 for k = 0."""
    return f"10{str(exponent).translate(SUPERSCRIPT)}" if exponent else "1"


def logarithmic(figure, low, high, exponents):
    """Give the figure a logarithmic y axis from 10^low to 10^high, marked at these powers of ten."""
    ticks = {"tickvals": [10.0**k for k in exponents], "ticktext": [ten_to(k) for k in exponents]}
    figure.update_yaxes(type="log", range=[low, high], fixedrange=True, **ticks)
