#!/usr/bin/env python3
"""Sharpness beside the threshold of stability, for every setting of an edge-of-stability experiment.

    hesse run experiments/edge-of-stability.yaml
    python3 samples/edge_of_stability_table.py results/edge-of-stability

Needs numpy. Thresholds: 2 / eta for sgd, (2 + 2 b) / eta for momentum b (Polyak), (2 + 2 b) / (eta (1 + 2 b)) for nesterov, for adam
(2 + 2 b) / ((1 - b) eta) of the preconditioned sharpness. Medians over
replicas, quartiles in brackets; "last quarter" takes for each replica the mean over the last quarter of the measurements. Replicas that
diverged are counted and enter "crossed" only.
"""
import json
import sys
from pathlib import Path

import numpy as np


def threshold(optimizer):
    eta, beta = optimizer["step-size"], optimizer.get("momentum", 0)
    if optimizer["kind"] == "nesterov":
        return (2 + 2 * beta) / (eta * (1 + 2 * beta))
    if optimizer["kind"] == "adam":
        return (2 + 2 * optimizer["beta1"]) / ((1 - optimizer["beta1"]) * eta)
    return (2 + 2 * beta) / eta


def quartiles(values, digits=4):
    if len(values) == 0:
        return "-"
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return f"{median:.{digits}g} ({low:.{digits}g} .. {high:.{digits}g})"


def main():
    print("| data | rule | threshold | crossed | at step | diverged | last quarter / threshold | within a tenth | loss: first | last |")
    print("| --- |" + " --- |" * 9)
    for spec_file in sorted(Path(sys.argv[1]).rglob("spec.json")):
        folder = spec_file.parent
        spec = json.loads(spec_file.read_text())
        optimizer, data = spec["training"]["optimizer"], spec["data"]
        if not (folder / "arrays").exists() or optimizer["kind"] == "gradient-flow":
            continue
        limit = threshold(optimizer)
        quantity = "preconditioned-sharpness" if optimizer["kind"] == "adam" else "sharpness"
        steps = np.load(folder / "arrays" / f"{quantity}.steps.npy")
        sharpness = np.load(folder / "arrays" / f"{quantity}.npy").reshape(-1, len(steps))
        loss = np.load(folder / "arrays" / "loss.npy")
        above = sharpness > limit
        crossed = above.any(axis=1)
        first = steps[above.argmax(axis=1)][crossed]
        alive = np.isfinite(loss[:, -1])
        late = sharpness[alive, -(sharpness.shape[1] // 4) :].mean(axis=1) / limit
        numbers = ", ".join(f"{key} {value:g}" for key, value in optimizer.items() if key in ("step-size", "momentum"))
        name = f"degree {data['degree']}" if data["kind"] == "chebyshev" else data["kind"]
        cells = [
            name,
            f"{optimizer['kind']}, {numbers}",
            f"{limit:.4g}",
            f"{crossed.sum()} of {len(crossed)}",
            quartiles(first),
            str(int((~alive).sum())),
            quartiles(late),
            str(int((abs(late - 1) < 0.1).sum())),
            quartiles(loss[:, 0], 3),
            quartiles(loss[alive, -1], 3),
        ]
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
