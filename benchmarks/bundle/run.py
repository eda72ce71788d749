#!/usr/bin/env python3
"""What to run on a GPU server: devices, self-test, benchmark, and PyTorch and JAX on the same work where they are installed.

    ./run.py [--out results] [--backend cuda] [--quick] [--skip-peers] [--peers-on cpu] [--limit SECONDS]

Writes results.json and results.md into the folder --out, anew after every program that has ended: what fails or takes longer than the
limit is a line of its own and keeps nobody from the rest. Needs Python 3.8; the comparison needs NumPy and PyTorch or JAX. Exit code 0
when self-test and benchmark passed and both sides of every comparison that ran did the same work. HESSE names another program than the one beside this
file, with blanks between its words.
"""
import argparse
import importlib.util
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
HESSE = shlex.split(os.environ.get("HESSE", shlex.quote(str(HERE / "hesse"))))
PEERS = next(folder for folder in [HERE / "peers", HERE.parent / "peers"] if folder.is_dir())
OURS = "hesse"
# Same arrays on both sides: weights after ten steps, eigenvalues, relative to the largest number.
TOLERANCE = 1e-4
FORMULATIONS = {
    ("torch", "training"): ["ensemble", "ensemble+graph", "ensemble+compiled", "ensemble+compiled+graph", "vmap", "vmap+compiled+graph"],
    ("torch", "spectra"): ["eager", "compiled"],
    ("jax", "training"): ["vmap", "ensemble"],
    ("jax", "spectra"): ["vmap"],
}


class Failed(Exception):
    """A program that gave no results; says why."""


def command(words, limit):
    """Runs a program and returns (exit code, standard output); what it says goes to this terminal."""
    print("$", " ".join(str(word) for word in words), flush=True)
    try:
        done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        raise Failed(f"not done after {limit} s")
    except OSError as error:
        raise Failed(str(error))
    return done.returncode, done.stdout


def answer(words, limit):
    """Exit code and the JSON that a program prints: ours nothing but that, a peer's in its last line."""
    code, output = command(words, limit)
    for text in [output, *output.splitlines()[-1:]]:
        try:
            return code, json.loads(text)
        except ValueError:
            continue
    raise Failed(f"exit code {code}, no results")


