"""One layer forward and one error back, as the slide's scalar equations and as matrices: the same numbers in both."""

from decimal import Decimal
from operator import mul

import numpy as np
import streamlit as st

from mlcore import activations
from mlcore.lecture.vectorised import backward_forms, forward_forms
from ui import colors
from ui.inputs import option
from ui.numbers import DIGITS, at, factor, last_place, line, plain, shown, tex
from ui.theta import not_to_zero
from ui.theta.cost import instance

CODE = (forward_forms, backward_forms)
FULL = 6  # units and inputs up to which everything is written
FEW = 3  # of more than that: so many, and dots
IN_A_LINE = 3  # terms
FINEST = 6  # digits: beyond that a line is longer than it is exact
SHORT = 4  # terms of a sum that may have more than the usual digits
SAME = 1e-9
DOTS = {"row": r"\cdots", "column": r"\vdots"}


def show(scene):
    """The section."""
    st.markdown(
        "The slide computes one unit after the other, and then the same with matrices. "
        "Try: find each number of the equations on the left in the matrices on the right."
    )
    top = len(scene.net.sizes)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k, scene = instance(scene), not_to_zero.after(scene)
        layer = option("Layer of nodes", list(range(2, top + 1)), "nodes", 2)
    l, x, y = layer - 2, scene.X[k], int(scene.y[k])
    st.markdown(f"**Forward**, from layer {layer - 1} to layer {layer}")
    g = activations.OUTPUT[scene.net.output] if layer == top else activations.HIDDEN[scene.net.hidden][0]
    forward(forward_forms(scene.net, x, l), l, layer == top, g)
    st.markdown(f"**Back**: δ of layer {layer}")
    if layer == top:
        output_error(scene, k, y, top)
    else:
        backward(backward_forms(scene.net, x, y, l), l, scene.net.hidden)


def written(values, first=False):
    """Places of a list that are written out, None for dots: all, or those of largest size in their order. first: place 0 in any case."""
    count = len(values)
    if count <= FULL + first:
        return list(range(count))
    picked = set(np.argsort(-np.abs(values), kind="stable")[:FEW].tolist()) | ({0} if first else set())
    return [*sorted(picked), None]


def precision(rows, columns, vector, results):
    """Digits with which every row times the vector, in the numbers as shown, is the result, a Decimal as shown, and the sign "=".

    Where no number of digits does it, and for long sums, the usual digits and the sign "\\approx"; dots among the columns stand for all
    that is missing.
    """
    if None in columns:
        return DIGITS, "="
    for digits in range(DIGITS, FINEST + 1 if len(vector) <= SHORT else DIGITS):
        factors = [shown(v, digits) for v in vector]
        sums = (sum(shown(w, digits) * v for w, v in zip(row, factors)) for row in rows)
        if all(at(total, min(last_place(end), end.as_tuple().exponent) if end else -12) == end for total, end in zip(sums, results)):
            return digits, "="
    return DIGITS, r"\approx"


def together(signs):
    """The sign of a line of several results: "=" where it stands at each of them."""
    return "=" if all(sign == "=" for sign in signs) else r"\approx"


def _tex(value, digits):
    return tex(value if isinstance(value, Decimal) else shown(value, digits))


def vector(values, places, digits=DIGITS, mark=None, struck=None):
    """A column. mark and struck are places in the accent's colour, and crossed out."""
    rows = [DOTS["column"] if j is None else _entry(_tex(values[j], digits), j == mark, j == struck) for j in places]
    return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"


def matrix(values, rows, columns, digits=DIGITS, column=None, row=None):
    """A matrix; one column in the accent's colour, one row crossed out."""
    lines = []
    for i in rows:
        if i is None:
            lines.append(" & ".join([DOTS["column"]] * len(columns)))
            continue
        cells = [DOTS["row"] if j is None else _entry(_tex(values[i, j], digits), j == column, i == row) for j in columns]
        lines.append(" & ".join(cells))
    return r"\begin{bmatrix} " + r" \\ ".join(lines) + r" \end{bmatrix}"


def _entry(text, marked, struck):
    text = rf"\cancel{{{text}}}" if struck else text
    if marked:
        return rf"\textcolor{{{colors.BIAS}}}{{\boldsymbol{{{text}}}}}"
    return rf"\textcolor{{{colors.MUTED}}}{{{text}}}" if struck else text


