"""Small tables as people write them: a header, one line per row, cells between bars; an empty cell is no value."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accord.model.errors import ConfigError

SEVERAL = ";"
"""What stands between several values in one cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns in order, and rows by column."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str | None], ...]


def read_table(text: str, place: str) -> Table:
    """Return the table that a text shows; raise ConfigError naming the line that has too few or too many cells."""
    lines = [[cell.strip() for cell in line.split("|")] for line in str(text).splitlines() if line.strip()]
    if not lines:
        raise ConfigError("there is no table", place=place, remedy="write at least the line of column names")
    columns = tuple(lines[0])
    for line in lines[1:]:
        if len(line) != len(columns):
            raise ConfigError(
                f"has {len(line)} cells, the table has {len(columns)} columns",
                place=f"{place}, {' | '.join(line)}",
                remedy="put | between cells, also around empty ones",
            )
    rows = tuple({n: cell or None for n, cell in zip(columns, line, strict=True)} for line in lines[1:])
    return Table(columns=columns, rows=rows)


def shown(columns: Sequence[str], rows: Iterable[Mapping[str, str | None]]) -> list[str]:
    """Return the rows as lines to compare, sorted; several values in one cell are sorted too."""
    return sorted(" | ".join(_cell(row.get(name)) for name in columns) for row in rows)


def difference(what: str, expected: Sequence[str], actual: Sequence[str]) -> str:
    """Return what is missing (-) and what is there instead (+), empty when nothing differs."""
    if list(expected) == list(actual):
        return ""
    lines = (line for line in difflib.ndiff(expected, actual) if not line.startswith("?"))
    return "\n".join([f"{what}: - expected, + actual", *(f"  {line.rstrip()}" for line in lines)])


def _cell(text: str | None) -> str:
    return SEVERAL.join(sorted((text or "").split(SEVERAL)))
