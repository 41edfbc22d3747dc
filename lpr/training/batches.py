"""The stream of pictures that the reader learns from: synthetic plates, real crops, places without a plate."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lpr.normalize import ALPHABET
from lpr.recognition.crop import prepare, to_input
from lpr.training.crops import load_negatives, load_real_crops, seen_anew
from lpr.training.recipe import ReaderRecipe
from lpr.training.synthetic.camera import expose
from lpr.training.synthetic.generator import PlateGenerator, SyntheticCrop

if TYPE_CHECKING:
    import torch

#: The network's places: two rows of columns (lpr/models/plate_reader.py).
ROWS, COLUMNS = 2, 48
#: Marks places whose class nobody knows.
IGNORED = -100


@dataclass(frozen=True)
class Batch:
    """``pictures`` n × 1 × 64 × 192; ``targets`` all texts' classes in a row; ``lengths`` n; ``places`` n × 96."""

    pictures: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor
    places: torch.Tensor


@dataclass(frozen=True)
class Example:
    """``picture`` prepared for the reader; ``places`` the class at each of its places, IGNORED where unknown."""

    picture: np.ndarray
    text: str
    places: np.ndarray


class Examples:
    """Examples without end, drawn from the recipe's three sources; ``done`` have been drawn before."""

    def __init__(
        self, data: Path, fonts: Path, recipe: ReaderRecipe, seed: int, done: int, also: Path | None = None
    ) -> None:
        self._recipe = recipe
        self._done = done
        self._rng = random.Random(seed)
        self._generator = PlateGenerator(fonts, seed)
        self._real = load_real_crops(data, "train") if recipe.real_share else []
        if self._real and also is not None:
            self._real += load_real_crops(also.parent, "train", (also.name,))
        self._weights = list(itertools.accumulate(crop.weight for crop in self._real))
        self._negatives = load_negatives(data, "train", recipe.negatives, recipe.seed) if recipe.negative_share else []

    def __iter__(self) -> Iterator[Example]:
        recipe = self._recipe
        easy = max(1, recipe.easy_steps * recipe.batch // max(1, recipe.workers))
        for number in itertools.count(self._done):
            difficulty = min(1.0, number / easy)
            real = difficulty * recipe.real_share
            shares = (recipe.synthetic_share + recipe.real_share - real, real, recipe.negative_share)
            kind = self._rng.choices((0, 1, 2), shares)[0]
            if kind == 1 and self._real:
                crop = self._rng.choices(self._real, cum_weights=self._weights)[0]
                yield Example(seen_anew(crop, self._rng), crop.text, _unknown())
            elif kind == 2 and self._negatives:
                picture = prepare(expose(self._rng.choice(self._negatives), self._rng))
                yield Example(picture, "", np.zeros(ROWS * COLUMNS, np.int64))
            else:
                made = self._generator.crop(difficulty)
                yield Example(made.image, made.text, _drawn(made))


def batches(data: Path, fonts: Path, recipe: ReaderRecipe, done: int, also: Path | None = None) -> Iterator[Batch]:
    """Batches from step ``done`` to the recipe's end, made by its workers; ``also`` names more crops to learn from."""
    import torch

    class Stream(torch.utils.data.IterableDataset[Batch]):
        def __iter__(self) -> Iterator[Batch]:
            import cv2

            cv2.setNumThreads(1)
            worker = torch.utils.data.get_worker_info()
            seed = recipe.seed * 1_000_003 + done * 64 + (worker.id if worker else 0)
            drawn = done * recipe.batch // max(1, recipe.workers)
            examples = iter(Examples(data, fonts, recipe, seed, drawn, also))
            while True:
                yield _batch([next(examples) for _ in range(recipe.batch)])

    loader = torch.utils.data.DataLoader(Stream(), batch_size=None, num_workers=recipe.workers)
    stream = iter(loader)
    for _ in range(done, recipe.steps):
        yield next(stream)


def _batch(examples: list[Example]) -> Batch:
    import torch

    classes = [ALPHABET.index(c) + 1 for example in examples for c in example.text]
    return Batch(
        torch.from_numpy(to_input([example.picture for example in examples])),
        torch.tensor(classes, dtype=torch.long),
        torch.tensor([len(example.text) for example in examples], dtype=torch.long),
        torch.from_numpy(np.stack([example.places for example in examples])),
    )


def _unknown() -> np.ndarray:
    return np.full(ROWS * COLUMNS, IGNORED, np.int64)


def _drawn(crop: SyntheticCrop) -> np.ndarray:
    """Each character at the place of its centre, its neighbours' class left open, blank elsewhere."""
    places = np.zeros((ROWS, COLUMNS), np.int64)
    centres = [(line, min(COLUMNS - 1, max(0, int(x * COLUMNS)))) for x, line in crop.places]
    for line, column in centres:
        places[line, max(0, column - 1) : column + 2] = IGNORED
    for (line, column), character in zip(centres, crop.text, strict=True):
        places[line, column] = ALPHABET.index(character) + 1
    return places.ravel()
