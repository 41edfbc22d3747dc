"""Labels the reader's own sure readings of plates that nobody has labelled, for it to learn from in turn.

    lpr train pseudolabels PLATES/unlabelled.jsonl --to pseudo.jsonl
    lpr train reader --also pseudo.jsonl …

A reading counts when the reader gives the same text with each of ``MARGINS`` around the plate, is sure of each of its
characters every time, and the text has the form of a serial of that country where one is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from lpr.training.dataset import json_rows, picture_of

if TYPE_CHECKING:
    from lpr.recognition.reader import PlateReader

#: What is cut off (negative) or added around the picture for each reading, as a share of its width and height.
MARGINS = ((0.0, 0.0), (-0.03, -0.05), (0.03, 0.06))
#: The least confidence of the least certain character in each reading.
SURE = 0.80
#: Serials' forms by country; others are taken as they are.
FORMS = {
    "BR": re.compile(r"[A-Z]{3}\d(\d|[A-J])\d\d"),
    "AR": re.compile(r"[A-Z]{3}\d{3}|[A-Z]{2}\d{3}[A-Z]{2}"),
    "EU": re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9]{5,8}"),
}


def label(path: Path, reader: PlateReader) -> Iterator[dict[str, Any]]:
    """The rows of a JSON lines file of pictures that the reader is sure of, with ``text`` and split ``train``.

    ``image`` becomes an absolute path. Raises DatasetError for rows and pictures that cannot be used.
    """
    for _, row in json_rows(path):
        image = picture_of(path.parent / row["image"])
        height, width = image.shape[:2]
        views = []
        for across, down in MARGINS:
            x, y = round(across * width), round(down * height)
            if x < 0:
                views.append(image[-y : height + y, -x : width + x])
            else:
                views.append(cv2.copyMakeBorder(image, y, y, x, x, cv2.BORDER_REPLICATE))
        reads = reader.read(views)
        form = FORMS.get(str(row.get("country")))
        text = reads[0].text
        agree = text and all(read.text == text and read.confidence >= SURE for read in reads)
        if agree and (form is None or form.fullmatch(text)):
            image_path = str((path.parent / row["image"]).resolve())
            yield {**row, "image": image_path, "split": "train", "text": text, "confidence": reads[0].confidence}
