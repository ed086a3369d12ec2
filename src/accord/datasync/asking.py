"""What the scripts of a job are asked, row by row, and what they answer; whoever runs them keeps to this."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Programs to run in turn on one row: events by their names, computed columns by theirs.

    `staging` is the row of the destination, where there is one; `query` what a query event may replace.
    """

    programs: tuple[str, ...]
    row: Mapping[str, str | None] = field(default_factory=dict)
    staging: Mapping[str, str | None] = field(default_factory=dict)
    query: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call: values by column, what was assigned to the staging row, the query, notes for the log.

    `program` is the one that failed or cancelled the row; with an `error` nothing else counts.
    """

    results: Mapping[str, str | None] = field(default_factory=dict)
    staging: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    is_cancelled: bool = False
    error: str = ""
    program: str = ""
    notes: tuple[str, ...] = ()


class ScriptHost(Protocol):
    """Runs the scripts of one job for one run."""

    def ask(self, calls: Sequence[Call]) -> Iterator[Answer]:
        """Yield one answer for each call, in order. What goes wrong in one is that one's error."""

    def close(self) -> None:
        """End whatever runs them."""
