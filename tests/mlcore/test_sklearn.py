"""The estimators in scikit-learn's hands: its own checks, its tools, and its own logistic regression beside ours."""

import json
import os
import subprocess
import sys

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mlcore
from mlcore.sklearn import NeuralNetworkClassifier, SoftmaxRegression

CHECKED = """
import json, warnings
warnings.simplefilter("ignore")
from sklearn.utils.estimator_checks import check_estimator
from mlcore.sklearn import NeuralNetworkClassifier, SoftmaxRegression
results = check_estimator({estimator}, on_fail=None)
print(json.dumps([[r["check_name"], r["status"], repr(r["exception"])] for r in results]))
"""


def sample(classes=3, n=240):
    X, y = make_classification(n, 8, n_informative=6, n_classes=classes, class_sep=1.5, random_state=0)
    return StandardScaler().fit_transform(X), y


@pytest.mark.parametrize("estimator", [
    "SoftmaxRegression()", "NeuralNetworkClassifier()", "SoftmaxRegression(batch_size=None, l2=0.01, momentum=0)",
    "NeuralNetworkClassifier((16, 8), 'tanh', optimizer='adam', learning_rate=0.01, dtype='float64')",
])
def test_every_one_of_its_checks_passes(estimator):
    """In a process of its own, because one check asks for an environment variable from before SciPy's import."""
    code, environment = CHECKED.format(estimator=estimator), os.environ | {"SCIPY_ARRAY_API": "1", "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    results = json.loads(run.stdout.splitlines()[-1])
    assert [result for result in results if result[1] != "passed"] == []
    assert len(results) >= 50


def test_softmax_regression_ends_where_logistic_regression_does():
    X, y = sample()
    l2 = 0.05
    mine = SoftmaxRegression(learning_rate=0.5, l2=l2, batch_size=None, epochs=3000, dtype="float64", random_state=0).fit(X, y)
    theirs = LogisticRegression(C=1 / (l2 * len(X)), tol=1e-12, max_iter=10_000).fit(X, y)
    assert mine.coef_ == pytest.approx(theirs.coef_, abs=1e-6)
    assert mine.intercept_ - mine.intercept_.mean() == pytest.approx(theirs.intercept_ - theirs.intercept_.mean(), abs=1e-6)
    assert mine.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)
    assert mine.score(X, y) == theirs.score(X, y)


def test_the_network_goes_where_their_network_goes():
    """Their first weights put into ours, the same full-batch steps: the same weights after 20 of them."""
    X, y = sample()
    theirs = MLPClassifier((7,), "tanh", solver="sgd", alpha=0, batch_size=len(X), learning_rate_init=0.1, momentum=0, random_state=1)
    theirs.partial_fit(X, y, classes=np.unique(y))
    named = {"learning_rate": 0.1, "momentum": 0.0, "batch_size": None, "dtype": "float64"}
    mine = NeuralNetworkClassifier((7,), "tanh", **named).partial_fit(X, y)
    for layer, W, b in zip(mine.network_.layers, theirs.coefs_, theirs.intercepts_):
        layer.W, layer.b = W.T, b
    for _ in range(20):
        mine.partial_fit(X, y)
        theirs.partial_fit(X, y)
    for layer, W, b in zip(mine.network_.layers, theirs.coefs_, theirs.intercepts_):
        assert np.abs(layer.W - W.T).max() <= 1e-10
        assert np.abs(layer.b - b).max() <= 1e-10
    assert mine.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-10)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("make", [SoftmaxRegression, NeuralNetworkClassifier])
def test_its_answers_agree_with_each_other(make, classes):
    X, y = sample(classes)
    names = np.array(["one", "two", "three"])
    model = make(random_state=0).fit(X, names[y])
    a, z = model.predict_proba(X), model.decision_function(X)
    assert model.classes_.tolist() == sorted(names[:classes])
    assert a.sum(axis=1) == pytest.approx(1)
    assert model.predict(X).tolist() == model.classes_[a.argmax(axis=1)].tolist()
    assert model.predict_log_proba(X) == pytest.approx(np.log(a))
    if classes == 2:
        assert (model.classes_[(z > 0).astype(int)] == model.predict(X)).all()
        assert z == pytest.approx(np.log(a[:, 1] / a[:, 0]), abs=1e-6)
    assert model.score(X, names[y]) > LogisticRegression().fit(X, y).score(X, y) - 0.03
    assert len(model.loss_curve_) == model.n_iter_ == 30
    assert model.loss_curve_[-1] < model.loss_curve_[0]


