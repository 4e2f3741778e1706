"""Reads the arithmetic in a LaTeX derivation, so that tests can hold a page to what it shows."""

import itertools
import math
import re
from decimal import Decimal, localcontext

import pytest


def evaluate(latex):
    """The exact value of a LaTeX expression in numbers."""
    text = re.sub(r"\\;\\text\{[^}]*\}", "", latex).replace(r"\quad", "").replace(r"\left", "").replace(r"\right", "")
    text = re.sub(r"\^\{(-?\d+)\}", r"**(\1)", text).replace("^2", "**2").replace(r"\cdot", "*").replace("&", "").replace(r"\\", "")
    while r"\frac" in text:
        text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
    assert not re.search(r"[\\{}a-zA-Z]", text), f"not arithmetic: {text}"
    text = re.sub(r"(?<![\d.*(])(\d+(?:\.\d+)?)|(?<=\()(\d+(?:\.\d+)?)", lambda m: f'D("{m[0]}")', text)
    with localcontext(prec=60):
        return eval(text, {"D": Decimal})


def last_line(latex):
    """(left, sign, right) of the last equation of an aligned block whose left side is numbers."""
    body = latex.removeprefix(r"\begin{aligned}").removesuffix(r"\end{aligned}")
    left, sign, right = re.split(r"&(=|\\approx)", body)[-3:]
    return left, sign, right


def assert_holds(latex, value):
    """The last line is arithmetic that holds to the digits shown, and its right side is the value."""
    left, sign, right = last_line(latex)
    result = evaluate(right)
    assert float(result) == pytest.approx(value, rel=6e-4, abs=1e-300)
    if re.search(r"partial|\[|_", left):  # 0 or 1 by rule: no arithmetic to check
        assert result in (0, 1)
        return
    assert sign == "="
    with localcontext(prec=60):
        exact = evaluate(left)
        assert (exact == 0) if result == 0 else abs(exact / result - 1) <= Decimal("5.1e-4"), latex


TOKEN = re.compile(r"\\(?:frac|sum|partial|cdots|cdot|begin|end|neq|leq)|\\\\|\d+(?:\.\d+)?|[A-Za-z]|[-+=<>()\[\]{}^_&,/]")
SKIPPED = re.compile(r"\\[,;]|\\quad|\\left|\\right|\\;?\\text\{[^}]*\}|\s")
RELATIONS = {"=": math.isclose, r"\neq": lambda p, q: p != q, ">": lambda p, q: p > q, r"\leq": lambda p, q: p <= q}


def shown_equal(p, q):
    """Whether a number with four digits is this number."""
    return math.isclose(p, q, rel_tol=6e-4, abs_tol=1e-12)


class Symbols:
    """A LaTeX formula in symbols, evaluated: `values(letter, layer, indices)` and `derivatives(top, bottom)` say what they stand for.

    layer is None where the formula names none. An index outside its array raises IndexError, which is where a sum ends.
    """

    def __init__(self, values, derivatives):
        self.values, self.derivatives = values, derivatives

    def value(self, latex, **indices):
        """The value of an expression for these indices; a chain of equal signs gives the list of its sides, if there is more than one."""
        self.tokens = TOKEN.findall(SKIPPED.sub("", latex))
        assert "".join(self.tokens) == SKIPPED.sub("", latex), f"not understood: {latex}"
        self.place, self.indices = 0, indices
        sides = [self.sum()]
        while self.take("="):
            sides.append(self.sum())
        assert self.place == len(self.tokens), f"not understood: {''.join(self.tokens[self.place :])}"
        return sides if len(sides) > 1 else sides[0]

    @property
    def next(self):
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, token):
        if self.next != token:
            return False
        self.place += 1
        return True

    def need(self, *tokens):
        for token in tokens:
            assert self.take(token), f"{token} expected before {''.join(self.tokens[self.place :])}"

    def sum(self):
        total = self.product(-1 if self.take("-") else 1)
        while self.next in ("+", "-"):
            total += self.product(-1 if self.take("-") else self.need("+") or 1)
        return total

    def product(self, sign):
        value = self.power()
        while self.next and (self.next in (r"\cdot", "/") or re.match(r"\\frac|\\sum|[A-Za-z\d(\[]", self.next)):
            if self.take("/"):
                value /= self.power()
            else:
                self.take(r"\cdot")
                value *= self.power()
        return sign * value

    def power(self):
        value = self.atom()
        if self.next == "^":
            self.need("^", "2")
            value *= value
        return value

    def atom(self):
        if self.take(r"\cdots"):  # zeros
            return 0.0
        if self.take("("):
            value = self.sum()
            self.need(")")
            return value
        if self.take("["):
            return float(self.condition("]"))
        if self.take(r"\frac"):
            return self.fraction()
        if self.take(r"\sum"):
            return self.over()
        if self.take(r"\begin"):
            return self.cases()
        if self.next[0].isdigit():
            self.place += 1
            return float(self.tokens[self.place - 1])
        return self.component(self.values)

    def condition(self, *ends):
        """Whether a chain of relations holds."""
        left, holds = self.sum_or_index(), True
        while self.next not in ends:
            relation = self.tokens[self.place]
            self.place += 1
            right = self.sum_or_index()
            holds &= (shown_equal if relation == "=" else RELATIONS[relation])(left, right)
            left = right
        self.place += 1
        return holds

    def sum_or_index(self):
        if self.next in self.indices and self.tokens[self.place + 1] not in ("_", "^"):
            self.place += 1
            return self.indices[self.tokens[self.place - 1]]
        return self.sum()

    def fraction(self):
        self.need("{")
        if self.take(r"\partial"):
            top = self.component(lambda *named: named)
            self.need("}", "{", r"\partial")
            bottom = self.component(lambda *named: named)
            self.need("}")
            return self.derivatives(top, bottom)
        top = self.sum()
        self.need("}", "{")
        bottom = self.sum()
        self.need("}")
        return top / bottom

    def over(self):
        """A sum over an index, up to the end of its product."""
        self.need("_")
        index, start, before, total = self.tokens[self.place], self.place + 1, self.indices, 0.0
        for k in itertools.count():
            self.place, self.indices = start, before | {index: k}
            try:
                total += self.product(1)
            except IndexError:
                break
        self.place, self.indices = start, before | {index: 0}
        self.product(1)
        self.indices = before
        return total

    def cases(self):
        self.need("{", *"cases", "}")
        found = []
        while True:
            value = self.sum()
            self.need("&")
            if self.condition(r"\\", r"\end"):
                found.append(value)
            if self.tokens[self.place - 1] == r"\end":
                break
        self.need("{", *"cases", "}")
        [value] = found  # one case holds, and only one
        return value

    def component(self, read):
        letter, layer, indices = self.tokens[self.place], None, ()
        self.place += 1
        if self.next == "^" and self.tokens[self.place + 1] == "{":
            layer = int(self.tokens[self.place + 3])
            self.place += 6
        if self.take("_"):
            if self.take("{"):
                end = self.tokens.index("}", self.place)
                indices, self.place = "".join(self.tokens[self.place : end]).split(","), end + 1
            else:
                indices, self.place = [self.tokens[self.place]], self.place + 1
        return read(letter, layer, tuple(int(k) if k.isdigit() else self.indices[k] for k in indices))
