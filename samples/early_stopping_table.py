#!/usr/bin/env python3
"""Deep image prior: losses along the training, and how far the step that early stopping detects is from the best one.

    hesse run experiments/deep-image-prior.yaml
    python3 samples/early_stopping_table.py results/deep-image-prior

Needs numpy. Medians over replicas, 5 % and 95 % quantiles in brackets. PSNR = -10 log10(test-loss), pixels from 0 to 1; the gap is the peak's PSNR minus that at the
detected step, between whose neighbours the test loss is interpolated.
"""
import sys
from pathlib import Path

import numpy as np

STEPS = [100, 200, 560, 800, 1000, 1500]


def main():
    arrays = Path(sys.argv[1]) / "arrays"
    load = lambda name: np.load(arrays / f"{name}.npy")
    loss, test, steps = load("loss"), load("test-loss"), load("loss.steps")
    variance, at = load("early-stopping"), load("early-stopping.steps")
    print("| step | training loss | error against the clean image | PSNR | variance of the outputs |")
    print("| --- | --- | --- | --- | --- |")
    for step in STEPS:
        i, k = np.flatnonzero(steps == step)[0], np.flatnonzero(at == step)[0]
        psnr = -10 * np.log10(np.median(test[:, i]))
        print(f"| {step} | {spread(loss[:, i])} | {spread(test[:, i])} | {psnr:.1f} | {spread(variance[:, k])} |")
    best, stopped = load("early-stopping.best-step")[:, -1], load("early-stopping.stopped")[:, -1]
    there = np.array([np.interp(step, steps, test[r]) for r, step in enumerate(best)])
    print()
    print(f"peak at step {spread(steps[test.argmin(axis=1)])}, detected {spread(best)}")
    print(f"gap {spread(10 * np.log10(there / test.min(axis=1)))} dB, stopped {int(stopped.sum())} of {len(stopped)}")


def spread(values):
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return f"{middle:.3g} ({low:.3g} .. {high:.3g})"


if __name__ == "__main__":
    main()
