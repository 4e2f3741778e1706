"""The network of the lecture in NumPy: every gradient written out, none left to an automatism.

    net = mlcore.Network((784, 128, 10))
    for progress in mlcore.train(net, mlcore.datasets.load("digits")): print(progress.loss)
    e = mlcore.explain(net, x, y)            # every derivative of the chain rule, for one digit

The names below are the package's. The rooms behind them: `network`, `activations`, `backprop` hold the formulas, for reading; `engine`,
`training`, `optimizers` train by them, fast; `explanation` and `gradient_check` open and test one gradient; `evaluation` says how well a
network reads; `datasets`, `drawing`, `strokes` bring data, `models` the shipped networks, `files` and `export` write them, `limits` says
up to which size. To be imported by their own names: `mlcore.lecture`, the slides as objects to walk through with numbers;
`mlcore.sklearn`, estimators for scikit-learn; `mlcore.cli`, what `python -m mlcore` does.
"""

from . import datasets, drawing, export, models, strokes
from .datasets import Dataset
from .evaluation import evaluate
from .explanation import contributions, explain, local_gradients
from .files import load, save
from .gradient_check import check_gradients
from .network import Network
from .optimizers import SGD, Adam
from .training import train

__all__ = [
    "SGD", "Adam", "Dataset", "Network", "check_gradients", "contributions", "datasets", "drawing", "evaluate", "explain", "export", "load",
    "local_gradients", "models", "save", "strokes", "train",
]
