#!/usr/bin/env python3
"""How far gradient descent leaves the gradient flow from the same point.

    hesse run experiments/gradient-flow.yaml
    python3 samples/flow_distance_table.py results/gradient-flow

Needs numpy. Distances are those of the projected iterates at equal time, step-size times steps, in units of the flow's distance from its start.
Medians over replicas, quartiles in brackets.
"""
import json
import sys
from pathlib import Path

import numpy as np

STEPS = [20, 100, 200, 500, 1000, 2000]


def main():
    runs = {}
    for spec_file in Path(sys.argv[1]).rglob("spec.json"):
        folder = spec_file.parent
        spec = json.loads(spec_file.read_text())
        if (folder / "arrays").exists():
            load = lambda name: np.load(folder / "arrays" / f"{name}.npy")
            kind = spec["training"]["optimizer"]["kind"]
            runs[kind] = (load("iterate-projection"), load("iterate-projection.steps"), load("sharpness"), load("loss"))
    descent, flow = runs["sgd"], runs["gradient-flow"]
    replicas, times = descent[0].shape[:2]
    at, flowing = (run[0].reshape(replicas, times, -1) for run in (descent, flow))
    travelled = np.linalg.norm(flowing - flowing[:, :1], axis=2)
    apart = np.linalg.norm(at - flowing, axis=2)
    print("| step | distance / path of the flow | sharpness: descent | flow | loss: descent | flow |")
    print("| --- | --- | --- | --- | --- | --- |")
    for step in STEPS:
        i = np.flatnonzero(descent[1] == step)[0]
        cells = [
            apart[:, i] / travelled[:, i],
            *(run[2].reshape(replicas, times)[:, i] for run in (descent, flow)),
            *(run[3][:, i] for run in (descent, flow)),
        ]
        print(f"| {step} | " + " | ".join(map(spread, cells)) + " |")


def spread(values):
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return f"{middle:.3g} ({low:.3g} .. {high:.3g})"


if __name__ == "__main__":
    main()
