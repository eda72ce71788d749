#!/usr/bin/env python3
"""Loss dynamics over runs from one initial point: the two tables of docs/experiments.md.

    hesse run experiments/sgd-dynamics.yaml
    python3 samples/sgd_dynamics_table.py results/sgd-dynamics

Needs numpy. First quantiles and medians over replicas at a few steps; then the increments of the loss beside their predictions, with the standard
errors of the measured mean and variance and the share that the two replicas farthest from the mean have in the variance.
"""
import sys
from pathlib import Path

import numpy as np


def main():
    arrays = Path(sys.argv[1]) / "arrays"

    def at(quantity, part, step):
        steps = np.load(arrays / f"{quantity}.steps.npy")
        return np.load(arrays / f"{quantity}{part}.npy")[:, steps == step][:, 0]

    print("| step | loss: 5 % | median | 95 % | gradient norm, median | mini-batch gradient norm, median | cosine of successive gradients: 5 % | median | 95 % |")
    print("| --- |" + " --- |" * 8)
    for step in (20, 60, 100, 200, 400):
        loss = [f"{q:.3g}" for q in np.quantile(at("loss", "", step), [0.05, 0.5, 0.95])]
        norms = [f"{np.median(at(name, '', step)):.3g}" for name in ("gradient-norm", "batch-gradient-norm")]
        cosines = [f"{q:.3f}" for q in np.quantile(at("consecutive-gradient-cosine", "", step), [0.05, 0.5, 0.95])]
        print("| " + " | ".join([str(step), *loss, *norms, *cosines]) + " |")

    print()
    print("| step | measured mean | standard error | predicted mean | measured variance | standard error, relative | share of two replicas | predicted variance | with the slope after the mean step | sd of the standardised increment | share with flag -1 | width |")
    print("| --- |" + " --- |" * 11)
    for step in (0, 1, 20, 100, 399):
        part = lambda name: at("loss-increment", "." + name, step)
        measured = part("measured")
        squares = np.sort((measured - measured.mean()) ** 2)
        variance = squares.sum() / (len(squares) - 1)
        row = [
            measured.mean(), np.sqrt(variance / len(measured)), part("predicted-mean").mean(),
            variance, np.sqrt(((squares**2).mean() / squares.mean() ** 2 - 1) / len(squares)), squares[-2:].sum() / squares.sum(),
            part("predicted-variance").mean(), part("curved-variance").mean(), np.std(part("standardised"), ddof=1),
            (part("flag") < 0).mean(), np.median(part("width")),
        ]
        print(f"| {step} | " + " | ".join(f"{number:.3g}" for number in row) + " |")


if __name__ == "__main__":
    main()
