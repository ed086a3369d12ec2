"""What a database says of one table, view or query: its columns, their types, its key."""

from dataclasses import dataclass

from accord.model.schema import ValueType


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `declared` is the database's own word for its type.

    `is_assigned`: the database gives a value when none is sent. `is_generated`: it never takes one.
    `key_position` counts from 1 within the primary key, 0 outside.
    """

    name: str
    declared: str
    type: ValueType = ValueType.TEXT
    is_array: bool = False
    is_required: bool = False
    is_assigned: bool = False
    is_generated: bool = False
    key_position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationName:
    """A table or view there is."""

    name: str
    is_view: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table, view or query as something to select from. `source` is SQL, `title` is for people."""

    title: str
    source: str
    columns: tuple[Column, ...]
    is_writable: bool

    @property
    def by_name(self) -> dict[str, Column]:
        """Return the columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def key(self) -> tuple[str, ...]:
        """Return the primary key's columns in its order; empty when there is none."""
        keys = sorted((column for column in self.columns if column.key_position), key=lambda c: c.key_position)
        return tuple(column.name for column in keys)
