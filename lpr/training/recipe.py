"""What a reader's training is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReaderRecipe:
    """How a reader is trained. The three shares are of each batch and add up to one.

    Over the first ``easy_steps`` the plates grow from large, frontal and synthetic to all that there is: CTC finds
    its first alignments sooner on pictures without doubt. Over twice as many steps a second loss, which fades, tells
    the places of the characters that were drawn; without it the loss stood still for the first 30,000 plates.
    ``hours``, when given, ends the training by the clock if that is sooner, the learning rate following.
    """

    steps: int = 4000
    hours: float | None = None
    batch: int = 48
    seed: int = 0
    learning_rate: float = 1.2e-3
    weight_decay: float = 0.02
    warmup: int = 200
    easy_steps: int = 900
    synthetic_share: float = 0.5
    real_share: float = 0.43
    negative_share: float = 0.07
    negatives: int = 3000
    average_decay: float = 0.998
    workers: int = 1
