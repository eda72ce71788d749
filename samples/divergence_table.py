#!/usr/bin/env python3
"""From which step size on replicas diverge, for each momentum of a map.

    hesse run experiments/nesterov-divergence.yaml
    python3 samples/divergence_table.py results/nesterov-divergence

Needs numpy. A replica has diverged when its last loss is above its first, or no number. The whole map is in report.html, as a heat map.
"""
import json
import sys
from pathlib import Path

import numpy as np


def main():
    shares = {}
    for spec_file in Path(sys.argv[1]).rglob("spec.json"):
        loss_file = spec_file.parent / "arrays" / "loss.npy"
        if loss_file.exists():
            optimizer = json.loads(spec_file.read_text())["training"]["optimizer"]
            loss = np.load(loss_file)
            shares[optimizer["step-size"], optimizer["momentum"]] = np.mean(~(loss[:, -1] <= loss[:, 0]))
    step_sizes = sorted({step_size for step_size, _ in shares})
    rows = []
    for momentum in sorted({momentum for _, momentum in shares}):
        column = [(step_size, shares[step_size, momentum]) for step_size in step_sizes]
        rows.append((momentum, first(column, 1e-9), first(column, 0.5)))
    print("| momentum | " + " | ".join(f"{momentum:.3g}" for momentum, _, _ in rows) + " |")
    print("| --- |" + " --- |" * len(rows))
    print("| first diverges | " + " | ".join(any_ for _, any_, _ in rows) + " |")
    print("| half diverge | " + " | ".join(half for _, _, half in rows) + " |")


def first(column, share):
    return next((f"{step_size:.3g}" for step_size, diverged in column if diverged >= share), "-")


if __name__ == "__main__":
    main()
