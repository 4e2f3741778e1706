"""A stranger's code, for mypy to read (.ci/run), never to be run: what is right passes, and an ignore that is not needed is an error."""

# ruff: noqa: B018

import io

import numpy as np

import mlcore

data = mlcore.datasets.load("digits")
made = mlcore.Dataset([[0, 1], [1, 0]], [0, 1], classes=2)
net = mlcore.Network((784, 128, 10), hidden="relu", dtype=np.float64)
for progress in mlcore.train(net, data, mlcore.SGD(0.1, momentum=0.9), batch_size=None, epochs=2):
    loss: float = progress.loss
    test: float | None = progress.test_loss
    held_out: float = progress.test_loss  # type: ignore[assignment]
    progress.los  # type: ignore[attr-defined]
W: np.ndarray = net.layers[0].W
net.layers[0].b = [0.0, 1.0]
probabilities: np.ndarray = net.forward([[1, 2]]).probabilities
D: list[np.ndarray] = net.gradients(data.X_train, data.y_train, l2=0.1).D
jacobian: np.ndarray = mlcore.explain(net, data.X_train[0], 3).layers[0].da_dz
shares: np.ndarray = mlcore.contributions(net, data.X_train[0], 3)
batch: np.ndarray = mlcore.local_gradients(net, data.X_train[:5], data.y_train[:5]).da_dz
check = mlcore.check_gradients(net, data.X_train[:2], data.y_train[:2], entries=None)
worst: float = check.worst.error  # type: ignore[union-attr]
found: float = mlcore.evaluate(net, data.X_train, data.y_train).calibration_error
mlcore.save(net, io.BytesIO())
loaded: mlcore.Network = mlcore.load("net.npz")
shipped: mlcore.Network = mlcore.models.load("mlp")
digit: np.ndarray = mlcore.drawing.to_digit(np.zeros((9, 9), np.uint8))
picture: np.ndarray = mlcore.drawing.open_picture("photo.jpg")
mlcore.export.script(net, "net.py")
label: int = mlcore.strokes.load("strokes.json")[0]["label"]
mlcore.train(net, data, "sgd")  # type: ignore[arg-type]
mlcore.train(net, data, mlcore.Adam(), epochs="ten")  # type: ignore[arg-type]
mlcore.train(net, data.X_train)  # type: ignore[arg-type]
mlcore.Network((784, 10), hiden="relu")  # type: ignore[call-arg]
mlcore.Network(("784", "10"))  # type: ignore[arg-type]
mlcore.drawing.open_picture(7)  # type: ignore[arg-type]
mlcore.datasets.load(7)  # type: ignore[arg-type]
mlcore.explain(net).loss  # type: ignore[call-arg]
mlcore.save("net.npz", net)  # type: ignore[arg-type]
