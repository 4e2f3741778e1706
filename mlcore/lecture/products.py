"""Which product is it? The objects of one layer as the slides' matrices, in any combination: a result, or why there is none (erratum 9)."""

from typing import NamedTuple

import numpy as np

from .. import validate

MATRIX, ELEMENTWISE, OUTER, TRANSPOSE = OPERATIONS = ("matrix product", "element-wise product", "outer product", "transpose")
SIGNS = {MATRIX: "×", ELEMENTWISE: "∘", OUTER: "⊗"}
EXACT = 1e-12  # relative difference up to which a result is the object itself
LETTERS = {
    "∂L/∂a": ("1", "c"), "∂a/∂z": ("c", "c"), "∂L/∂z": ("1", "c"), "∂z/∂W": ("c", "p"), "∂z/∂b": ("c", "c"), "x": ("1", "p"),
    "a": ("1", "p"), "W": ("c", "p"), "∂L/∂W": ("c", "p"), "b": ("1", "c"), "z": ("1", "c"), "∂L/∂b": ("1", "c"), "∂L/∂x": ("1", "p"),
    "∂L/∂a before": ("1", "p"),
}  # fmt: skip
# What is equal by the chain rule, also where rounding keeps the numbers apart. Other equalities are found by comparing.
RULES = {
    (MATRIX, "∂L/∂a", "∂a/∂z"): "∂L/∂z",
    (ELEMENTWISE, "(∂L/∂z)ᵀ", "∂z/∂W"): "∂L/∂W",
    (ELEMENTWISE, "∂z/∂W", "(∂L/∂z)ᵀ"): "∂L/∂W",
    **{(MATRIX, name, "∂z/∂b"): name for name in ("∂L/∂a", "∂a/∂z", "∂L/∂z")},
    **{(MATRIX, "∂z/∂b", name): name for name in ("∂a/∂z", "∂z/∂W", "W", "∂L/∂W")},
    **{(MATRIX, "(∂L/∂z)ᵀ", x): "∂L/∂W" for x in ("x", "a")},
    **{(OUTER, d, x): "∂L/∂W" for d in ("∂L/∂z", "(∂L/∂z)ᵀ") for x in ("x", "a", "(x)ᵀ", "(a)ᵀ")},
}


class Objects(dict):
    """Name → 2-D array, the objects of one layer. softmax: whether its activation is softmax, whose ∂L/∂z sums to 0."""

    softmax = False


class Combined(NamedTuple):
    """What a combination gives: array (m, n) and shape, both None where it does not fit; verdict, one or two sentences.

    name is the object that it is ("∂L/∂z"; a transposed one is "(∂L/∂z)ᵀ"), or None. text is how it was written, letters its shape in
    the letters of the slides, None where they do not say.
    """

    array: np.ndarray | None
    shape: tuple | None
    verdict: str
    name: str | None
    text: str
    letters: tuple | None = None
    operation: str | None = None


def bench_objects(e, l=-1):
    """The Objects of layer l of an `mlcore.explain` result in the slides' shapes; c units, p inputs (called a where they are no x).

    ∂L/∂a, ∂L/∂z, b, z, ∂L/∂b (1, c); x and ∂L/∂x, or "∂L/∂a before" (1, p); ∂a/∂z, ∂z/∂b (c, c); ∂z/∂W, W, ∂L/∂W (c, p). W is ∂z/∂x too.
    IndexError for no such layer.
    """
    layer = e.layers[l]
    first = l in (0, -len(e.layers))
    arrays = (layer.dL_da, layer.da_dz, layer.dL_dz, layer.dz_dW, layer.dz_db, layer.input, layer.W, layer.dL_dW, layer.b, layer.z)
    names = ("∂L/∂a", "∂a/∂z", "∂L/∂z", "∂z/∂W", "∂z/∂b", "x" if first else "a", "W", "∂L/∂W", "b", "z", "∂L/∂b")
    names += ("∂L/∂x" if first else "∂L/∂a before",)
    arrays += (layer.dL_db, e.dL_dx if first else e.layers[l - 1].dL_da)
    objects = Objects(zip(names, map(np.atleast_2d, arrays)))
    objects.softmax = layer.g_prime is None
    return objects


def sizes(objects):
    """What the letters of the shapes are here, in a sentence: "c = 3 classes, p = 5 inputs."."""
    c, p = objects["W"].shape
    return f"c = {c} {'classes' if objects.softmax else 'units'}, p = {p} inputs."


def operand(name, objects):
    """One of the objects as the start of a combination. ValueError for a name that is not among them."""
    validate.one_of(name, "the object", tuple(objects))
    array = objects[name]
    return Combined(array, array.shape, f"{name} is {_size(array.shape)}.", name, name, LETTERS[name])


