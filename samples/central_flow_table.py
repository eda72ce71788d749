#!/usr/bin/env python3
"""How well the central flow, and the gradient flow, predict the time average of gradient descent.

    hesse run experiments/central-flow.yaml
    python3 samples/central_flow_table.py results/central-flow

Needs numpy. Descent's average at step t is (w[t-1] + 2 w[t] + w[t+1]) / 4. Distances are those of the projected iterates, in units of the
way of the average from its start. Medians over replicas, quartiles in brackets.
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
            runs[optimizer.get("method", "descent")] = (iterates, sharpness, load("sharpness.steps"), load("loss"))
    descent, central, flow = (runs[name] for name in ("descent", "central", "rk4"))
    print("| step | distance / way: central flow | gradient flow | sharpness: descent | central flow | gradient flow | loss: descent, averaged | central flow | gradient flow |")
    print("| --- " * 9 + "|")
    for step in STEPS:
        mean = averaged(descent[0], step)
        way = np.linalg.norm(mean - descent[0][:, 0], axis=1)
        i = np.flatnonzero(descent[2] == step)[0]
        cells = [
            *(np.linalg.norm(run[0][:, step] - mean, axis=1) / way for run in (central, flow)),
            *(run[1][:, i] for run in (descent, central, flow)),
            averaged(descent[3], step),
            *(run[3][:, step] for run in (central, flow)),
        ]
        print(f"| {step} | " + " | ".join(map(spread, cells)) + " |")
    closer = closer_at(descent[0], central[0], flow[0], STEPS[-1])
    print(f"\nat step {STEPS[-1]} the central flow is closer in {closer.sum()} of {len(closer)} replicas")


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
