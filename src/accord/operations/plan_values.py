"""Planned changes value by value, as the rows of a spreadsheet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accord.operations.plan_changes import PlannedChange
from accord.operations.values import ValueChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedValue:
    """One attribute of one change, as a row of a spreadsheet; several values are joined by a semicolon."""

    area: str
    system: str
    object_type: str
    operation: str
    name: str
    rule: str
    attribute: str
    before: str
    after: str


def changed_values(changes: Iterable[PlannedChange]) -> Iterator[ChangedValue]:
    """Yield one row per attribute that changes; an object without values, as one to delete, gives one row."""
    for change in changes:
        for value in change.changes or (ValueChange(name="", before=(), after=()),):
            yield ChangedValue(
                area=change.area,
                system=change.system,
                object_type=change.object_type,
                operation=change.operation,
                name=change.name,
                rule=change.rule,
                attribute=value.name,
                before="; ".join(value.before),
                after="; ".join(value.after),
            )
