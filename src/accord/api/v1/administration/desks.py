"""A door's way to the configuration: a desk to look at it, or to change it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Query

from accord.api.callers import Door
from accord.operations.administration.desk import Desk

Reason = Annotated[str | None, Query(alias="changeReason", max_length=1000)]
"""Why something is removed, for the record."""


@contextmanager
def looking(door: Door) -> Iterator[Desk]:
    """Lend the configuration, for looking only."""
    with door.reading() as context:
        yield Desk(context)


@contextmanager
def changing(door: Door) -> Iterator[Desk]:
    """Lend the configuration to change it."""
    with door.writing() as context:
        yield Desk(context)
