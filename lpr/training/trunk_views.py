"""Views of plates as the trained part of the jurisdiction network sees them, made once and kept on disk.

The trunk of that network is not trained, and takes most of its time. So plates are photographed and go through the
trunk once; what is trained then sees its answers again and again. Strips are kept with 8 bits for each figure.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

    from lpr.training.jurisdiction_network import JurisdictionNetwork

#: The trunk's figures are kept in steps of 1 ÷ this; they seldom exceed 255 ÷ this, and are then cut off.
SCALE = 40.0


@dataclass
class Views:
    """``strips`` n × 2 × features × rows × columns and ``looks`` n × 3 × rows × columns, uint8.

    ``allowed``, n × classes, says which classes each may be.
    """

    strips: np.ndarray
    looks: np.ndarray
    allowed: np.ndarray

    def batch(self, chosen: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The views numbered ``chosen`` as the network's trained part takes them, and what each may be."""
        import torch

        strips = torch.from_numpy(self.strips[chosen].astype(np.float32) / SCALE).flatten(0, 1)
        looks = torch.from_numpy(self.looks[chosen].astype(np.float32) / 127.5 - 1.0)
        return strips, looks, torch.from_numpy(self.allowed[chosen])


def make_views(
    draw: Callable[[int], tuple[np.ndarray, np.ndarray]],
    network: JurisdictionNetwork,
    batches: int,
    folder: Path,
    on_batch: Callable[[int], None] = lambda number: None,
) -> Views:
    """``batches`` batches of ``draw`` (number → pictures, allowed classes), through ``network``'s trunk, in ``folder``.

    What lies there from a run that was stopped is kept, and it goes on from there.
    """
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    state = folder / "made.json"
    done = json.loads(state.read_text(encoding="utf-8"))["batches"] if state.exists() else 0
    arrays: list[np.ndarray] = []
    for number in range(done, batches):
        pictures, allowed = draw(number)
        with torch.inference_mode():
            strips, looks = network.seen(torch.from_numpy(pictures))
            read = network.trunk(strips.contiguous(memory_format=torch.channels_last)).contiguous().numpy()
            read = read.reshape(-1, 2, *read.shape[1:])
        parts = (
            np.clip(read * SCALE + 0.5, 0, 255).astype(np.uint8),
            np.clip((looks.numpy() + 1.0) * 127.5 + 0.5, 0, 255).astype(np.uint8),
            allowed,
        )
        arrays = arrays or [_open(folder, name, batches, part) for name, part in zip(_NAMES, parts, strict=True)]
        at = slice(number * len(pictures), (number + 1) * len(pictures))
        for array, part in zip(arrays, parts, strict=True):
            array[at] = part
        if (number + 1) % 20 == 0 or number + 1 == batches:
            for array in arrays:
                array.flush()  # type: ignore[attr-defined]
            state.write_text(json.dumps({"batches": number + 1, "size": len(pictures)}), encoding="utf-8")
        on_batch(number + 1)
    size = json.loads(state.read_text(encoding="utf-8"))["size"]
    return Views(*(np.load(folder / f"{name}.npy", mmap_mode="r")[: batches * size] for name in _NAMES))


_NAMES = ("strips", "looks", "allowed")


def _open(folder: Path, name: str, batches: int, part: np.ndarray) -> np.ndarray:
    path = folder / f"{name}.npy"
    if path.exists():
        return np.load(path, mmap_mode="r+")  # type: ignore[no-any-return]
    shape = (batches * len(part), *part.shape[1:])
    return np.lib.format.open_memmap(path, mode="w+", dtype=part.dtype, shape=shape)
