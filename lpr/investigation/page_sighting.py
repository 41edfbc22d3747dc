"""One sighting on the page of a report: its pictures, what was read and how surely, and what else it may say."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from lpr.investigation.found import Found
from lpr.investigation.originals import Shown
from lpr.investigation.saved import CROP, SCENE, Saved
from lpr.plates import Sighting

#: Widest picture of a scene in a report, in pixels; the original is in the evidence package.
_SCENE = 720
#: A crop narrower than this is enlarged, so that a printer or a phone does not smear it further.
_CROP = 320
_QUALITY = 82
#: Reads and characters below these are marked.
_SURE, _WEAK = 0.9, 0.6
#: Other candidates less probable than this are left out.
_LEAST = 0.001


@dataclass(frozen=True)
class Embedded:
    """Two pictures as data addresses: the plate, and the scene with the plate's box drawn in; empty: there is none."""

    crop: str
    scene: str


def embed_saved(saved: Sequence[Saved]) -> Embedded:
    """The pictures that were saved of a sighting, byte by byte."""
    addresses = {CROP: "", SCENE: ""}
    for one in saved:
        content = one.content()
        if content is not None and not addresses[one.kind]:
            kind = "png" if one.path.suffix.lower() == ".png" else "jpeg"
            addresses[one.kind] = f"data:image/{kind};base64,{b64encode(content).decode()}"
    return Embedded(addresses[CROP], addresses[SCENE])


def embed(one: Found, shown: Shown) -> Embedded:
    """The pictures of a sighting, scaled for a page."""
    import cv2

    width = shown.crop.shape[1]
    enlarged = max(1.0, _CROP / max(1, width))
    crop = cv2.resize(shown.crop, None, fx=enlarged, fy=enlarged, interpolation=cv2.INTER_CUBIC)
    scale = min(1.0, _SCENE / shown.image.shape[1])
    scene = cv2.resize(shown.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    box = one.sighting.box
    x1, y1, x2, y2 = (round(edge * scale) for edge in box.as_list())
    for thickness, colour in ((5, (255, 255, 255)), (2, (153, 92, 31))):
        cv2.rectangle(scene, (x1 - 4, y1 - 4), (x2 + 4, y2 + 4), colour, thickness)
    return Embedded(_address(".png", crop), _address(".jpg", scene))


def _address(suffix: str, image: object) -> str:
    import cv2

    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY] if suffix == ".jpg" else []
    _, encoded = cv2.imencode(suffix, image, options)  # type: ignore[call-overload]
    kind = "jpeg" if suffix == ".jpg" else "png"
    return f"data:image/{kind};base64,{b64encode(encoded.tobytes()).decode()}"


def card(
    one: Found, pictures: Embedded | None, no_picture: str, why: str, tags: Sequence[str], hits: Sequence[str]
) -> str:
    """The sighting as HTML; ``no_picture`` is the reason where there is none, ``tags`` stand beside the text."""
    seen = one.sighting
    if pictures is None:
        left = f'<p class="nothing">No picture: {escape(no_picture)}</p>'
    else:
        text = escape(seen.text)
        left = "".join(
            f'<img class="{name}" src="{address}" alt="{told} {text}">'
            for name, address, told in (
                ("crop", pictures.crop, "The plate as it was read:"),
                ("scene", pictures.scene, "The scene, in a box the plate"),
            )
            if address
        )
    shown = [*tags]
    if one.tier != "any":
        shown.append(f"{one.tier}, {_percent(one.score)}")
    if seen.jurisdiction is not None:
        shown.append(f"{seen.jurisdiction.code}, {_percent(seen.jurisdiction.confidence)}")
    marks = [f'<span class="tag">{escape(tag)}</span>' for tag in shown]
    marks += [f'<span class="tag hit">possible match: {escape(hit)}</span>' for hit in hits]
    return (
        f'<article id="sighting-{one.id}"><div>{left}</div><div>'
        f'<div class="head"><span class="plate">{escape(seen.text)}</span>{"".join(marks)}</div>'
        f'<p class="when">{_when(one)}</p>'
        + (f'<p class="why">{escape(why[0].upper() + why[1:])}</p>' if why else "")
        + f'<div class="said">{_characters(seen)}{_candidates(seen)}</div></div></article>'
    )


def _when(one: Found) -> str:
    seen = one.sighting
    parts = ["time unknown" if seen.taken_at is None else f"<b>{seen.taken_at:%Y-%m-%d %H:%M:%S}</b>"]
    if seen.camera is not None:
        parts.append(f"camera {escape(seen.camera)}")
    if seen.latitude is not None and seen.longitude is not None:
        parts.append(f"{seen.latitude:.5f}, {seen.longitude:.5f}")
    if one.direction:
        parts.append(escape(one.direction))
    where = escape(Path(seen.source).name)
    if seen.seconds is not None:
        where += f", frame {seen.frame}, second {seen.seconds:.2f}, {seen.reads} reads agree"
    box = seen.box
    parts.append(f"{where}, plate {box.width} × {box.height} pixels")
    return " · ".join([*parts, f"sighting {one.id}"])


def _characters(seen: Sighting) -> str:
    marked = []
    for one in seen.characters:
        grade = "" if one.confidence >= _SURE else "doubt" if one.confidence >= _WEAK else "weak"
        marked.append(
            f'<span class="{grade}">{escape(one.character)}<small>{min(99, int(one.confidence * 100))}</small></span>'
        )
    return f'<div><h3>Each character, % sure</h3><div class="chars">{"".join(marked)}</div></div>'


def _candidates(seen: Sighting) -> str:
    rows = []
    for one in seen.candidates:
        if one.text != seen.text and one.probability < _LEAST:
            continue
        rows.append(f'<tr><td>{_marked(one.text, seen.text)}</td><td class="p">{_percent(one.probability)}</td></tr>')
    left = len(seen.candidates) - len(rows)
    more = f'<tr><td class="p" colspan="2">{left} more below 0.1 %</td></tr>' if left > 0 else ""
    return f'<div><h3>What it may say</h3><table class="candidates">{"".join(rows)}{more}</table></div>'


def _marked(text: str, best: str) -> str:
    """A candidate with the characters marked in which it differs from the text that was read."""
    if len(text) != len(best):
        return escape(text)
    return "".join(escape(c) if c == d else f"<mark>{escape(c)}</mark>" for c, d in zip(text, best, strict=True))


def _percent(share: float) -> str:
    """A tenth of a percent near the ends, never rounded up to certainty."""
    if share >= 0.99:
        return "99 %" if share < 0.999 else "99.9 %"
    return f"{share * 100:.1f} %" if share < 0.1 else f"{int(share * 100)} %"