def combine(left, operation, right=None, objects=None):
    """left and right combined by one of OPERATIONS → Combined; "transpose" takes left alone.

    left and right are names of objects (`bench_objects`) or what an earlier call returned. The element-wise product stretches a column
    (c, 1) or a row (1, p) over a (c, p) matrix and nothing else. What does not fit has array None and a verdict that says why; what
    overflows is infinite or NaN without a warning. Raises ValueError for an unknown operation or name, and a right that is missing, not
    wanted, or has no array itself.
    """
    objects = Objects() if objects is None else objects
    validate.one_of(operation, "operation", OPERATIONS)
    if (right is None) != (operation == TRANSPOSE):
        raise ValueError(f"{operation} takes {'the left alone' if operation == TRANSPOSE else 'a left and a right'}")
    left, right = (o if o is None or isinstance(o, Combined) else operand(o, objects) for o in (left, right))
    for side in (left, right):
        if side is not None and side.array is None:
            raise ValueError(f"{side.text} does not fit, so nothing can be multiplied with it")
    if operation == TRANSPOSE:
        return _transposed(left, objects)
    text = f"{_factor(left, operation, True)} {SIGNS[operation]} {_factor(right, operation, False)}"
    refused = {MATRIX: _no_matrix, ELEMENTWISE: _no_elementwise, OUTER: _no_outer}[operation](left, right)
    if refused:
        both = f"{left.text} is {_size(left.shape)} and {right.text} is {_size(right.shape)}"
        return Combined(None, None, f"It does not fit: {both}. {refused}", None, text)
    with np.errstate(all="ignore"):
        if operation == MATRIX:
            array = left.array @ right.array
        elif operation == ELEMENTWISE:
            array = left.array * right.array
        else:
            array = np.outer(left.array, right.array)
    letters, chance = _letters(left, operation, right)
    name = _name(array, objects, RULES.get((operation, left.name, right.name)))
    remark = _verdict(array, name, left, operation, right, objects)
    return Combined(array, array.shape, f"{_size(array.shape)}. {remark}{chance}".strip(), name, text, letters, operation)


def _transposed(left, objects):
    array = left.array.T
    if left.name is None:
        turned = None
    elif left.name.endswith("ᵀ"):
        turned = left.name[1:-2]
    else:
        turned = f"({left.name})ᵀ"
    name = _name(array, objects) or turned
    text = f"({left.text})ᵀ"
    same = f" It is {name}." if name != text and name in objects else ""
    verdict = f"{text} is {_size(array.shape)}: rows have become columns.{same}"
    return Combined(array, array.shape, verdict, name, text, left.letters and left.letters[::-1], TRANSPOSE)


def _factor(side, operation, first):
    """How a side is written as part of a longer product; only a chain of matrix products needs no parentheses."""
    alone = side.operation in (None, TRANSPOSE) or (first and side.operation == operation == MATRIX)
    return side.text if alone else f"({side.text})"


def _size(shape):
    return " × ".join(map(str, shape))


def _no_matrix(left, right):
    inner, other = left.shape[1], right.shape[0]
    if inner == other:
        return None
    columns, are = ("1 column", "is") if inner == 1 else (f"{inner} columns", "are")
    rows = "1 row" if other == 1 else f"{other} rows"
    return f"In a matrix product the inner dimensions must agree, and {columns} on the left {are} not {rows} on the right."


def _no_elementwise(left, right):
    if _stretches(left.shape, right.shape) or _stretches(right.shape, left.shape):
        return None
    if 1 in left.shape and 1 in right.shape and left.shape[0] != right.shape[0] and left.shape[1] != right.shape[1]:
        return "Element by element both need one shape; a column and a row that are stretched over each other are their outer product."
    return (
        f"Element by element both need one shape, or one is a column or a row to stretch over the other, and {_size(left.shape)} does not "
        f"go over {_size(right.shape)}."
    )


def _stretches(shape, over, one=1):
    """Whether shape is `over` itself, or its column (m, 1) or its row (1, n)."""
    return shape in (over, (over[0], one), (one, over[1]))


def _no_outer(left, right):
    for side in (left, right):
        if 1 not in side.shape:
            return f"An outer product takes two vectors, and {side.text} has {side.shape[0]} rows and {side.shape[1]} columns."
    return None


def _letters(left, operation, right):
    """The shape in letters, and a remark where the numbers fit and the letters do not."""
    a, b = left.letters, right.letters
    if a is None or b is None:
        return None, ""
    if operation == OUTER:
        return tuple(next((s for s in pair if s != "1"), "1") for pair in (a, b)), ""
    if operation == MATRIX:
        fits, letters, pairs = a[1] == b[0], (a[0], b[1]), [(a[1], b[0])]
    else:
        over = _stretches(b, a, "1")
        fits, letters, pairs = over or _stretches(a, b, "1"), a if over else b, [*zip(a, b)]
    if fits:
        return letters, ""
    first, second = max((pair for pair in pairs if pair[0] != pair[1]), key=lambda pair: "1" not in pair)
    # The chance is that of the numbers: 3 features and 3 classes, or a dimension that happens to be 1.
    return None, f" It fits only by chance, because {first} = {second} here; with other sizes it would not."


