"""Reading ahead: the same items in the same order, a few at a time, and nothing left behind."""

import threading
from collections.abc import Iterator

import pytest

from accord.runs.ahead import read_ahead


def test_items_come_in_order() -> None:
    assert list(read_ahead(range(100), count=3)) == list(range(100))


def test_nothing_comes_of_nothing() -> None:
    assert list(read_ahead([], count=3)) == []


def test_an_error_comes_after_what_was_read_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("gone")

    seen = []
    with pytest.raises(OSError, match="gone"):  # noqa: PT012 - what came before the error is the point
        for item in read_ahead(items(), count=4):
            seen.append(item)  # noqa: PERF402
    assert seen == [1, 2]


def test_no_more_is_read_than_asked_for_and_all_has_ended_when_nobody_reads_on() -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for item in range(1000):
            read.append(item)
            yield item

    ahead = read_ahead(items(), count=3)
    assert next(ahead) == 0
    ahead.close()  # type: ignore[attr-defined]  # a generator has it
    assert len(read) <= 1 + 3
    assert not [t for t in threading.enumerate() if t.name.startswith("read-ahead")]


def test_items_are_read_in_a_thread_of_their_own() -> None:
    def items() -> Iterator[str]:
        yield threading.current_thread().name

    assert [name.partition("_")[0] for name in read_ahead(items(), count=1)] == ["read-ahead"]
