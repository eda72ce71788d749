#!/usr/bin/env python3
"""Draws a spectrum figure of a report again with matplotlib, from the numbers beside it: the cells (# %%) run as a notebook, too.

    hesse report results/gauss-10
    python3 samples/redraw_figure.py results/gauss-10/figures/hessian-spectrum.csv figure.png

Needs numpy and matplotlib. The columns are those of every figure: what is shown, step, n, diverged, mean, sd and the quantiles q5, q25, q50, q75, q95.
"""
# %% The plotted numbers, as the report has them
import csv
import sys

import matplotlib

matplotlib.use("Agg")  # a file; leave it out in a notebook
import matplotlib.pyplot as plt
import numpy as np

if len(sys.argv) != 3:
    sys.exit(__doc__)
source, target = sys.argv[1:]
with open(source, newline="") as file:
    rows = list(csv.DictReader(file))
ends = [end for end in ("largest", "smallest") if any(row["end"] == end for row in rows)]
steps = sorted({int(row["step"]) for row in rows})


def column(end, step, name):
    """One column of the rows of a step, in the order of the ranks."""
    return np.array([float(row[name]) for row in rows if row["end"] == end and int(row["step"]) == step])


# %% Medians and the band from 5 % to 95 % over the replicas, by rank from both ends
colors = plt.cm.viridis(np.linspace(0, 0.88, len(steps)))
figure, axes = plt.subplots(1, len(ends), figsize=(4.5 * len(ends), 3.6), sharey=True, squeeze=False)
for axis, end in zip(axes[0], ends):
    for step, color in zip(steps, colors):
        rank = column(end, step, "rank")
        axis.fill_between(rank, column(end, step, "q5"), column(end, step, "q95"), color=color, alpha=0.2, linewidth=0)
        axis.plot(rank, column(end, step, "q50"), color=color, label=f"step {step}")
    axis.set_xscale("log")
    axis.set_yscale("symlog", linthresh=1e-3)
    axis.set_xlabel(f"rank from the {end}")
axes[0][0].set_ylabel("eigenvalue")
axes[0][0].legend(frameon=False, fontsize=8)

# %% Save it
figure.tight_layout()
figure.savefig(target, dpi=150)
print(f"{target}: {len(steps)} steps, {rows[0]['n']} replicas")
