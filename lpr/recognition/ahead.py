"""Decoding ahead: an iterator runs on a thread of its own, a few values before what is asked for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

Value = TypeVar("Value")

#: Values that wait.
WAITING = 6


def ahead(values: Iterator[Value], waiting: int = WAITING) -> Generator[Value, None, None]:
    """The values of ``values``, which a thread draws while earlier ones are worked on: see ``polled``."""
    for value in polled(values, waiting, patience=None):
        assert value is not None  # with endless patience there is one, or the end
        yield value


def polled(values: Iterator[Value], waiting: int, patience: float | None) -> Generator[Value | None, None, None]:
    """The values of ``values``, which a thread draws ahead; None when there is none within ``patience`` seconds.

    The thread owns ``values`` from the first value on; the consumer owns what it was given. An exception ends the
    thread and is raised in the consumer, in its place after the values. When the consumer stops early, by ``close``
    or because it is forgotten, the thread stops at its next value and closes ``values``; it is waited for.
    """
    ready: queue.Queue[tuple[Value] | BaseException | None] = queue.Queue(waiting)
    stopped = threading.Event()

    def put(item: tuple[Value] | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def draw() -> None:
        error: BaseException | None = None
        try:
            for value in values:
                if not put((value,)):
                    break
        except BaseException as raised:  # noqa: BLE001 - whatever it is, the consumer must hear of it
            error = raised
        finally:
            close = getattr(values, "close", None)
            if close is not None:
                close()
            put(error)

    thread = threading.Thread(target=draw, name="lpr decode", daemon=True)
    thread.start()
    try:
        while True:
            try:
                item = ready.get(timeout=patience)
            except queue.Empty:
                yield None
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item[0]
    finally:
        stopped.set()
        thread.join()
