"""What a training trains on what and how."""

from dataclasses import dataclass

import mlcore
from mlcore import limits

MOST_POINTS = 4000
PIXELS = 784
PICTURES = {"digits": (4000, 1000), "mnist": (60_000, 10_000), "fashion": (60_000, 10_000)}  # instances to train on, and held out


@dataclass(frozen=True)
class Spec:
    """What to train on what and how; checked when it is made. ValueError says which setting is out of range."""

    data: str = "digits"
    n: int = 400
    noise: float | None = None
    layers: tuple = (64,)
    hidden: str = "relu"
    output: str = "softmax"
    optimizer: str = "momentum"
    learning_rate: float = 0.05
    batch_size: int | None = 64
    epochs: int = 20
    l2: float = 0.0
    seed: int = 0
    name: str = "my network"

    def __post_init__(self):
        try:
            limits.check_size(self.sizes)
        except ValueError as error:
            sentence = str(error)
            raise ValueError(f"{sentence[0].upper()}{sentence[1:]}.") from None
        self.optimizer_object()

    @property
    def made(self):
        """How the points of a set in the plane were made; nothing for pictures."""
        return {} if self.data in PICTURES else {"n": self.n, "noise": self.noise, "seed": self.seed}

    def load_data(self):
        return mlcore.datasets.load(self.data, **self.made)

    @property
    def instances(self):
        """How many there are to train on, and how many are held out."""
        return PICTURES.get(self.data) or (self.n - self.n // 5, self.n // 5)

    @property
    def classes(self):
        return 10 if self.data in PICTURES else 3 if self.data == "blobs" else 2

    @property
    def sizes(self):
        """Units of all layers, from the inputs on."""
        outputs = 1 if self.output == "sigmoid" and self.classes == 2 else self.classes
        return (PIXELS if self.data in PICTURES else 2, *self.layers, outputs)

    @property
    def batch(self):
        """Instances an update: what was asked for, as far as there are so many."""
        return min(self.batch_size or self.instances[0], self.instances[0])

    def network(self):
        """A new network, its weights drawn from the seed."""
        net = mlcore.Network(self.sizes, self.hidden, self.output, seed=self.seed)
        what = "network" if self.layers else "softmax regression" if self.output == "softmax" else "logistic regression"
        net.info = {"name": self.name, "data": self.data, "what": what, **self.made}
        return net

    def optimizer_object(self):
        if self.optimizer == "adam":
            return mlcore.Adam(self.learning_rate)
        return mlcore.SGD(self.learning_rate, momentum=0.9 if self.optimizer == "momentum" else 0.0)

    @property
    def recipe(self):
        batches = "full batches" if self.batch_size is None else f"batches of {self.batch_size}"
        return f"{self.optimizer}, α = {self.learning_rate:g}, {batches}, up to {self.epochs} epochs, λ = {self.l2:g}, seed {self.seed}"
