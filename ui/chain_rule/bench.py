"""The bench: two or three objects of the chain rule put together by a product of the visitor's choice, and what comes of it."""

import streamlit as st

from mlcore.lecture import products
from ui.figures import matrices
from ui.inputs import choice, option

QUIET = {"displayModeBar": False}
OPERATIONS = {"× matrix": products.MATRIX, "∘ element-wise": products.ELEMENTWISE, "⊗ outer": products.OUTER}
NOTHING, TURNED = "nothing", "transposed"
ABREAST = 3  # pictures in a row: a cell of ten classes has room for its number
KEYS = ("left", "left_turned", "product", "right", "right_turned", "then", "third", "third_turned")
TRAP = ("∂L/∂a", False, "× matrix", "∂a/∂z", False, "× matrix", "∂z/∂W", False)
RIGHT = ("∂L/∂z", True, "∘ element-wise", "∂z/∂W", False, NOTHING, "∂z/∂W", False)


def show(seen):
    """Factors and products to choose, each with its shape and picture; the result, or why there is none."""
    e = seen.explained()
    st.markdown(
        "The slides write × for two different products. Put objects together and see which one fits. "
        "Try: build ∂L/∂W from ∂L/∂z and ∂z/∂W; then read the slide's × as matrix products throughout: the trap."
    )
    layers = list(range(1, len(e.layers) + 1))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        l = option("Layer", layers, "layer", layers[-1]) - 1 if len(layers) > 1 else 0
        st.button("The trap", on_click=choose, args=(TRAP,))
        st.button("∂L/∂W as the slide means it", on_click=choose, args=(RIGHT,))
    objects = products.bench_objects(e, l)
    st.caption(f"{products.sizes(objects)} Vectors are rows, as on the slides: 1 × c, 1 × p.")
    factors, steps = chosen(objects)
    results = worked(objects, factors, steps)
    for one in results:
        st.markdown(f"{title(one)}: {one.verdict}")
    pictures = [one for one in (*factors, *results) if one.array is not None]
    for start in range(0, len(pictures), ABREAST):
        for k, column in enumerate(st.columns(min(ABREAST, len(pictures)), gap="medium")[: len(pictures) - start], start):
            with column:
                picture(pictures[k], k)
    st.markdown(matrices.key(), unsafe_allow_html=True)


def choose(values):
    """Set the whole bench."""
    st.session_state.update(zip(KEYS, values))


def chosen(objects):
    """The row of inputs. Returns the two or three factors as products.Combined, and the operations between them."""
    names = list(objects)
    with st.container(horizontal=True, vertical_alignment="top"):
        factors = [_factor("Left", "left", names, objects)]
        by = choice("Product", list(OPERATIONS), "product", width=150)
        factors.append(_factor("Right", "right", names, objects, 1))
        then = choice("And then", [NOTHING, *OPERATIONS], "then", width=150)
        if then != NOTHING:
            factors.append(_factor("Third", "third", names, objects, names.index("∂z/∂W")))
    return factors, [OPERATIONS[sign] for sign in (by, then) if sign != NOTHING]


def _factor(label, key, names, objects, start=0):
    with st.container(width=150, gap="xsmall"):
        name = choice(label, names, key, start, width=150)  # the input is x of one layer and a of the next
        turned = st.checkbox(TURNED, key=f"{key}_turned", bind="query-params")
    factor = products.operand(name, objects)
    return products.combine(factor, products.TRANSPOSE, objects=objects) if turned else factor


def worked(objects, factors, steps):
    """Each product in turn, from the left, until one does not fit."""
    results, so_far = [], factors[0]
    for operation, right in zip(steps, factors[1:]):
        so_far = products.combine(so_far, operation, right, objects)
        results.append(so_far)
        if so_far.array is None:
            break
    return results


def title(one):
    """How an object or a product is written, and which object a product is."""
    return f"**{one.text}**" if one.name in (None, one.text) else f"**{one.text} = {one.name}**"


def picture(one, k):
    """An object or a result: its shape in numbers and letters, its picture."""
    st.markdown(title(one))
    letters = f" ({' × '.join(one.letters)})" if one.letters else ""
    about = matrices.about(one.array)
    st.caption(about.replace(" · ", f"{letters} · ", 1))
    figure = matrices.heatmap(one.array, height=min(245, 45 + 28 * len(one.array)))
    st.plotly_chart(figure, key=f"bench_{k}", config=QUIET, alt=f"Heatmap of {title(one).strip('*')}: {about}")
