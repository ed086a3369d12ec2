"""What a job's body becomes: rules of ours, how each source is read, and how the destination is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.datasync.selecting import Selection
from accord.model.rules import RuleSet

SOURCE = "source"
DESTINATION = "destination"
"""The names of a job's two connected systems."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """A column of names of destination objects: those whose `attribute` equals the values of a `field`."""

    column: str
    field: str
    attribute: str
    delimiter: str = ""
    is_member: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptColumn:
    """A column that a script computes, one value for each row."""

    column: str
    code: str
    place: str
    language: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalScript:
    """What a job does at its events: in Visual Basic the body of each handler, in Python one module with functions.

    `events` names those that do something.
    """

    language: int = 0
    module: str = ""
    events: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlan:
    """How the rows of one object type are read: the query, the columns wanted, what identifies a row.

    `selection` is set where the query runs on a file; else the system answers `query` itself. `keys` are expressions
    over the columns; together they are the row's anchor. `reads_all`: a script may look at any column.
    `has_row_starting`: the global script sees every row first.
    """

    object_type: str
    place: str
    query: str
    selection: Selection | None
    columns: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    is_case_sensitive: bool = False
    look_ups: tuple[LookUp, ...] = ()
    scripts: tuple[ScriptColumn, ...] = ()
    reads_all: bool = False
    has_row_starting: bool = False
    time_stamp_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationPlan:
    """How the destination is opened: settings beyond the provider's, and conditions on rows where it is a table."""

    settings: Mapping[str, object]
    conditions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledJob:
    """A job ready to run."""

    rules: RuleSet
    sources: Mapping[str, SourcePlan]
    destination: DestinationPlan
    script: GlobalScript = field(default_factory=GlobalScript)
