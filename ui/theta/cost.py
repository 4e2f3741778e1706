"""The cost of part one: its two branches, J with its two parts, λ/2 beside λ/(2n), and where the slides' derivatives must not be copied."""

import math
from decimal import Decimal

import numpy as np
import streamlit as st

from mlcore import activations
from mlcore.lecture import errata
from mlcore.lecture.cancellation import cancellation
from ui.figures import costs, outputs
from ui.inputs import number
from ui.numbers import MOST, factor, fit, line, plain, shown, tex
from ui.theta import not_to_zero

CODE = (activations.binary_cross_entropy, errata.cost_parts, errata.conventions, errata.as_printed, errata.matrix_form)
QUIET = {"displayModeBar": False}
POINTS = np.linspace(0.001, 0.999, 300)
USUAL = 0.1  # λ of the comparison where the scene has none
SHOWN = 6  # entries of a long row that are written out
ALIGNED = r"\begin{{aligned}} {} \end{{aligned}}"


def instance(scene):
    """The place of the chosen instance among the scene's, from 0; on the page they count from 1, as on the slide."""
    n = len(scene.y)
    return number(f"Instance i (1 to {n})", "instance", n, 1, 1) - 1


def show(scene):
    """The section."""
    st.markdown(
        "What one instance costs, what the whole set costs, and which of the slide's derivatives hold. "
        "Try: go on from epoch to epoch and see the instance slide along its branch; then set λ and see which part of J it changes."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k, scene = instance(scene), not_to_zero.after(scene)
    x, y = scene.X[k], int(scene.y[k])
    run = scene.net.forward(scene.X[k : k + 1])
    h, loss = float(run.a[-1][0, 0]), float(scene.net.losses(scene.X[k : k + 1], scene.y[k : k + 1])[0])
    left, right = st.columns(2, gap="medium")
    with left:
        branches = activations.negative_log(1 - POINTS), activations.negative_log(POINTS)
        alt = f"Both branches of the cost over h; instance {k + 1} has y = {y}, h = {plain(h)} and costs {plain(loss)}"
        alt += ", above the edge of the chart" if costs.beyond(loss) else ""
        st.plotly_chart(costs.branches(POINTS, *branches, (h, loss), y), config=QUIET, alt=alt)
    with right:
        st.markdown(f"**cost(x<sub>i</sub>)** of instance {k + 1}, y = {y}: of the two terms one is 0", unsafe_allow_html=True)
        st.latex(cost_latex(h, y, loss))
        st.markdown("**J(Θ)** in its two parts; λ leaves out column 0, the bias")
        parts = errata.cost_parts(scene.net, scene.X, scene.y, scene.l2)
        st.latex(j_latex(parts, scene.l2, len(scene.y)))
        rows = [["data", parts.data], ["λ", parts.penalty], ["J", parts.data + parts.penalty]]
        st.html(outputs.table(["part", "value"], rows, alt="J in its two parts"))
    conventions(scene)
    printed(scene, x, y)
    matrices(scene, x, y)
    mean(scene, k)
    pairs(float(run.z[-1][0, 0]), y)


def cost_latex(h, y, loss):
    """The cost with its formula and with its numbers."""
    rows = [r"\text{cost}(\mathbf{x}_i) &= -y \log h - (1 - y) \log(1 - h)"]

    def expression(p):
        left = p if y else 1 - p
        return -left.ln() if left > 0 else Decimal(10) ** 9  # rounded to so few digits that nothing is left: take more

    def written(p):
        return rf"-{y} \cdot \log {tex(p)} - (1 - {y}) \cdot \log(1 - {tex(p)})"

    if 0 < h < 1:
        [p], sign, result = line((h,), expression, loss)
        rows += [f"&= {written(p)}", f"&{sign} {tex(result)}"]
    else:
        rows += [f"&= {written(h)}", rf"&= {tex(loss)} \quad \text{{from }} z \text{{: h has no digits left}}"]
    return ALIGNED.format(r" \\ ".join(rows))


def j_latex(parts, l2, n):
    """J as the sum of its parts, with numbers."""
    (data, penalty), sign, result = line((parts.data, parts.penalty), lambda p, q: p + q, parts.data + parts.penalty)
    strength = shown(l2, MOST)
    half = strength / 2
    [total], whole = fit([parts.data * n], lambda p: p / n, data, data.as_tuple().exponent)
    [squares], other = fit([parts.squares], lambda p: half * p, penalty, penalty.as_tuple().exponent)
    holds = "=" if whole == other == "=" else r"\approx"
    return ALIGNED.format(
        r"J(\Theta) &= \underbrace{\tfrac{1}{n} \textstyle\sum_i \text{cost}(\mathbf{x}_i)}_{\text{data}} + "
        r"\underbrace{\tfrac{\lambda}{2} \textstyle\sum_{l,i,\,j \neq 0} (\Theta_{ij}^{(l)})^2}_{\lambda} \\ "
        rf"&= \tfrac{{1}}{{{n}}} \cdot {tex(total)} + \tfrac{{{tex(strength)}}}{{2}} \cdot {tex(squares)} \\ "
        rf"&{holds} {tex(data)} + {tex(penalty)} {sign} {tex(result)}"
    )


def conventions(scene):
    """Erratum 6: the same λ under both ways to write its term."""
    st.markdown("**λ/2 or λ/(2n)?** (erratum 6)")
    l2, n = scene.l2 or USUAL, len(scene.y)
    found = errata.conventions(scene.net, scene.X, scene.y, l2)
    last = len(scene.net.layers)
    W = scene.net.layers[-1].W
    j = errata.largest(W)[1] + 1
    none = "" if scene.l2 else f" λ is 0 in this scene, where both agree; the numbers below are for λ = {plain(shown(l2))}."
    st.markdown(
        "The slides never write J. Their D = Δ/n + λΘ is its gradient only if the term is (λ/2) ΣΘ². scikit-learn and Nielsen write "
        f"(λ/2n) ΣΘ², and there the same λ means something else: it is weaker by n = {n}.{none}"
    )
    names = ("λ/2, the slides' D", "λ/(2n), scikit-learn, Nielsen")
    rows = [[name, plain(shown(c.factor * l2)), c.penalty, c.J, float(c.D[-1][0, j])] for name, c in zip(names, found)]
    head = ["λ term", "times ΣΘ²", "its value", "J", f"D<sup>({last})</sup><sub>1{j}</sub>"]
    st.html(outputs.table(head, rows, alt="The same λ under both conventions"))
    st.caption(
        f"The same updates with scikit-learn: `{sklearn_call(scene, l2)}`: alpha = n·λ holds for batches of all n instances; for smaller "
        "ones it is their size times λ."
    )


def sklearn_call(scene, l2):
    """The MLPClassifier whose updates are those of the scene with this λ."""
    n, g = len(scene.y), {"sigmoid": "logistic"}.get(scene.net.hidden, scene.net.hidden)
    return (
        f"MLPClassifier({scene.net.sizes[1:-1]}, activation='{g}', solver='sgd', momentum=0, batch_size={n}, alpha={n * l2:.6g}, "
        f"learning_rate_init={scene.rate:.6g})"
    )


def printed(scene, x, y):
    """Erratum 1: the factor a − y twice."""
    found = errata.as_printed(scene.net, x, y)
    top = len(scene.net.sizes)
    st.markdown(f"**∂cost/∂Θ<sup>({top - 1})</sup> as printed** (erratum 1)", unsafe_allow_html=True)
    a, before = f"a^{{({top})}}", f"a^{{({top - 1})}}"
    slope = f"{a}(1 - {a})"
    st.latex(
        ALIGNED.format(
            rf"\text{{printed: }} & \frac{{{a} - y}}{{{slope}}} \cdot {before} \cdot ({a} - y) \\ "
            rf"\text{{right: }} & \frac{{{a} - y}}{{{slope}}} \cdot {slope} \cdot {before} = ({a} - y)\, {before}"
        )
    )
    columns = found.input, found.printed, found.right, found.numeric
    rows = [[f"j = {j}", *(float(v[j]) for v in columns), _sign(found.printed[j], found.right[j])] for j in _picked(found.right)]
    head = ["entry", f"a<sup>({top - 1})</sup><sub>j</sub>", "as printed", "right", "central difference", ""]
    st.html(outputs.table(head, rows, alt="The derivative as printed, right, and by central difference"))
    every = "every sign" if found.right.all() else "every sign that is not 0"
    here = f"Here y = 1, and {every} is wrong" if y else "Here y = 0: the signs are right, the sizes are not; take an instance with y = 1"
    st.caption(f"With a − y in it twice the printed one is never negative where a⁽{_up(top - 1)}⁾ is positive. {here}.")


def _sign(printed, right):
    return "wrong sign" if np.sign(printed) * np.sign(right) < 0 else ""


def _up(number):
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _picked(values, most=SHOWN):
    """Places of a row that are written out: all, or the bias and those of largest size."""
    if len(values) <= most:
        return list(range(len(values)))
    return [0, *sorted(int(j) + 1 for j in np.argsort(-np.abs(values[1:]), kind="stable")[: most - 1])]


def matrices(scene, x, y):
    """Erratum 2: right as scalars only."""
    form = errata.matrix_form(scene.net, x, y)
    L = len(scene.net.sizes)
    (i, j), s, q = form.index, len(form.slope), len(form.input)
    st.markdown(f"**∂cost/∂Θ<sup>({L - 2})</sup> as scalars and as matrices** (erratum 2)", unsafe_allow_html=True)
    st.markdown(
        f"The slide's product of four factors holds for one entry. Read as matrices it does not fit: Θ<sup>({L - 1})</sup> is 1 × {s + 1}, "
        f"the slope is {s} × 1, the input {q} × 1. The matrix form drops column 0, transposes and says which product is which:",
        unsafe_allow_html=True,
    )
    st.latex(
        rf"\frac{{\partial\,\text{{cost}}}}{{\partial \Theta^{{({L - 2})}}}} = \Big( "
        rf"\underbrace{{(\Theta^{{({L - 1})}}_{{\text{{without column 0}}}})^T}}_{{{s} \times 1}} "
        rf"\underbrace{{\delta^{{({L})}}}}_{{1 \times 1}} \circ \underbrace{{g'(\mathbf{{z}}^{{({L - 1})}})}}_{{{s} \times 1}} \Big) "
        rf"\underbrace{{\mathbf{{a}}^{{({L - 2})\,T}}}}_{{1 \times {q}}} \qquad {s} \times {q}"
    )
    values = (form.delta[0], form.W[0, i], form.slope[i], form.input[j])
    parts, sign, result = line(values, lambda *v: math.prod(v), form.gradient[i, j])
    product = r" \cdot ".join([tex(parts[0]), *map(factor, parts[1:])])
    st.latex(
        ALIGNED.format(
            rf"i = {i + 1},\ j = {j}: \quad & (a - y)\,\Theta^{{({L - 1})}}_{{1,{i + 1}}}\, g'(z_{{{i + 1}}})\, a_{{{j}}} \\ "
            rf"&= {product} \\ &{sign} {tex(result)}"
        )
    )


def mean(scene, k):
    """Erratum 5: one instance's derivative is not J's."""
    last, n = len(scene.net.layers) - 1, len(scene.y)
    found = errata.one_and_mean(scene.net, scene.X, scene.y, k, last)
    (i, j), l = found.index, last + 1
    st.markdown("**One instance, or the mean over n?** (erratum 5)")
    st.markdown(
        "The slide equates ∂J/∂Θᵢⱼ with aⱼδᵢ. That is the derivative of one instance's cost; J is the mean over n, so its derivative is "
        "the mean of these products. (There cost(λᵢ) should be cost(xᵢ), and i is instance and node in one line.)"
    )
    (a, d), sign, result = line((found.a, found.delta), lambda p, q: p * q, found.one)
    at, product = rf"\Theta^{{({l})}}_{{{i + 1},{j}}}", rf"a^{{({l})}}_{{{j}}}\, \delta^{{({l + 1})}}_{{{i + 1}}}"
    st.latex(ALIGNED.format(
        rf"\frac{{\partial\,\text{{cost}}(\mathbf{{x}}_{{{k + 1}}})}}{{\partial {at}}} &= {product} = {tex(a)} \cdot {factor(d)} "
        rf"{sign} {tex(result)} \\ \frac{{\partial J}}{{\partial {at}}} &= \frac{{1}}{{{n}}} \sum_{{\text{{instances}}}} {product} = "
        rf"{tex(found.mean)} \quad (\lambda = 0)"
    ))  # fmt: skip


def pairs(z, y):
    """Erratum 7: a − y belongs to matching pairs of output and loss."""
    st.markdown("**Why is there no g′ in δ⁽ᴸ⁾ = a − y?** (erratum 7)")
    st.markdown(
        f"Because it cancels, where output and loss match. At this instance's z = {plain(z)}, y = {y}; softmax over the logits (0, z), a "
        "and its derivatives at the label, the error at class 1. The last row does not match: there g′ stays in the error."
    )
    label = float(cancellation([0.0, z], y).a[y])
    rows = []
    for p in errata.pairs(z, y):
        softmax = p.output == "softmax"
        a, error = (f"{plain(label)} (class {y})", f"{plain(p.difference)} (class 1)") if softmax else (p.a, p.difference)
        rows.append([f"{p.output}, {p.loss.replace('a_y', 'a<sub>y</sub>')}", a, p.dL_da, p.da_dz, p.dL_dz, error, _verdict(p)])
    head = ["output, loss", "a", "∂L/∂a", "∂a/∂z", "their product", "a − y", ""]
    st.html(outputs.table(head, rows, alt="Outputs with their losses, and whether the error is a − y"))


def _verdict(pair):
    """Whether the product is a − y; compared by size, since both may be tiny."""
    if not math.isfinite(pair.dL_dz):
        return f"{'0 / 0' if math.isnan(pair.dL_da) else '0 · ∞'}: only the fused a − y is finite"
    return "matches" if math.isclose(pair.dL_dz, pair.difference, rel_tol=1e-6) else "does not match"
