"""Answers of a moment ago are told again, until something has changed."""

import anyio
import anyio.lowlevel
import pytest

from accord.api.recent import Recent


class Source:
    """Tells how often it was asked."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self) -> bytes:
        """Return another answer each time."""
        self.reads += 1
        return str(self.reads).encode()


def test_who_asks_at_nearly_the_same_time_is_told_the_same() -> None:
    source, recent = Source(), Recent()

    async def asking() -> list[bytes]:
        return [await recent.of("a", source.read) for _ in range(50)]

    answers = anyio.run(asking)
    # Were it never kept there would be 50, however slow the machine is.
    assert len(set(answers)) < 50
    assert answers[0] == b"1"


def test_what_has_changed_is_read_anew() -> None:
    source, recent = Source(), Recent()

    async def asking() -> list[bytes]:
        first = await recent.of("a", source.read)
        recent.forget()
        return [first, await recent.of("a", source.read)]

    assert anyio.run(asking) == [b"1", b"2"]


def test_an_answer_grows_old() -> None:
    source, recent = Source(), Recent()

    async def asking() -> None:
        with anyio.fail_after(10):
            while await recent.of("a", source.read) == b"1":
                # Kept answers come without a pause, in which the time limit could be noticed.
                await anyio.lowlevel.checkpoint()

    anyio.run(asking)
    assert source.reads == 2


def test_what_fails_is_not_kept() -> None:
    recent, source = Recent(), Source()

    def fail() -> bytes:
        raise ValueError("gone")

    async def asking() -> bytes:
        with pytest.raises(ValueError, match="gone"):
            await recent.of("a", fail)
        return await recent.of("a", source.read)

    assert anyio.run(asking) == b"1"
