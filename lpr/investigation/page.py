"""A report as one HTML page that holds all it needs: style, charts and pictures. It asks no server for anything."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.investigation.chart_map import Spot, map_svg
from lpr.investigation.chart_time import hours_svg, timeline_svg
from lpr.investigation.nearby import place_of
from lpr.investigation.originals import LIVE, MISSING, UNCHANGED, Original, pictures
from lpr.investigation.page_sighting import Embedded, card, embed, embed_saved

if TYPE_CHECKING:
    from lpr.investigation.report import Report

# Nothing may be fetched and nothing may run, whatever stands in the page.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_FOOTER = (
    "<footer>What a reader made of a picture is a probability, never a certainty. SHA-256 identifies a file: a copy "
    "with the same value has the same content. This page is no evidence package: see lpr export evidence.</footer>"
)


def page(report: Report, most_pictures: int = 50) -> str:
    """The whole page; the first ``most_pictures`` sightings have theirs."""
    shown: dict[int, Embedded] = {}
    for one, picture in pictures(report.found[:most_pictures], report.originals):
        shown[one.id] = embed(one, picture)
    for one in report.found[:most_pictures]:
        if one.id not in shown and report.saved.get(one.id):
            shown[one.id] = embed_saved(report.saved[one.id])
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    body = [
        f"<h1>{escape(report.title)}</h1>",
        f'<p class="made">Report of {_time(report.made_at)} UTC, made by lpr from its record. All times are UTC.</p>',
        _notes(report),
        '<dl class="asked">',
        *(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in report.asked),
        "</dl>",
        _numbers(report),
        _charts(report),
        _places(report),
        _sightings(report, shown, most_pictures),
        _sources(report.originals),
        _FOOTER,
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(report.title)}</title><style>{style}</style></head>\n<body><main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main></body></html>\n"
    )


def _notes(report: Report) -> str:
    always = (
        "A read says that a plate may have been seen, not who was in the vehicle. Compare each text with its picture."
    )
    return '<div class="notes">' + "".join(f"<p>{escape(note)}</p>" for note in (always, *report.notes)) + "</div>"


def _numbers(report: Report) -> str:
    history = report.history
    numbers = [(str(len(report.found)), "sightings"), (str(len(history.stays)), "places or files")]
    if history.first is not None and history.last is not None:
        numbers += [(f"{history.first:%Y-%m-%d %H:%M}", "first seen"), (f"{history.last:%Y-%m-%d %H:%M}", "last seen")]
    hits = sum(len(hits) for hits in report.hits.values())
    numbers.append((str(hits), "possible matches with hot lists"))
    doubtful = sum(one.sighting.confidence < 0.9 for one in report.found)
    numbers.append((str(doubtful), "reads less sure than 90 %"))
    return '<ul class="numbers">' + "".join(f"<li><b>{value}</b>{name}</li>" for value, name in numbers) + "</ul>"


def _charts(report: Report) -> str:
    left, right = [], []
    history, incident = report.history, report.incident
    lanes = []
    for stay in history.stays:
        times = [one.sighting.taken_at for one in stay.found if one.sighting.taken_at is not None]
        if times:
            lanes.append((Path(stay.name).name or stay.name, times))
    unknown = sum(one.sighting.taken_at is None for one in report.found)
    if lanes or incident is not None:
        told = f"; {number(unknown, 'sighting')} without a time" if unknown else ""
        left.append(_figure(timeline_svg(lanes, incident.at if incident else None), f"Timeline, UTC{told}"))
    spots = [Spot(stay.name, stay.place, stay.times) for stay in history.stays if stay.place is not None]
    if spots or incident is not None:
        track = [] if report.kind in ("incident", "scan") else [
            place for one in report.found if one.sighting.taken_at and (place := place_of(one))]  # fmt: skip
        drawn = map_svg(
            spots,
            track,
            None if incident is None else incident.place,
            None if incident is None else report.within,
            "" if incident is None else incident.kind,
        )
        without = sum(place_of(one) is None for one in report.found)
        told = "; the dashed line joins sightings in the order of time, it is no route" if len(track) > 1 else ""
        told += f"; {number(without, 'sighting')} without a place" if without else ""
        right.append(_figure(drawn, f"Map, north is up, number of sightings in brackets{told}"))
    if report.kind == "plate" and any(history.hours):
        usual = history.usual_hours
        said = f"; three quarters of them between {usual[0]:02}:00 and {usual[1]:02}:00" if usual else ""
        left.append(_figure(hours_svg(history.hours), f"Sightings by hour of the day, {history.zone}{said}"))
    if not left and not right:
        return "<h2>When and where</h2><p>No sighting has a time or a place on record.</p>"
    columns = "".join(f"<div>{''.join(figures)}</div>" for figures in (left, right) if figures)
    return f'<h2>When and where</h2><div class="figures">{columns}</div>'


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def _places(report: Report) -> str:
    rows = [
        [
            ("Place or file", escape(stay.name)),
            ("Coordinates", escape(str(stay.place or "–"))),
            ("Times", str(stay.times)),
            ("First", _time(stay.row()["first"])),
            ("Last", _time(stay.row()["last"])),
        ]
        for stay in report.history.stays
    ]
    return f"<h2>Places</h2>{_table(rows)}" if rows else ""


def _table(rows: Sequence[Sequence[tuple[str, str]]], kind: str = "places") -> str:
    """Rows of (heading, HTML); on a phone each cell stands under the other with its heading."""
    head = "".join(f"<th>{name}</th>" for name, _ in rows[0])
    body = ("<tr>" + "".join(f'<td data-name="{name}">{value}</td>' for name, value in row) + "</tr>" for row in rows)
    table = f'<table class="stack {kind}"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'
    return f'<div class="wide">{table}</div>'


def _sightings(report: Report, shown: dict[int, Embedded], most: int) -> str:
    if not report.found:
        return "<h2>Sightings</h2><p>Nothing on record fits.</p>"
    states = {original.path: original.state for original in report.originals}
    cards = [
        card(
            one,
            shown.get(one.id),
            _no_picture(i >= most, most, states[one.path]),
            report.nearby[one.id].why if one.id in report.nearby else one.why,
            _tags(report, one.id),
            [f"{hit['list']}: {hit['plate']}, {hit['tier']}, score {hit['score']:.2g}" for hit in
             report.hits.get(one.id, ())],
        )
        for i, one in enumerate(report.found)
    ]  # fmt: skip
    order = "the closest first" if report.nearby else "in the order of time"
    return f"<h2>Sightings, {order}</h2>{''.join(cards)}"


def _tags(report: Report, sighting_id: int) -> list[str]:
    """What stands beside the text of a sighting."""
    tags = [f"closeness {report.nearby[sighting_id].closeness:.2f}"] if sighting_id in report.nearby else []
    for correction in report.corrections.get(sighting_id, ()):
        if correction["replaced_by"] is None:
            tags.append(f"{correction['created_by']} says that it reads {correction['text']}")
    return tags


def _no_picture(beyond: bool, most: int, state: str) -> str:
    if beyond:
        return f"pictures of the first {most} sightings only"
    if state == LIVE:
        return "seen live, and no picture was saved (lpr watch --save-crops)"
    if state == UNCHANGED:
        return "the picture cannot be decoded any more"
    return "the file is not there any more" if state == MISSING else "the file has changed since it was read"


def _sources(files: Sequence[Original]) -> str:
    rows = [
        [
            ("File", escape(file.name)),
            ("SHA-256", f'<span class="hash">{file.sha256 or "none: a live camera"}</span>'),
            ("Now", f'<span class="{file.state}">{file.state}</span>'),
            ("Scan", f"{file.scan_id}, {_time(file.scanned_at)}"),
            ("Read by", f"lpr {escape(file.lpr_version)}, <span class='hash'>{escape(file.version)}</span>"),
        ]
        for file in files
    ]
    return "<h2>Sources</h2>" + _table(rows, "sources") if rows else ""


def number(count: int, what: str) -> str:
    """``1 sighting``, ``2 sightings``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _time(written: str | None) -> str:
    return "–" if written is None else escape(written[:19].replace("T", " "))
