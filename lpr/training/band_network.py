"""The network that reads the letters in the band: a few small convolutions, since it reads one word of thirty."""

from __future__ import annotations

import torch
from torch import nn


class BandNetwork(nn.Module):
    """n × 3 × 56 × 48 (BGR, −1…1) to n × classes logits. About 150,000 parameters.

    What strokes there are is taken wherever they are, at their strongest; a few features keep their places.
    """

    def __init__(self, classes: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.features = nn.Sequential(
            _convolution(3, 16, 2),  # 28 × 24
            _convolution(16, 32),
            _convolution(32, 48, 2),  # 14 × 12
            _convolution(48, 64),
            _convolution(64, 72, 2),  # 7 × 6
        )
        self.letters = _convolution(72, 72)
        self.places = nn.Sequential(nn.Conv2d(72, 8, 1), nn.ReLU(inplace=True))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(72 + 8 * 7 * 6, classes)

    def forward(self, plates: torch.Tensor) -> torch.Tensor:
        seen = self.features(plates)
        strongest = self.letters(seen).amax((2, 3))
        logits: torch.Tensor = self.head(self.dropout(torch.cat([strongest, self.places(seen).flatten(1)], 1)))
        return logits


def _convolution(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )
