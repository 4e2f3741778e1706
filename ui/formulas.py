"""The chain rule in LaTeX: what each array is, and one cell of it with its numbers in.

Rows, columns, units and pixels count from 0, as labels do; layers of weights count from 1. A network of one layer, the lecture's
softmax regression, is written without layer numbers. The numbers come from `mlcore.explain` alone.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from ui.numbers import column, factor, fit, line, plain, tex

ARRAYS = ("dL_da", "da_dz", "dL_dz", "dL_dW", "dL_db")
NAMES = {"dL_da": "∂L/∂a", "da_dz": "∂a/∂z", "dL_dz": "∂L/∂z", "dL_dW": "∂L/∂W", "dL_db": "∂L/∂b"}
MATRICES = ("da_dz", "dL_dW")
TERMS = 3  # terms of a long sum that are written out


class Place(NamedTuple):
    """A layer as formulas need it: l from 0, how many layers there are, how many units it has, its activation."""

    l: int
    layers: int
    units: int
    activation: str

    @classmethod
    def of(cls, net, l):
        last = len(net.layers) - 1
        return cls(l, last + 1, net.sizes[l + 1], net.output if l == last else net.hidden)

    @property
    def last(self):
        return self.l == self.layers - 1

    def up(self, shift=0):
        return "" if self.layers == 1 else f"^{{({self.l + 1 + shift})}}"

    def at(self, letter, *index, shift=0):
        """A component, e.g. W⁽¹⁾_{3,406}; shift counts layers onwards."""
        return f"{letter}{self.up(shift)}_{{{','.join(map(str, index))}}}"

    def input(self, k):
        """The layer's k-th input: a pixel, or an activation of the layer before."""
        return f"x_{{{k}}}" if self.l == 0 else self.at("a", k, shift=-1)

    def da_dz(self, i, j):
        return frac(self.at("a", i), self.at("z", j))

    def dL(self, letter, *index, shift=0):
        return frac("L", self.at(letter, *index, shift=shift))

    def cell(self, name, row, col):
        """The symbol of one cell. A vector has columns only."""
        if name == "da_dz":
            return self.da_dz(row, col)
        return self.dL("W", row, col) if name == "dL_dW" else self.dL(name[-1], col)


class Recipe(NamedTuple):
    """How a cell comes about: symbols of its factors and their values; `expression` of these is the cell, `written` says so in LaTeX."""

    symbols: list
    values: list
    expression: Callable
    written: Callable
    steps: tuple = ()  # what stands between the cell's symbol and the numbers
    sentence: str = ""


def named(text):
    """The array that NAMES writes like this."""
    return next(name for name, written in NAMES.items() if written == text)


def frac(top, bottom):
    return rf"\frac{{\partial {top}}}{{\partial {bottom}}}"


def _cases(*rows):
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def symbol(p, name):
    """The symbol of a whole array, e.g. ∂L/∂W⁽¹⁾, for running text."""
    bold = rf"\mathbf{{{name[-1]}}}{p.up()}"
    return frac(rf"\mathbf{{a}}{p.up()}", bold) if name == "da_dz" else frac("L", bold)


def rule(p, name):
    """The formula of an array, component by component."""
    i, j = p.at("a", "i"), p.at("a", "j")
    right = {
        "dL_dW": rf"{p.dL('z', 'j')} \cdot {p.input('k')}",
        "dL_db": p.dL("z", "j"),
        "dL_dz": rf"\sum_i {p.dL('a', 'i')} \cdot {p.da_dz('i', 'j')}" + (rf" = {j} - [\,j = y\,]" if p.last else ""),
    }.get(name)
    if name == "dL_dz" and p.activation != "softmax":
        right = rf"{p.dL('a', 'j')} \cdot {p.da_dz('j', 'j')}" + (rf" = {j} - y_j" if p.last else "")
    if name == "da_dz":
        off = {"softmax": rf"-{i}\,{j}"}.get(p.activation, "0")
        right = _cases(rf"{_slope(p, i)} & i = j", rf"{off} & i \neq j")
    if name == "dL_da" and not p.last:
        right = rf"\sum_k {p.dL('z', 'k', shift=1)} \cdot {p.at('W', 'k', 'j', shift=1)}"
    elif name == "dL_da":
        softmax = _cases(rf"-1/{p.at('a', 'y')} & j = y", r"0 & j \neq y")
        right = softmax if p.activation == "softmax" else rf"\frac{{{j} - y_j}}{{{j}(1 - {j})}}"
    return rf"{p.cell(name, 'i' if name == 'da_dz' else 'j', 'k' if name == 'dL_dW' else 'j')} = {right}"


def _slope(p, a):
    """∂a/∂z of a unit, written with a."""
    by_a = rf"{a}(1 - {a})"
    return {"softmax": by_a, "sigmoid": by_a, "tanh": rf"1 - ({a})^2", "relu": rf"[\,{a} > 0\,]", "identity": "1"}[p.activation]


