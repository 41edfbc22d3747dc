"""What trainings keep: states on disk, whole or not at all, and the average of the weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def save(state: dict[str, Any], path: Path) -> None:
    """Write ``state`` as ``path`` by way of a file beside it, so that a training that is killed leaves a whole one."""
    import torch

    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def averaging(decay: float) -> Callable[[torch.Tensor, torch.Tensor, torch.Tensor | int], torch.Tensor]:
    """An exponential average that forgets faster at first: the first steps' weights are worth nothing."""

    def average(before: torch.Tensor, now: torch.Tensor, count: torch.Tensor | int) -> torch.Tensor:
        kept = min(decay, (1 + int(count)) / (10 + int(count)))
        return before * kept + now * (1 - kept)

    return average
