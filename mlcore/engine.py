"""The fast path of training: part one's z = Θa and Δ = δaᵀ with an instance in every column, in buffers that are made once.

`Network.forward` and `backprop` compute the same with an instance in every row, for reading; the tests hold the two together. A fresh
array of a batch's size costs more in page faults than the arithmetic in it: hence out= everywhere.
"""

import numpy as np

from . import activations, validate


class Input:
    """n instances of X (N, p), taken into x (n, p + 1) with a₀ in column 0, both in the unit of X: for uint8 pixels 1/255, else 1.

    So x holds the pixels as they are, 0 … 255, and a₀ = 255: z and δ are fewer numbers to scale than the pixels.
    """

    def __init__(self, X, n, dtype):
        X = validate.array(X, "X")
        pixels = X.dtype == np.uint8
        self.X, self.unit = X, dtype.type(1 / 255) if pixels else None
        # With a₀ in its place the bias is a column of Θ and costs no pass of its own, forward or backward.
        self.x = np.full((n, X.shape[1] + 1), 255 if pixels else 1, dtype)
        self.taken = np.empty((n, X.shape[1]), X.dtype)

    def take(self, rows):
        """Put these rows of X into x."""
        np.take(self.X, rows, axis=0, out=self.taken, mode="clip")  # in the usual mode NumPy copies out first
        self.x[:, 1:] = self.taken

    def scale(self, array):
        """array times the unit, in place: Θx becomes Θa, and δ what makes δxᵀ δaᵀ."""
        if self.unit is not None:
            array *= self.unit
        return array


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
        for l, (theta, a) in enumerate(zip(self.thetas, self.a)):
            last = l == len(self.thetas) - 1
            out = np.matmul(theta, a, out=z if last else self.a[l + 1][1:])
            if not l:
                self.input.scale(out)
            if not last:
                g(out, out=out)

    def backward(self, z, target, scale):
        """Δ of every layer, times scale, of the rows that went forward to the logits z; target (c, n)."""
        _, g_prime = activations.HIDDEN[self.net.hidden]
        a, delta = self.a, self.delta
        self._output_error(z, target, scale)
        for l in reversed(range(1, len(delta))):
            np.matmul(delta[l], a[l].T, out=self.Delta[l])
            np.matmul(self.thetas[l][:, 1:].T, delta[l], out=delta[l - 1])
            delta[l - 1] *= g_prime(a[l][1:])
        self.input.scale(delta[0])
        np.matmul(delta[0], self.input.x, out=self.Delta[0])
        return self.Delta

    def _output_error(self, z, target, scale):
        """(a − y) times scale: here that is c × n products, on Δ it would be one for every weight."""
        delta = self.delta[-1]
        activations.OUTPUT[self.net.output](z.T, out=delta.T)
        delta -= target
        delta *= scale