def _sum(terms, digits=None):
    """Terms of a sum, a few in each line; of numbers with so many digits fewer, where they are long or many."""
    few = IN_A_LINE - (digits is not None and (digits > DIGITS or len(terms) > IN_A_LINE))
    lines = [" + ".join(terms[k : k + few]) for k in range(0, len(terms), few)]
    return r" \\ &\qquad + ".join(lines)


def _product(weight, value, digits, later):
    """A term with its numbers in; a later one has a negative weight in parentheses."""
    weight = shown(weight, digits)
    return rf"{factor(weight) if later else tex(weight)} \cdot {factor(shown(value, digits))}"


def _pair(i, j):
    """Two subscripts, with a comma where one has two digits."""
    return f"{i},{j}" if max(i, j) > 9 else f"{i}{j}"


def _aligned(lines):
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def forward(forms, l, last, g):
    """a = g(z), z = Θ[1; a], both ways."""
    rows, columns = written(forms.z), written(forms.input, first=True)
    steps = [line((z,), lambda p: float(g(np.array([float(p)]))[0]), a) for z, a in zip(forms.z, forms.a)]
    z = [p for [p], *_ in steps]
    picked = [i for i in rows if i is not None]
    digits, sign = precision(forms.theta[picked], columns, forms.input, [z[i] for i in picked])
    scalars = scalar_forward(forms, l, last, rows, columns, steps, (digits, sign))
    theta, source = rf"\Theta^{{({l + 1})}}", r", \quad \mathbf{a}^{(1)} = \mathbf{x}" if l == 0 else ""
    whole = [
        rf"\mathbf{{z}}^{{({l + 2})}} &= {theta} \mathbf{{a}}^{{({l + 1})}}{source}, \quad a_0^{{({l + 1})}} = 1",
        rf"&= {matrix(forms.theta, rows, columns, digits, column=0)} {vector(forms.input, columns, digits, mark=0)}",
        rf"&{sign} {vector(z, rows)}",
        rf"\mathbf{{a}}^{{({l + 2})}} &= g(\mathbf{{z}}^{{({l + 2})}}) = {vector(forms.a, rows)}",
    ]
    beside(scalars, whole, forms.apart)
    if None in rows or None in columns:
        omitted("Θ", forms.theta.shape, [None if i is None else i + 1 for i in rows], columns)


def scalar_forward(forms, l, last, rows, columns, steps, precise):
    """The slide's equations, unit by unit, each with its numbers below."""
    lines, (digits, sign) = [], precise
    for i in rows:
        if i is None:
            lines.append(r"&\;\;\vdots")
            continue
        unit = r"h_\Theta(\mathbf{x})" if last else f"a_{{{i + 1}}}^{{({l + 2})}}"
        names, numbers = [], []
        for j in columns:
            source = f"x_{{{j}}}" if l == 0 else f"a_{{{j}}}^{{({l + 1})}}"
            names.append(r"\cdots" if j is None else rf"\Theta_{{{_pair(i + 1, j)}}}^{{({l + 1})}} {source}")
            numbers.append(r"\cdots" if j is None else _product(forms.theta[i, j], forms.input[j], digits, bool(numbers)))
        lines += [rf"{unit} &= g( {_sum(names)} )", rf"&= g( {_sum(numbers, digits)} )"]
        [z], end, a = steps[i]
        lines += [rf"&{sign} g({tex(z)}) {end} {tex(a)} \\[1ex]"]
    return lines


def backward(forms, l, hidden):
    """δ of a hidden layer, both ways, and what becomes of the bias unit's row."""
    places = [None if j is None else j + 1 for j in written(forms.errors)]
    terms = written(forms.delta)
    steps = {j: line((forms.back[j], forms.slope[j]), mul, forms.errors[j - 1]) for j in places if j is not None}
    back = {0: shown(forms.back[0])} | {j: p for j, ((p, _), *_) in steps.items()}
    slope, errors = {j: q for j, ((_, q), *_) in steps.items()}, {j: result for j, (*_, result) in steps.items()}
    digits, sign = precision(forms.theta.T[list(back)], terms, forms.delta, back.values())
    up, own = f"({l + 3})", f"({l + 2})"
    scalars = scalar_backward(forms, l, places, terms, steps, (digits, sign))
    rows, size = [0, *places], r"\scriptsize" if len(terms) > SHORT else ""
    whole = [
        rf"\delta^{{{own}}} &= (\Theta^{{{own}}})^T \delta^{{{up}}} \text{{ without its row 0}} \;\circ\; g'(\mathbf{{z}}^{{{own}}})",
        rf"& (\Theta^{{{own}}})^T \delta^{{{up}}}",
        rf"&= {size} {matrix(forms.theta.T, rows, terms, digits, row=0)} {vector(forms.delta, terms, digits)} \normalsize",
        rf"&{sign} {vector(back, rows, struck=0)}",
        rf"\delta^{{{own}}} &= {vector(back, places)} \circ {vector(slope, places)} "
        rf"{together(end for _, end, _ in steps.values())} {vector(errors, places)}",
    ]
    beside(scalars, whole, forms.apart)
    if None in rows or None in terms:
        omitted("Θᵀ", forms.theta.T.shape, rows, [None if i is None else i + 1 for i in terms])
    st.markdown(bias_row(forms, hidden))


