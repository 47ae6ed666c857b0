"""A small transformer writes text, a token at a time, by replaying one CUDA graph: the case in which
a launch's cost shows most. The tokens are shown, and how many a second it makes."""

import torch

from attest import attest
from ladder import SKIPPED, deterministic, pick, rate, show, timed

LAYERS, WIDTH, HEADS, LENGTH, WORDS = pick((12, 768, 12, 256, 50257), (2, 32, 2, 16, 97))


class Layer(torch.nn.Module):
    """One layer that keeps the keys and values of the tokens before."""

    def __init__(self):
        super().__init__()
        self.inward = torch.nn.Linear(WIDTH, 3 * WIDTH)
        self.outward = torch.nn.Linear(WIDTH, WIDTH)
        self.network = torch.nn.Sequential(
            torch.nn.Linear(WIDTH, 4 * WIDTH), torch.nn.GELU(), torch.nn.Linear(4 * WIDTH, WIDTH)
        )
        shape = (1, HEADS, LENGTH, WIDTH // HEADS)
        self.register_buffer("keys", torch.zeros(shape))
        self.register_buffer("values", torch.zeros(shape))

    def forward(self, row, place, seen):
        parts = self.inward(row).view(1, 1, 3, HEADS, WIDTH // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        self.keys.index_copy_(2, place, key)
        self.values.index_copy_(2, place, value)
        attention = torch.nn.functional.scaled_dot_product_attention
        mixed = attention(query, self.keys, self.values, attn_mask=seen)
        row = row + self.outward(mixed.reshape(1, 1, WIDTH))
        return row + self.network(row)


class Decoder(torch.nn.Module):
    """Takes a token in place and leaves the next one there."""

    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(WORDS, WIDTH)
        self.layers = torch.nn.ModuleList(Layer() for _ in range(LAYERS))
        self.register_buffer("token", torch.zeros(1, 1, dtype=torch.int64))
        self.register_buffer("place", torch.zeros(1, dtype=torch.int64))
        self.register_buffer("text", torch.zeros(LENGTH, dtype=torch.int64))

    @torch.no_grad()
    def step(self):
        seen = torch.arange(LENGTH, device="cuda").view(1, 1, 1, -1) <= self.place
        row = self.words(self.token)
        for layer in self.layers:
            row = layer(row, self.place, seen)
        next_token = (row @ self.words.weight.T).argmax(-1)
        self.token.copy_(next_token)
        self.text.index_copy_(0, self.place, next_token.view(1))
        self.place.copy_((self.place + 1) % LENGTH)


def main():
    deterministic(6)
    decoder = Decoder().cuda().half()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        decoder.step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        decoder.step()

    def token():
        graph.replay()
        # As a server does that sends each token on.
        decoder.token.cpu()

    rate("decode", timed(token, LENGTH), "tokens/s")
    rate("graphs", timed(graph.replay, LENGTH), "replays/s")
    show("text", decoder.text)
    if not SKIPPED:
        assert len(decoder.text.unique()) > 1
    attest()


if __name__ == "__main__":
    main()
