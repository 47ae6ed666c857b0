"""What the clients of the pack share: figures, sizes, and results that can be compared.

Standard output holds only what must be equal natively and pooled. Figures go to standard error, one
line `rate: NAME VALUE UNIT` each, where more is better. With RIGEL_PACK_SMALL=1 everything is small, for a
machine without a GPU; with RIGEL_SOFT_KERNELS=skip no kernel runs, and what one would have computed
is not shown.
"""

import os
import statistics
import sys
import time

import torch

from attest import digest

SMALL = os.environ.get("RIGEL_PACK_SMALL") == "1"
SKIPPED = os.environ.get("RIGEL_SOFT_KERNELS") == "skip"


def pick(large, small):
    """A size for a GPU, or for a machine without one."""
    return small if SMALL else large


def deterministic(seed):
    """The same kernels with the same numbers each time."""
    torch.manual_seed(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=True)


def show(name, tensor):
    """Prints a digest of a result, or its form alone where no kernel computed it."""
    form = f"{name} {tuple(tensor.shape)} {tensor.dtype}"
    if SKIPPED:
        print(form)
        return
    host = tensor.detach().cpu()
    if host.dtype == torch.bfloat16:
        host = host.view(torch.int16)
    print(form, digest(host.contiguous().numpy()))


def rate(name, value, unit):
    """Reports a figure; more is better."""
    print(f"rate: {name} {value:.6g} {unit}", file=sys.stderr, flush=True)


def timed(work, count):
    """How often a second `work` runs: the median of three rounds of `count`, each to its end."""
    rounds = []
    for _ in range(3):
        torch.cuda.synchronize()
        started = time.perf_counter()
        for _ in range(count):
            work()
        torch.cuda.synchronize()
        rounds.append(count / (time.perf_counter() - started))
    return statistics.median(rounds)
