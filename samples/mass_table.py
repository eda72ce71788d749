#!/usr/bin/env python3
"""Iterations until the loss has fallen to a millionth, for every setting of a mass experiment.

    hesse run experiments/mass-decoupled.yaml
    python3 samples/mass_table.py results/mass-decoupled

Needs numpy. An iteration counts when the loss at its measurement is below 1e-6 of the loss at step 0. Median over replicas, quartiles in
brackets, "more than T" where fewer replicas get there within the run; diverged: the last loss is above the first, or no number.
"""
import json
import sys
from pathlib import Path

import numpy as np

GOAL = 1e-6


def iterations(ratio, steps):
    """Quartiles of the first step below the goal, infinite where there is none."""
    below = ratio < GOAL
    first = np.where(below.any(axis=1), steps[below.argmax(axis=1)], np.inf)
    low, median, high = np.quantile(first, [0.25, 0.5, 0.75], method="nearest")
    show = lambda value: f"{value:.0f}" if np.isfinite(value) else f"more than {steps[-1]}"
    return f"{show(median)} ({show(low)} .. {show(high)})"


def main():
    rows = []
    for spec_file in Path(sys.argv[1]).rglob("spec.json"):
        folder = spec_file.parent
        if not (folder / "arrays").exists():
            continue
        spec = json.loads(spec_file.read_text())
        optimizer = spec["training"]["optimizer"]
        loss = np.load(folder / "arrays" / "loss.npy")
        steps = np.load(folder / "arrays" / "loss.steps.npy")
        ratio = loss / loss[:, :1]
        diverged = int((~(ratio[:, -1] < 1)).sum())
        numbers = [f"{optimizer[key]:.4g}" if key in optimizer else "" for key in ("step-size", "momentum", "secondary-step-size")]
        order = (spec["training"]["batch"]["size"], optimizer["kind"], optimizer["step-size"], optimizer.get("momentum", 0))
        cells = [str(order[0]), optimizer["kind"], *numbers, iterations(np.nan_to_num(ratio, nan=np.inf), steps), f"{diverged} of {len(ratio)}"]
        rows.append((order, cells))
    print("| batch | rule | step-size | momentum | secondary-step-size | iterations to 1e-6 | diverged |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for _, cells in sorted(rows):
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
