"""mlcore beside the frameworks one would pick instead, on one core: all contenders in turn, many rounds, and the ratios of the rounds.

    python benchmarks/speed.py                    all tables
    python benchmarks/speed.py epoch [--rounds 15]    mini-batches of 64 · instance: one instance an update · derivatives · image · memory

Needs torch, jax, onnx, onnxruntime, scikit-learn and neural-network-digits; what is not installed is left out, saying so. The digits are
MNIST's where ../shared/data has them, else random pixels. A ratio is the other's time over ours: above 1 we are faster.
"""

import argparse
import functools
import os
import sys
import time
import tracemalloc
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
# Where OpenBLAS is held to an older processor's kernels, those of the other libraries are not: each chooses for this processor.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import numpy as np  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
import contenders  # noqa: E402

import mlcore  # noqa: E402

NETWORKS = {(784, 10): 300, (784, 128, 10): 100, (784, 512, 256, 10): 24}  # sizes: batches a contender trains in a round


def digits():
    """60,000 digits as uint8 pixels, and their labels."""
    folder = ROOT.parent / "shared" / "data" / "mnist"
    if folder.is_dir():
        data = mlcore.datasets.load("mnist", folder=folder)
        return data.X_train, data.y_train
    print("without ../shared/data: random pixels")
    rng = np.random.default_rng(0)
    ink = rng.random((60_000, 784)) < 0.2
    return rng.integers(0, 256, ink.shape).astype(np.uint8) * ink.astype(np.uint8), rng.integers(0, 10, len(ink))


def built(makers):
    """name → what its maker gives; those whose package is not installed are left out."""
    made = {}
    for name, make in makers.items():
        try:
            made[name] = make()
        except ImportError as error:
            print(f"{name} left out: {error}")
    return made


