#!/usr/bin/env python3
"""Loads the results of a run with numpy alone and prints what is there.

    python3 samples/load_results.py results/gauss-10

Arrays are (replicas, steps, ...); a replica that diverged is NaN from the step in first-bad-step.npy on.
"""
import json
import sys
from pathlib import Path

import numpy as np


def load(folder):
    """{quantity: (array, steps)}; arrays stay on the disk until they are read."""
    arrays = Path(folder) / "arrays"
    results = {}
    for steps in sorted(arrays.glob("*.steps.npy")):
        name = steps.name.removesuffix(".steps.npy")
        for path in sorted([*arrays.glob(f"{name}.npy"), *arrays.glob(f"{name}.*.npy")]):
            if path != steps:
                results[path.name.removesuffix(".npy")] = (np.load(path, mmap_mode="r"), np.load(steps))
    return results


def main():
    folder = Path(sys.argv[1])
    manifest = json.loads((folder / "manifest.json").read_text())
    print(f"{manifest['name']}: {manifest['replicas']} replicas, seed {manifest['seed']}, backend {manifest['backend']}")
    for quantity, (values, steps) in load(folder).items():
        last = np.asarray(values[:, -1], dtype=float)
        median = np.nanmedian(last) if last.ndim == 1 else np.nanmedian(last.max(axis=tuple(range(1, last.ndim))))
        print(f"{quantity:32} {str(values.shape):20} steps {steps[0]} .. {steps[-1]}, median (of the largest) at the end {median:.6g}")


if __name__ == "__main__":
    main()
