"""PyTorch's side of benchmarks/bundle/run.py on a GPU: `python3 gpu_torch.py WORK FORMULATION FOLDER [DEVICE]`.

WORK is training or spectra; FOLDER holds work.json, points.npy (R,P), inputs.npy (N,d), labels.npy (N). Compiling and warming up come
first and are timed apart. Writes the result for the equal-work check to FOLDER/torch-FORMULATION.npy and prints one line of JSON.
float32 means float32: TF32 is off. DEVICE is cuda, or cpu to see that a formulation runs; a processor has no graphs.
"""
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

try:
    from torch.func import grad, jvp, vmap
except ImportError:  # before PyTorch 2.0
    from functorch import grad, jvp, vmap

torch.set_float32_matmul_precision("highest")
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
DEVICE = torch.device(sys.argv[4] if len(sys.argv) > 4 else "cuda")


class Job:
    def __init__(self, folder):
        self.folder = Path(folder)
        work = json.loads((self.folder / "work.json").read_text())
        self.widths, self.batch, self.steps = work["widths"], work["batch"], work["steps"]
        self.step_size, self.equal_steps, self.repeats = work["step-size"], work["equal-steps"], work["repeats"]
        self.double_spectra, self.chunk = work["precision"] == "float64", work["chunk"]
        load = lambda name: torch.from_numpy(np.load(self.folder / f"{name}.npy")).to(DEVICE)
        self.points, self.inputs, self.labels = load("points"), load("inputs"), load("labels")
        if self.double_spectra:
            self.points, self.inputs = self.points.double(), self.inputs.double()

    def layers(self, flat):
        """(..., P) in the order W_1 (out x in), b_1, W_2, ... -> views [(W_l, b_l), ...]"""
        layers, at = [], 0
        for fan_in, fan_out in zip(self.widths[:-1], self.widths[1:]):
            weight = flat[..., at : at + fan_in * fan_out].reshape(*flat.shape[:-1], fan_out, fan_in)
            at += fan_in * fan_out
            layers.append((weight, flat[..., at : at + fan_out]))
            at += fan_out
        return layers

    def logits(self, flat, inputs):
        values, layers = inputs, self.layers(flat)
        for weight, bias in layers[:-1]:
            values = torch.relu(values @ weight.T + bias)
        weight, bias = layers[-1]
        return values @ weight.T + bias

    def loss(self, flat, inputs, labels):
        return torch.nn.functional.cross_entropy(self.logits(flat, inputs), labels)

    def twice_differentiable_loss(self, flat, inputs, labels):
        """The same of parts that forward mode knows: not every version can take the backward pass of nll_loss forward."""
        logits = self.logits(flat, inputs)
        return (logits.logsumexp(1) - logits.gather(1, labels[:, None])[:, 0]).mean()

    def random_rows(self):
        return torch.randint(len(self.labels), (len(self.points), self.batch), device=DEVICE)

    def sequential_rows(self, step):
        rows = (torch.arange(self.batch, device=DEVICE) + step * self.batch) % len(self.labels)
        return rows.expand(len(self.points), -1)


def ensemble_step(job, flat, rows):
    """Forward, backward and update as batched products over the nets, written out."""
    layers = job.layers(flat)
    values = [job.inputs[rows]]
    for index, (weight, bias) in enumerate(layers):
        product = torch.baddbmm(bias.unsqueeze(1), values[-1], weight.transpose(1, 2))
        values.append(torch.relu(product) if index < len(layers) - 1 else product)
    delta = torch.softmax(values[-1], dim=2) - torch.nn.functional.one_hot(job.labels[rows], job.widths[-1])
    delta = delta / rows.shape[1]
    for index in range(len(layers) - 1, -1, -1):
        weight, bias = layers[index]
        below = torch.bmm(delta, weight) * (values[index] > 0) if index > 0 else None
        weight.baddbmm_(delta.transpose(1, 2), values[index], alpha=-job.step_size)
        bias.sub_(delta.sum(1), alpha=job.step_size)
        delta = below


def vmap_step(job, flat, rows):
    flat.sub_(vmap(grad(job.loss))(flat, job.inputs[rows], job.labels[rows]), alpha=job.step_size)


def graphed(job, step, flat):
    """One step with its random rows as a CUDA graph: replayed without a launch for each kernel."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step(job, flat, job.random_rows())
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step(job, flat, job.random_rows())
    return graph.replay


def finish():
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


def training(job, formulation):
    kind, *how = formulation.split("+")
    step = {"ensemble": ensemble_step, "vmap": vmap_step}[kind]
    if "compiled" in how:
        step = torch.compile(step, mode="max-autotune-no-cudagraphs")
    flat = job.points.clone()
    for index in range(job.equal_steps):
        step(job, flat, job.sequential_rows(index))
    result = flat.clone()
    once = graphed(job, step, flat) if "graph" in how else lambda: step(job, flat, job.random_rows())

    def whole():
        for _ in range(job.steps):
            once()

    return result, whole


def spectra(job, formulation):
    """All eigenvalues of every replica's Hessian, forward over reverse, a few rows at a time."""
    type_of = job.points.dtype
    slope = grad(lambda flat: job.twice_differentiable_loss(flat, job.inputs, job.labels))

    def hessian(flat):
        rows = vmap(lambda direction: jvp(slope, (flat,), (direction,))[1])
        directions = torch.eye(len(flat), dtype=flat.dtype, device=flat.device)
        return torch.cat([rows(part) for part in directions.split(job.chunk)])

    if formulation == "compiled":
        hessian = torch.compile(hessian)

    def whole():
        return torch.stack([torch.linalg.eigvalsh(hessian(flat)) for flat in job.points]).to(type_of)

    return whole(), whole


def main():
    work, formulation, folder = sys.argv[1:4]
    job = Job(folder)
    begin = time.perf_counter()
    with torch.no_grad():
        result, whole = {"training": training, "spectra": spectra}[work](job, formulation)
        whole()
        finish()
        prepared = time.perf_counter() - begin
        np.save(job.folder / f"torch-{formulation}.npy", result.double().cpu().numpy())
        seconds = []
        for _ in range(job.repeats):
            begin = time.perf_counter()
            whole()
            finish()
            seconds.append(time.perf_counter() - begin)
    version = f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}"
    print(json.dumps({"seconds": sorted(seconds), "median": statistics.median(seconds), "preparation": prepared, "version": version}))


if __name__ == "__main__":
    main()
