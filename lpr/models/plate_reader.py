"""The plate reader's network, in the form of an EasyOCR custom recognition network.

EasyOCR imports this file by itself, as the top-level module ``plate_reader``, with ``plate_reader.yaml`` and
``plate_reader.pth`` beside it; so it imports nothing of lpr. ``forward`` takes the picture and, as every EasyOCR
network does, a text that this one has no use for.

Convolutions bring 64 × 192 grey pixels down to 2 rows of 48 columns; two attention layers see all 96 places at
once, and the places are read row by row: first the upper 48, then the lower. That is how CTC, which knows one
direction only, reads plates of two lines.
"""

from __future__ import annotations

import torch
from torch import nn


def _convolution(before: int, after: int, stride: tuple[int, int] = (1, 1)) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _convolution(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        activated: torch.Tensor = self.activation(x + self.second(self.first(x)))
        return activated


class _Attention(nn.Module):
    """A pre-norm transformer layer over n × places × width."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.to_qkv = nn.Linear(width, 3 * width)
        self.from_heads = nn.Linear(width, width)
        self.before_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, places, width = x.shape
        qkv = self.to_qkv(self.before_attention(x)).view(n, places, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        attended = nn.functional.scaled_dot_product_attention(q, k, v)
        x = x + self.from_heads(attended.transpose(1, 2).reshape(n, places, width))
        mixed: torch.Tensor = x + self.mlp(self.before_mlp(x))
        return mixed


class Model(nn.Module):
    """n × 1 × 64 × 192 in −1…1 to n × 96 × classes logits; class 0 is CTC's blank."""

    def __init__(self, num_class: int, widths: tuple[int, int, int, int, int], layers: int, heads: int) -> None:
        super().__init__()
        a, b, c, d, e = widths
        self.features = nn.Sequential(
            _convolution(1, a, (2, 2)),  # 32 × 96
            _convolution(a, a),
            _convolution(a, b, (2, 2)),  # 16 × 48
            _Residual(b),
            _convolution(b, c, (2, 1)),  # 8 × 48
            _Residual(c),
            _convolution(c, d, (2, 1)),  # 4 × 48
            _Residual(d),
            _convolution(d, e, (2, 1)),  # 2 × 48
        )
        self.place = nn.Parameter(torch.randn(1, 96, e) * 0.02)
        self.layers = nn.Sequential(*(_Attention(e, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(e)
        self.head = nn.Linear(e, num_class)

    def forward(self, picture: torch.Tensor, text: object = None) -> torch.Tensor:
        places = self.features(picture).flatten(2).transpose(1, 2)
        logits: torch.Tensor = self.head(self.norm(self.layers(places + self.place)))
        return logits
