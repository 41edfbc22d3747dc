"""Labelled plates beside what the reader makes of them, from whole photos or from crops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lpr.normalize import normalize
from lpr.plates import Transcript


def read_labelled(dataset: Path, split: str | None, crops: bool, engine: str) -> Iterator[tuple[str, Transcript]]:
    """True text and transcript of every labelled plate that was read."""
    from typing import cast

    from lpr.plates import Box
    from lpr.recognition.crop import cut
    from lpr.recognition.engine import Engine, choose, load_reader
    from lpr.recognition.recognizer import Recognizer
    from lpr.recognition.settings import Settings
    from lpr.training.dataset import UNREADABLE, picture_of, read_crops, read_photos
    from lpr.training.evaluate import SAME_PLATE
    from lpr.training.score import pair

    if crops:
        reader = load_reader(*choose(cast(Engine, engine), None), Settings())
        for crop in read_crops(dataset, split):
            if crop.text and crop.flag not in UNREADABLE:
                image = picture_of(crop.image)
                if crop.box is not None:
                    image = cut(image, Box(*(round(value) for value in crop.box)))
                transcript = reader.read([image])[0]
                if transcript.text:
                    yield normalize(crop.text), transcript
        return
    recognizer = Recognizer(engine=cast(Engine, engine))
    for photo in read_photos(dataset / "photos.jsonl", split):
        reads = recognizer.recognize(picture_of(photo.image)).reads
        boxes = [read.plate.box for read in reads]
        found = [(float(b.x1), float(b.y1), float(b.x2), float(b.y2)) for b in boxes]
        pairs = pair(found, [plate.box for plate in photo.plates], SAME_PLATE)
        for labelled, index in pairs.items():
            plate = photo.plates[labelled]
            if plate.text and plate.flag not in UNREADABLE:
                yield normalize(plate.text), reads[index].transcript
