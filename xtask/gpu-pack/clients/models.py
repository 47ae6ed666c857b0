"""The networks that the ladder trains, written out here: random weights, nothing to download."""

import torch
from torch import nn

from ladder import pick


class Bottleneck(nn.Module):
    """The block of ResNet-50: three convolutions beside a shortcut."""

    def __init__(self, before, width, stride):
        super().__init__()
        after = 4 * width
        self.path = nn.Sequential(
            nn.Conv2d(before, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
            nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
            nn.Conv2d(width, after, 1, bias=False), nn.BatchNorm2d(after),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or before != after:
            self.shortcut = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, images):
        return torch.relu(self.path(images) + self.shortcut(images))


def resnet(depths, width, classes):
    layers = [nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
              nn.MaxPool2d(3, 2, 1)]
    before = width
    for stage, depth in enumerate(depths):
        for block in range(depth):
            stride = 2 if stage > 0 and block == 0 else 1
            layers.append(Bottleneck(before, width << stage, stride))
            before = 4 * (width << stage)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


class Block(nn.Module):
    """A transformer's layer: attention and a network of two layers, each beside a shortcut."""

    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.before_attention, self.before_network = nn.LayerNorm(width), nn.LayerNorm(width)
        self.inward, self.outward = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.network = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def attend(self, rows):
        batch, length, width = rows.shape
        parts = self.inward(rows).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=self.causal)
        return self.outward(mixed.transpose(1, 2).reshape(batch, length, width))

    def forward(self, rows):
        rows = rows + self.attend(self.before_attention(rows))
        return rows + self.network(self.before_network(rows))


class Gpt(nn.Module):
    """GPT-2: learned positions, causal layers, the embedding as the last layer's weights."""

    def __init__(self, vocabulary, length, width, heads, depth):
        super().__init__()
        self.words, self.places = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*(Block(width, heads, True) for _ in range(depth)))
        self.last = nn.LayerNorm(width)

    def forward(self, tokens):
        places = torch.arange(tokens.shape[1], device=tokens.device)
        rows = self.last(self.blocks(self.words(tokens) + self.places(places)))
        return rows @ self.words.weight.T


class Vit(nn.Module):
    """A vision transformer: patches of the image as words."""

    def __init__(self, side, patch, width, heads, depth, classes):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.places = nn.Parameter(torch.randn(1, (side // patch) ** 2, width) * 0.02)
        self.blocks = nn.Sequential(*(Block(width, heads, False) for _ in range(depth)))
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, classes))

    def forward(self, images):
        rows = self.patches(images).flatten(2).transpose(1, 2) + self.places
        return self.head(self.blocks(rows).mean(1))


def mlp():
    width = pick(1024, 32)
    model = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, 10))
    return model, torch.randn(256, width), torch.randint(10, (256,))


def resnet50():
    batch, side = pick(32, 1), pick(224, 32)
    model = resnet(pick((3, 4, 6, 3), (1, 1)), pick(64, 8), 1000)
    return model, torch.randn(batch, 3, side, side), torch.randint(1000, (batch,))


def gpt2():
    vocabulary, length, width, heads, depth = pick((50257, 512, 768, 12, 12), (97, 16, 32, 2, 2))
    tokens = torch.randint(vocabulary, (pick(8, 2), length + 1))
    model = Gpt(vocabulary, length, width, heads, depth)
    return model, tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()


def vit():
    side, patch, width, heads, depth = pick((224, 16, 384, 6, 12), (32, 8, 32, 2, 2))
    batch = pick(32, 2)
    model = Vit(side, patch, width, heads, depth, 1000)
    return model, torch.randn(batch, 3, side, side), torch.randint(1000, (batch,))


MODELS = {"mlp": mlp, "resnet50": resnet50, "gpt2": gpt2, "vit": vit}
