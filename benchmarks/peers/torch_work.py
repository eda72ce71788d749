"""The other side of compare.py in PyTorch 1.13 (with functorch): the same work on the same arrays, each formulation by name.

    python3 torch_work.py WORK FORMULATION FOLDER [PART PARTS]

Reads FOLDER/work.json, points.npy (R,P), inputs.npy (N,d), labels.npy (N), vectors.npy (V,P); does the work once to warm up,
writes its result to FOLDER/peer-FORMULATION.npy, times the repeats and prints one line of JSON. With PART of PARTS a process
takes its share of the replicas. One thread: several processes use several cores better than one process does.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from functorch import grad, jvp, vmap

torch.set_num_threads(1)


class Job:
    def __init__(self, folder, part, parts):
        self.folder = Path(folder)
        work = json.loads((self.folder / "work.json").read_text())
        self.widths, self.batch, self.steps = work["widths"], work["batch"], work["steps"]
        self.equal_steps, self.step_size = work["equal-steps"], work["step-size"]
        self.pairs, self.tolerance, self.repeats = work["pairs"], work["tolerance"], work["repeats"]
        self.type = torch.float32 if work["precision"] == "float32" else torch.float64
        points = self.load("points").to(self.type)
        share = len(points) // parts
        self.points = points[part * share : (part + 1) * share].contiguous()
        self.inputs, self.vectors = self.load("inputs").to(self.type), self.load("vectors").to(self.type)
        self.labels = self.load("labels")
        self.one_hot = torch.nn.functional.one_hot(self.labels, self.widths[-1]).to(self.type)

    def load(self, name):
        return torch.from_numpy(np.load(self.folder / f"{name}.npy"))

    def layers(self, flat):
        """(..., P) in the flat order W_1, b_1, W_2, ... -> [(W_l (..., out, in), b_l (..., out)), ...]"""
        layers, at = [], 0
        for fan_in, fan_out in zip(self.widths[:-1], self.widths[1:]):
            weight = flat[..., at : at + fan_in * fan_out].reshape(*flat.shape[:-1], fan_out, fan_in)
            at += fan_in * fan_out
            layers.append((weight, flat[..., at : at + fan_out]))
            at += fan_out
        return layers

    def logits(self, flat, inputs):
        """One net, (P) -> (N, C)"""
        layers, values = self.layers(flat), inputs
        for weight, bias in layers[:-1]:
            values = torch.relu(values @ weight.T + bias)
        weight, bias = layers[-1]
        return values @ weight.T + bias

    def loss(self, flat, inputs, labels):
        """Mean cross-entropy of one net, (P) -> ()"""
        return torch.nn.functional.cross_entropy(self.logits(flat, inputs), labels)

    def whole_loss(self, flat):
        """The same over all samples; written out, because log_softmax and nll_loss lack forward-mode derivatives of their gradients."""
        logits = self.logits(flat, self.inputs)
        largest = logits.detach().amax(1, keepdim=True)
        normaliser = torch.exp(logits - largest).sum(1).log() + largest.squeeze(1)
        return (normaliser - (logits * self.one_hot).sum(1)).sum() / len(self.labels)

    def sequential(self, step):
        start = (torch.arange(self.batch) + step * self.batch) % len(self.labels)
        return start.expand(len(self.points), -1)

    def own_batches(self):
        """Mini-batches of every replica and step, drawn before the clock starts. (steps, R, B)"""
        generator = torch.Generator().manual_seed(1)
        return torch.randint(len(self.labels), (self.steps, len(self.points), self.batch), generator=generator)


def ensemble_training(job):
    """Forward, backward and update written out as batched products over the nets: what autograd would do, without its graph."""
    flat = job.points.clone()
    layers = job.layers(flat)  # views: updates in place are seen by both

    def step(rows):
        values = [job.inputs[rows]]  # (R, B, d)
        for index, (weight, bias) in enumerate(layers):
            product = torch.baddbmm(bias.unsqueeze(1), values[-1], weight.transpose(1, 2))
            values.append(product.relu_() if index < len(layers) - 1 else product)
        delta = torch.softmax(values[-1], dim=2)
        delta.scatter_add_(2, job.labels[rows].unsqueeze(2), delta.new_full((1, 1, 1), -1.0).expand(*rows.shape, 1))
        delta.mul_(1 / rows.shape[1])
        for index in range(len(layers) - 1, -1, -1):
            weight, bias = layers[index]
            below = torch.bmm(delta, weight).mul_(values[index] > 0) if index > 0 else None
            weight.baddbmm_(delta.transpose(1, 2), values[index], alpha=-job.step_size)
            bias.sub_(delta.sum(1), alpha=job.step_size)
            delta = below

    return flat, step


def vmap_training(job):
    flat = job.points.clone()
    gradient = vmap(grad(job.loss))

    def step(rows):
        flat.sub_(gradient(flat, job.inputs[rows], job.labels[rows]), alpha=job.step_size)

    return flat, step


def training(job, make):
    same, step = make(job)
    with torch.no_grad():
        for index in range(job.equal_steps):
            step(job.sequential(index))
        result = same.clone()
        batches = job.own_batches()

        def once():
            for rows in batches:
                step(rows)

        once()
        return result, once


def double_backward_rows(job, flat, vectors):
    """H v by differentiating g.v, one vector at a time."""
    point = flat.clone().requires_grad_(True)
    gradient = torch.autograd.grad(job.whole_loss(point), point, create_graph=True)[0]
    return torch.stack([torch.autograd.grad(gradient, point, vector, retain_graph=True)[0] for vector in vectors])


def functorch_rows(job, flat, vectors):
    """H v as forward over reverse, all vectors at once."""
    gradient = grad(job.whole_loss)
    return vmap(lambda vector: jvp(gradient, (flat,), (vector,))[1])(vectors)


def hessian(job, rows, chunk):
    identity = torch.eye(job.points.shape[1], dtype=job.type)

    def once():
        return torch.stack([torch.cat([rows(job, flat, part) for part in identity.split(chunk)]) for flat in job.points])

    return once(), once


def products(job, rows):
    def once():
        return torch.stack([rows(job, flat, job.vectors) for flat in job.points])

    return once(), once


def products_vmap(job):
    gradient = grad(job.whole_loss)

    def one(flat, vector):
        return jvp(gradient, (flat,), (vector,))[1]

    every = vmap(vmap(one, in_dims=(None, 0)), in_dims=(0, None))

    def once():
        # 16 replicas at a time: all 256 together run out of cache and are slower.
        return torch.cat([every(part, job.vectors) for part in job.points.split(16)])

    return once(), once


def lanczos(job, flat):
    """Largest eigenvalues by Lanczos' method with full reorthogonalisation, products by double backward, until all have converged."""
    point = flat.clone().requires_grad_(True)
    gradient = torch.autograd.grad(job.whole_loss(point), point, create_graph=True)[0]
    vector = torch.randn(len(flat), generator=torch.Generator().manual_seed(1), dtype=job.type)
    basis, alphas, betas = [vector / vector.norm()], [], []
    while True:
        image = torch.autograd.grad(gradient, point, basis[-1], retain_graph=True)[0]
        alphas.append(float(image @ basis[-1]))
        space = torch.stack(basis)
        image = image - space.T @ (space @ image)
        image = image - space.T @ (space @ image)
        betas.append(float(image.norm()))
        size = len(alphas)
        if size >= 2 * job.pairs and size % 5 == 0:
            small = np.diag(alphas) + np.diag(betas[:-1], 1) + np.diag(betas[:-1], -1)
            values, vectors = np.linalg.eigh(small)
            top = slice(size - job.pairs, size)
            if np.all(betas[-1] * np.abs(vectors[-1, top]) <= job.tolerance * np.abs(values[top])):
                return torch.from_numpy(values[top][::-1].copy())
        basis.append(image / betas[-1])


def eigenpairs(job):
    def once():
        return torch.stack([lanczos(job, flat) for flat in job.points])

    return once(), once


FORMULATIONS = {
    ("training", "ensemble"): lambda job: training(job, ensemble_training),
    ("training", "vmap"): lambda job: training(job, vmap_training),
    ("hessian", "double-backward"): lambda job: hessian(job, double_backward_rows, 2770),
    ("hessian", "functorch"): lambda job: hessian(job, functorch_rows, 64),
    ("products", "double-backward"): lambda job: products(job, double_backward_rows),
    ("products", "functorch"): products_vmap,
    ("eigenpairs", "double-backward"): eigenpairs,
}


def main():
    work, formulation, folder = sys.argv[1:4]
    part, parts = (int(value) for value in sys.argv[4:6]) if len(sys.argv) > 4 else (0, 1)
    job = Job(folder, part, parts)
    result, once = FORMULATIONS[work, formulation](job)
    if part == 0:
        np.save(job.folder / f"peer-{formulation}.npy", result.detach().to(torch.float64).numpy())
    seconds = []
    for _ in range(job.repeats):
        start = time.perf_counter()
        once()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
