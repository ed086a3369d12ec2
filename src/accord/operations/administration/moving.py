"""Between a folder and the store: the same files, byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from accord.config.canonical import document_of
from accord.config.diff import ChangeKind, FieldChange, document_changes
from accord.config.findings import Findings
from accord.config.folder import FOLDERS, folder_files
from accord.config.places import FileKind
from accord.config.reading import ACCORD_FILE, FilesRead
from accord.config.stored import Stored
from accord.model.errors import ConfigErrors, UsageError
from accord.operations.administration.desk import Desk, refuse_broken, shape_of
from accord.operations.administration.naming import wanted_ids
from accord.store.audit import Deed
from accord.store.configurations import Documents


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file that differs, and which of its fields do; without fields only its wording differs."""

    file: str
    change: ChangeKind
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """Something that is there and does not run yet, and why."""

    place: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What taking in a folder changes, or would change: `revision` is None when nothing was kept."""

    folder: str
    revision: int | None
    files: tuple[FileChange, ...]
    drafts: tuple[Unfinished, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written, of which revision."""

    folder: str
    revision: int
    files: tuple[str, ...]


def import_folder(desk: Desk, folder: Path, *, reason: str, drafts: bool, dry_run: bool) -> Imported:
    """Let the store's configuration be that of a folder, as one revision.

    Raises ConfigErrors with everything that is wrong in it; with `drafts` what is new may be unfinished.
    """
    findings, kept = Findings(), desk.context.store.configurations
    files = folder_files(folder.resolve(), findings)
    findings.raise_errors()
    documents, before = kept.read(), desk.stored
    after = desk.configured.load(Documents(revision=documents.revision + 1, files=files))
    refuse_broken(before, after)
    found = _unfinished(after)
    if found and not drafts:
        raise ConfigErrors([error for errors in after.drafts.values() for error in errors])
    changes = _changed_files(documents.files, files, before.configuration.files, after.configuration.files)
    number = None
    if changes and not dry_run:
        bodies = {change.file: files.get(change.file) for change in changes}
        now = desk.context.clock()
        deed = Deed(actor=desk.context.actor, action="import_configuration", subject=str(folder), reason=reason)
        with kept.commit(bodies, deed, after=documents.revision, at=now) as number:
            kept.ids.settle(wanted_ids(desk.context, after.configuration.files, desk.configured.kind_of))
    return Imported(folder=str(folder), revision=number, files=changes, drafts=found)


def export_folder(desk: Desk, folder: Path, *, replace: bool) -> Exported:
    """Write the store's configuration into a folder, which must be new or empty unless it is to be replaced.

    Replacing takes away files of a configuration that the store does not have, and nothing else.
    """
    documents = desk.context.store.configurations.read()
    if folder.exists() and any(folder.iterdir()) and not replace:
        raise UsageError("the folder is not empty", place=str(folder), remedy="name a new folder, or say --replace")
    for name in _held(folder) - documents.files.keys():
        (folder / name).unlink()
    for name, content in documents.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if not documents.files:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ACCORD_FILE).write_bytes(b"{}\n")
    return Exported(folder=str(folder), revision=documents.revision, files=tuple(documents.files))


def _held(folder: Path) -> set[str]:
    paths = [folder / ACCORD_FILE, *(p for kind in FOLDERS for p in (folder / kind).glob("*.yaml"))]
    paths += (folder / FileKind.LOOKUP).glob("*.csv")
    return {path.relative_to(folder).as_posix() for path in paths if path.is_file()}


def _unfinished(stored: Stored) -> tuple[Unfinished, ...]:
    return tuple(
        Unfinished(place=error.place, message=error.message, remedy=error.remedy)
        for errors in stored.drafts.values()
        for error in errors
    )


def _changed_files(
    old: Mapping[str, bytes], new: Mapping[str, bytes], before: FilesRead, after: FilesRead
) -> tuple[FileChange, ...]:
    changes = []
    for file in sorted(old.keys() | new.keys()):
        if old.get(file) == new.get(file):
            continue
        if file not in old:
            changes.append(FileChange(file=file, change=ChangeKind.ADDED))
        elif file not in new:
            changes.append(FileChange(file=file, change=ChangeKind.REMOVED))
        else:
            fields = document_changes(_document(before, file), _document(after, file))
            changes.append(FileChange(file=file, change=ChangeKind.CHANGED, fields=fields))
    return tuple(changes)


def _document(read: FilesRead, file: str) -> dict[str, object]:
    if file == ACCORD_FILE:
        return document_of(read.accord)
    kind, _, name = file.partition("/")
    stem = name.rpartition(".")[0]
    if kind == FileKind.LOOKUP:
        return {"values": dict(read.lookups.get(stem, {}))}
    shape = shape_of(read, FileKind(kind), stem)
    return document_of(shape, read.settings.get(stem)) if shape else {}
