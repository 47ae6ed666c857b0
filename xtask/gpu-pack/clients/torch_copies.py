"""Copies between host and device through PyTorch, pageable and pinned: what arrives is shown, and how
many gigabytes a second it makes."""

import torch

from attest import attest, digest
from ladder import pick, rate, timed

BYTES = pick(256 << 20, 4 << 20)


def main():
    generator = torch.Generator().manual_seed(7)
    source = torch.randint(0, 256, (BYTES,), dtype=torch.uint8, generator=generator)
    device = torch.empty(BYTES, dtype=torch.uint8, device="cuda")
    for kind in ("pageable", "pinned"):
        sent = source.pin_memory() if kind == "pinned" else source
        back = torch.zeros_like(source)
        back = back.pin_memory() if kind == "pinned" else back
        wait = kind == "pinned"
        up = timed(lambda: device.copy_(sent, non_blocking=wait), 4)
        down = timed(lambda: back.copy_(device, non_blocking=wait), 4)
        rate(f"{kind}-up", up * BYTES / 1e9, "GB/s")
        rate(f"{kind}-down", down * BYTES / 1e9, "GB/s")
        print(kind, digest(back.numpy()))
    attest()


if __name__ == "__main__":
    main()
