"""A formula in MathML, evaluated as it stands: symbols by what mlcore has for them, numbers as they are shown."""

import math
import unicodedata
import xml.etree.ElementTree as ElementTree

import numpy as np

from .grid import number
from .symbols import Partial, Symbol

FUNCTIONS = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)), "tanh": math.tanh, "relu": lambda z: max(z, 0.0), "identity": lambda z: z,
    "log": lambda a: math.log(a) if a > 0 else -math.inf,
}  # fmt: skip
SLOPES = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a, "relu": lambda a: float(a > 0), "identity": lambda a: 1.0}


def parsed(html):
    """The root of a formula."""
    return ElementTree.fromstring(html.replace("&nbsp;", " "))


def shown_numbers(html):
    """[(text, full value)] of the numbers of a formula that carry one."""
    return [(one.text, float(one.get("data-value").replace("Infinity", "inf"))) for one in parsed(html).iter("mn") if one.get("data-value")]


def sides(formula):
    """A formula, HTML or an element, as its sides, each a list of tokens, and the signs between them."""
    found, signs = [[]], []
    for token in tokens(parsed(formula) if isinstance(formula, str) else formula):
        if token in (("op", "="), ("op", "≈")):
            signs.append(token[1])
            found.append([])
        else:
            found[-1].append(token)
    return found, signs


def letter(element):
    return unicodedata.normalize("NFKC", element.text)


def tokens(element):
    kind, children = element.tag.split("}")[-1], list(element)
    match kind:
        case "math" | "mrow":
            flat = [token for child in children for token in tokens(child)]
            return flat
        case "mn":
            return [("num", number(element.text)[0])]
        case "mo":
            return [("op", element.text)]
        case "mi" if element.text in ("log", "sigmoid", "tanh", "relu", "identity", "g′"):
            return [("function", element.text)]
        case "mi" if element.text == "> 0":
            return [("op", ">0")]
        case "mi" if element.text.isdigit():
            return [("num", float(element.text))]
        case "mi":
            return [("symbol", Symbol(letter(element), None, ()))]
        case "mtext" | "mspace":
            return [("text", (element.text or "").strip())] if (element.text or "").strip().startswith(",") else []
        case "mfrac":
            top, bottom = (tokens(child) for child in children)
            if top[0] == ("op", "∂"):
                assert bottom[0] == ("op", "∂") and len(top) == len(bottom) == 2, (top, bottom)
                return [("symbol", Partial(top[1][1], bottom[1][1]))]
            return [("fraction", top, bottom)]
        case "munder":
            under = tokens(children[1])
            return [("sum", under[0][1].letter, int(under[2][1]) if len(under) > 2 else None)]
        case "msub" | "msup" | "msubsup":
            return [script(kind, children)]
    raise AssertionError(f"what is <{kind}>?")


def script(kind, children):
    base, scripts = children[0], children[1:]
    if base.tag == "mi" and base.text == "e":
        return ("power", tokens(scripts[0]))
    if base.tag == "mi":
        below = index(scripts[0]) if kind != "msup" else ()
        above = next((int(v) for t, v in tokens(scripts[-1]) if t == "num"), None) if kind != "msub" else None
        return ("symbol", Symbol(letter(base), above, below))
    inner = tokens(base)
    if kind == "msub":
        return ("entry", inner, index(scripts[0])[0])
    if scripts[0].text == "2":
        return ("square", inner)
    assert scripts[0].text == "T"
    return ("transposed", inner)


def index(element):
    return tuple(
        v.letter if kind == "symbol" else int(v) for kind, v in tokens(element) if kind in ("symbol", "num")
    )  # fmt: skip


class Reader:
    """Reads tokens as arithmetic: + and −, products written · or ∘ or by standing side by side, sums, functions."""

    def __init__(self, tokens, names, free=None):
        self.tokens, self.names, self.free, self.k = tokens, names, free or {}, 0

    @property
    def next(self):
        return self.tokens[self.k] if self.k < len(self.tokens) else ("end",)

    def take(self, *wanted):
        if self.next == wanted or (len(wanted) == 1 and self.next[0] == wanted[0]):
            self.k += 1
            return self.tokens[self.k - 1]
        return None

    def value(self):
        with np.errstate(all="ignore"):
            found = self.sum()
        assert self.next == ("end",), self.tokens[self.k :]
        return found

    def sum(self, plus=True):
        total = -self.product() if self.take("op", "−") else self.product()
        while True:
            if plus and self.take("op", "+"):
                total = total + self.product()
            elif self.take("op", "−"):
                total = total - self.product()
            else:
                return total

    def product(self):
        found = self.factor()
        while True:
            if self.take("op", "·") or self.take("op", "∘"):
                found = found * (-self.factor() if self.take("op", "−") else self.factor())
            elif self.next[0] in ("num", "symbol", "function", "fraction", "power", "square", "entry") or self.next[1:] in (("(",), ("[",)):
                other = self.factor()
                found = found @ other if getattr(found, "ndim", 0) == 2 else found * other
            else:
                return found

    def factor(self):
        token = self.next
        self.k += 1
        sub = lambda inner: Reader(inner, self.names, self.free).value()  # noqa: E731
        match token:
            case ("num", v):
                return v
            case ("symbol", symbol):
                return self.names.value(symbol, self.free)
            case ("fraction", top, bottom):
                return np.float64(sub(top)) / sub(bottom)
            case ("power", inner):
                return math.exp(sub(inner))
            case ("square", inner):
                return sub(inner) ** 2
            case ("transposed", inner):
                return sub(inner).T
            case ("entry", inner, k):
                return sub(inner)[k]  # of Θᵀδ, whose entry 0 is the bias unit's
            case ("function", "g′"):
                e = self.names.e.layers[self.tokens[self.k + 1][1].layer - 2]
                z = self.factor()
                return SLOPES[self.names.of.net.hidden](e.a[np.flatnonzero(e.z == z)[0]])
            case ("function", name):
                return FUNCTIONS[name](self.factor())
            case ("op", "("):
                found = self.sum()
                assert self.take("op", ")")
                return found
            case ("op", "["):
                found = self.sum()
                assert self.take("op", ">0") and self.take("op", "]")
                return float(found > 0)
            case ("op", "∑") | ("sum", "instances", None):
                return self.over_instances()
            case ("sum", k, start):
                return self.over(k, start)
        raise AssertionError(f"{token} in {self.tokens}")

    def over(self, k, start):
        first = int(self.names.theta if start is None else start)
        begin, at, total = self.k, first, 0.0
        while True:
            self.k = begin
            try:
                inner = Reader(self.tokens, self.names, self.free | {k: at})
                inner.k = begin
                total += inner.sum(plus=False)
            except IndexError:
                assert at > first, "a sum of nothing"
                self.k = begin
                self.skip()
                return total
            self.k, at = inner.k, at + 1

    def skip(self):
        """Past the terms of a sum: up to what is added to it."""
        depth = 0
        while self.next != ("end",) and (depth or self.next not in (("op", "+"), ("op", ")"))):
            depth += (self.next == ("op", "(")) - (self.next == ("op", ")"))
            self.k += 1

    def over_instances(self):
        begin, here, total = self.k, self.names.e, 0.0
        for e in self.names.each:
            self.names.e, self.k = e, begin
            total += self.product()
        self.names.e = here
        return total


def evaluate(tokens, names, column=0):
    """The value of one side of a formula; column: the unit whose y a bare y is."""
    return Reader(tokens, names, {"column": column}).value()
