"""A data set: the feature matrix X (n by p) and the label vector y, to train on and to hold out."""

import numpy as np

from . import validate


class Dataset:
    """X_train (n, p), y_train (n,) and, where given, X_test, y_test; uint8 in X is pixels and is kept so.

    y may be an (n, c) array of 0 and 1 for independent sigmoid outputs. classes is the number of classes, counted from the labels
    where it is not given. Raises ValueError for shapes that do not fit, empty sets, labels out of range, entries that are not finite.
    """

    def __init__(self, X_train, y_train, X_test=None, y_test=None, classes=None, name=""):
        if (X_test is None) != (y_test is None):
            raise ValueError("one of X_test and y_test is missing, expected both or neither")
        if classes is not None:
            classes = validate.whole(classes, "classes", 2)
        self.X_train, self.y_train = _pair(X_train, y_train, "train", classes)
        self.X_test, self.y_test = (None, None) if X_test is None else _pair(X_test, y_test, "test", classes)
        if self.X_test is not None and self.X_test.shape[1] != self.X_train.shape[1]:
            raise ValueError(f"X_test has {self.X_test.shape[1]} features, expected {self.X_train.shape[1]} as X_train")
        if self.X_test is not None and self.y_test.shape[1:] != self.y_train.shape[1:]:
            raise ValueError(f"y_test has shape {self.y_test.shape}, expected the form of y_train, {self.y_train.shape}")
        self.classes = classes or _count([self.y_train] + ([] if self.y_test is None else [self.y_test]))
        self.name = str(name)

    def __repr__(self):
        held_out = 0 if self.X_test is None else len(self.X_test)
        return f"Dataset({self.name!r}, {len(self.X_train)} + {held_out} × {self.X_train.shape[1]}, {self.classes} classes)"


def _pair(X, y, part, classes):
    X, y = validate.array(X, f"X_{part}"), validate.array(y, f"y_{part}")
    if X.ndim != 2 or 0 in X.shape:
        raise ValueError(f"X_{part} has shape {X.shape}, expected (n, p) with at least one instance and one feature")
    if y.ndim not in (1, 2) or len(y) != len(X):
        raise ValueError(f"y_{part} has shape {y.shape}, expected ({len(X)},): one label for each instance")
    if X.dtype.kind == "f" and not np.isfinite(X).all():
        raise ValueError(f"X_{part} has entries that are NaN or infinite, expected finite numbers")
    X = np.ascontiguousarray(X)  # batches are gathered by rows, which of any other layout would copy the whole set each time
    if y.ndim == 2:
        if y.shape[1] == 0 or classes not in (None, 2 if y.shape[1] == 1 else y.shape[1], y.shape[1]):
            raise ValueError(f"y_{part} has shape {y.shape}, expected ({len(X)}, {classes or 'c'}): a column for each class")
        return X, validate.targets(y, *y.shape, "sigmoid", np.uint8)
    return X, validate.labels(y, classes)


def _count(parts):
    if parts[0].ndim == 2:
        return max(2, parts[0].shape[1])
    return max(2, 1 + max(int(y.max()) for y in parts))