def recipe(e, y, p, name, row, col, fused=False):
    """The Recipe of one cell for the explanation e of one instance with label y. `fused` takes ∂L/∂z of the last layer as a − y."""
    layer = e.layers[p.l]
    if name == "dL_dW":
        return _product([p.dL("z", row), p.input(col)], [layer.dL_dz[row], layer.input[col]])
    if name == "dL_db":
        steps = [rf"{p.dL('z', col)} \cdot {frac(p.at('z', col), p.at('b', col))}"]
        return Recipe([p.dL("z", col)], [layer.dL_dz[col]], lambda d: d, lambda d: rf"{tex(d)} \cdot 1", steps)
    if name == "da_dz":
        return _slope_recipe(layer, p, row, col)
    if name == "dL_da":
        return _hidden_sum(e, p, col) if not p.last else _loss_slope(layer, y, p, col)
    if fused and p.last:
        return _difference(layer, y, p, col)
    if p.activation != "softmax":
        return _product([p.dL("a", col), p.da_dz(col, col)], [layer.dL_da[col], layer.slope(col, col)])
    path = _product([p.dL("a", y), p.da_dz(y, col)], [layer.dL_da[y], layer.slope(y, col)])
    zeros = " + 0" if p.units == 2 else r" + 0 + \cdots + 0"
    steps = [rf"\sum_i {p.dL('a', 'i')} \cdot {p.da_dz('i', col)}", path.steps[0] + zeros]
    return path._replace(steps=steps, sentence=f"Row times column. Only i = y = {y} counts: every other ∂L/∂aᵢ is 0.")


def _product(symbols, values):
    def written(left, right):
        return rf"{tex(left)} \cdot {factor(right)}"

    return Recipe(symbols, values, lambda left, right: left * right, written, [r" \cdot ".join(symbols)])


def _constant(number, sentence, symbols=(), values=(), steps=()):
    """A cell that is 0 or 1 by rule."""
    return Recipe(list(symbols), list(values), lambda *_: number + 0 * sum(_), lambda *_: str(number), list(steps), sentence)


def _slope_recipe(layer, p, i, j):
    a_i, a_j = p.at("a", i), p.at("a", j)
    if i != j and p.activation == "softmax":
        values = [layer.a[i], layer.a[j]]
        return Recipe([a_i, a_j], values, lambda b, c: -b * c, lambda b, c: rf"-{tex(b)} \cdot {tex(c)}", [rf"-{a_i} \cdot {a_j}"])
    if i != j:
        return _constant(0, f"Off the diagonal it is 0: z of unit {j} does not reach a of unit {i}.")
    if p.activation == "identity":
        return _constant(1, "a = z, so every step of z is the same step of a.")
    if p.activation == "relu":
        z = layer.z[i]
        steps = [rf"[\,{number} > 0\,]" for number in (p.at("z", i), tex(z))]
        return _constant(int(z > 0), "ReLU passes what is above 0 and stops the rest.", steps=steps)
    if p.activation == "tanh":
        return Recipe([a_i], [layer.a[i]], lambda a: 1 - a * a, lambda a: f"1 - {factor(a)}^2", [_slope(p, a_i)])
    return Recipe([a_i], [layer.a[i]], lambda a: a * (1 - a), lambda a: rf"{tex(a)} \cdot (1 - {tex(a)})", [_slope(p, a_i)])


def _is_label(y, p, j):
    """y of output j: 1 at the label; a single sigmoid output is y itself."""
    return float(y if p.units == 1 else j == y)


def _loss_slope(layer, y, p, j):
    a = p.at("a", j)
    if p.activation == "softmax" and j != y:
        return _constant(0, f"The loss is −log a_y with y = {y}; there is no a of class {j} in it.")
    if p.activation == "softmax":
        return Recipe([a], [layer.a[j]], lambda a: -1 / a, lambda a: rf"-\frac{{1}}{{{tex(a)}}}", [rf"-\frac{{1}}{{{a}}}"])
    target = int(_is_label(y, p, j))
    steps = [rf"\frac{{{a} - y_{{{j}}}}}{{{a}(1 - {a})}}"]

    def written(a):
        return rf"\frac{{{tex(a)} - {target}}}{{{tex(a)} \cdot (1 - {tex(a)})}}"

    return Recipe([a], [layer.a[j]], lambda a: (a - target) / (a * (1 - a)), written, steps)


def _difference(layer, y, p, j):
    a, t = p.at("a", j), rf"[\,{j} = y\,]" if p.activation == "softmax" else rf"y_{{{j}}}"
    values = [layer.a[j], _is_label(y, p, j)]
    sentence = "The same in one step, because the output's slope cancels against its loss."
    return Recipe([a, t], values, lambda a, t: a - t, lambda a, t: f"{tex(a)} - {tex(t)}", [f"{a} - {t}"], sentence)


