#!/usr/bin/env python3
"""Hesse beside PyTorch 1.13 on this machine's processor: the same work on the same arrays, in turns, with a check of the results.

    dotnet build -c Release benchmarks/Hesse.Benchmarks
    python3 benchmarks/peers/compare.py [--rounds 5] [--only training,hessian] [--write docs/measurements/peers.md]

Needs python3-torch and python3-numpy. Every round runs our side and then each formulation of the peer, each in a process of its
own; a process warms up before its clock starts. Medians over all repeats of all rounds; the spread is their quartiles.
"""
import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
OURS = HERE.parent / "Hesse.Benchmarks/bin/Release/net10.0/Hesse.Benchmarks.dll"
# OpenBLAS 0.3.21 does not know newer processors and falls back to slower kernels; with AVX-512 its SKYLAKEX kernels are the best.
PEER_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
if "avx512f" in Path("/proc/cpuinfo").read_text():
    PEER_ENVIRONMENT["OPENBLAS_CORETYPE"] = "SKYLAKEX"

WORKS = [
    # name, work, widths, N, R, batch, steps, vectors, pairs, processes, formulations, largest relative difference of the results;
    # a name that ends in float64 is measured in it, all others in float32
    ("training 50-30-30-10, batch 50", "training", [50, 30, 30, 10], 1000, 512, 50, 20, 0, 0, 2, ["ensemble", "vmap"], 1e-4),
    ("training 50-10-30-10, batch 5", "training", [50, 10, 30, 10], 1000, 1024, 5, 40, 0, 0, 2, ["ensemble", "vmap"], 1e-4),
    ("training 784-128-10, batch 64", "training", [784, 128, 10], 1000, 16, 64, 10, 0, 0, 2, ["ensemble", "vmap"], 1e-4),
    ("Hessian, p = 2770, N = 1000", "hessian", [50, 30, 30, 10], 1000, 1, 0, 0, 0, 0, 1, ["functorch", "double-backward"], 1e-4),
    ("Hessian-vector products, 16 x 256 replicas, N = 100", "products", [50, 30, 30, 10], 100, 256, 0, 0, 16, 0, 1, ["functorch", "double-backward"], 1e-4),
    ("5 largest eigenvalues, 8 replicas, N = 100", "eigenpairs", [50, 30, 30, 10], 100, 8, 0, 0, 0, 5, 1, ["double-backward"], 1e-4),
    # What a run asks for: eigenvalues are always computed in double. 128 replicas, one after the other on the peer's side.
    ("5 largest eigenvalues, 128 replicas, N = 100, float64", "eigenpairs", [50, 30, 30, 10], 100, 128, 0, 0, 0, 5, 2, ["double-backward"], 1e-5),
    ("5 largest eigenvalues, 128 replicas of 10-10-10-4, N = 100, float64", "eigenpairs", [10, 10, 10, 4], 100, 128, 0, 0, 0, 5, 2, ["double-backward"], 1e-5),
]


def prepare(folder, precision, widths, samples, replicas, batch, steps, vectors, pairs, threads, repeats):
    """Random arrays (zeros flatter a processor) and the job's numbers."""
    random = np.random.default_rng(1)
    count = sum((fan_in + 1) * fan_out for fan_in, fan_out in zip(widths[:-1], widths[1:]))
    np.save(folder / "points.npy", (0.3 * random.standard_normal((replicas, count))).astype(np.float32))
    np.save(folder / "inputs.npy", random.standard_normal((samples, widths[0])).astype(np.float32))
    np.save(folder / "labels.npy", random.integers(widths[-1], size=samples))
    np.save(folder / "vectors.npy", random.standard_normal((max(1, vectors), count)).astype(np.float32))
    work = {
        "widths": widths, "precision": precision, "batch": batch, "steps": steps, "equal-steps": 10, "step-size": 0.05,
        "pairs": max(1, pairs), "tolerance": 1e-3, "threads": threads, "repeats": repeats,
    }
    (folder / "work.json").write_text(json.dumps(work))


def run(commands, environment):
    """Runs processes side by side and returns what each printed."""
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}) for command in commands
    ]
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        sys.exit(f"failed: {commands[0]}")
    return [json.loads(output.splitlines()[-1]) for output in outputs]


def difference(folder, formulation, pairs, width):
    """Largest difference of both sides' results, relative to the largest number."""
    ours, theirs = np.load(folder / "hesse.npy"), np.load(folder / f"peer-{formulation}.npy")
    if pairs:
        ours = ours.reshape(-1, pairs, 4 + width)[:, :, 0]
    ours = ours.reshape(-1)[: theirs.size]
    return float(np.abs(ours - theirs.reshape(-1)).max() / np.abs(theirs).max())


