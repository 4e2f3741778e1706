"""The fast path of training: part one's z = Θa and Δ = δaᵀ with an instance in every column, in buffers that are made once.

`Network.forward` and `backprop` compute the same with an instance in every row, for reading; the tests hold the two together. A fresh
array of a batch's size costs more in page faults than the arithmetic in it: hence out= everywhere.
"""

import numpy as np

from . import activations


class Input:
    """n instances of X (N, p), taken into x (n, p + 1), whose column 0 is a₀ = 1. X stays as it is, uint8 or float."""

    def __init__(self, X, n, dtype):
        self.X, self.taken = X, np.empty((n, X.shape[1]), X.dtype)
        # With a₀ in its place the bias is a column of Θ and costs no pass of its own, forward or backward.
        self.x = np.ones((n, X.shape[1] + 1), dtype)

    def take(self, rows):
        """Put these rows of X into x; pixels (uint8) as shares of 255."""
        np.take(self.X, rows, axis=0, out=self.taken, mode="clip")  # in the usual mode NumPy copies out first
        if self.X.dtype == np.uint8:
            np.divide(self.taken, self.x.dtype.type(255), out=self.x[:, 1:])
        else:
            self.x[:, 1:] = self.taken


class Batch:
    """The forward and backward pass of n instances of X (N, p) at a time. a[l] (in + 1, n), delta[l] (out, n), Delta[l] (out, in + 1)."""

    def __init__(self, net, X, n):
        self.net, self.input = net, Input(X, n, net.dtype)
        self.thetas = [layer.theta for layer in net.layers]
        self.a = [self.input.x.T] + [np.ones((len(theta) + 1, n), net.dtype) for theta in self.thetas[:-1]]
        self.delta = [np.empty((len(theta), n), net.dtype) for theta in self.thetas]
        self.Delta = [np.empty_like(theta) for theta in self.thetas]

    def forward(self, rows, z):
        """The logits of these rows of X, into z (c, n)."""
        g, _ = activations.HIDDEN[self.net.hidden]
        self.input.take(rows)
        for theta, a, above in zip(self.thetas, self.a, self.a[1:]):
            np.matmul(theta, a, out=above[1:])
            g(above[1:], out=above[1:])
        np.matmul(self.thetas[-1], self.a[-1], out=z)

    def backward(self, z, target, scale):
        """Δ of every layer, times scale, of the rows that went forward to the logits z; target (c, n)."""
        _, g_prime = activations.HIDDEN[self.net.hidden]
        a, delta = self.a, self.delta
        activations.OUTPUT[self.net.output](z.T, out=delta[-1].T)
        delta[-1] -= target
        delta[-1] *= scale  # here these are c × n products; on Δ they would be one for every weight
        for l in reversed(range(1, len(delta))):
            np.matmul(delta[l], a[l].T, out=self.Delta[l])
            np.matmul(self.thetas[l][:, 1:].T, delta[l], out=delta[l - 1])
            delta[l - 1] *= g_prime(a[l][1:])
        np.matmul(delta[0], self.input.x, out=self.Delta[0])
        return self.Delta


class Instances:
    """The lecture's loop, Θ ← Θ − α ∂L/∂Θ after every instance, for n instances of X at a time: the same numbers but for rounding.

    Among the n, Θ itself stands still and what the updates so far would have added to it is carried: before instance i the weights are
    Θ + Σ dⱼaⱼᵀ over the j < i, with dⱼ = −α ∂L/∂zⱼ. A product with them is one with Θ, which the first layer does for all n at once, and
    two with few columns. a[l] (n, in + 1) and d[l], z[l] (n, out) have an instance in every row.
    """

    def __init__(self, net, X, n):
        self.net, self.input = net, Input(X, n, net.dtype)
        self.thetas = [layer.theta for layer in net.layers]
        self.a = [self.input.x] + [np.ones((n, len(theta) + 1), net.dtype) for theta in self.thetas[:-1]]
        self.d, self.z = ([np.empty((n, len(theta)), net.dtype) for theta in self.thetas] for _ in "dz")
        self.aa = np.empty((n, n), net.dtype)
        self.update = [np.empty_like(theta) for theta in self.thetas]

    def descend(self, rows, z, target, learning_rate):
        """One update for each of these rows of X, in their order; the logits they met go into z (c, n). target (c, n)."""
        g, g_prime = activations.HIDDEN[self.net.hidden]
        output, rate = activations.OUTPUT[self.net.output], self.net.dtype.type(-learning_rate)
        last = len(self.thetas) - 1
        self.input.take(rows)
        np.matmul(self.input.x, self.thetas[0].T, out=self.z[0])
        np.matmul(self.input.x, self.input.x.T, out=self.aa)

        for i, y in enumerate(target.T):
            for l, (theta, a, d, z_) in enumerate(zip(self.thetas, self.a, self.d, self.z)):
                if l:
                    g(self.z[l - 1][i], out=a[i, 1:])
                    np.dot(theta, a[i], out=z_[i])
                z_[i] += np.dot(np.dot(a[:i], a[i]) if l else self.aa[i, :i], d[:i])
            output(self.z[last][i], out=self.d[last][i])
            self.d[last][i] -= y
            self.d[last][i] *= rate
            for l in range(last, 0, -1):
                a, d, below = self.a[l], self.d[l], self.d[l - 1][i]
                np.dot(d[i], self.thetas[l][:, 1:], out=below)
                below += np.dot(np.dot(d[:i], d[i]), a[:i, 1:])
                below *= g_prime(a[i, 1:])
        z[...] = self.z[last].T
        for theta, d, a, update in zip(self.thetas, self.d, self.a, self.update):
            theta += np.matmul(d.T, a, out=update)


def targets(net, y):
    """Labels (n,), or rows of 0 and 1 (n, c), as the (c, n) array that the output's error a − y is taken from."""
    if y.ndim == 2:
        return y.T == 1
    c = net.sizes[-1]
    return np.equal(y, np.arange(c)[:, None] if c > 1 else [[1]])
