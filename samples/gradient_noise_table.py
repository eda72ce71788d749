#!/usr/bin/env python3
"""Normality and tail index of gradient noise, a line a setting and step: medians over replicas (and directions).

    hesse run experiments/gradient-noise.yaml --replicas 4
    python3 samples/gradient_noise_table.py results/gradient-noise

The same for experiments/tail-index.yaml. Needs numpy. Columns of a quantity that was not observed are left out.
"""
import re
import sys
from pathlib import Path

import numpy as np

COLUMNS = [
    ("loss", "loss"),
    ("noise scale", "noise-scale"),
    ("accepted", "noise-gaussianity.accepted"),
    ("of normal samples", "noise-gaussianity.gaussian-accepted"),
    ("accepted (Anderson-Darling)", "noise-gaussianity.anderson-darling-accepted"),
    ("W", "noise-gaussianity.shapiro-wilk"),
    ("W along the gradient", "noise-gaussianity.gradient"),
    ("W along eigenvector 1", "noise-gaussianity.top-eigenvectors"),
    ("pooled index", "tail-index.pooled"),
    ("by coordinate", "tail-index.coordinates"),
    ("by direction", "tail-index.directions"),
    ("Hill by direction", "tail-index.hill"),
    ("pooling misleads", "tail-index.pooling-misleads"),
]


def number(folder, array, step):
    """Median over directions, then over replicas; of test results the first number, W; of flags the mean."""
    values = np.load(folder / f"{array}.npy", mmap_mode="r")
    quantity = array.split(".")[0]
    steps = np.load(folder / f"{quantity}.steps.npy")
    values = np.asarray(values[:, np.flatnonzero(steps == step)[0]], dtype=float)
    if array.endswith((".gradient", ".top-eigenvectors")):
        values = values.reshape(len(values), -1)[:, 0]
    each = np.nanmedian(values.reshape(len(values), -1), axis=1)
    return np.mean(each) if array.endswith("misleads") else np.nanmedian(each)


def natural(path):
    """8 before 32 before 128."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.name)]


def main():
    settings = sorted((path.parent for path in Path(sys.argv[1]).glob("**/arrays")), key=natural)
    present = [(name, array) for name, array in COLUMNS if (settings[0] / "arrays" / f"{array}.npy").exists()]
    print("| setting | step | " + " | ".join(name for name, _ in present) + " |")
    print("| --- " * (2 + len(present)) + "|")
    for setting in settings:
        folder = setting / "arrays"
        for step in np.load(folder / "tail-index.steps.npy"):
            cells = [f"{number(folder, array, step):.3g}" for _, array in present]
            print(f"| {setting.name} | {step} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
