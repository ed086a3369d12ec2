"""What a connector promises: settings, capabilities, discovery, reading, writing.

This is public surface: connector authors write against it, `accord.testing` proves their work.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Protocol

import pyarrow as pa
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

from accord.model.errors import RowError
from accord.model.schema import ObjectTypeSchema, SystemSchema

ANCHOR = "_anchor"
DN = "_dn"
AT = "_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a kind of system can do; the conformance suite tests exactly what is declared.

    `assigns_anchor`: the system makes the anchor on create and the outcome must carry it.
    `writes_single_values`: an update sends the values added and removed, not the whole attribute.
    `write_batch_rows`: how many operations one call of `write` should get; a kind that writes its whole file each time
    wants many.
    """

    can_read: bool = True
    can_write: bool = False
    can_rename: bool = False
    can_delete: bool = False
    has_dn: bool = False
    assigns_anchor: bool = False
    writes_single_values: bool = False
    can_read_changes: bool = False
    write_batch_rows: int = 1_000


class Settings(BaseModel):
    """Base of every connector's settings: unknown names are errors, values do not change once loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _under_base(path: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("base")
    return path if base is None or path.is_absolute() else Path(base) / path


SettingsPath = Annotated[Path, AfterValidator(_under_base)]
"""A path in settings; a relative one starts at the configuration folder (validation context `base`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadScope:
    """What to read: object types by name, each with exactly the attributes wanted. `page_rows` bounds a batch.

    `partition`: the only one to read, of a system that has partitions. `asked_rows`: the most to ask the system for at
    once, where that is less than its settings say.
    """

    object_types: Mapping[str, ObjectTypeSchema]
    page_rows: int = 50_000
    partition: str | None = None
    asked_rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBatch:
    """Objects of one type, as columns, with the rows that could not be read.

    `rows` has `_anchor` (string), `_at` (string: where a person finds the object), `_dn` (string) when the type
    has dns, and one column per attribute wanted: `string` when single-valued, `list<string>` when multi-valued.
    Values are text in canonical form as far as the system itself is typed (`accord.model.schema.CANONICAL_TEXT`);
    a system of strings hands on its strings and conversion by schema happens later, per object. No value is
    null or absent, never the empty string; a multi-valued attribute without values is null.
    A row whose anchor is null is reported by the caller as an error of that row. `unchanged` are the anchors of
    objects that are there and stay as they were known, without a value said; None: nobody knows which object.
    """

    object_type: str
    rows: pa.RecordBatch
    errors: tuple[RowError, ...] = ()
    unchanged: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBatch:
    """Objects of one type that changed since a watermark: `rows` as in `ReadBatch`, and anchors that are gone.

    `watermark` is where the next read continues once everything up to this batch is committed. An object may come
    in several batches; the last one counts. Anchors in `removed` that were never known do no harm. `names_follow` tells
    that the system itself refers to what was renamed by its new name, and to what is gone no more, without counting
    whoever refers to it as changed.
    """

    object_type: str
    rows: pa.RecordBatch
    removed: tuple[str, ...] = ()
    errors: tuple[RowError, ...] = ()
    watermark: str = ""
    names_follow: bool = False


class Operation(StrEnum):
    """What an export does to one object of a connected system."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeChange:
    """One attribute of one export: the values added, the values removed, and all values after the change.

    Canonical text (see `CANONICAL_TEXT`). On create `added` equals `after`. Empty `after` clears the attribute.
    When `after` is None only the difference is known (memberships of large groups) and must be sent as such.
    """

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    after: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOperation:
    """One change for one object, in the order of the sequence it comes in.

    `row` is echoed in the outcome. `anchor` is None on create where the system assigns it. `dn` is the name
    now (on create: the name to be), `new_dn` the name after a rename. A rename may carry changes as well.
    """

    row: int
    operation: Operation
    object_type: str
    anchor: str | None
    dn: str | None = None
    new_dn: str | None = None
    changes: tuple[AttributeChange, ...] = ()


class OutcomeState(StrEnum):
    """What became of an export: done, refused, or not known (sent, but no answer came)."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOutcome:
    """The system's answer to one operation; `code` names the cause, `message` says it for a person.

    `is_retryable` tells whether time may heal it (busy, unavailable, reference not there yet); `names_follow` that
    references to what was renamed or deleted were changed by the system itself.
    """

    row: int
    state: OutcomeState
    anchor: str | None = None
    code: str = ""
    message: str = ""
    is_retryable: bool = False
    names_follow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionReport:
    """What a connection test found: facts as name and text, in the order to show them."""

    facts: tuple[tuple[str, str], ...]


class Connector(Protocol):
    """One open connected system. Not shared between threads; `close` releases what it holds and may be repeated."""

    def test(self) -> ConnectionReport:
        """Return what the system says of itself; raise SystemUnavailable or SystemRefused with a remedy."""

    def discover(self) -> SystemSchema:
        """Return the object types and attributes that the system offers."""

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield everything in scope. Ending without an exception means the read is complete.

        Raises IncompleteRead when the system held something back, SystemUnavailable when it went away.
        """

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Carry out the operations in dependency order; yield one outcome each, in any order, as they come.

        `scope` gives the schema of every attribute written. An operation that fails does not stop the others.
        Raises SystemUnavailable before anything was sent, never in the middle: then outcomes are UNKNOWN or
        FAILED and retryable.
        """

    def close(self) -> None:
        """Release connections and files."""


class ChangeReader(Protocol):
    """What a connector that declares `can_read_changes` offers besides."""

    def watermark(self) -> str:
        """Return the present watermark; taken before a full read, so that nothing in between is missed."""

    def read_changes(self, scope: ReadScope, since: str) -> Iterator[ChangeBatch]:
        """Yield what changed since the watermark, at least one batch per object type in scope.

        Raises WatermarkLost when the system no longer knows it: then only a full import tells the truth.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundContainer:
    """A place in a directory's tree below which objects may be."""

    dn: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPartition:
    """A naming context of a directory with the containers in it."""

    dn: str
    containers: tuple[FoundContainer, ...] = ()


class HierarchyReader(Protocol):
    """What a connector whose objects have dns offers besides."""

    def hierarchy(self) -> tuple[FoundPartition, ...]:
        """Return the partitions and containers there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorKind:
    """A kind of connected system: its name in configuration, its settings, what it can do, how to open one.

    `trusts_machine`: its settings have a `ca_file`, without which it trusts the authorities of this machine.
    """

    name: str
    title: str
    settings: type[Settings]
    capabilities: Capabilities
    open: Callable[[Any], Connector]
    trusts_machine: bool = False
