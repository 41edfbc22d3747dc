"""One alert as an officer reads it: read and entry side by side, the picture, and what to do first."""

from __future__ import annotations

from lpr.hotlist.alert import DECISIONS, NEW, Alert
from lpr.hotlist.entry import ADVICE, AGREES, CONFLICTS, PARTIAL, Entry

from .hotlist_words import minutes, number

_GAP = "·"


def card(alert: Alert, entry: Entry | None) -> str:
    """The whole card; ``entry`` is the list's as it stands now, None when there is none any more."""
    lines = [f"Alert {alert.id}: {ADVICE}", "", *_side_by_side(alert), "", *_about(alert), *_entry(alert, entry)]
    lines += ["", *_picture(alert), "", *_checklist(alert, entry), "", *_status(alert)]
    return "\n".join(line.rstrip() for line in lines)


def _side_by_side(alert: Alert) -> list[str]:
    base = alert.candidate if alert.tier == PARTIAL else alert.text
    read, listed, marks = _aligned(base, alert)
    width = max(len(read), len(alert.read_state or "unknown"), len("read")) + 3
    state = {AGREES: "agrees", CONFLICTS: "CONFLICTS"}.get(alert.state_agreement, "not compared")
    return [
        f"           {'read':{width}}on the list",
        f"  plate    {read:{width}}{listed}",
        *([f"           {marks:{width}}{marks}"] if marks.strip() else []),
        f"  state    {alert.read_state or 'unknown':{width}}{alert.state or 'unknown'}   ({state})",
    ]


def _aligned(read: str, alert: Alert) -> tuple[str, str, str]:
    """Read, entry and marks below them, one column for each character of either."""
    if alert.tier == PARTIAL:
        marked = {one.position for one in alert.differs}
        return read, alert.plate, "".join("^" if i in marked else " " for i in range(len(read)))
    above, below, marks = "", "", ""
    differs = {(one.position, one.read == ""): one for one in alert.differs}
    for i in range(len(read) + 1):
        # Characters that only the entry has stand before this one, as many as there are.
        for one in [d for d in alert.differs if d.position == i and not d.read]:
            above, below, marks = above + _GAP, below + one.entry, marks + "^"
        if i < len(read):
            found = differs.get((i, False))
            entry = read[i] if found is None else found.entry or _GAP
            above, below, marks = above + read[i], below + entry, marks + (" " if found is None else "^")
    return above, below, marks


def _about(alert: Alert) -> list[str]:
    return [
        f"  why      {alert.tier}, score {alert.score:.2g}: {alert.rule}",
        f"  list     {alert.list}, reason given: {alert.reason or 'none'}"
        + ("; THE LIST IS STALE, the entry may have been taken off since" if alert.stale else ""),
    ]


def _entry(alert: Alert, entry: Entry | None) -> list[str]:
    if entry is None:
        return ["  entry    is not on the list any more"] if alert.entry_id is not None else []
    return [f"  {name[:8]:8} {' '.join(value.split())}" for name, value in entry.details.items()]


def _picture(alert: Alert) -> list[str]:
    moment = "" if alert.seconds is None else f", second {alert.seconds:.1f}, frame {alert.frame}"
    crop = alert.crop or "not saved; lpr scan --save-crops DIR saves it"
    box = " ".join(map(str, alert.box))
    again = f", seen again {number(alert.repeats, 'time')}" if alert.repeats else ""
    taken = f", taken {minutes(alert.taken_at)}" if alert.taken_at else ""
    return [f"  seen     {alert.source}{moment}{taken}{again}", f"  crop     {crop}", f"  box      {box}"]


def _checklist(alert: Alert, entry: Entry | None) -> list[str]:
    marked = "the marked characters first" if alert.differs else "character by character"
    nic = None if entry is None else entry.details.get("nic")
    return [
        "  Before anything else is done:",
        f"  [ ] look at the picture: compare the plate, {marked}, and the vehicle",
        f"  [ ] confirm the state: {alert.state or 'the list names none, ask'}",
        "  [ ] confirm with the live system that the entry still stands" + (f" (NIC {nic})" if nic else ""),
    ]


def _status(alert: Alert) -> list[str]:
    if alert.decision is not None:
        said = f": {alert.note}" if alert.note else ""
        return [
            f"  Decided {minutes(alert.decided_at)} by {alert.decided_by}: {DECISIONS[alert.decision]}{said}",
        ]
    seen = "new" if alert.status == NEW else f"seen {minutes(alert.seen_at)} by {alert.seen_by}"
    return [f"  {seen[0].upper()}{seen[1:]}. Then: lpr alerts decide {alert.id} {'|'.join(DECISIONS)}"]
