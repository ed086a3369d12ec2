"""How the configuration came to be what it is: revisions, of one thing or of everything; compare, restore."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice

from accord.config.canonical import Document, document_of
from accord.config.diff import document_changes
from accord.config.places import FileKind
from accord.config.reading import FilesRead
from accord.model.errors import NotFound
from accord.operations.administration.desk import CAMEL, Desk, file_of, refuse_broken, shape_of
from accord.operations.administration.naming import wanted_ids
from accord.store.audit import Deed
from accord.store.configurations import Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """One change of the configuration."""

    __pydantic_config__ = CAMEL
    version: int
    operation: str
    initiated_by_name: str
    when: str
    reason: str | None
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """One field that differs."""

    __pydantic_config__ = CAMEL
    path: str
    change: str
    old_value: str | None
    new_value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs between two revisions of one thing."""

    __pydantic_config__ = CAMEL
    object_type: str
    object_name: str
    old_version: int
    new_version: int
    added_count: int
    removed_count: int
    modified_count: int
    has_changes: bool
    fields: tuple[FieldDifference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One thing as it was, as its document, and what that revision changed of it."""

    __pydantic_config__ = CAMEL
    version: int
    operation: str
    initiated_by_name: str
    when: str
    reason: str | None
    snapshot: dict[str, object]
    diff: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferentLine:
    """One line of a difference: `kind` is `before`, `after`, `same`, or `gap` where lines are left out."""

    __pydantic_config__ = CAMEL
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """One file that a revision added, removed or changed, with the lines that differ and those around them."""

    __pydantic_config__ = CAMEL
    file: str
    change: str
    lines: tuple[DifferentLine, ...]


def list_revisions(desk: Desk, kind: FileKind | None = None, name: str = "") -> list[RevisionView]:
    """Return the revisions of one thing, or of the whole configuration, the newest first."""
    file = None if kind is None else file_of(kind, name)
    return [_view(revision) for revision in desk.context.store.configurations.history(file)]


def read_snapshot(desk: Desk, kind: FileKind, name: str, version: int) -> Snapshot:
    """Return one thing as a revision left it; raise NotFound when that revision did not touch it."""
    found = next(
        (r for r in desk.context.store.configurations.history(file_of(kind, name)) if r.number == version), None
    )
    if found is None:
        raise NotFound(f"{name} has no version {version}", remedy="list its change history")
    head = _view(found)
    return Snapshot(
        version=version, operation=head.operation, initiated_by_name=head.initiated_by_name, when=head.when,
        reason=head.reason, snapshot=_document(_read_at(desk, version), kind, name),
        diff=compare(desk, kind, name, version - 1, version),
    )  # fmt: skip


def changed_files(desk: Desk, version: int) -> tuple[ChangedFile, ...]:
    """Return what a revision changed, file by file as it is written; raise NotFound when there is none."""
    kept = desk.context.store.configurations
    after = kept.read_at(version).files
    before = kept.read_at(version - 1).files if version > 1 else {}
    return tuple(
        ChangedFile(
            file=file,
            change="added" if file not in before else "removed" if file not in after else "changed",
            lines=tuple(_different(before.get(file, b""), after.get(file, b""))),
        )
        for file in sorted(before.keys() | after.keys())
        if before.get(file) != after.get(file)
    )


def compare(desk: Desk, kind: FileKind, name: str, old: int, new: int) -> Difference:
    """Return what differs of one thing between two revisions."""
    before, after = (_document(_read_at(desk, version), kind, name) for version in (old, new))
    changes = document_changes(before, after)
    counts = {change: sum(c.kind == change for c in changes) for change in ("added", "removed", "changed")}
    return Difference(
        object_type=str(kind), object_name=name, old_version=old, new_version=new, added_count=counts["added"],
        removed_count=counts["removed"], modified_count=counts["changed"], has_changes=bool(changes),
        fields=tuple(
            FieldDifference(
                path=".".join(c.field), change=str(c.kind), old_value=None if c.before is None else str(c.before),
                new_value=None if c.after is None else str(c.after),
            )
            for c in changes
        ),
    )  # fmt: skip


def restore(desk: Desk, version: int, reason: str) -> int:
    """Make the whole configuration what it was at a revision, as a new revision; return its number."""
    kept = desk.context.store.configurations
    documents, old = kept.read(), kept.read_at(version)
    after = desk.configured.load(old)
    refuse_broken(desk.stored, after)
    changes = {
        file: old.files.get(file)
        for file in documents.files.keys() | old.files.keys()
        if old.files.get(file) != documents.files.get(file)
    }
    deed = Deed(actor=desk.context.actor, action="restore_configuration", subject=f"revision {version}", reason=reason)
    with kept.commit(changes, deed, after=documents.revision, at=desk.context.clock()) as number:
        kept.ids.settle(wanted_ids(desk.context, after.configuration.files, desk.configured.kind_of))
    return number


def _different(before: bytes, after: bytes) -> Iterator[DifferentLine]:
    lines = unified_diff(before.decode().splitlines(), after.decode().splitlines(), n=3, lineterm="")
    kinds = {"-": "before", "+": "after", "@": "gap"}
    for line in islice(lines, 2, None):
        kind = kinds.get(line[:1], "same")
        yield DifferentLine(kind=kind, text="" if kind == "gap" else line[1:])


def _read_at(desk: Desk, version: int) -> FilesRead | None:
    if version < 1:
        return None
    return desk.configured.load(desk.context.store.configurations.read_at(version)).configuration.files


def _document(read: FilesRead | None, kind: FileKind, name: str) -> Document:
    shape = None if read is None else shape_of(read, kind, name)
    return {} if shape is None or read is None else document_of(shape, read.settings.get(name))


def _view(revision: Revision) -> RevisionView:
    return RevisionView(
        version=revision.number, operation=revision.action, initiated_by_name=revision.actor, when=revision.at,
        reason=revision.reason or None, summary=f"{revision.action.replace('_', ' ')} {revision.subject}",
    )  # fmt: skip
