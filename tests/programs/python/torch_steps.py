"""So many training steps as the argument says: two linear layers, Adam, a batch from the host.

The harness runs it with two numbers of steps and looks at how many calls waited for an answer.
"""

import sys

import torch

from attest import attest


def main():
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(32, 64), torch.nn.ReLU(), torch.nn.Linear(64, 4))
    model = model.to("cuda")
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(int(sys.argv[1])):
        inputs, targets = torch.randn(16, 32).to("cuda"), torch.randn(16, 4).to("cuda")
        loss = torch.nn.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.cuda.synchronize()
    print("steps issued")
    attest()


main()
