"""The same network a second time, for the tests: forward pass and cost written with autograd, derivatives left to it.

Nothing of mlcore is used but W and b, read out of the network. The cost is taken from the logits, by log-sum-exp.
"""

import autograd.numpy as np
from autograd import grad, jacobian
from autograd.scipy.special import logsumexp

HIDDEN = {
    "sigmoid": lambda z: 0.5 * (np.tanh(z / 2) + 1),
    "tanh": np.tanh,
    "relu": lambda z: z * (z > 0),
    "identity": lambda z: z,
}


def parameters(net):
    """[(W, b), …] as float64."""
    return [(np.array(layer.W, dtype="float64"), np.array(layer.b, dtype="float64")) for layer in net.layers]


def logits(theta, X, hidden):
    """z of the output layer, (n, c)."""
    a = X
    for W, b in theta[:-1]:
        a = HIDDEN[hidden](np.dot(a, W.T) + b)
    W, b = theta[-1]
    return np.dot(a, W.T) + b


def targets(y, c):
    """(n, c) of zeros and ones; (n, 1) where there is one output."""
    y = np.asarray(y)
    if y.ndim == 2:
        return y.astype("float64")
    return y.astype("float64")[:, None] if c == 1 else np.eye(c)[y.astype(int)]


def losses(theta, X, y, hidden, output):
    """cost(xᵢ) of every instance, (n,)."""
    z = logits(theta, X, hidden)
    t = targets(y, z.shape[1])
    if output == "softmax":
        return logsumexp(z, axis=1) - np.sum(t * z, axis=1)
    return np.sum(np.logaddexp(0, z) - t * z, axis=1)


def cost(theta, X, y, hidden, output, l2=0.0):
    """J: the mean loss plus (l2 / 2) Σ W², biases left out."""
    return np.mean(losses(theta, X, y, hidden, output)) + l2 / 2 * sum(np.sum(W ** 2) for W, _ in theta)


def gradients(net, X, y, l2=0.0):
    """{"dW": [per layer], "db": [per layer], "dX": (n, p)} of J by autograd."""
    theta, X = parameters(net), np.array(X, dtype="float64")
    by_theta = grad(cost, 0)(theta, X, y, net.hidden, net.output, l2)
    by_X = grad(cost, 1)(theta, X, y, net.hidden, net.output, l2)
    return {"dW": [dW for dW, _ in by_theta], "db": [db for _, db in by_theta], "dX": [by_X]}


def logit_jacobian(net, x):
    """∂z/∂x of the output layer for one instance, (c, p)."""
    return jacobian(lambda v: logits(parameters(net), v[None], net.hidden)[0])(np.array(x, dtype="float64"))


def distance(g, h):
    """‖g − h‖ / max(‖g‖, ‖h‖, 1e-12)."""
    g, h = np.asarray(g, dtype="float64"), np.asarray(h, dtype="float64")
    assert g.shape == h.shape, f"{g.shape} beside {h.shape}"
    norm = np.linalg.norm
    return norm(g - h) / max(norm(g), norm(h), 1e-12)


def worst_distance(grads, net, X, y, l2=0.0):
    """The largest distance of dW, db and dX from autograd's over all layers, and the array it is in: (0.3, "dW[0]")."""
    truth = gradients(net, X, y, l2)
    mine = {"dW": grads.dW, "db": grads.db, "dX": [grads.dX]}
    return max((distance(g, h), f"{name}[{l}]") for name in truth for l, (g, h) in enumerate(zip(mine[name], truth[name], strict=True)))
