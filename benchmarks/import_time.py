"""What `import mlcore` costs beside `import numpy`: fresh interpreters, taken in turns. Prints a table; the goal is a ratio of at most 1.5.

    python benchmarks/import_time.py [ROUNDS]
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIMED = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def seconds(package):
    """The time of one import in a new interpreter, bytecode already compiled."""
    run = subprocess.run([sys.executable, "-c", TIMED.format(package)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
                         capture_output=True, text=True, check=True)
    return float(run.stdout)


def main(rounds):
    """Time both, one after the other in each round, the first of which does not count."""
    packages = ("numpy", "mlcore")
    times = {package: [] for package in packages}
    for turn in range(rounds + 1):
        for package in packages if turn % 2 else packages[::-1]:
            took = seconds(package)
            if turn:
                times[package].append(took)
    print(f"{'import':8} {'median ms':>10} {'fastest ms':>11} {'ratio':>6}")
    base = statistics.median(times["numpy"])
    for package in packages:
        middle, best = statistics.median(times[package]), min(times[package])
        print(f"{package:8} {middle * 1e3:10.1f} {best * 1e3:11.1f} {middle / base:6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