class Instances(Batch):
    """The lecture's loop, Θ ← Θ − α ∂L/∂Θ after every instance, for n instances of X at a time: the same numbers but for rounding.

    What rounding comes to depends on the training, as it does for any two ways to add: on 1,000 digits with 16 hidden units it stays
    below 1e-12 with sigmoid and α = 0.1, and grows to more than 1 within 4 epochs with tanh and α = 1, just as one last bit of Θ does.

    Among the n, Θ itself stands still and the updates are carried: instance i meets Θ + Σ dⱼaⱼᵀ, the sum over the j before it, with
    dⱼ = −α ∂L/∂zⱼ. So z = Θaᵢ + Σ dⱼ(aⱼ·aᵢ), one product with Θ for all n and a small one. All the d are computed at once from those of
    the last round, again and again until they stay the same. The first is right in the first round, the next one at the latest in the
    second, and so on: what stays the same is the loop's own result, mostly after a dozen rounds. delta holds the d. Where a guess leaves
    the range of the numbers, these n go one by one.
    """

    def __init__(self, net, X, n):
        super().__init__(net, X, n)
        self.last, self.sum = ([np.empty_like(delta) for delta in self.delta] for _ in range(2))
        self.Theta_x, self.x_x = np.empty_like(self.delta[0]), np.empty((n, n), net.dtype)
        self.dots, self.before = np.empty((n, n), net.dtype), np.triu(np.ones((n, n), net.dtype), 1)
        self.rounding = np.finfo(net.dtype).eps ** 2

    def descend(self, rows, z, target, learning_rate):
        """One update for each of these rows of X, in their order; the logits they met go into z (c, n). target (c, n)."""
        self.input.take(rows)
        x = self.input.x
        self.input.scale(np.matmul(self.thetas[0], x.T, out=self.Theta_x))
        self.input.scale(self.input.scale(self._dots(x.T, self.x_x)))
        for d in self.delta:
            d[...] = 0
        for _ in range(len(rows) + 1):
            self.delta, self.last = self.last, self.delta
            self._forward_carrying(z)
            self._backward_carrying(z, target, -learning_rate)
            if self._settled():
                break
        # A round's guess can overflow where the loop itself does not, and not-a-number times 0 is no 0: that spoils all rounds after it.
        if not all(np.isfinite(np.vdot(d, d)) for d in self.delta):
            return self._one_by_one(rows, z, target, learning_rate)
        self.input.scale(self.delta[0])
        for theta, d, a, update in zip(self.thetas, self.delta, self.a, self.Delta):
            np.add(theta, np.matmul(d, a.T, out=update), out=theta)

    def _one_by_one(self, rows, z, target, learning_rate):
        one, logits = Batch(self.net, self.input.X, 1), np.empty_like(z[:, :1])
        for i in range(len(rows)):
            one.forward(rows[i : i + 1], logits)
            z[:, i : i + 1] = logits
            for theta, update in zip(self.thetas, one.backward(logits, target[:, i : i + 1], learning_rate)):
                theta -= update

    def _settled(self):
        """Whether the last round changed the d of no layer by more than rounding does; the output's, the smallest, is looked at first."""
        for d, last, change in zip(self.delta[::-1], self.last[::-1], self.sum[::-1]):
            np.subtract(d, last, out=change)
            if np.vdot(change, change) > self.rounding * np.vdot(d, d):
                return False
        return True

    def _dots(self, columns, out):
        """columnⱼ · columnᵢ in row j, column i, for the j before i; else 0."""
        # The small products by dot, whose call costs half of matmul's; one with Θ[:, 1:] by matmul, because dot would copy it.
        np.dot(columns.T, columns, out=out)
        return np.multiply(out, self.before, out=out)

    def _forward_carrying(self, z):
        g, _ = activations.HIDDEN[self.net.hidden]
        for l, (theta, a, d) in enumerate(zip(self.thetas, self.a, self.last)):
            out = z if l == len(self.thetas) - 1 else self.a[l + 1][1:]
            Theta_a, a_a = (np.dot(theta, a, out=self.sum[l]), self._dots(a, self.dots)) if l else (self.Theta_x, self.x_x)
            np.add(np.dot(d, a_a, out=out), Theta_a, out=out)
            if out is not z:
                g(out, out=out)

    def _backward_carrying(self, z, target, scale):
        _, g_prime = activations.HIDDEN[self.net.hidden]
        delta = self.delta
        self._output_error(z, target, scale)
        for l in reversed(range(1, len(delta))):
            a, back = self.a[l][1:], delta[l - 1]
            np.matmul(self.thetas[l][:, 1:].T, delta[l], out=back)
            back += np.dot(a, self._dots(delta[l], self.dots), out=self.sum[l - 1])
            back *= g_prime(a)


def targets(net, y):
    """Labels (n,), or rows of 0 and 1 (n, c), as the (c, n) array that the output's error a − y is taken from."""
    if y.ndim == 2:
        return y.T == 1
    c = net.sizes[-1]
    return np.equal(y, np.arange(c)[:, None] if c > 1 else [[1]])
