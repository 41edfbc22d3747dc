"""Work for the networks in batches: several streams take their steps side by side, and share each run.

What a stream does with a frame is a generator. It yields what it wants a network to do, and goes on with the answer;
so it need not know whether it is alone or whether the pictures of other cameras went through the network with its own.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

import numpy as np

from lpr.plates import PlateBox, Transcript
from lpr.recognition.detector import PlateDetector
from lpr.recognition.reader import PlateReader

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Looks:
    """Pictures for detectors; the answer is a list of the plates in each (list[list[PlateBox]])."""

    wanted: Sequence[tuple[PlateDetector, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Crops:
    """Plates for a reader; the answer is what each says (list[Transcript])."""

    reader: PlateReader
    crops: Sequence[np.ndarray]


#: Yields what it wants, is sent the answer to it, and returns its result.
Steps = Generator["Looks | Crops", Any, Result]


class Batching(Protocol):
    """A detector of which those of several sizes share one network, and can look at pictures together.

    ``shared`` is what they have in common. ``together`` are the plates in each picture, found by its own detector,
    as ``detect`` would.
    """

    @property
    def shared(self) -> object: ...

    def together(self, wanted: Sequence[tuple[Any, np.ndarray]]) -> list[list[PlateBox]]: ...


def alone(steps: Steps[Result]) -> Result:
    """The result of one generator's steps."""
    return together([steps])[0]


def together(several: Sequence[Steps[Result]]) -> list[Result]:
    """The results of all, in their order: what they want at the same step goes through the networks together.

    An exception of one is raised, and the others are closed.
    """
    results: dict[int, Result] = {}
    wants: dict[int, Looks | Crops] = {}

    def go_on(number: int, answer: Any) -> None:
        try:
            wants[number] = several[number].send(answer)
        except StopIteration as end:
            wants.pop(number, None)
            results[number] = end.value

    try:
        for number in range(len(several)):
            go_on(number, None)
        while wants:
            for number, answer in _answers(wants).items():
                go_on(number, answer)
    finally:
        for steps in several:
            steps.close()
    return [results[number] for number in range(len(several))]


def _answers(wants: dict[int, Looks | Crops]) -> dict[int, Any]:
    """The answers to some of what is wanted: the looks first, so that what they lead to is read with the rest."""
    looks = {number: want for number, want in wants.items() if isinstance(want, Looks)}
    if looks:
        found = iter(_looked([one for want in looks.values() for one in want.wanted]))
        return {number: [next(found) for _ in want.wanted] for number, want in looks.items()}
    crops = {number: want for number, want in wants.items() if isinstance(want, Crops)}
    answers: dict[int, list[Transcript]] = {}
    for reader in {id(want.reader): want.reader for want in crops.values()}.values():
        mine = {number: want for number, want in crops.items() if want.reader is reader}
        pictures = [crop for want in mine.values() for crop in want.crops]
        said = iter(reader.read(pictures) if pictures else [])
        answers.update({number: [next(said) for _ in want.crops] for number, want in mine.items()})
    return answers


def _looked(wanted: Sequence[tuple[PlateDetector, np.ndarray]]) -> list[list[PlateBox]]:
    found: list[list[PlateBox]] = [[] for _ in wanted]
    sharing: dict[int, list[int]] = {}
    for number, (detector, image) in enumerate(wanted):
        shared = getattr(detector, "shared", None)
        if shared is None:
            found[number] = detector.detect(image)
        else:
            sharing.setdefault(id(shared), []).append(number)
    for numbers in sharing.values():
        batching = cast(Batching, wanted[numbers[0]][0])
        for number, plates in zip(numbers, batching.together([wanted[n] for n in numbers]), strict=True):
            found[number] = plates
    return found
