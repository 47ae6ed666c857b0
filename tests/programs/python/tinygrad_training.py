"""tinygrad: a small network trained, each kernel handed over as PTX text."""

import os

os.environ.update(CUDA="1", DEV="CUDA", TRAINING="1")

import numpy as np
from tinygrad import Device, Tensor
from tinygrad.nn import Linear, optim
from tinygrad.nn.state import get_parameters

from attest import attest, digest

STEPS = 12


class Network:
    """Two layers, of weights that do not depend on tinygrad's random numbers."""

    def __init__(self, rng):
        self.first, self.second = Linear(8, 16), Linear(16, 1)
        for parameter in get_parameters(self):
            values = rng.standard_normal(parameter.shape).astype(np.float32) / 4
            parameter.assign(Tensor(values)).realize()

    def __call__(self, x):
        return self.second(self.first(x).relu())


def train():
    rng = np.random.default_rng(11)
    network = Network(rng)
    x = Tensor(rng.standard_normal((64, 8)).astype(np.float32))
    y = x[:, :1].sin() + x[:, 1:2] * 0.5
    optimizer = optim.SGD(get_parameters(network), lr=0.1)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = ((network(x) - y) ** 2).mean().backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2, losses
    print("losses:", [loss.hex() for loss in losses])
    print("weights:", [digest(parameter.numpy()) for parameter in get_parameters(network)])


def products():
    a = np.arange(48 * 40, dtype=np.float32).reshape(48, 40) % 13
    product = (Tensor(a) @ Tensor(a).T).numpy()
    assert (product == a @ a.T).all()
    print("product:", digest(product))
    print("sorted:", digest(Tensor(a).sort(dim=1)[0].numpy()))
    print("cumulative:", digest(Tensor(a).cumsum(axis=0).numpy()))


if __name__ == "__main__":
    print("device:", Device.DEFAULT)
    train()
    products()
    attest()
