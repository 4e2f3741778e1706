"""What the Softmax page says in LaTeX and in tables; every number comes from `mlcore`."""

import math
import re
from decimal import Decimal

import numpy as np

from mlcore import activations, network
from mlcore.lecture.cancellation import cancellation
from ui.figures import outputs
from ui.numbers import factor, fit, last_place, line, plain, shown, tex

SLIDE = np.array([0.4, 0.2, 0.1, 0.1])  # the slide's activations; dots stand for the others
ADDED = (-100, 800)
ROUGH = 0.002  # of a probability: an error that is worth a word
WRITTEN = 4  # rows or columns of a matrix that are all written out
CODE = {
    "Outputs": (activations.sigmoid, activations.sigmoid_prime, activations.softmax, activations.softmax_jacobian),
    "Steps": (activations.softmax_steps,),
    "Loss": (activations.negative_log, activations.cross_entropy),
    "Cancellation": (cancellation,),
    "Prediction": (network.Network.forward_pass, activations.softmax),
}
NOISE = (
    "Of the 100 thumbnails on the data slide 99 agree with the label beside them and one 4 is labelled 8: a misreading or a wrong label, "
    "and an example of label noise, for which $-\\log a_y$ rewards reading that 4 as an 8."
)
SWEEP = np.arange(0, 801, 5)


def reaction(before, after):
    """Which outputs differ."""
    changed = np.flatnonzero(before != after)
    if len(changed) == 0:
        return "none moved"
    if len(changed) == len(before):
        return f"all {len(before)} moved"
    return f"only {', '.join(f'a<sub>{k}</sub>' for k in changed)} moved" if len(changed) <= 3 else f"{len(changed)} of {len(before)} moved"


def _line(left, values, expression, written, result):
    """left = the same with the numbers in = result, the numbers with as many digits as it takes; ∞ and NaN as they are."""
    if not all(map(math.isfinite, (*values, result))):
        return rf"{left} = {written(*values)} = {tex(result)}"
    if result == 0:  # a true 0, or one that the dtype could not tell from 0
        sign = "=" if expression(*map(Decimal, values)) == 0 else r"\approx"
        return rf"{left} = {written(*map(shown, values))} {sign} 0"
    numbers, sign, end = line(values, expression, result)
    return rf"{left} = {written(*numbers)} {sign} {tex(end)}"


def folded(latex, most=40):
    """A line of an aligned block; one of many digits goes on below, from its last dots or sign: cut off, it would not look so."""
    name, numbers, rest = re.fullmatch(r"(.*?) = (.*?)((?: \+ \\cdots \+ [^+]*)? (?:=|\\approx) .*)", latex).groups()
    return latex if sum(map(str.isdigit, numbers + rest)) <= most else rf"{name} = {numbers} \\ &{rest}"


def steps_table(z, steps, bare, label, changed):
    """The steps of each class with the shift, and without it; z is what the network gave, shown where it was changed."""
    before = ["z of the network"] if changed else []
    head = ["class", *before, "z", "z − max z", "e<sup>z − max z</sup>", "a", "without: e<sup>z</sup>", "without: a"]
    columns = [*([z] if changed else []), steps.z, steps.shifted, steps.exp, steps.a, bare.exp, bare.a]
    rows = [[f"{k}{' = y' if k == label else ''}", *map(float, row)] for k, row in enumerate(zip(*columns))]
    totals = ["", "", float(steps.sum), float(steps.a.sum()), float(bare.sum), float(bare.a.sum())]
    rows.append(["sum", *([""] if changed else []), *totals])
    return outputs.table(head, rows, label, "Softmax step by step, a row for each class")


def _sum(terms, total):
    """A sum; of many terms the first, the largest and the last are written out."""
    terms = [float(t) for t in terms]
    if len(terms) > WRITTEN or not all(map(math.isfinite, (*terms, total))):
        few = [r"\cdots" if k is None else factor(terms[k]) for k in written(len(terms), int(np.argmax(terms)))]
        return f"{' + '.join(few)} = {tex(total)}"
    result = shown(total)
    numbers, sign = fit(terms, lambda *t: sum(t), result, last_place(result))
    return f"{' + '.join(map(factor, numbers))} {sign} {tex(result)}"


