"""The tables that ``lpr eval`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .output import aligned

if TYPE_CHECKING:
    from lpr.training.evaluate import Evaluation, ReadingScore

_WIDTHS = ("<20", "20-34", "35-59", "60-99", "100-199", ">=200")
#: Confusions shown of those that there are.
_CONFUSIONS = 24


def report(result: Evaluation) -> str:
    """All of ``result`` for a person to read; parts that were not measured are left out."""
    parts = (_detection(result), _texts(result), _confidence(result), _confusions(result), _jurisdiction(result))
    return "\n\n".join(part for part in parts if part)


def _detection(result: Evaluation) -> str:
    if not result.photos:
        return f"crops {result.crops}"
    lines = [f"photos {result.photos}"]
    for least, share in result.recall.items():
        lines.append(f"plates at IoU {least}: recall {share}   precision {result.precision[least]}")
    for name in _WIDTHS:
        if name in result.recall_by_width:
            lines.append(f"  recall at IoU 0.5, {name:>8} px wide: {result.recall_by_width[name]}")
    if result.false_plates_on_empty:
        counted = ", ".join(f"{name} {count}" for name, count in result.false_plates_on_empty.items())
        lines.append(f"photos without a plate: {counted}")
    rejects = ", ".join(f"{reason} {count}" for reason, count in result.rejected.most_common())
    lines.append(f"boxes rejected: {rejects or 'none'}")
    return "\n".join(lines)


def _texts(result: Evaluation) -> str:
    if not result.reading:
        return ""
    rows = [["texts", "exact, O/0 I/1 folded", "strict", "in ten", "wrong", "CER"]]
    rows += [_row(name, score) for name, score in sorted(result.reading.items(), key=_order)]
    return aligned(rows)


def _order(item: tuple[str, ReadingScore]) -> tuple[int, int, str]:
    name, score = item
    first = 0 if name.startswith(("all", "at least")) else 1 if name.startswith(("width", "one", "two")) else 2
    place = _WIDTHS.index(name.removeprefix("width ")) if name.startswith("width") else -score.folded.of
    return first, place if first else 0, name


def _row(name: str, score: ReadingScore) -> list[str]:
    rate = score.edits / score.characters if score.characters else None
    shares = [score.strict.value, score.among_ten.value, score.wrong.value, rate]
    return [name, str(score.folded).strip(), *(_percent(share) for share in shares)]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _confidence(result: Evaluation) -> str:
    from lpr.training.score import accept_curve, calibration_error, reliability

    error = calibration_error(result.confidences)
    if error is None:
        return ""
    rows = [["confidence", "mean", "right"]]
    for group in reliability(result.confidences):
        rows.append([f"{group.low:.1f}–{group.high:.1f}", f"{group.confidence:.3f}", str(group.right).strip()])
    curve = [["accepted from", "plates accepted", "wrong among them"]]
    for point in accept_curve(result.confidences, result.readable):
        curve.append([f"{point.threshold:g}", str(point.accepted).strip(), str(point.wrong).strip()])
    return f"expected calibration error {error:.4f}\n\n{aligned(rows)}\n\n{aligned(curve)}"


def _confusions(result: Evaluation) -> str:
    counts = result.confusions
    if not counts.plates:
        return ""
    told = ", ".join(f"{true}→{read} {times}" for (true, read), times in counts.read.most_common(_CONFUSIONS))
    lines = [f"confusions, of {sum(counts.of.values())} characters (true→read): {told or 'none'}"]
    for name, counter in (("missed", counts.missed), ("added", counts.added)):
        if counter:
            lines.append(f"{name}: " + ", ".join(f"{c} {times}" for c, times in counter.most_common(_CONFUSIONS)))
    return "\n".join(lines)


def _jurisdiction(result: Evaluation) -> str:
    if not result.jurisdiction:
        return ""
    rows = [["jurisdiction", "most probable right", "stated", "wrong among stated", "stated as a US state"]]
    for name, score in sorted(result.jurisdiction.items()):
        shares = (score.best, score.stated, score.wrong, score.as_us)
        rows.append([name, *(str(share).strip() for share in shares)])
    return aligned(rows)
