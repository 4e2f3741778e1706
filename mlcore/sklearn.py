"""The networks as estimators of scikit-learn: in its pipelines, its grid searches, its cross-validation. To be imported by its own name."""

import contextlib
import warnings

import numpy as np

from . import activations, validate
from .datasets import Dataset
from .network import Network
from .optimizers import SGD, Adam
from .training import train

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise validate.absent("mlcore.sklearn", "scikit-learn", "sklearn") from None


class _NetworkClassifier(ClassifierMixin, BaseEstimator):
    """What both estimators do; a subclass says in _hidden which layers the network gets and with which activation."""

    def fit(self, X, y):
        """Train a new network. X (n, p), y (n,) labels of any kind, of two classes or more. Raises ValueError for anything else."""
        X, y = self._validated(X, y, reset=True)
        with self._unfitted_again():
            self._start(X, np.unique(y))
            self._train(X, y, validate.whole(self.epochs, "epochs", 1))
        return self

    def partial_fit(self, X, y, classes=None):
        """Train one epoch more, on these X and y. classes: all labels there will ever be; without it those of the first call's y."""
        first = not hasattr(self, "network_")
        X, y = self._validated(X, y, reset=first)
        with self._unfitted_again() if first else contextlib.nullcontext():
            if first:
                self._start(X, np.unique(y if classes is None else classes))
            else:
                self._optimizer = self._tuned(self._optimizer)
            unknown = np.setdiff1d(y, self.classes_)
            if len(unknown):
                raise ValueError(f"y has the label {validate.shown(unknown[0])}, expected one of {validate.shown(self.classes_.tolist())}")
            self._train(X, y, 1)
        return self

    def predict(self, X):
        """The most probable label of each instance, (n,)."""
        read = self._logits(X).argmax(axis=1)
        return self.classes_[read]

    def predict_proba(self, X):
        """Probabilities (n, c), in the order of classes_."""
        return activations.softmax(self._logits(X))

    def predict_log_proba(self, X):
        """ln of the probabilities, (n, c)."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def decision_function(self, X):
        """The logits (n, c); of two classes, how far the second's is above the first's, (n,)."""
        z = self._logits(X)
        return z[:, 1] - z[:, 0] if len(self.classes_) == 2 else z

    @contextlib.contextmanager
    def _unfitted_again(self):
        """What is refused on the way to a new network leaves an estimator without one, not with random weights that answer."""
        try:
            yield
        except ValueError:
            for name in [name for name in vars(self) if name.endswith("_")]:
                self.__dict__.pop(name, None)
            raise

    def _validated(self, X, y, reset):
        X, y = validate_data(self, X, y, reset=reset)
        check_classification_targets(y)
        return X, y

    def _logits(self, X):
        check_is_fitted(self)
        # In float32 an instance's logits depend, by rounding, on how many others are asked about along with it.
        return self.network_.copy("float64").forward(validate_data(self, X, reset=False)).z[-1]

    def _start(self, X, classes):
        if len(classes) < 2:
            raise ValueError(f"y holds 1 class, {validate.shown(classes[0])}, expected at least two")
        self.classes_ = classes
        self._seed = int(check_random_state(self.random_state).randint(2**31))
        self._optimizer = self._tuned(None)
        layers, activation = self._hidden()
        self.network_ = Network((X.shape[1], *layers, len(classes)), hidden=activation, seed=self._seed, dtype=self.dtype)
        self.loss_curve_, self.n_iter_ = [], 0

    def _tuned(self, before):
        """The optimizer as the parameters are now; the one from before with its memory, if it is of the kind asked for."""
        validate.one_of(self.optimizer, "optimizer", ("sgd", "adam"))
        new = SGD(self.learning_rate, self.momentum) if self.optimizer == "sgd" else Adam(self.learning_rate)
        if type(before) is not type(new):
            return new
        before.learning_rate = new.learning_rate
        if self.optimizer == "sgd":
            before.momentum = new.momentum
        return before

    def _train(self, X, y, epochs):
        data = Dataset(X, np.searchsorted(self.classes_, y), classes=len(self.classes_))
        seed = self._seed + self.n_iter_  # so that partial_fit does not take its instances in the same order every time
        for progress in train(self.network_, data, self._optimizer, self.batch_size, epochs, self.l2, self.shuffle, seed):
            if progress.diverged:
                says = "the training diverged and went back to its last finite epoch; take a smaller learning_rate, or scale X"
                warnings.warn(says, ConvergenceWarning, stacklevel=3)
            elif progress.epoch_end:
                self.loss_curve_.append(progress.loss)
                self.n_iter_ += 1


class NeuralNetworkClassifier(_NetworkClassifier):
    """The fully connected network of the lecture with a softmax output.

    hidden_layer_sizes, activation (sigmoid, tanh, relu, identity), learning_rate (α), momentum (of "sgd"), l2 (λ), batch_size (None: all
    instances at once, the loop of part one), epochs, optimizer ("sgd", "adam"), shuffle and dtype are those of mlcore.Network and
    mlcore.train. X of dtype uint8 is pixels and is divided by 255, in fit and after; other X are taken as they are, best of the order of 1.

    After fit: network_ (mlcore.Network), classes_, n_features_in_, loss_curve_ (J of each epoch), n_iter_ (epochs). A training that
    diverges warns (ConvergenceWarning) and keeps the weights of its last finite epoch.
    """

    def __init__(
        self, hidden_layer_sizes=(128,), activation="relu", *, learning_rate=0.1, momentum=0.9, l2=0.0, batch_size=64, epochs=30,
        optimizer="sgd", shuffle=True, dtype="float32", random_state=None,
    ):  # fmt: skip
        self.hidden_layer_sizes, self.activation = hidden_layer_sizes, activation
        self.learning_rate, self.momentum, self.l2 = learning_rate, momentum, l2
        self.batch_size, self.epochs, self.optimizer, self.shuffle = batch_size, epochs, optimizer, shuffle
        self.dtype, self.random_state = dtype, random_state

    def _hidden(self):
        return tuple(np.atleast_1d(self.hidden_layer_sizes).tolist()), self.activation


class SoftmaxRegression(_NetworkClassifier):
    """Softmax regression, part two of the lecture: NeuralNetworkClassifier without hidden layers; coef_ (c, p) = W, intercept_ (c,) = b."""

    def __init__(
        self, *, learning_rate=0.1, momentum=0.9, l2=0.0, batch_size=64, epochs=30, optimizer="sgd", shuffle=True, dtype="float32",
        random_state=None,
    ):  # fmt: skip
        self.learning_rate, self.momentum, self.l2 = learning_rate, momentum, l2
        self.batch_size, self.epochs, self.optimizer, self.shuffle = batch_size, epochs, optimizer, shuffle
        self.dtype, self.random_state = dtype, random_state

    coef_ = property(lambda self: self._layer().W, doc="W, (c, p): a view")
    intercept_ = property(lambda self: self._layer().b, doc="b, (c,): a view")

    def _layer(self):
        check_is_fitted(self)
        return self.network_.layers[0]

    def _hidden(self):
        return (), "identity"
