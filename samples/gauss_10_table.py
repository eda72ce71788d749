#!/usr/bin/env python3
"""Medians of gauss-10-population beside reference medians, with their distance in standard errors.

    hesse run experiments/gauss-10-population.yaml --replicas 1000
    python3 samples/gauss_10_table.py results/gauss-10-population

Needs numpy. The reference medians (80 independent seeds, float64, PyTorch) carry the standard error of the median in brackets;
ours is 1.2533 sd / sqrt(R) with the sd of a normal distribution of the same quartiles. Distances are in units of the root of the
summed squares of both errors. Exit code 1 when the three-standard-error intervals of both samples do not meet.
"""
import sys
from pathlib import Path

import numpy as np

STEPS = [1, 20, 60, 100, 399]
REFERENCE = {
    "loss": [(2.262, 0.008), (0.554, 0.026), (0.0164, 0.0009), (0.00634, 0.00014), (0.000984, 0.000008)],
    "lambda_1(H)": [(4.88, 0.12), (9.11, 0.56), (1.83, 0.16), (0.805, 0.031), (0.169, 0.007)],
    "lambda_10(H)": [(2.78, 0.03), (2.17, 0.05), (0.370, 0.014), (0.193, 0.004), (0.0414, 0.0010)],
    "lambda_15(H)": [(2.44, 0.03), (1.51, 0.03), (0.202, 0.006), (0.103, 0.002), (0.0231, 0.0005)],
    "lambda_min(H)": [(-2.85, 0.03), (-1.68, 0.06), (-0.079, 0.009), (-0.0246, 0.0006), (-0.00374, 0.00006)],
    "cos gamma_1": [(0.907, 0.005), (0.986, 0.001), None, None, None],
    "cos gamma_10": [(0.339, 0.015), (0.653, 0.026), (0.961, 0.003), (0.971, 0.001), (0.976, 0.001)],
    "cos gamma_11": [(0.263, 0.008), (0.521, 0.035), (0.919, 0.010), (0.947, 0.003), (0.961, 0.002)],
    "cos gamma_15": [(0.017, 0.002), (0.023, 0.005), (0.033, 0.007), (0.106, 0.017), (0.24, 0.04)],
    "lambda_1(M)": [(7.3, 0.6), (7.0, 0.9), (0.078, 0.020), (0.0098, 0.0011), (0.000314, 0.000017)],
}


def column(folder, quantity, step, index=None):
    """One number a replica."""
    array = np.load(folder / "arrays" / f"{quantity}.npy", mmap_mode="r")
    steps = np.load(folder / "arrays" / f"{quantity}.steps.npy")
    values = array[:, np.flatnonzero(steps == step)[0]]
    return np.asarray(values if index is None else values[:, index], dtype=float)


def main():
    folder = Path(sys.argv[1])
    where = {
        "loss": ("loss", None),
        "lambda_1(H)": ("hessian-spectrum", -1),
        "lambda_10(H)": ("hessian-spectrum", -10),
        "lambda_15(H)": ("hessian-spectrum", -15),
        "lambda_min(H)": ("hessian-spectrum", 0),
        "cos gamma_1": ("principal-angles", 0),
        "cos gamma_10": ("principal-angles", 9),
        "cos gamma_11": ("principal-angles", 10),
        "cos gamma_15": ("principal-angles", 14),
        "lambda_1(M)": ("second-moment-spectrum", -1),
    }
    worst, apart = 0.0, 0
    print("| quantity | step | median here | standard error | reference median | standard error | distance |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, cells in REFERENCE.items():
        for step, cell in zip(STEPS, cells):
            if cell is None:  # the reference gives no standard error
                continue
            median, error = cell
            values = column(folder, where[name][0], step, where[name][1])
            low, here, high = np.quantile(values, [0.25, 0.5, 0.75])
            own = 1.2533 * (high - low) / 1.349 / np.sqrt(len(values))
            distance = abs(here - median) / np.hypot(own, error)
            worst = max(worst, distance)
            apart += abs(here - median) > 3 * (own + error)
            print(f"| {name} | {step} | {here:.4g} | {own:.2g} | {median:.4g} | {error:.2g} | {distance:.1f} |")
    moments = np.load(folder / "arrays" / "second-moment-spectrum.npy", mmap_mode="r")
    print(f"\n{len(moments)} replicas; the second moment has {moments.shape[2]} eigenvalues that can differ from zero; "
          f"largest distance {worst:.1f} standard errors; {apart} intervals do not meet")
    sys.exit(0 if apart == 0 else 1)


if __name__ == "__main__":
    main()
