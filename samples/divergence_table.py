#!/usr/bin/env python3
"""Share of replicas that diverge, over step size and momentum.

    hesse run experiments/nesterov-divergence.yaml
    python3 samples/divergence_table.py results/nesterov-divergence

Needs numpy. A replica has diverged when its last loss is above its first, or no number.
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
    momenta = sorted({momentum for _, momentum in shares})
    print("| step-size \\ momentum | " + " | ".join(f"{momentum:g}" for momentum in momenta) + " |")
    print("| --- |" + " --- |" * len(momenta))
    for step_size in sorted({step_size for step_size, _ in shares}):
        cells = (f"{shares[step_size, momentum]:.2f}" for momentum in momenta)
        print(f"| {step_size:g} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
