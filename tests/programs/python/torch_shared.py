"""Tensors on the GPU that processes share: a parent sends one to a child, which changes it in place and
sends another back. Kernels need not run: what is compared are copies."""

import torch
import torch.multiprocessing as multiprocessing

from attest import attest


def child(inbox, outbox):
    received = inbox.get(timeout=120)
    assert received.is_cuda and received.tolist() == list(range(1000)), received[:8]
    # A copy from the host needs no kernel.
    received.copy_(torch.arange(1000, 2000, dtype=torch.float32))
    torch.cuda.synchronize()
    own = torch.arange(5000, 5100, dtype=torch.float32).cuda()
    outbox.put((own, received.data_ptr() != 0))
    # The memory is this process's: it stays until the parent has seen it.
    assert inbox.get(timeout=120) == "seen"
    del received, own


def main():
    context = multiprocessing.get_context("spawn")
    to_child, to_parent = context.Queue(), context.Queue()
    process = context.Process(target=child, args=(to_child, to_parent))
    process.start()
    sent = torch.arange(1000, dtype=torch.float32).cuda()
    to_child.put(sent)
    returned, _ = to_parent.get(timeout=120)
    assert returned.tolist() == list(range(5000, 5100)), returned[:8]
    assert sent.tolist() == list(range(1000, 2000)), sent[:8]
    del returned
    to_child.put("seen")
    process.join(120)
    assert process.exitcode == 0, process.exitcode
    print("shared tensors")
    attest()


if __name__ == "__main__":
    main()