def steps_latex(steps, y, shift):
    """Each step for the label's row, lines of an aligned block: its formula, and the formula again with the numbers in."""
    z, power, e, total, a, top = (float(v) for v in (steps.z[y], steps.shifted[y], steps.exp[y], steps.sum, steps.a[y], steps.z.max()))
    j = f"_{{{y}}}"
    name = rf"z{j} - \max z" if shift else f"z{j}"
    if shift:
        yield _line(f"{name} &", (z, top), lambda p, q: p - q, lambda p, q: f"{tex(p)} - {factor(q)}", power)
    yield _line(f"e{j} &= e^{{{name}}}", (power,), lambda p: p.exp(), lambda p: f"e^{{{tex(p)}}}", e)
    yield rf"s &= \textstyle\sum_k e_k = {_sum(steps.exp, total)}"
    yield _line(rf"a{j} &= \frac{{e{j}}}{{s}}", (e, total), lambda p, q: p / q, lambda p, q: rf"\frac{{{tex(p)}}}{{{tex(q)}}}", a)


def changed(add, temperature):
    """What z is here, where it is not what the network gave."""
    if not add and temperature == 1:
        return ""
    z = "z of the network" + (f" {'+' if add > 0 else '−'} {plain(abs(add))}" if add else "")
    return f"Here z is {z}. " if temperature == 1 else f"Here z is {f'({z})' if add else z} / {plain(temperature)}. "


def beyond(z, dtype):
    """What to add to all logits for the largest to lie beyond what e^z can take."""
    return int(np.clip(math.ceil(activations.exp_limit(dtype) - z.max()) + 1, *ADDED))


def overflow(dtype, steps, bare, exact):
    """What the shift prevents, and what it cannot: exact are the steps in float64."""
    if np.isfinite(steps.z).all() and (apart := np.abs(steps.a - exact.a).max()) > ROUGH:
        return (
            f"So far from 0 the numbers of {dtype} are {plain(np.spacing(np.abs(steps.z).max()))} apart, and z is rounded to them: the "
            f"probabilities are off by up to {plain(apart)}, also with the shift. {_overflow(dtype, steps, bare)}"
        )
    return _overflow(dtype, steps, bare)


def _overflow(dtype, steps, bare):
    if not np.isfinite(steps.z).all():
        return f"Here z itself is beyond what {dtype} can hold, and the shift cannot help: ∞ − ∞ is not a number."
    saved = "With it the largest power is e<sup>0</sup> = 1."
    # As many digits as tell the two apart: 709.8 is not above 709.8.
    (limit, largest), _ = fit((activations.exp_limit(dtype), float(steps.z.max())), lambda p, q: Decimal(p != q), Decimal(1), 0)
    here = f"the largest z here is {plain(largest)}"
    edge = f"In {dtype} e<sup>z</sup> is infinite above z = {plain(limit)}; {here}. "
    if bare.sum == 0:
        return f"To {dtype} every e<sup>z</sup> is 0, as {here}: without the shift 0/0 is not a number. {saved}"
    if np.isnan(bare.a).any():
        return edge + "Without the shift e<sup>z</sup> is infinite, and ∞/∞ is not a number. " + saved
    if np.isinf(bare.sum):
        return edge + "Without the shift the sum is infinite, and every probability becomes 0. " + saved
    if (apart := np.abs(bare.a - steps.a).max()) > ROUGH:
        return (
            f"So small an e<sup>z</sup> has lost digits in {dtype}, as {here}: without the shift the probabilities are off by up to "
            f"{plain(apart)}. {saved}"
        )
    return edge + "Both ways give the same probabilities, to rounding: e<sup>max z</sup> cancels in the fraction."


def loss_latex(y, a, loss):
    """−log a_y with its numbers. Where a_y has lost its digits, log-sum-exp gives what −log a_y would be."""
    if a[y] == 0:
        return rf"L = -\log a_{{{y}}} = -\log 0 = \infty, \quad \text{{by log-sum-exp}}\; {tex(loss)}"
    return _line(rf"L = -\log a_{{{y}}}", (float(a[y]),), lambda p: -p.ln(), lambda p: rf"-\log {tex(p)}", float(loss))


def curve_points(loss):
    """The curve of −log: a (200,) and −log a, as far up as the loss goes."""
    a = np.geomspace(max(np.exp(-1.3 * max(loss, 3.5)), 1e-300), 1, 200)
    return a, activations.negative_log(a)


