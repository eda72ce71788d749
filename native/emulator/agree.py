#!/usr/bin/env python3
"""agree.py FOLDER FOLDER: whether two result folders of one experiment, computed by different backends, hold the same numbers.

Training is the same chain of operations everywhere, so losses must be equal to the last bit. Eigenvalues may differ by rounding of the
reflections, which is relative to the largest of their matrix: SPECTRA of it, which is p = 1150 roundings of 1.1e-16.
Needs NumPy. Exits with 1 where anything differs by more, or is missing.
"""

import sys
from pathlib import Path

import numpy

SPECTRA = 1e-13

first, second = (Path(folder) / "arrays" for folder in sys.argv[1:3])
names = sorted(path.name for path in first.glob("*.npy"))
failures = 0
if not names or names != sorted(path.name for path in second.glob("*.npy")):
    sys.exit(f"{first} and {second} do not hold the same arrays")
for name in names:
    left, right = numpy.load(first / name), numpy.load(second / name)
    if left.shape != right.shape or left.dtype != right.dtype:
        sys.exit(f"{name}: {left.dtype}{left.shape} and {right.dtype}{right.shape}")
    if not numpy.array_equal(numpy.isnan(left), numpy.isnan(right)):
        sys.exit(f"{name}: different entries are no numbers")
    difference = numpy.nan_to_num(numpy.abs(left.astype(float) - right.astype(float)))
    spectra = "spectrum" in name and not name.endswith(".steps.npy")
    scale = numpy.nanmax(numpy.abs(left), axis=-1, keepdims=True) if spectra else 1
    allowed = SPECTRA if spectra else 0
    worst = float(numpy.max(difference / scale))
    good = worst <= allowed
    failures += not good
    print(f"{name:40} {str(left.shape):18} largest difference {worst:.1e}, allowed {allowed:.1e}{'' if good else '  FAILED'}")
sys.exit(1 if failures else 0)
