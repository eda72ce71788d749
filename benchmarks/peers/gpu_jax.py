"""JAX's side of benchmarks/bundle/run.py on a GPU: `python3 gpu_jax.py WORK FORMULATION FOLDER [DEVICE]`, as gpu_torch.py.

Training is one call for all steps: jit(vmap(scan)) over the nets, or scan over batched products written out (ensemble); buffers are
donated, data lie on the device. Matrix products are float32 (JAX would take TF32).
"""
import functools
import json
import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")
if len(sys.argv) > 4:
    os.environ["JAX_PLATFORMS"] = sys.argv[4]

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_default_matmul_precision", "highest")


class Job:
    def __init__(self, folder):
        self.folder = Path(folder)
        work = json.loads((self.folder / "work.json").read_text())
        self.widths, self.batch, self.steps = work["widths"], work["batch"], work["steps"]
        self.step_size, self.equal_steps, self.repeats = work["step-size"], work["equal-steps"], work["repeats"]
        kind = jnp.float64 if work["precision"] == "float64" else jnp.float32
        load = lambda name, kind: jax.device_put(jnp.asarray(np.load(self.folder / f"{name}.npy"), dtype=kind))
        self.points, self.inputs, self.labels = load("points", kind), load("inputs", kind), load("labels", jnp.int32)

    def layers(self, flat):
        layers, at = [], 0
        for fan_in, fan_out in zip(self.widths[:-1], self.widths[1:]):
            weight = flat[..., at : at + fan_in * fan_out].reshape(*flat.shape[:-1], fan_out, fan_in)
            at += fan_in * fan_out
            layers.append((weight, flat[..., at : at + fan_out]))
            at += fan_out
        return layers

    def loss(self, flat, inputs, labels):
        values, layers = inputs, self.layers(flat)
        for weight, bias in layers[:-1]:
            values = jax.nn.relu(values @ weight.T + bias)
        weight, bias = layers[-1]
        chosen = jnp.take_along_axis(jax.nn.log_softmax(values @ weight.T + bias), labels[:, None], 1)
        return -chosen.mean()

    def sequential_rows(self, step):
        return (jnp.arange(self.batch) + step * self.batch) % len(self.labels)


def vmap_step(job, flat, rows):
    """One net: (P), (B)"""
    return flat - jnp.asarray(job.step_size, flat.dtype) * jax.grad(job.loss)(flat, job.inputs[rows], job.labels[rows])


def ensemble_step(job, flat, rows):
    """All nets: (R,P), (R,B). Batched products written out."""
    step_size = jnp.asarray(job.step_size, flat.dtype)
    layers = job.layers(flat)
    values = [job.inputs[rows]]
    for index, (weight, bias) in enumerate(layers):
        product = jnp.einsum("rbi,roi->rbo", values[-1], weight) + bias[:, None]
        values.append(jax.nn.relu(product) if index < len(layers) - 1 else product)
    delta = (jax.nn.softmax(values[-1]) - jax.nn.one_hot(job.labels[rows], job.widths[-1], dtype=flat.dtype)) / rows.shape[1]
    updated = []
    for index in range(len(layers) - 1, -1, -1):
        weight, bias = layers[index]
        below = jnp.einsum("rbo,roi->rbi", delta, weight) * (values[index] > 0) if index > 0 else None
        updated.append(bias - step_size * delta.sum(1))
        updated.append((weight - step_size * jnp.einsum("rbo,rbi->roi", delta, values[index])).reshape(len(flat), -1))
        delta = below
    return jnp.concatenate(updated[::-1], axis=1)


def training(job, formulation):
    count = len(job.points)

    @functools.partial(jax.jit, donate_argnums=0, static_argnums=2)
    def train(points, key, steps):
        if formulation == "vmap":
            def one(flat, key):
                def step(flat, key):
                    return vmap_step(job, flat, jax.random.randint(key, (job.batch,), 0, len(job.labels))), None
                return jax.lax.scan(step, flat, jax.random.split(key, steps))[0]
            return jax.vmap(one)(points, jax.random.split(key, count))

        def step(flat, key):
            return ensemble_step(job, flat, jax.random.randint(key, (count, job.batch), 0, len(job.labels))), None
        return jax.lax.scan(step, points, jax.random.split(key, steps))[0]

    same = job.points
    for index in range(job.equal_steps):
        rows = job.sequential_rows(index)
        if formulation == "vmap":
            same = jax.jit(jax.vmap(lambda flat: vmap_step(job, flat, rows)))(same)
        else:
            same = jax.jit(lambda flat: ensemble_step(job, flat, jnp.broadcast_to(rows, (count, job.batch))))(same)
    state = [jnp.array(job.points), jax.random.key(1)]

    def whole():
        state[1], key = jax.random.split(state[1])
        state[0] = train(state[0], key, job.steps)
        return state[0]

    return same, whole


def spectra(job, _):
    """All eigenvalues of every replica's Hessian, one matrix after the other on the device, eigenvalues in one batch."""
    hessian = jax.hessian(lambda flat: job.loss(flat, job.inputs, job.labels))
    matrices = jax.jit(lambda points: jax.lax.map(hessian, points))
    whole = lambda: jnp.linalg.eigvalsh(matrices(job.points))
    return whole(), whole


def main():
    work, formulation, folder = sys.argv[1:4]
    job = Job(folder)
    begin = time.perf_counter()
    result, whole = {"training": training, "spectra": spectra}[work](job, formulation)
    np.save(job.folder / f"jax-{formulation}.npy", np.asarray(result, dtype=np.float64))
    jax.block_until_ready(whole())
    prepared = time.perf_counter() - begin
    seconds = []
    for _ in range(job.repeats):
        begin = time.perf_counter()
        jax.block_until_ready(whole())
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": sorted(seconds), "median": statistics.median(seconds), "preparation": prepared, "version": f"JAX {jax.__version__}"}))


if __name__ == "__main__":
    main()
