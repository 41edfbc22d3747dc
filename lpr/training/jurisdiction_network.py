"""The jurisdiction classifier's network: what is written above and below the serial, and how the plate looks.

The upper and the lower third go through the plate reader's first convolutions, which know strokes and letters
already and are kept as they are; a few thousand plates of known states would not teach those. The whole plate, small
and in colour, goes through convolutions of its own.
"""

from __future__ import annotations

import torch
from torch import nn

#: How many of the reader's stages are taken over: down to 8 rows, a quarter of the columns, 96 features.
TRUNK_STAGES = 6
#: Features of a strip and of the look.
STRIP, LOOK = 128, 96


def _convolution(before: int, after: int, stride: tuple[int, int] = (1, 1)) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )


class JurisdictionNetwork(nn.Module):
    """n × 3 × 192 × 208 (BGR, −1…1) to n × classes logits. ``trunk`` are the reader's first stages."""

    def __init__(self, trunk: nn.Sequential, features: int, classes: int, dropout: float = 0.3) -> None:
        super().__init__()
        self.trunk = trunk
        for parameter in self.trunk.parameters():
            parameter.requires_grad = False
        self.words = nn.Sequential(
            _convolution(features, STRIP, (2, 2)),  # 4 × 26
            _convolution(STRIP, STRIP),
            _convolution(STRIP, STRIP, (2, 2)),  # 2 × 13
            _convolution(STRIP, STRIP),
        )
        self.look = nn.Sequential(
            _convolution(3, 32),  # 24 × 26
            _convolution(32, 64, (2, 2)),
            _convolution(64, LOOK),
            _convolution(LOOK, LOOK, (2, 2)),  # 6 × 7
        )
        width = 2 * 2 * STRIP + 2 * LOOK
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(width, 256)
        self.head = nn.Linear(256, classes)

    def train(self, mode: bool = True) -> JurisdictionNetwork:
        """As any module, but the trunk stays as the reader has it, its means and variances too."""
        super().train(mode)
        self.trunk.eval()
        return self

    def forward(self, plates: torch.Tensor) -> torch.Tensor:
        strips, looks = self.seen(plates)
        return self.judged(self.trunk(strips), looks)

    def seen(self, plates: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Of each plate the upper and the lower third in grey (2 n × 1 × …), and the whole small in colour."""
        grey = 0.114 * plates[:, :1] + 0.587 * plates[:, 1:2] + 0.299 * plates[:, 2:]
        third = plates.shape[2] // 3
        strips = torch.stack([grey[:, :, :third], grey[:, :, 2 * third :]], 1).flatten(0, 1)
        return strips, nn.functional.avg_pool2d(plates, 8)

    def judged(self, read: torch.Tensor, looks: torch.Tensor) -> torch.Tensor:
        """The trained part: from what the trunk says of the strips, and the small pictures, to logits."""
        words = _pooled(self.words(read)).view(-1, 4 * STRIP)  # the upper strip's, then the lower's
        pooled = torch.cat([words, _pooled(self.look(looks))], 1)
        logits: torch.Tensor = self.head(torch.relu(self.hidden(self.dropout(pooled))))
        return logits


def _pooled(features: torch.Tensor) -> torch.Tensor:
    return torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1)


def build(classes: int) -> JurisdictionNetwork:
    """The network with the shipped reader's trunk and fresh weights for the rest."""
    from lpr.models.weights import weights
    from lpr.training.train_reader import build_network, easyocr_state

    reader = build_network()
    reader.load_state_dict(easyocr_state(weights("plate_reader.pth")))
    stages = list(reader.get_submodule("features").children())[:TRUNK_STAGES]
    trunk = nn.Sequential(*stages).eval()
    features = next(m.num_features for m in reversed(list(trunk.modules())) if isinstance(m, nn.BatchNorm2d))
    return JurisdictionNetwork(trunk, features, classes)