def test_pixels_stay_pixels():
    data = mlcore.datasets.load("digits")
    model = NeuralNetworkClassifier((64,), epochs=5, random_state=0).fit(data.X_train, data.y_train)
    assert model.score(data.X_test, data.y_test) > 0.9
    assert model.predict_proba(data.X_test[:5] / 255) == pytest.approx(model.predict_proba(data.X_test[:5]), abs=1e-6)


def test_it_works_in_their_tools(tmp_path):
    X, y = sample()
    pipeline = make_pipeline(StandardScaler(), NeuralNetworkClassifier((16,), epochs=20, random_state=0))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.8
    grid = GridSearchCV(SoftmaxRegression(epochs=5, random_state=0), {"l2": [0.0, 10.0], "learning_rate": [0.1]}, cv=3, n_jobs=2).fit(X, y)
    assert grid.best_params_["l2"] == 0
    joblib.dump(grid, tmp_path / "grid.joblib")
    again = joblib.load(tmp_path / "grid.joblib")
    assert np.array_equal(again.predict_proba(X), grid.predict_proba(X))
    assert clone(grid.best_estimator_).get_params() == grid.best_estimator_.get_params()


def test_partial_fit_goes_on_as_after_a_pickle(tmp_path):
    X, y = sample()
    model = NeuralNetworkClassifier((5,), random_state=0).partial_fit(X, y, classes=[0, 1, 2, 7])
    assert model.predict_proba(X).shape == (len(X), 4)
    joblib.dump(model, tmp_path / "model")
    again = joblib.load(tmp_path / "model")
    for _ in range(3):
        model.partial_fit(X[:100], y[:100])
        again.partial_fit(X[:100], y[:100])
    assert np.array_equal(model.predict_proba(X), again.predict_proba(X))
    assert model.n_iter_ == 4


def test_a_divergence_is_a_warning_and_leaves_a_finite_network():
    X, y = sample()
    with pytest.warns(ConvergenceWarning, match="smaller learning_rate"):
        model = NeuralNetworkClassifier(learning_rate=1e6, random_state=0).fit(X, y)
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("named, words", [
    ({"optimizer": "newton"}, "optimizer is 'newton'"), ({"epochs": 0}, "epochs is 0"), ({"learning_rate": -1}, "learning_rate is -1"),
    ({"activation": "gelu"}, "hidden is 'gelu'"), ({"hidden_layer_sizes": (0,)}, "a layer's size is 0"),
    ({"dtype": "int8"}, "dtype is 'int8'"),
])
def test_senseless_parameters_are_refused_by_fit(named, words):
    with pytest.raises(ValueError, match=words):
        NeuralNetworkClassifier(**named).fit(*sample())


@pytest.mark.parametrize("named", [{"batch_size": 0}, {"epochs": 0}, {"l2": -1}])
def test_a_refused_fit_leaves_nothing_that_answers(named):
    X, y = sample()
    model = SoftmaxRegression(**named)
    with pytest.raises(ValueError):
        model.fit(X, y)
    with pytest.raises(NotFittedError):
        model.predict(X)
    model = SoftmaxRegression()
    with pytest.raises(ValueError, match="y has the label"):
        model.partial_fit(X, y, classes=[7, 8])
    assert model.partial_fit(X, y).classes_.tolist() == [0, 1, 2]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_partial_fit_takes_the_parameters_as_they_are_now(optimizer):
    X, y = sample()
    model = SoftmaxRegression(optimizer=optimizer, learning_rate=0.01, random_state=0).partial_fit(X, y)
    W = model.coef_.copy()
    model.set_params(learning_rate=1e-12, momentum=0.0).partial_fit(X, y)
    assert np.abs(model.coef_ - W).max() < 1e-6
    with pytest.raises(ValueError, match="learning_rate is -1"):
        model.set_params(learning_rate=-1).partial_fit(X, y)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_partial_fit_keeps_the_momentum(optimizer):
    X, y = sample()
    kept, lost = (SoftmaxRegression(optimizer=optimizer, learning_rate=0.01, random_state=0).partial_fit(X, y) for _ in range(2))
    lost._optimizer.forget()
    assert not np.array_equal(kept.partial_fit(X, y).coef_, lost.partial_fit(X, y).coef_)
    model = kept.set_params(optimizer="adam" if optimizer == "sgd" else "sgd").partial_fit(X, y)
    assert type(model._optimizer).__name__.lower() == model.optimizer


