"""JAX: a small network trained with `jit` and `grad`, random numbers, scans, sorts and reductions.

XLA compiles its kernels itself and hands them over as PTX where `CUDA_ROOT` holds the stand-in for the
assembler. Its choice of kernels by timing is switched off (`XLA_FLAGS`), so that results are comparable.
"""

import jax
import jax.numpy as jnp
import numpy as np

from attest import attest, digest

STEPS = 20


def show(array):
    return digest(np.asarray(array))


def initial(key, sizes):
    keys = jax.random.split(key, len(sizes))
    return [
        (jax.random.normal(k, (n, m)) / np.sqrt(n), jnp.zeros(m))
        for k, n, m in zip(keys, sizes, sizes[1:])
    ]


def predict(layers, x):
    for weight, bias in layers[:-1]:
        x = jnp.tanh(x @ weight + bias)
    weight, bias = layers[-1]
    return x @ weight + bias


def loss(layers, x, y):
    return jnp.mean((predict(layers, x) - y) ** 2)


@jax.jit
def step(layers, x, y):
    value, slopes = jax.value_and_grad(loss)(layers, x, y)
    moved = jax.tree.map(lambda p, slope: p - 0.05 * slope, layers, slopes)
    return moved, value


def train():
    rng = np.random.default_rng(7)
    x = jnp.asarray(rng.standard_normal((128, 16)), dtype=jnp.float32)
    y = jnp.sin(x[:, :1]) + 0.5 * x[:, 1:2]
    layers = initial(jax.random.PRNGKey(3), (16, 32, 32, 1))
    losses = []
    for _ in range(STEPS):
        layers, value = step(layers, x, y)
        losses.append(float(value))
    assert losses[-1] < 0.5 * losses[0], losses
    print("losses:", [value.hex() for value in losses])
    print("weights:", [show(p) for layer in layers for p in layer])


def transforms():
    x = jnp.arange(4096, dtype=jnp.float32).reshape(64, 64) % 37
    print("sort:", show(jnp.sort(x, axis=1)))
    print("cumsum:", show(jnp.cumsum(x, axis=0)))
    print("scan:", show(jax.lax.scan(lambda c, a: (c + a, c * a), jnp.zeros(64), x)[1]))
    print("vmap:", show(jax.vmap(lambda row: row @ row)(x)))
    print("normal:", show(jax.random.normal(jax.random.PRNGKey(1), (1000,))))
    print("half:", show((x.astype(jnp.bfloat16) @ x.T.astype(jnp.bfloat16)).astype(jnp.float32)))
    print("device to host and back:", bool((jnp.asarray(np.asarray(x)) == x).all()))


if __name__ == "__main__":
    print("device:", jax.devices()[0].device_kind, jax.default_backend())
    train()
    transforms()
    attest()
