"""The same training in PyTorch, JAX, scikit-learn and neural-network-digits, and the bare matrix products it cannot do without.

Each contender is built with (sizes, X, y), X (n, p) uint8 pixels, and trains 64 (or 1) instances an update by plain gradient descent with
ReLU, softmax and cross-entropy in float32. `run(rows)` takes these instances in this order, one pass.
"""

import functools

import numpy as np

RATE = 0.01


class Ours:
    """mlcore.train's own loop, loss and accuracy of every batch included, from uint8 pixels."""

    def __init__(self, sizes, X, y, batch=64):
        import mlcore

        self.net, self.data = mlcore.Network(sizes), mlcore.Dataset(X, y, classes=sizes[-1])
        self.optimizer, self.batch, self.training = mlcore.SGD(RATE), batch, mlcore.training

    def run(self, rows):
        seen = self.training.Seen(self.net, 0.0, self.data.y_train)
        for _ in self.training.epoch_updates(self.net, self.data, self.optimizer, self.batch, 0.0, rows, seen):
            pass
        return seen.means


class Literal:
    """The lecture's loop as it is written: one call of Network.gradients and one update of every Θ for each instance."""

    def __init__(self, sizes, X, y, batch=1):
        import mlcore

        self.net, self.X, self.y = mlcore.Network(sizes), X, y

    def run(self, rows):
        for i in rows:
            for layer, D in zip(self.net.layers, self.net.gradients(self.X[i : i + 1], self.y[i : i + 1]).D):
                layer.theta[...] -= RATE * D


class PyTorch:
    """Eager, a tight loop over preloaded float tensors."""

    def __init__(self, sizes, X, y, batch=64):
        import torch

        torch.set_num_threads(1)
        self.torch, self.batch = torch, batch
        self.X, self.y = torch.from_numpy(X.astype(np.float32) / 255), torch.from_numpy(y.astype(np.int64))
        layers = []
        for inputs, outputs in zip(sizes, sizes[1:]):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
        self.model = torch.nn.Sequential(*layers[:-1])
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=RATE)

    def run(self, rows):
        cross_entropy, rows = self.torch.nn.functional.cross_entropy, self.torch.from_numpy(rows)
        for picked in rows.split(self.batch):
            loss = cross_entropy(self.model(self.X[picked]), self.y[picked])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()


class Jax:
    """All updates in one jitted scan."""

    def __init__(self, sizes, X, y, batch=64):
        import jax
        import jax.numpy as jnp

        self.jax, self.batch = jax, batch
        self.X, self.y = jnp.asarray(X.astype(np.float32) / 255), jnp.asarray(y.astype(np.int32))
        rng = np.random.default_rng(0)
        self.weights = [
            (jnp.asarray(rng.normal(0, np.sqrt(2 / i), (i, o)), jnp.float32), jnp.zeros(o)) for i, o in zip(sizes, sizes[1:])
        ]

        def loss(weights, x, labels):
            for W, b in weights[:-1]:
                x = jax.nn.relu(x @ W + b)
            W, b = weights[-1]
            return -jnp.take_along_axis(jax.nn.log_softmax(x @ W + b), labels[:, None], axis=1).mean()

        def update(X, y, weights, picked):
            gradients = jax.grad(loss)(weights, X[picked], y[picked])
            return jax.tree_util.tree_map(lambda w, g: w - RATE * g, weights, gradients), None

        self.scan = jax.jit(lambda weights, X, y, rows: jax.lax.scan(functools.partial(update, X, y), weights, rows)[0])

    def run(self, rows):
        self.weights = self.jax.block_until_ready(self.scan(self.weights, self.X, self.y, rows.reshape(-1, self.batch)))


class ScikitLearn:
    """MLPClassifier.partial_fit, one pass over the rows."""

    def __init__(self, sizes, X, y, batch=64):
        from sklearn.neural_network import MLPClassifier

        self.X, self.y = X.astype(np.float32) / 255, y
        self.model = MLPClassifier(sizes[1:-1], solver="sgd", alpha=0, batch_size=batch, learning_rate_init=RATE, momentum=0, shuffle=False)

    def run(self, rows):
        self.model.partial_fit(self.X[rows], self.y[rows], classes=np.arange(10))


class NeuralNetworkDigits:
    """Its train_step for each batch, without momentum and penalty."""

    def __init__(self, sizes, X, y, batch=64):
        from nn_digits.neural_net.network import NeuralNetwork

        self.batch, self.net = batch, NeuralNetwork(sizes)
        self.X, self.y = X.astype(np.float32) / 255, np.eye(sizes[-1], dtype=np.float32)[y]

    def run(self, rows):
        for start in range(0, len(rows), self.batch):
            picked = rows[start : start + self.batch]
            self.net.train_step(self.X[picked], self.y[picked], RATE, momentum=0.0, l2=0.0)


class BareProducts:
    """The matrix products of every update and nothing else: Θa and δaᵀ of every layer, Θᵀδ of all but the first."""

    def __init__(self, sizes, X, y, batch=64):
        self.batch, rng = batch, np.random.default_rng(0)
        self.products = []
        for l, (p, out) in enumerate(zip(sizes, sizes[1:])):
            Theta, a, delta = (rng.normal(size=shape).astype(np.float32) for shape in ((out, p), (p, batch), (out, batch)))
            self.products += [(Theta, a, np.empty((out, batch), np.float32)), (delta, a.T, np.empty((out, p), np.float32))]
            if l:
                self.products.append((Theta.T, delta, np.empty((p, batch), np.float32)))

    def run(self, rows):
        for _ in range(len(rows) // self.batch):
            for left, right, out in self.products:
                np.matmul(left, right, out=out)
