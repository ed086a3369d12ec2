"""What scripts wrote in place of what their job computed, in the memory of that job."""

from collections.abc import Sequence
from dataclasses import dataclass

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("datasync_staged")


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedValue:
    """One attribute of one object: what the job computed, and what a script wrote instead; empty for no value."""

    object_type: str
    anchor: str
    attribute: str
    computed: str
    written: str


class StagedValues:
    """All of one job."""

    def __init__(self, control: Database) -> None:
        self._database = control

    def read(self) -> tuple[StagedValue, ...]:
        """Return everything that is remembered."""
        names = StagedValue.__dataclass_fields__
        return tuple(StagedValue(**dict(zip(names, row, strict=True))) for row in self._database.rows(_SQL["read"]))

    def remember(self, values: Sequence[StagedValue]) -> None:
        """Remember values in place of what was known of the same attributes."""
        with self._database.transaction():
            for value in values:
                row = {name: getattr(value, name) for name in StagedValue.__dataclass_fields__}
                self._database.execute(_SQL["forget"], row)
                self._database.execute(_SQL["remember"], row)