def test_labels_it_was_not_told_of_are_refused():
    X, y = sample()
    model = SoftmaxRegression().partial_fit(X, y)
    with pytest.raises(ValueError, match="y has the label"):
        model.partial_fit(X, y + 1)
    with pytest.raises(NotFittedError):
        _ = SoftmaxRegression().coef_


USUAL = {"learning_rate": 0.1, "momentum": 0.9, "l2": 0.0, "batch_size": 64, "epochs": 30, "optimizer": "sgd", "shuffle": True,
         "dtype": "float32", "random_state": None}  # fmt: skip


def test_the_parameters_without_being_told():
    assert SoftmaxRegression().get_params() == USUAL
    assert NeuralNetworkClassifier().get_params() == {"hidden_layer_sizes": (128,), "activation": "relu", **USUAL}
    other = {"hidden_layer_sizes": (3, 2), "activation": "tanh", "learning_rate": 0.3, "momentum": 0.5, "l2": 0.1, "batch_size": 7,
             "epochs": 2, "optimizer": "adam", "shuffle": False, "dtype": "float64", "random_state": 5}  # fmt: skip
    assert NeuralNetworkClassifier(**other).get_params() == other


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("shuffle", [True, False])
def test_fit_is_mlcores_training_and_partial_fit_its_next_epochs_in_another_order(optimizer, shuffle):
    X, y = sample()
    named = {"learning_rate": 0.05, "l2": 0.01, "batch_size": 50, "optimizer": optimizer, "shuffle": shuffle, "dtype": "float64"}
    model = NeuralNetworkClassifier((6,), "tanh", epochs=3, random_state=4, **named).fit(X, y + 5)
    seed = int(np.random.RandomState(4).randint(2**31))
    net = mlcore.Network((8, 6, 3), hidden="tanh", seed=seed, dtype="float64")
    rule = mlcore.SGD(0.05, 0.9) if optimizer == "sgd" else mlcore.Adam(0.05)
    data, curve = mlcore.Dataset(X, y), []

    def train(epochs, seed):
        steps = mlcore.train(net, data, rule, batch_size=50, epochs=epochs, l2=0.01, shuffle=shuffle, seed=seed)
        curve.extend(p.loss for p in steps if p.epoch_end)

    train(3, seed)
    assert all(np.array_equal(a.theta, b.theta) for a, b in zip(model.network_.layers, net.layers))
    assert (model.loss_curve_, model.n_iter_, model.classes_.tolist()) == (curve, 3, [5, 6, 7])
    for k in range(2):
        model.partial_fit(X, y + 5)
        train(1, seed + 3 + k)
    assert all(np.array_equal(a.theta, b.theta) for a, b in zip(model.network_.layers, net.layers))
    assert model.loss_curve_ == curve and model.n_iter_ == 5


def test_answers_are_those_of_the_network_in_float64():
    X, y = sample(2)
    model = NeuralNetworkClassifier((4,), epochs=2, random_state=0).fit(X, np.array(["no", "yes"])[y])
    z = model.network_.copy("float64").forward(X).z[-1]
    a = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert model.predict_proba(X) == pytest.approx(a) and model.predict_log_proba(X) == pytest.approx(np.log(a))
    assert model.decision_function(X) == pytest.approx(z[:, 1] - z[:, 0])
    assert model.predict(X).tolist() == ["yes" if second > first else "no" for first, second in z]
    X, y = sample(3)
    model = SoftmaxRegression(epochs=1, random_state=0).fit(X, y)
    assert model.decision_function(X) == pytest.approx(model.network_.copy("float64").forward(X).z[-1])
