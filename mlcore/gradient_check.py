"""The gradient check: backpropagation against central differences of J, entry by entry, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from .network import Network, Run

FIRST_STEP, STEPS, SHRINK = 0.2, 9, 4


class Row(NamedTuple):
    """One compared entry: array ("dW[0]", "db[1]", "dX"), index, analytic and numeric value, error = |a − n| / max(|a| + |n|, 1e-8)."""

    array: str
    index: tuple[int, ...]  # type: ignore[assignment]  # a tuple has a method of this name
    analytic: float
    numeric: float
    error: float


class Check(NamedTuple):
    """ok (every error ≤ tolerance, and something was compared), worst (a Row), rows, skipped: entries at a kink of a ReLU."""

    ok: bool
    worst: Row | None
    rows: list[Row]
    skipped: int


def check_gradients(
    net: Network, X: ArrayLike, y: ArrayLike, l2: float = 0.0, entries: int | None = 200, seed: int = 0, tolerance: float = 1e-6
) -> Check:
    """Compare net.gradients with central differences of J in float64 → Check.

    About `entries` entries, the same number from each of dW, db and dX, drawn with the seed; entries=None takes all. Steps that cross a
    kink of a ReLU are not used; an entry without any other is skipped and counted. Raises ValueError as Network.gradients does,
    and for entries or a seed that are no whole numbers.
    """
    if entries is not None:
        entries = validate.whole(entries, "entries", 1)
    rng = np.random.default_rng(validate.whole(seed, "seed", 0))
    net = net.copy("float64")
    x = validate.inputs(X, net.sizes[0], net.dtype).copy()
    target = validate.targets(y, len(x), net.sizes[-1], net.output, net.dtype)
    analytic = net.gradients(x, y, l2)
    arrays = {"dX": (analytic.dX, x)}
    for l, layer in enumerate(net.layers):
        arrays[f"dW[{l}]"] = (analytic.dW[l], layer.W)
        arrays[f"db[{l}]"] = (analytic.db[l], layer.b)

    rows, skipped = [], 0
    for name, flat in _sample({name: place.size for name, (_, place) in arrays.items()}, entries, rng):
        gradient, place = arrays[name]
        index = np.unravel_index(flat, place.shape)
        instances = slice(index[0], index[0] + 1) if name == "dX" else slice(None)
        decay = l2 if name.startswith("dW") else 0.0
        with np.errstate(all="ignore"):
            numeric = _derivative(net, x, target, place, index, instances, decay)
        if numeric is None:
            skipped += 1
            continue
        a = float(gradient[index])
        rows.append(Row(name, tuple(map(int, index)), a, numeric, abs(a - numeric) / max(abs(a) + abs(numeric), 1e-8)))
    # NaN compares false with everything, so it is ranked as the worst error there is.
    worst = max(rows, key=lambda row: np.inf if np.isnan(row.error) else row.error, default=None)
    return Check(worst is not None and worst.error <= tolerance, worst, rows, skipped)


def _sample(sizes: dict[str, int], entries: int | None, rng: np.random.Generator) -> Iterator[tuple[str, int]]:
    """(array, flat index) pairs: all, or an equal share from each array, what small arrays leave over going to the larger ones."""
    left, smallest_first = entries or 0, sorted(sizes, key=lambda name: sizes[name])
    for k, name in enumerate(smallest_first):
        size = sizes[name]
        count = size if entries is None else min(size, -(-left // (len(sizes) - k)))
        for flat in rng.choice(size, count, replace=False) if count < size else range(size):
            yield name, int(flat)
        left -= count


def _derivative(
    net: Network, x: np.ndarray, target: np.ndarray, place: np.ndarray, index: tuple[Any, ...], instances: slice, decay: float
) -> float | None:
    """∂J/∂place[index] by central differences with shrinking steps, extrapolated to step 0 (Richardson, Ridders); None at a kink.

    One fixed step cannot serve entries of 1 and of 1e-7: too large and the curve bends, too small and rounding takes over. The
    estimate whose neighbours agree best is kept.
    """
    value, kinks = place[index], _kinks(net, net.forward_pass(x[instances]))

    def losses(moved: float) -> np.ndarray | None:
        place[index] = moved
        run = net.forward_pass(x[instances])
        place[index] = value
        return None if not np.array_equal(_kinks(net, run), kinks) else net.output_losses(run.z[-1], target[instances])

    before: list[Any] = []
    best, best_error = None, np.inf
    h = FIRST_STEP * max(1.0, abs(value))
    for _ in range(STEPS):
        high, low = value + h, value - h
        up, down = losses(high), losses(low)
        h /= SHRINK
        if up is None or down is None:
            continue
        # Differences of each instance's loss first, then their mean: what is equal cancels exactly.
        J = (up - down).sum() / len(x) + decay / 2 * (high - low) * (high + low)
        now = [J / (high - low)]
        for power, coarser in enumerate(before, start=1):
            now.append(now[-1] + (now[-1] - coarser) / (SHRINK ** (2 * power) - 1))
        error = max(abs(now[-1] - now[-2]), abs(now[-1] - before[-1])) if before else np.inf
        if best is None or error < best_error:
            best, best_error = float(now[-1]), error
        before = now
        if best_error <= 1e-11 * abs(best):
            break
    return best


def _kinks(net: Network, run: Run) -> np.ndarray:
    """Which ReLUs are on: an array that changes exactly when a step crosses a kink; empty for smooth activations."""
    return np.concatenate([(z > 0).ravel() for z in run.z[:-1]]) if net.hidden == "relu" and len(run.z) > 1 else np.empty(0, bool)