def rounds(works, count, per=1.0):
    """Seconds of each work in each round, {name: (count,)}, divided by per[name] units; one round before to warm up."""
    seconds = {name: [] for name in works}
    for k in range(count + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if k:
                seconds[name].append((time.perf_counter() - start) / (per[name] if isinstance(per, dict) else per))
    return {name: np.array(times) for name, times in seconds.items()}


def table(title, seconds, ours, unit, scale):
    """Print each one's median time, and its ratios to ours: the smallest, the 10th percentile and the median over the rounds."""
    print(f"\n{title}\n  {'':34}{unit:>10}   ratio: least    10 %   median")
    for name, times in seconds.items():
        ratios = times / seconds[ours]
        least, tenth, median = np.min(ratios), np.percentile(ratios, 10), np.median(ratios)
        figures = "" if name == ours else f"{least:14.2f}{tenth:8.2f}{median:9.2f}"
        print(f"  {name:34}{np.median(times) * scale:10.4g}{figures}")


def epoch(args):
    X, y = digits()
    kinds = {
        "mlcore": contenders.Ours, "PyTorch, eager": contenders.PyTorch, "JAX, one scan": contenders.Jax,
        "scikit-learn, MLPClassifier": contenders.ScikitLearn, "neural-network-digits": contenders.NeuralNetworkDigits,
        "the bare matrix products": contenders.BareProducts,
    }
    for sizes, batches in NETWORKS.items():
        rows = np.random.default_rng(0).permutation(len(X))[: 64 * batches]
        made = built({name: functools.partial(kind, sizes, X, y) for name, kind in kinds.items()})
        works = {name: functools.partial(one.run, rows) for name, one in made.items()}
        seconds = rounds(works, args.rounds, batches)
        table(f"mini-batches of 64, {named(sizes)}", seconds, "mlcore", "epoch, ms", 1000 * len(X) / 64)
        bare = seconds["mlcore"] / seconds["the bare matrix products"]
        print(f"  mlcore over the bare products: least {bare.min():.2f}, median {np.median(bare):.2f}")


def instance(args):
    X, y = digits()
    kinds = {
        "mlcore": (contenders.Ours, 2048), "mlcore, the literal loop": (contenders.Literal, 64), "PyTorch, eager": (contenders.PyTorch, 64),
        "JAX, one scan": (contenders.Jax, 1024),
    }
    order = np.random.default_rng(0).permutation(len(X))
    for sizes in NETWORKS:
        made = built({name: functools.partial(kind, sizes, X, y, batch=1) for name, (kind, _) in kinds.items()})
        counts = {name: count // (1 if len(sizes) < 4 else 4) for name, (_, count) in kinds.items()}
        works = {name: functools.partial(one.run, order[: counts[name]]) for name, one in made.items()}
        table(f"one instance an update, {named(sizes)}", rounds(works, args.rounds, counts), "mlcore", "µs", 1e6)


def derivatives(args):
    X, y = digits()
    X, y = X[:64].astype(np.float32) / 255, y[:64].astype(np.int64)
    net = mlcore.Network((784, 10))
    z, out = net.forward(X).z[-1], mlcore.local_gradients(net, X, y)
    softmax, jacobian = mlcore.activations.softmax, mlcore.activations.softmax_jacobian

    def torch_pair():
        import torch
        from torch.func import jacrev, vmap

        torch.set_num_threads(1)
        W, b = (torch.from_numpy(np.array(part)) for part in (net.layers[0].W, net.layers[0].b))
        tx, ty, tz = torch.from_numpy(X), torch.from_numpy(y), torch.from_numpy(z)
        da_dz = vmap(jacrev(lambda z: torch.softmax(z, -1)))
        dL_dW = vmap(jacrev(lambda W, x, y: torch.nn.functional.cross_entropy(W @ x + b, y)), in_dims=(None, 0, 0))
        assert np.allclose(da_dz(tz), out.da_dz, atol=1e-6) and np.allclose(dL_dW(W, tx, ty), out.dL_dW, atol=1e-5)
        return lambda: da_dz(tz), lambda: dL_dW(W, tx, ty)

    def jax_pair():
        import jax

        W, b = (jax.numpy.asarray(part) for part in (net.layers[0].W, net.layers[0].b))
        da_dz = jax.jit(jax.vmap(jax.jacrev(jax.nn.softmax)))
        one = jax.jacrev(lambda W, x, y: -jax.nn.log_softmax(W @ x + b)[y])
        dL_dW = jax.jit(jax.vmap(one, in_axes=(None, 0, 0)))
        return lambda: da_dz(z).block_until_ready(), lambda: dL_dW(W, X, y).block_until_ready()

    others = built({"PyTorch, vmap(jacrev)": torch_pair, "JAX, jit(vmap(jacrev))": jax_pair})
    ours = {
        "da_dz": lambda: jacobian(softmax(z), out=out.da_dz),
        "dL_dW": lambda: mlcore.local_gradients(net, X, y, out=out),
    }
    titles = {
        "da_dz": "∂a/∂z of 64 instances from their logits, 64 × 10 × 10",
        "dL_dW": "∂L/∂W of 64 instances, 64 × 10 × 784 (mlcore.local_gradients: ∂a/∂z in the same call)",
    }
    for k, (name, ours_alone) in enumerate(ours.items()):
        works = {"mlcore": repeated(ours_alone)} | {other: repeated(pair[k]) for other, pair in others.items()}
        table(titles[name], rounds(works, args.rounds, 50), "mlcore", "µs", 1e6)


def repeated(work, times=50):
    def many():
        for _ in range(times):
            work()
    return many


def image(args):
    X, _ = digits()
    net, x = mlcore.Network((784, 128, 10)), X[:1].astype(np.float32) / 255

    def session():
        import io

        import onnxruntime

        from mlcore import export

        file = io.BytesIO()
        export.onnx(net, file)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        run = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
        name = run.get_inputs()[0].name
        assert np.allclose(run.run(None, {name: x})[0], net.predict_proba(x), atol=1e-6)
        return lambda: run.run(None, {name: x})

    def model():
        import torch

        torch.set_num_threads(1)
        one = contenders.PyTorch(net.sizes, X[:1], np.zeros(1)).model
        tx = torch.from_numpy(x)

        def answer():
            with torch.inference_mode():
                return torch.softmax(one(tx), -1)
        return answer

    makers = {"mlcore": lambda: lambda: net.predict_proba(x), "onnxruntime, run": session, "PyTorch, inference mode": model}
    works = {name: repeated(work, 500) for name, work in built(makers).items()}
    table("one image, 784-128-10", rounds(works, args.rounds, 500), "mlcore", "µs", 1e6)


def memory(args):
    """What a training on 60,000 uint8 digits allocates at its peak, beyond the data themselves."""
    X, y = digits()
    net, data = mlcore.Network((784, 128, 10)), mlcore.Dataset(X, y)
    tracemalloc.start()
    for _ in mlcore.train(net, data, epochs=1):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    pixels = X.nbytes / 2**20
    print("\nmemory of an epoch, 784-128-10, beyond the data")
    print(f"  {peak / 2**20:.0f} MB at the peak; the data are {pixels:.0f} MB of pixels, and would be {4 * pixels:.0f} MB as float32")


def named(sizes):
    return "-".join(map(str, sizes))


def main():
    tables = {"epoch": epoch, "instance": instance, "derivatives": derivatives, "image": image, "memory": memory}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", nargs="*", help=f"which of {', '.join(tables)} (default: all)")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    if unknown := set(args.table) - set(tables):
        parser.error(f"there is no table {', '.join(unknown)}")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name in args.table or tables:
        tables[name](args)


if __name__ == "__main__":
    main()