def clocks():
    """Clocks, power and temperature before and after, where nvidia-smi tells them."""
    query = "name,driver_version,clocks.sm,clocks.mem,power.draw,temperature.gpu"
    try:
        return subprocess.run(["nvidia-smi", f"--query-gpu={query}", "--format=csv"], stdout=subprocess.PIPE, text=True, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None


def prepare(folder, widths, samples, replicas, work):
    import numpy as np

    random = np.random.default_rng(1)
    count = sum((fan_in + 1) * fan_out for fan_in, fan_out in zip(widths[:-1], widths[1:]))
    np.save(folder / "points.npy", (0.3 * random.standard_normal((replicas, count))).astype("<f4"))
    np.save(folder / "inputs.npy", random.standard_normal((samples, widths[0])).astype("<f4"))
    np.save(folder / "labels.npy", random.integers(widths[-1], size=samples))
    (folder / "work.json").write_text(json.dumps({"widths": widths, **work}))


def own_training(folder, backend, work, limit):
    """Our weights after the steps of the equal-work check."""
    import numpy as np

    spec = {
        "version": 1, "name": "equal", "replicas": work["replicas"],
        "data": {"kind": "npy", "inputs": str(folder / "inputs.npy"), "targets": str(folder / "labels.npy")},
        "network": {"hidden": work["widths"][1:-1], "activation": "relu", "initialization": "npy", "initial-parameters": str(folder / "points.npy")},
        "loss": "cross-entropy",
        "training": {
            "optimizer": {"kind": "sgd", "step-size": work["step-size"]},
            "batch": {"size": work["batch"], "order": "sequential"}, "steps": work["equal-steps"],
        },
        "observe": [{"quantity": "parameters", "at": [work["equal-steps"]]}],
    }
    (folder / "equal.json").write_text(json.dumps(spec))
    code, _ = command([*HESSE, "run", folder / "equal.json", "--backend", backend, "--out", folder / "own", "--quiet"], limit)
    if code:
        raise Failed(f"hesse run: exit code {code}")
    return np.load(folder / "own/equal/arrays/parameters.npy")[:, 0]


def own_spectra(folder, backend, work, limit):
    import numpy as np

    code, _ = command([
        *HESSE, "probe", "--params", folder / "points.npy", "--inputs", folder / "inputs.npy", "--targets", folder / "labels.npy",
        "--widths", ",".join(map(str, work["widths"])), "--activation", "relu", "--loss", "cross-entropy",
        "--precision", work["precision"], "--what", "hessian-spectrum", "--backend", backend, "--out", folder / "own",
    ], limit)
    if code:
        raise Failed(f"hesse probe: exit code {code}")
    return np.load(folder / "own/hessian-spectrum.npy")


def timed(folder, kind, peer, formulation, device, ours, limit):
    """What a peer's formulation tells of itself, with the largest difference to our results on the same arrays."""
    import numpy as np

    code, told = answer([sys.executable, PEERS / f"gpu_{peer}.py", kind, formulation, folder, device], limit)
    result = folder / f"{peer}-{formulation}.npy"
    if code or not result.exists():
        raise Failed(f"exit code {code}")
    theirs = np.load(result)
    if ours is not None and ours.shape != theirs.shape:
        raise Failed(f"its results have shape {theirs.shape}, ours {ours.shape}")
    difference = None if ours is None else float(np.abs(ours - theirs).max() / np.abs(theirs).max())
    return {**told, "difference": difference}


def compare(kind, backend, device, work, own, limit):
    """A row for each formulation of each peer, as they come."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder, work["widths"], work["samples"], work["replicas"], work)
        ours = None
        try:
            ours = own(folder, backend, work, limit)
        except Failed as failure:
            yield {"work": kind, "peer": OURS, "formulation": "", "failed": str(failure)}
        for peer in ["torch", "jax"]:
            if importlib.util.find_spec(peer) is None:
                yield {"work": kind, "peer": peer, "formulation": "", "failed": "not installed"}
                continue
            for formulation in FORMULATIONS[peer, kind]:
                if "graph" in formulation and device != "cuda":
                    continue
                row = {"work": kind, "peer": peer, "formulation": formulation, "replicas": work["replicas"], "steps": work["steps"]}
                try:
                    row.update(timed(folder, kind, peer, formulation, device, ours, limit))
                except Failed as failure:
                    row["failed"] = str(failure)
                yield row


def peers(backend, device, quick, limit):
    training = {
        "widths": [50, 30, 30, 10], "samples": 1000, "batch": 50, "step-size": 0.05, "equal-steps": 10, "precision": "float32", "chunk": 0,
        "repeats": 3 if quick else 11,
    }
    spectra = {**training, "widths": [50, 10, 30, 10], "samples": 100, "steps": 0, "precision": "float64", "chunk": 256, "repeats": 3}
    for replicas in [4] if quick else [100, 1000, 10000]:
        yield from compare("training", backend, device, {**training, "replicas": replicas, "steps": 5 if quick else 1000}, own_training, limit)
    yield from compare("spectra", backend, device, {**spectra, "replicas": 1 if quick else 16}, own_spectra, limit)


def page(results):
    """The same in Markdown."""
    lines = ["# Hesse on " + str(results["bench"].get("device", "?")), "", f"{results['version']}, {results['platform']}", ""]
    lines += [f"- FAILED {name}: {reason}" for name, reason in results["failed"].items()]
    for tested in results["selftest"]:
        failed = [check for check in tested["checks"] if not check["passed"]]
        worst = max(tested["checks"], key=lambda check: (check["error"] or 0) / (check["tolerance"] or 1))
        lines.append(
            f"- self-test of {tested['backend']} ({tested.get('device', '')}): {len(tested['checks'])} checks, {len(failed)} failed; nearest to its tolerance: "
            f"{worst['name']}, {worst['error']} of {worst['tolerance']}"
        )
        lines += [f"  - FAILED {check['name']}: {check['error']} of {check['tolerance']}" for check in failed]
    lines += ["", "| work | precision | ms | GFLOP/s | GB/s | of peak | of copy | us each |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for work in results["bench"].get("works", []):
        rate = lambda key: f"{work[key] / work['median'] / 1e9:.0f}" if work.get(key) else ""
        share = lambda key: f"{work[key]:.0%}" if work.get(key) else ""
        each = f"{work['median'] / work['items'] * 1e6:.4g}" if work.get("items") else ""
        lines.append(f"| {work['name']} | {work['precision']} | {work['median'] * 1e3:.4g} | {rate('flops')} | {rate('bytes')} | {share('share-of-peak')} | {share('share-of-copy')} | {each} |")
    if results["peers"]:
        lines += ["", "| peer | work | replicas | steps | ms | quartiles | compile and warm-up, s | results differ by |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in results["peers"]:
        name = f"{row.get('version', row['peer'])}, {row['formulation']}"
        if "failed" in row:
            lines.append(f"| {name} | {row['work']} | | | {row['failed']} | | | |")
            continue
        low, _, high = statistics.quantiles(row["seconds"], n=4) if len(row["seconds"]) > 1 else row["seconds"] * 3
        lines.append(
            f"| {name} | {row['work']} | {row['replicas']} | {row['steps']} | {row['median'] * 1e3:.4g} | {low * 1e3:.4g} .. {high * 1e3:.4g} | "
            f"{row['preparation']:.1f} | {row['difference']} |"
        )
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="results")
    parser.add_argument("--backend", default="cuda")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that everything runs")
    parser.add_argument("--skip-peers", action="store_true")
    parser.add_argument("--peers-on", default="cuda", help="cpu: shows that their scripts run")
    parser.add_argument("--limit", type=float, default=3600, help="seconds of one program, 3600 unless told")
    options = parser.parse_args()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    results = {
        "version": None, "platform": platform.platform(), "clocks-before": clocks(), "failed": {}, "devices": None, "selftest": [], "bench": {}, "peers": [],
    }

    def write():
        (out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
        (out / "results.md").write_text(page(results))

    def part(name, work):
        try:
            work()
        except Failed as failure:
            results["failed"][name] = str(failure)
        write()

    def version():
        results["version"] = command([*HESSE, "--version"], options.limit)[1].strip()

    def devices():
        results["devices"] = command([*HESSE, "devices", "--json"], options.limit)[1]

    def selftest():
        code, told = answer([*HESSE, "selftest", "--backend", options.backend, "--json"], options.limit)
        results["selftest"] = told["backends"]
        if code:
            raise Failed(f"exit code {code}")

    def bench():
        code, told = answer([*HESSE, "bench", "--backend", options.backend, "--json", *(["--quick"] if options.quick else [])], options.limit)
        results["bench"] = told["bench"]
        if code:
            raise Failed(f"exit code {code}")

    def comparison():
        for row in peers(options.backend, options.peers_on, options.quick, options.limit):
            results["peers"].append(row)
            write()

    for work in [version, devices, selftest, bench]:
        part(work.__name__, work)
    if not options.skip_peers:
        if importlib.util.find_spec("numpy") is None:
            print("no NumPy: the comparison with PyTorch and JAX is left out", file=sys.stderr)
        else:
            part("comparison", comparison)
    results["clocks-after"] = clocks()
    write()
    print(f"{out / 'results.json'} and {out / 'results.md'} are written")
    for name, reason in results["failed"].items():
        print(f"{name}: {reason}", file=sys.stderr)
    # NaN is no agreement either.
    unequal = [row for row in results["peers"] if "failed" not in row and not (row["difference"] is not None and row["difference"] <= TOLERANCE)]
    for row in unequal:
        print(f"{row['peer']} {row['formulation']}: results differ by {row['difference']}: not the same work", file=sys.stderr)
    broken = [row for row in results["peers"] if row["peer"] == OURS]
    return 1 if results["failed"] or broken or unequal else 0


if __name__ == "__main__":
    sys.exit(main())
