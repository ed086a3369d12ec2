"""What a scenario expects (`then`) against what there is; every difference is told, not the first alone."""

from collections.abc import Callable, Mapping
from typing import Any

from accord.testing.scenario_given import refuse_unknown, type_names
from accord.testing.scenario_memory import (
    counts_of,
    error_rows,
    identity_rows,
    link_rows,
    pending_changes,
    review_rows,
)
from accord.testing.scenario_tables import difference, read_table, shown
from accord.testing.scenario_world import Row, ScenarioWorld

Check = Callable[[ScenarioWorld, Any], list[str]]


def differences(world: ScenarioWorld, expected: Mapping[str, Any]) -> list[str]:
    """Return every difference between what is expected and what is, in words; none when all is as expected."""
    refuse_unknown(expected, set(_CHECKS), "then")
    _forgive(world, expected)
    return [text for key, wanted in expected.items() for text in _CHECKS[key](world, wanted) if text]


def _forgive(world: ScenarioWorld, expected: Mapping[str, Any]) -> None:
    """Raise what the last run failed with, unless the scenario asks for it."""
    if world.last.error is not None and not expected.keys() & {"guard", "fails"}:
        world.require_no_failure()


def _counts(world: ScenarioWorld, wanted: Mapping[str, int]) -> list[str]:
    lines = [sorted(f"{name}: {count}" for name, count in c.items()) for c in (wanted, counts_of(world))]
    return [difference(f"counts of {world.last.name}", *lines)]


def _identities(world: ScenarioWorld, wanted: Any) -> list[str]:
    by_type = wanted if isinstance(wanted, dict) else {type_names(world.given)[0]: wanted}
    return [_table(f"identities of type {t}", text, identity_rows(world, t)) for t, text in by_type.items()]


def _links(world: ScenarioWorld, wanted: str) -> list[str]:
    return [_table("links", wanted, link_rows(world))]


def _reviews(world: ScenarioWorld, wanted: str) -> list[str]:
    return [_table("reviews", wanted, review_rows(world))]


def _holds(world: ScenarioWorld, wanted: Mapping[str, str]) -> list[str]:
    return [_table(f"system {name}", text, world.rows_of(name)) for name, text in wanted.items()]


def _errors(world: ScenarioWorld, wanted: str | None) -> list[str]:
    return [_table(f"errors of {world.last.name}", wanted or "code | object", error_rows(world))]


def _pending(world: ScenarioWorld, wanted: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    actual = pending_changes(world)
    expected_lines: list[str] = []
    actual_lines: list[str] = []
    for name in sorted(wanted.keys() | actual.keys()):
        expected_lines += _pending_lines(name, wanted.get(name)) if name in wanted else []
        is_looked_into = name not in wanted or wanted[name] is not None
        actual_lines += _pending_lines(name, actual[name] if is_looked_into else None) if name in actual else []
    return [difference("pending exports", expected_lines, actual_lines)]


def _pending_lines(name: str, changes: Mapping[str, Any] | None) -> list[str]:
    return [name, *sorted(f"    {attribute}: {change}" for attribute, change in (changes or {}).items())]


def _guard(world: ScenarioWorld, wanted: list[str] | None) -> list[str]:
    actual = sorted(f"{b.system} {b.limit} {b.count} of {b.out_of}" for b in world.last.breaches)
    if world.last.error is not None and world.last.error.code == "HELD":
        world.last.error = None
    return [difference(f"what the guard holds of {world.last.name}", sorted(wanted or []), actual)]


def _fails(world: ScenarioWorld, wanted: str | None) -> list[str]:
    error, world.last.error = world.last.error, None
    actual = [] if error is None else [error.code]
    text = difference(f"error of {world.last.name}", [wanted] if wanted else [], actual)
    return [f"{text}\n  {error}" if text and error is not None else text]


def _table(what: str, text: str, rows: list[Row]) -> str:
    table = read_table(text, what)
    return difference(
        f"{what}, {' | '.join(table.columns)}", shown(table.columns, table.rows), shown(table.columns, rows)
    )


_CHECKS: Mapping[str, Check] = {
    "counts": _counts,
    "identities": _identities,
    "links": _links,
    "reviews": _reviews,
    "pending": _pending,
    "holds": _holds,
    "errors": _errors,
    "guard": _guard,
    "fails": _fails,
}
