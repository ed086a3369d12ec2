"""Filters and pages of the contract's lists: a tree of conditions, and a SearchOption, over rows of plain values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.datasync.filters import Comparison, comparison_named
from accord.datasync.loose import Loose

Row = Mapping[str, Any]

_MOST_ROWS = 1_000
_COMPARE: Mapping[Comparison, Callable[[str, str], bool]] = {
    Comparison.IS_EXACTLY: lambda held, value: held == value,
    Comparison.IS_NOT: lambda held, value: held != value,
    Comparison.CONTAINS: lambda held, value: value in held,
    Comparison.NOT_CONTAIN: lambda held, value: value not in held,
    Comparison.STARTS_WITH: str.startswith,
    Comparison.DOES_NOT_START_WITH: lambda held, value: not held.startswith(value),
    Comparison.ENDS_WITH: str.endswith,
    Comparison.DOES_NOT_END_WITH: lambda held, value: not held.endswith(value),
    Comparison.PRESENT: lambda held, _: bool(held),
    Comparison.NOT_PRESENT: lambda held, _: not held,
    Comparison.GREATER_OR_EQUAL: lambda held, value: _ordered(held) >= _ordered(value),
    Comparison.LESS_OR_EQUAL: lambda held, value: _ordered(held) <= _ordered(value),
}
_COLUMNS = {"source": "sourceprovider", "destination": "destinationprovider"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which page of how many rows, counted from 1, sorted by which column."""

    page: int = 1
    rows: int = 10
    column: str = ""
    is_descending: bool = False


def paging_of(option: Loose) -> Paging:
    """Return the paging that a SearchOption asks for."""
    return Paging(
        page=max(option.number("PageIndex", 1), 1),
        rows=min(max(option.number("PageSize", 10), 1), _MOST_ROWS),
        column=option.text("SortColumnName"),
        is_descending=option.number("SortOrder", 1) == 2,
    )


def search(rows: Sequence[Row], criteria: Loose | None, paging: Paging) -> tuple[int, list[Row]]:
    """Return how many rows match, and those of the page; raise Invalid for an operator there is not."""
    found = [row for row in rows if criteria is None or _matches(row, criteria)]
    if paging.column:
        found.sort(key=lambda row: _value(row, paging.column), reverse=paging.is_descending)
    start = (paging.page - 1) * paging.rows
    return len(found), found[start : start + paging.rows]


def _matches(row: Row, criteria: Loose) -> bool:
    operator = criteria.text("operator").strip()
    children = [child for child in criteria.many("child") if not _is_placeholder(child)]
    if children:
        results = (_matches(row, child) for child in children)
        return any(results) if operator.casefold() == "or" else all(results)
    if _is_placeholder(criteria):
        return True
    comparison = comparison_named(operator, criteria.at("operator"))
    compare = _COMPARE.get(comparison)
    held = _value(row, criteria.text("attribute"))
    return compare is None or compare(held, criteria.text("value").casefold())


def _is_placeholder(criteria: Loose) -> bool:
    """Tell whether a condition is one that clients leave in for form's sake."""
    attribute, operator = criteria.text("attribute"), criteria.text("operator")
    has_children = any(True for _ in criteria.many("child"))
    return not has_children and (attribute in ("", "string") or operator in ("", "string"))


def _value(row: Row, name: str) -> str:
    folded = name.casefold()
    wanted = _COLUMNS.get(folded, folded)
    value = next((value for key, value in row.items() if key.casefold() == wanted), None)
    return "" if value is None else str(value).casefold()


def _ordered(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), ""
    except ValueError:
        return 1, 0.0, text
