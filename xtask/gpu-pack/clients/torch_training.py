"""Trains one network, named by the argument, from the same start each time: the loss of every step is
shown, and how many steps a second it makes. A second argument is the number of steps alone, untimed: two such runs
show how many calls of a step wait for an answer."""

import sys

import torch

from attest import attest
from ladder import SKIPPED, deterministic, pick, rate, timed
from models import MODELS

WARM, TIMED = pick((6, 20), (2, 2))


def main():
    deterministic(5)
    model, inputs, targets = MODELS[sys.argv[1]]()
    model = model.cuda()
    inputs, targets = inputs.pin_memory(), targets.pin_memory()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    losses = []

    def step():
        batch = inputs.to("cuda", non_blocking=True)
        wanted = targets.to("cuda", non_blocking=True)
        with torch.autocast("cuda", torch.bfloat16, enabled=sys.argv[1] != "mlp"):
            result = model(batch)
            loss = torch.nn.functional.cross_entropy(result.flatten(0, -2), wanted.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())

    if len(sys.argv) > 2:
        for _ in range(int(sys.argv[2])):
            step()
    else:
        for _ in range(WARM):
            step()
        rate("training", timed(step, TIMED), "steps/s")
    torch.cuda.synchronize()
    print(sys.argv[1], sum(parameter.numel() for parameter in model.parameters()), "parameters")
    if SKIPPED:
        print(len(losses), "steps")
    else:
        for loss in torch.stack(losses).cpu():
            print(f"loss {loss.item().hex()}")
    attest()


if __name__ == "__main__":
    main()
