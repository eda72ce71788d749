#!/usr/bin/env python3
"""How well the central flow, and the gradient flow, predict the time average of gradient descent.

    hesse run experiments/central-flow.yaml
    python3 samples/central_flow_table.py results/central-flow

Needs numpy. Descent's average at step t is (w[t-1] + 2 w[t] + w[t+1]) / 4. Distances are those of the projected iterates, in units of the
way of the average from its start. Medians over replicas, quartiles in brackets. The last column is the loss that the flow predicts for
descent's average, its own and tr Sigma / step-size (oscillation-variance.averaged-loss).
"""
import json
import sys
from pathlib import Path

import numpy as np

STEPS = [200, 500, 700, 800, 900, 1000, 1200, 1400, 1580]


def main():
    runs = {}
    for spec_file in Path(sys.argv[1]).rglob("spec.json"):
        folder = spec_file.parent
        optimizer = json.loads(spec_file.read_text())["training"]["optimizer"]
        if (folder / "arrays").exists():
            load = lambda name: np.load(folder / "arrays" / f"{name}.npy")
            iterates, sharpness = load("iterate-projection"), load("sharpness")
            iterates = iterates.reshape(*iterates.shape[:2], -1)
            sharpness = sharpness.reshape(*sharpness.shape[:2])
            predicted = load("oscillation-variance.averaged-loss")
            runs[optimizer.get("method", "descent")] = (iterates, sharpness, load("sharpness.steps"), load("loss"), predicted)
    descent, central, flow = (runs[name] for name in ("descent", "central", "rk4"))
    print("| step | distance / way: central flow | gradient flow | sharpness: descent | central flow | gradient flow | loss: descent, averaged | central flow | gradient flow | predicted by Sigma |")
    print("| --- " * 10 + "|")
    for step in STEPS:
        mean = averaged(descent[0], step)
        way = np.linalg.norm(mean - descent[0][:, 0], axis=1)
        i = np.flatnonzero(descent[2] == step)[0]
        cells = [
            *(np.linalg.norm(run[0][:, step] - mean, axis=1) / way for run in (central, flow)),
            *(run[1][:, i] for run in (descent, central, flow)),
            averaged(descent[3], step),
            *(run[3][:, step] for run in (central, flow)),
            central[4][:, i],
        ]
        print(f"| {step} | " + " | ".join(map(spread, cells)) + " |")
    late = [i for i, step in enumerate(central[2]) if 1000 <= step < len(descent[3][0]) - 1]
    excess = sum(averaged(descent[3], central[2][i]) - central[3][:, central[2][i]] for i in late)
    predicted = sum(central[4][:, i] - central[3][:, central[2][i]] for i in late)
    print(f"\nfrom step 1000 on, predicted excess of descent's loss over measured: {spread(predicted / excess)}")
    closer = closer_at(descent[0], central[0], flow[0], STEPS[-1])
    print(f"at step {STEPS[-1]} the central flow is closer in {closer.sum()} of {len(closer)} replicas")


def averaged(values, step):
    return (values[:, step - 1] + 2 * values[:, step] + values[:, step + 1]) / 4


def closer_at(descent, central, flow, step):
    mean = averaged(descent, step)
    return np.linalg.norm(central[:, step] - mean, axis=1) < np.linalg.norm(flow[:, step] - mean, axis=1)


def spread(values):
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return f"{middle:.3g} ({low:.3g} .. {high:.3g})"


if __name__ == "__main__":
    main()