def _same(array, other):
    """Whether all entries are those of other, to EXACT of the largest."""
    if array.shape != other.shape or not (np.isfinite(array).all() and np.isfinite(other).all()):
        return False
    size = np.abs(other).max()
    return bool(size and np.abs(array - other).max() <= EXACT * size)


def _name(array, objects, by_rule=None):
    if by_rule in objects and np.isfinite(array).all():
        return by_rule
    return next((name for name, other in objects.items() if _same(array, other)), None)


def _verdict(array, name, left, operation, right, objects):
    if not np.isfinite(array).all():
        fused = " ∂L/∂z itself is taken in one step, as a − y, and stays finite." if (left.name, right.name) == ("∂L/∂a", "∂a/∂z") else ""
        return f"It has entries that are infinite or NaN: an output is saturated, 0 or 1 to the last bit.{fused}"
    zeros = _zeros(left, operation, right, objects)
    if zeros:
        largest = np.abs(array).max()
        errors = f"What is left are rounding errors of float64, {_rounded(largest)} at most."
        rest = errors if largest else "Here they are 0 to the last bit."
        return f"{zeros} {rest}"
    if name:
        apart = np.abs(array - objects[name]).max()
        if not _same(array, objects[name]) and apart:
            return f"It is {name}, up to rounding errors of {_rounded(apart)} at most: the factors have lost digits to cancellation."
        if reason := _coincidence(name, left, operation, right):
            return f"It equals {name}, but only because {reason}."
        return "It is ∂L/∂z, and so is ∂L/∂b." if (left.name, right.name) == ("∂L/∂z", "∂z/∂b") else f"It is {name}."
    if not array.any():
        return "Every entry is 0."
    return _nearly(left, operation, right)


def _coincidence(name, left, operation, right):
    """What in the numbers makes a result the object `name`, where it is no rule, as it may be with numbers for the head; or None."""
    if operation == MATRIX and right.name == "∂z/∂W" and left.shape[0] == 1 and name in ("x", "a"):
        return f"the entries of {left.text} sum to 1"
    for one, other in ((left, right), (right, left)):
        if operation == ELEMENTWISE and name == one.name and other.name not in (name, "∂z/∂b"):
            return f"{other.text} is 1 wherever {one.text} is not 0"
    return None


def _rounded(value):
    return f"{value:.1e}".replace("-", "−")


def _zeros(left, operation, right, objects):
    """Why a matrix product with the sheet is zero in exact arithmetic, or None. Only softmax has probabilities that sum to 1."""
    if operation != MATRIX or not objects.softmax:
        return None
    if right.name == "∂z/∂W" and left.name == "∂L/∂z":
        x = "a" if "a" in objects else "x"
        end = f"Σᵢ ∂L/∂zᵢ · {x}ⱼ, Σ(aᵢ − yᵢ) = 0, and every row of the sheet ∂z/∂W is {x}. The slide's product is element-wise"
        return f"A row of zeros and not ∂L/∂W: each entry is {end}: (∂L/∂z)ᵀ ∘ ∂z/∂W."
    if right.name == "∂z/∂W" and left.name == "∂a/∂z":
        return "Zeros: each row of ∂a/∂z sums to 0, because the probabilities always sum to 1, and all rows of the sheet are the same."
    if left.name == "∂L/∂a" and right.text == "∂a/∂z × ∂z/∂W":
        return "A row of zeros and not ∂L/∂W: the right factor is zero already, because each row of ∂a/∂z sums to 0."
    return None


def _nearly(left, operation, right):
    """A sentence for results that are no object but tell something."""
    pair = (left.name, right.name)
    if operation == MATRIX and pair == ("∂L/∂z", "∂z/∂W"):
        return "It is not ∂L/∂W: read as a matrix product it adds the gradients of all units up. ∂L/∂W is (∂L/∂z)ᵀ ∘ ∂z/∂W."
    if operation == ELEMENTWISE and pair == ("∂L/∂z", "∂z/∂W"):
        return "It is not ∂L/∂W: the row is stretched down and scales columns. The slide transposes it first: (∂L/∂z)ᵀ ∘ ∂z/∂W."
    if operation == ELEMENTWISE and set(pair) == {"(∂L/∂a)ᵀ", "∂a/∂z"}:
        return "It holds the product along each path L → aᵢ → zⱼ; the sum of column j, over all paths, is ∂L/∂zⱼ."
    if operation == OUTER and pair[0] in ("x", "a", "(x)ᵀ", "(a)ᵀ") and pair[1] in ("∂L/∂z", "(∂L/∂z)ᵀ"):
        return "It is ∂L/∂W transposed: the outer product has a row for each entry of its left side."
    if operation == MATRIX and pair in {("W", "(x)ᵀ"), ("W", "(a)ᵀ"), ("x", "(W)ᵀ"), ("a", "(W)ᵀ")}:
        return "It is z − b: the sums of the products, still without the bias."
    return "It is none of the objects."