def measure(entry, rounds, repeats):
    name, work, widths, samples, replicas, batch, steps, vectors, pairs, processes, formulations, tolerance = entry
    ours, peaks, theirs = [], [], {formulation: [] for formulation in formulations}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        precision = "float64" if name.endswith("float64") else "float32"
        prepare(folder, precision, widths, samples, replicas, batch, steps, vectors, pairs, processes, repeats)
        for _ in range(rounds):
            (own,) = run([["dotnet", str(OURS), "peer", work, place]], {})
            ours += own["seconds"]
            peaks += own["peaks"]
            for formulation in formulations:
                command = [sys.executable, str(HERE / "torch_work.py"), work, formulation, place]
                parts = run([[*command, str(part), str(processes)] for part in range(processes)], PEER_ENVIRONMENT)
                # Side by side: the job ends with its slowest process.
                theirs[formulation] += np.max([part["seconds"] for part in parts], axis=0).tolist()
        count = np.load(folder / "points.npy").shape[1]
        # Of the eigenvalues only the products count as work.
        products = np.load(folder / "hesse.npy").reshape(-1, pairs, 4 + count)[:, 0, 2].sum() if pairs else None
        differences = {formulation: difference(folder, formulation, pairs, count) for formulation in formulations}
    for formulation, value in differences.items():
        if not value <= tolerance:
            sys.exit(f"{name}: results of {formulation} differ by {value:.1e}, {tolerance:.0e} is allowed: not the same work")
    inner = sum(a * b for a, b in zip(widths[1:-1], widths[2:]))
    weights = widths[0] * widths[1] + inner
    flops = {
        "training": (4 * weights + 2 * inner) * batch * replicas * steps,
        "hessian": samples * count**2,
        "products": (4 * weights + 8 * inner) * samples * max(1, vectors) * replicas,
        "eigenpairs": (4 * weights + 8 * inner) * samples * products if pairs else None,
    }[work]
    return name, processes, flops, np.array(ours), np.array(peaks), {f: np.array(t) for f, t in theirs.items()}, differences


def row(result):
    name, processes, flops, ours, peaks, theirs, differences = result
    best = min(theirs, key=lambda formulation: np.median(theirs[formulation]))
    low, middle, high = (np.quantile(ours, level) * 1e3 for level in (0.25, 0.5, 0.75))
    share = f"{flops / np.median(ours) / 1e9 / np.median(peaks):.2f}" if flops else ""
    peer = "; ".join(
        f"{formulation} {np.median(times) * 1e3:.1f} ({np.quantile(times, 0.25) * 1e3:.1f}-{np.quantile(times, 0.75) * 1e3:.1f})"
        for formulation, times in theirs.items()
    )
    ratio = np.median(theirs[best]) / np.median(ours)
    return (
        f"| {name} | {processes} | {middle:.1f} ({low:.1f}-{high:.1f}) | {share} | {peer} | {ratio:.1f} | "
        f"{max(differences.values()):.0e} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="works whose name begins so, by commas: training,Hessian,5")
    parser.add_argument("--write", help="a Markdown page to write")
    options = parser.parse_args()
    chosen = [entry for entry in WORKS if not options.only or entry[0].startswith(tuple(options.only.split(",")))]
    lines = [
        "| work | cores | Hesse, ms | share of peak | PyTorch, ms | best peer / Hesse | results differ by |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    print("\n".join(lines), flush=True)
    for entry in chosen:
        lines.append(row(measure(entry, options.rounds, options.repeats)))
        print(lines[-1], flush=True)
    if options.write:
        import torch

        model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
        Path(options.write).write_text(
            "# Beside PyTorch on the processor\n\n"
            f"`python3 benchmarks/peers/compare.py --rounds {options.rounds} --repeats {options.repeats}`, {date.today()}, {model}, "
            f"{os.cpu_count()} cores, PyTorch {torch.__version__}, Python {platform.python_version()}, float32 on both sides where float64 is not said. "
            "Medians and, in brackets, quartiles over all repeats of all rounds; both sides take turns in processes of their own, warm-up "
            "excluded. The peer runs one single-threaded process a core with its share of the nets, its best setting. Results of both sides are "
            "compared on the same arrays: relative to their largest number, weights after 10 steps, matrices, products, eigenvalues. Of the eigenvalues "
            "only the products with the Hessian count towards the share of peak.\n\n"
            + "\n".join(lines)
            + "\n"
        )


if __name__ == "__main__":
    main()