def worked_example():
    """The slide's example as (label on the slide, label here, a, −log a, its formula)."""
    losses = activations.negative_log(SLIDE)
    return [(k, k - 1, a, loss, f"−log {plain(shown(a))} = {loss:.3f}") for k in (3, 1) for a, loss in [(SLIDE[k - 1], losses[k - 1])]]


def slide_text(examples):
    """The slide's example in words, and where its classes are counted from."""
    told = " and ".join(f"y = {slide} (class {here} here) gives {text}" for slide, here, *_, text in examples)
    return (
        f"**The slide's example**, a = ({', '.join(plain(shown(a)) for a in SLIDE)}, …): {told}. The slide counts classes from 1; "
        f"labels in this app count from 0, as digits do. The numbers shown sum to {plain(shown(SLIDE.sum()))}; the dots stand for the rest."
    )


def saturated(z, y, s, output):
    """Logits moved towards a sure and wrong answer by taking s off the label's, and the label; for "sigmoid" that logit alone, y = 1."""
    if output == "sigmoid":
        return np.array([z[y] - s]), 1
    moved = np.array(z, float)
    moved[y] -= s
    return moved, y


def sweep(z, y, output):
    """Lines for `outputs.parts`: ∂L/∂a, ∂a/∂z, a − y and the product, at the label, over SWEEP."""
    found = []
    for s in SWEEP:
        c, k = at_label(z, y, s, output)
        found.append((c.dL_da[k], c.da_dz[k, k], c.product[k], c.fused[k]))
    grows, shrinks, product, fused = zip(*found)
    return [("|∂L/∂a|", grows), ("|∂a/∂z|", shrinks), ("|a − y|", fused), ("product", product)]


def at_label(z, y, s, output):
    """The Cancellation at s, and the index of the label's entry in it."""
    moved, label = saturated(z, y, s, output)
    return cancellation(moved, label, output), 0 if output == "sigmoid" else label


def parts_table(c, k, z, output):
    """The two parts, their product and the fused form, a column for each class."""
    y = [""] * len(z) if output == "sigmoid" else [" = y" if j == k else "" for j in range(len(z))]
    head = ["", *("one sigmoid, y = 1" if output == "sigmoid" else f"{j}{mark}" for j, mark in enumerate(y))]
    rows = [
        ["z", *z],
        ["a", *c.a],
        ["∂L/∂a", *c.dL_da],
        ["∂a/∂z" if output == "sigmoid" else f"∂a<sub>{k}</sub>/∂z, row of the Jacobian", *c.da_dz[k]],
        ["multiplied: ∂L/∂a × ∂a/∂z", *c.product],
        ["in one step: a − y" if output == "sigmoid" else "in one step: a − onehot(y)", *c.fused],
    ]
    return outputs.table(head, [[name, *map(float, values)] for name, *values in rows], 5, "The parts of ∂L/∂z, their product, and a − y")


def verdict(c, k, output):
    """What the parts come to at the label's entry k, and the loss by both ways, in words."""
    one = output == "sigmoid"
    whole = "a − y" if one else "a − onehot(y)"
    ways = ("−log a", "from z itself") if one else ("−log a<sub>y</sub>", "by log-sum-exp")
    losses = f"Loss: {ways[0]} as written **{plain(c.naive_loss)}**, {ways[1]} **{plain(c.loss)}**."
    if np.isfinite(c.product).all():
        how = f"The slope of the activation is in ∂L/∂z, and cancels: what grows in ∂L/∂a shrinks in ∂a/∂z, and {whole} is left."
    elif np.isnan(c.product[k]):
        zero = "0 / 0" if np.isnan(c.dL_da[k]) else "∞ · 0"
        a = "Here a" if one else "The label's a"
        how = f"{a} is {plain(c.a[k])} to the last bit: {zero} is not a number. {whole}, taken in one step, is still exact."
    else:
        how = f"∂L/∂a has grown beyond what float64 can hold, and the product with it. {whole}, taken in one step, is still exact."
    return f"{how} {losses}"