def scalar_backward(forms, l, places, terms, steps, precise):
    """δ of each unit as a sum over the next layer's, with its numbers below."""
    up, own = f"({l + 3})", f"({l + 2})"
    lines, (digits, sign) = [], precise
    for j in places:
        if j is None:
            lines.append(r"&\;\;\vdots")
            continue
        names, numbers, ((back, slope), end, error) = [], [], steps[j]
        for i in terms:
            names.append(r"\cdots" if i is None else rf"\Theta_{{{_pair(i + 1, j)}}}^{{{own}}} \delta_{{{i + 1}}}^{{{up}}}")
            numbers.append(r"\cdots" if i is None else _product(forms.theta[i, j], forms.delta[i], digits, bool(numbers)))
        lines += [
            rf"\delta_{{{j}}}^{{{own}}} &= ( {_sum(names)} )\, g'(z_{{{j}}}^{{{own}}})",
            rf"&= ( {_sum(numbers, digits)} ) \cdot {factor(slope)}",
            rf"&{sign} {tex(back)} \cdot {factor(slope)} {end} {tex(error)} \\[1ex]",
        ]  # fmt: skip
    return lines


def bias_row(forms, hidden):
    """Erratum 3 in words, with the shapes and the numbers of this layer."""
    s = len(forms.errors)
    rule = {"sigmoid": "a(1 − a)", "tanh": "1 − a²", "relu": "[a > 0]", "identity": "1"}[hidden]
    dropped = forms.back[0] * forms.slope[0]
    text = (
        f"**Erratum 3.** Θᵀδ has s + 1 = {s + 1} entries and g′(z) has s = {s}: as printed the shapes do not fit. The bias unit a₀ has no "
        f"z, so its row is dropped. Written with a, g′ is {rule}; at a₀ = 1 that is {tex(forms.slope[0])}, and the row's entry would be "
        rf"${factor(forms.back[0])} \cdot {tex(forms.slope[0])} = {tex(dropped)}$"
    )
    if forms.slope[0] == 0:
        return text + ": exactly 0, because a₀ = 1. Kept, it does no harm there; with relu or identity it would."
    return text + ", an error that no unit has. Here the row has to be dropped; with sigmoid it would be exactly 0, because a₀ = 1."


def output_error(scene, k, y, top):
    """δ of the output is a − y."""
    delta = scene.net.gradients(scene.X[k : k + 1], scene.y[k : k + 1]).delta[-1][0]
    a = scene.net.predict_proba(scene.X[k : k + 1])[0]
    [a], sign, delta = line((a[0],), lambda p: p - y, delta[0])
    st.latex(rf"\delta^{{({top})}} = \mathbf{{a}}^{{({top})}} - y = {tex(a)} - {y} {sign} {tex(delta)}")
    st.caption("One output, so both forms are the same. Choose a layer before it to see the error sent back through Θᵀ.")


def beside(scalars, whole, apart):
    """Both forms in LaTeX, and whether they are equal."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.caption("One unit after the other")
        st.latex(_aligned(scalars))
    with right:
        st.caption("Matrices")
        st.latex(_aligned(whole))
    if apart > SAME:
        st.badge(f"The two forms differ by {plain(apart, 2)}", color="red")
    else:
        how = f": largest difference {plain(apart, 2)}, rounding" if apart else " to the last bit"
        st.badge("Both forms are equal" + how, color="green")


def omitted(name, shape, rows, columns):
    """What the dots stand for; rows and columns as the formulas number them."""
    which = f"{_named('rows', rows)}, {_named('columns', columns)}"
    st.caption(f"Of the {shape[0]} × {shape[1]} entries of {name} those that count most are written: {which}; dots stand for the rest.")


def _named(what, places):
    if None not in places:
        return f"all {what}"
    return f"{what} {', '.join(str(place) for place in places if place is not None)}"
