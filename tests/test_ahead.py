"""Values drawn ahead on a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from lpr.recognition.ahead import ahead


def test_values_come_in_order_and_from_another_thread() -> None:
    def values() -> Iterator[tuple[int, str]]:
        for i in range(50):
            yield i, threading.current_thread().name

    assert list(ahead(values())) == [(i, "lpr decode") for i in range(50)]


def test_an_error_comes_in_its_place() -> None:
    def values() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    drawn = ahead(values())
    assert next(drawn) == 1
    with pytest.raises(ValueError, match="broken"):
        next(drawn)


def test_stopping_early_closes_the_source_and_ends_the_thread() -> None:
    closed = []

    def values() -> Iterator[int]:
        try:
            yield from range(10**9)
        finally:
            closed.append(True)

    drawn = ahead(values(), waiting=2)
    assert next(drawn) == 0
    drawn.close()
    assert closed == [True]
    assert "lpr decode" not in [thread.name for thread in threading.enumerate()]


def test_only_a_few_values_wait() -> None:
    made = []

    def values() -> Iterator[int]:
        for i in range(100):
            made.append(i)
            yield i

    drawn = ahead(values(), waiting=3)
    next(drawn)
    time.sleep(0.3)
    assert len(made) <= 6
    drawn.close()