def parts_latex(c, k, output):
    """Why the slope of the activation is not in the output error: the formula, and the label's entry with its numbers in."""
    grows, shrinks, product = float(c.dL_da[k]), float(c.da_dz[k, k]), float(c.product[k])
    if output == "sigmoid":
        yield r"\frac{\partial L}{\partial z} = \frac{a - y}{a(1 - a)} \cdot a(1 - a) = a - y"
        name = r"\frac{\partial L}{\partial z}"
    else:
        row = r"\begin{cases} a_y(1 - a_y) & j = y \\ -a_y\,a_j & j \neq y \end{cases}"
        yield rf"\frac{{\partial L}}{{\partial z_j}} = -\frac{{1}}{{a_y}} \cdot {row} = a_j - [\,j = y\,]"
        name = rf"\frac{{\partial L}}{{\partial z_{{{k}}}}}"
    numbers = _line(f"{name} &", (grows, shrinks), lambda p, q: p * q, lambda p, q: rf"{factor(p)} \cdot {tex(q)}", product)
    yield rf"\begin{{aligned}} {folded(numbers)} \end{{aligned}}"


def written(count, *middle):
    """Which of so many rows are written out, None for dots: all of a few, else the first, those named, and the last."""
    if count <= WRITTEN:
        return list(range(count))
    chosen = sorted({0, *middle, count - 1})
    gaps = [[None] * (right - left > 1) + [right] for left, right in zip(chosen, chosen[1:])]
    return [0, *(k for gap in gaps for k in gap)]


def matrix(values, rows, columns=(0,)):
    """A matrix, or a vector as a column, in LaTeX; None among the rows and columns becomes dots."""
    values = np.asarray(values, float).reshape(len(values), -1)
    dots = {(True, True): r"\ddots", (True, False): r"\vdots", (False, True): r"\cdots"}
    cells = [[dots.get((i is None, j is None)) or tex(shown(values[i, j])) for j in columns] for i in rows]
    return r"\begin{pmatrix} " + r" \\ ".join(map(" & ".join, cells)) + r" \end{pmatrix}"


def prediction_latex(layer, y, theta):
    """softmax(W x + b) = softmax(z) = a with the numbers of a layer in, and which inputs are written; with theta Θ (1, x) for W x + b."""
    rows = written(len(layer.z), y, int(layer.z.argmax()))
    columns = written(len(layer.input), int(np.abs(layer.input).argmax()))
    if theta:
        both = [0, *(j if j is None else j + 1 for j in columns)]
        logits = f"{matrix(np.column_stack([layer.b, layer.W]), rows, both)} {matrix(np.append(1, layer.input), both)}"
    else:
        logits = f"{matrix(layer.W, rows, columns)} {matrix(layer.input, columns)} + {matrix(layer.b, rows)}"
    z, a = matrix(layer.z, rows), matrix(activations.softmax(layer.z), rows)
    left, right = r"\operatorname{softmax}\left(", r"\right)"
    return rf"{left} {logits} {right} = {left} {z} {right} = {a}", columns


def shapes(net, X, theta):
    """The objects of the prediction with their shapes, in the names of part two or of part one."""
    c, p = net.layers[-1].W.shape
    deep = len(net.layers) > 1
    inputs, letter = ("x, here a of the layer before", "h") if deep else ("x, the features", "p")
    size = f"c = {c}, {letter} = {p}"
    ours = [["W, weights", f"c × {letter}", f"{c} × {p}"], ["b, biases", "c", f"{c}"], [inputs, letter, f"{p}"]]
    theirs = [["Θ = [b ∣ W]", f"c × ({letter} + 1)", f"{c} × {p + 1}"], [f"1 and {inputs}", f"{letter} + 1", f"{p + 1}"]]
    rows = [
        *(theirs if theta else ours),
        ["z and a", "c", f"{c}"],
        ["X, feature matrix", "n × p", f"{X.shape[0]} × {X.shape[1]}"],
        ["y, labels", "n", f"{X.shape[0]}"],
    ]
    return outputs.table(["", "shape", size], rows, alt="Shapes")


def feature_matrix(X, y, most=5):
    """The first instances of X (n, p) as rows of numbers with their labels; of many features the middle ones."""
    p, some = X.shape[1], min(len(X), most)
    middle = [] if p <= 8 else [None, *range(p // 2 + 10, p // 2 + 17), None]
    columns = list(range(p)) if p <= 8 else [0, *middle, p - 1]
    head = ["", *("⋯" if j is None else f"x<sub>{j}</sub>" for j in columns), "y"]
    rows = [[str(i), *("⋯" if j is None else float(X[i, j]) for j in columns), f"<b>{y[i]}</b>"] for i in range(some)]
    if len(X) > most:
        rows.append(["⋮", *[""] * len(columns), "⋮"])
    return outputs.table(head, rows, alt="Feature matrix and labels")