def _hidden_sum(e, p, j):
    errors, weights = e.layers[p.l + 1].dL_dz, e.layers[p.l + 1].W[:, j]
    terms = sorted(range(len(errors)), key=lambda k: -abs(errors[k] * weights[k]))
    first, others = terms[:TERMS], terms[TERMS:]
    rest = math.fsum(float(errors[k]) * float(weights[k]) for k in others)
    values = [v for k in first for v in (errors[k], weights[k])] + [rest] * bool(others)
    pairs = len(first)

    def expression(*parts):
        return sum(parts[2 * k] * parts[2 * k + 1] for k in range(pairs)) + sum(parts[2 * pairs :])

    def written(*parts):
        rows = [rf"{factor(parts[2 * k]) if k else tex(parts[0])} \cdot {factor(parts[2 * k + 1])}" for k in range(pairs)]
        rows += [rf"{factor(r)} \;\text{{({len(others)} smaller terms)}}" for r in parts[2 * pairs :]]
        return r" \\ &\quad + ".join(rows)

    name = rf"\sum_k {p.dL('z', 'k', shift=1)} \cdot {p.at('W', 'k', j, shift=1)}"
    at = ", ".join(map(str, first))
    sentence = f"Every unit of the next layer sends its error back along its weight; the largest terms are k = {at}." if others else ""
    return Recipe([], values, expression, written, [name], sentence)


def _value(layer, name, row, col):
    if name == "dL_dW":  # without the array itself, 2.5 MB for a 400 × 784 layer
        return float(layer.dL_dz[row] * layer.input[col])
    return layer.slope(row, col) if name == "da_dz" else float(getattr(layer, name)[col])


def derivation(e, y, p, name, row, col):
    """One cell of one instance with its numbers in: a list of (sentence, LaTeX). Each ends in the cell's value."""
    value = _value(e.layers[p.l], name, row, col)
    ways = [recipe(e, y, p, name, row, col)]
    if name == "dL_dz" and p.last:
        ways.append(recipe(e, y, p, name, row, col, fused=True))
    return [(way.sentence, _aligned(p.cell(name, row, col), way, value)) for way in ways]


def _aligned(left, way, value):
    """symbol = steps = numbers = value, one below the other."""
    rows = [rf"= {step}" for step in way.steps]
    if not math.isfinite(value) or not all(map(math.isfinite, way.values)):
        value = math.prod(map(float, way.values)) if math.isfinite(value) else value
        rows += [f"= {way.written(*way.values)}", rf"= {tex(value)} \quad \text{{(beyond what a float can hold)}}"]
    else:
        parts, sign, result = line(way.values, way.expression, value)
        written = way.written(*parts)
        rows += [f"= {written}"] * (written != tex(result)) + [f"{sign} {tex(result)}"]
    return r"\begin{aligned} " + left + " " + r" \\ ".join(f"&{row}" for row in rows) + r" \end{aligned}"


class Listing(NamedTuple):
    """A cell of a batch: table headings (LaTeX) and rows (text), one instance a row; and the mean with its numbers in."""

    headings: list
    rows: list
    latex: str

    @property
    def markdown(self):
        """The headings and rows as a table."""
        lines = [["instance", "y", *(f"${h}$" for h in self.headings[2:])], [":--", *["--:"] * (len(self.headings) - 1)], *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def listing(es, ys, titles, p, name, row, col):
    """One cell over a batch: each instance's own product, then the mean of the products. Averaged factors are never multiplied."""
    ways = [recipe(e, y, p, name, row, col, fused=True) for e, y in zip(es, ys)]
    values = [_value(e.layers[p.l], name, row, col) for e in es]
    n, cell = len(es), p.cell(name, row, col)
    mean = math.fsum(values) / n if all(map(math.isfinite, values)) else sum(values) / n
    symbols = max((way.symbols for way in ways), key=len) if name != "dL_da" else []
    if math.isfinite(mean):
        cells, place, sign, result = column(values, mean)
        factors = [fit(way.values, way.expression, v, place)[0] if symbols else [] for way, v in zip(ways, cells)]
        end = rf"&= \frac{{1}}{{{n}}} \cdot {factor(sum(cells))} \\ &{sign} {tex(result)}"
    else:
        cells, factors, end = values, [way.values if symbols else [] for way in ways], rf"&= {tex(mean)}"
    last = [f"{v:f}".replace("-", "−") if v and math.isfinite(v) and math.isfinite(mean) and place > -9 else plain(v) for v in cells]
    rows = [[t, str(int(y)), *map(plain, fs), v] for t, y, fs, v in zip(titles, ys, factors, last)]
    latex = rf"\begin{{aligned}} \frac{{1}}{{{n}}} \sum_{{i=1}}^{{{n}}} {cell.replace('L', 'L_i', 1)} {end} \end{{aligned}}"
    return Listing(["instance", "y", *symbols, cell], rows, latex)
