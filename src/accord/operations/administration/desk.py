"""One request's look at the configuration, and the one way to change it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from accord.config.canonical import Document, document_of, yaml_of
from accord.config.findings import Findings
from accord.config.parts import NAME_PATTERN
from accord.config.places import FileKind, Places
from accord.config.reading import ACCORD_FILE, FilesRead, read_files
from accord.config.stored import Name, Stored
from accord.model.errors import ConfigError, ConfigErrors, NotFound, UsageError
from accord.operations.administration.naming import Ids, wanted_ids
from accord.runs.configured import Configured
from accord.runs.context import Context
from accord.store.audit import Deed
from accord.store.configurations import Documents
from accord.store.public_ids import Key

CAMEL = ConfigDict(alias_generator=to_camel, populate_by_name=True)
"""How views and requests are spelt outside."""

_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(slots=True)
class Draft:
    """The documents while they are changed. What `put` gets is what YAML would hold."""

    read: FilesRead
    changed: dict[Name, Document | None] = field(default_factory=dict)
    renamed: dict[Key, Key] = field(default_factory=dict)
    dropped: set[Key] = field(default_factory=set)

    def document(self, kind: FileKind, name: str) -> Document:
        """Return a document to change in place; what is changed in it is kept."""
        if (kind, name) not in self.changed:
            shape = shape_of(self.read, kind, name)
            if shape is None:
                raise NotFound(f"there is no {kind} {name!r}", remedy="list what there is")
            self.changed[kind, name] = document_of(shape, self.read.settings.get(name))
        found = self.changed[kind, name]
        if found is None:
            raise NotFound(f"there is no {kind} {name!r} any more", remedy="list what there is")
        return found

    def put(self, kind: FileKind, name: str, document: Document) -> None:
        """Add a document, or put another one in its place."""
        self.changed[kind, name] = document

    def remove(self, kind: FileKind, name: str) -> None:
        """Take a document away."""
        self.changed[kind, name] = None

    def bodies(self) -> dict[str, bytes | None]:
        """Return the files that say something else now; raise ConfigErrors when one is not as it should be."""
        return dict(_bodies(self.read, self))


Edit = Callable[[Draft], object]
"""Changes a draft in place."""


@dataclass(frozen=True)
class Desk:
    """The configuration as one request sees it."""

    context: Context

    @property
    def configured(self) -> Configured:
        """Return what loads configurations; raise UsageError where there is none to change."""
        if self.context.configured is None:
            raise UsageError(
                "this configuration is a folder", remedy="change its files, or import them into a store: accord import"
            )
        return self.context.configured

    @cached_property
    def stored(self) -> Stored:
        """Return the configuration with its drafts."""
        return self.configured.of(self.context.store)

    @property
    def read(self) -> FilesRead:
        """Return everything that is written, drafts among it."""
        return self.stored.configuration.files

    @cached_property
    def ids(self) -> Ids:
        """Return the numbers of everything."""
        return Ids(self.context.store.configurations.ids.read())

    @cached_property
    def times(self) -> Mapping[str, tuple[str, str]]:
        """Return when each file was made and changed last."""
        return self.context.store.configurations.times()

    def moment(self, micros: int) -> str:
        """Return a moment of the store as text."""
        return datetime.fromtimestamp(micros / 1_000_000, UTC).isoformat().replace("+00:00", "Z")

    def change(self, action: str, subject: str, reason: str | None, edit: Edit) -> "Desk":
        """Change the documents and make it the next revision; return how it is then.

        Raises ConfigErrors when a document is not as it should be, or when something that was complete would not be
        any more; Conflict when somebody else was faster.
        """
        kept = self.context.store.configurations
        documents = kept.read()
        before = self.configured.of(self.context.store)
        draft = Draft(before.configuration.files)
        edit(draft)
        changes = draft.bodies()
        files = {file: body for file, body in {**documents.files, **changes}.items() if body is not None}
        after = self.configured.load(Documents(revision=documents.revision + 1, files=files))
        refuse_broken(before, after)
        deed = Deed(
            actor=self.context.actor, action=action, subject=subject, reason=reason or "",
            detail={"files": ", ".join(sorted(changes))},
        )  # fmt: skip
        now = self.context.clock()
        with kept.commit(changes, deed, after=documents.revision, at=now) as revision:
            kept.ids.settle(
                wanted_ids(self.context, after.configuration.files, self.configured.kind_of),
                draft.renamed, draft.dropped,
            )  # fmt: skip
        self.configured.keep(revision, after)
        return Desk(self.context)


def refuse_broken(before: Stored, after: Stored) -> None:
    """Raise ConfigErrors when something that was complete before is not so after a change."""
    was_complete = {name for name in _names(before.configuration.files) if name not in before.drafts}
    errors = [error for name, found in after.drafts.items() if name in was_complete for error in found]
    if errors:
        raise ConfigErrors(errors)


def shape_of(read: FilesRead, kind: FileKind, name: str) -> BaseModel | None:
    """Return the shape of a document, None when there is none."""
    if kind is FileKind.ACCORD:
        return read.accord
    by_kind: Mapping[FileKind, Mapping[str, BaseModel]] = {
        FileKind.SYSTEM: read.systems, FileKind.TYPE: read.types, FileKind.RULE: read.rules,
        FileKind.SCHEDULE: read.schedules,
    }  # fmt: skip
    return by_kind[kind].get(name)


def file_of(kind: FileKind, name: str) -> str:
    """Return the path of a document in the folder."""
    return ACCORD_FILE if kind is FileKind.ACCORD else f"{kind}/{name}.yaml"


def free_name(title: str, taken: Iterable[str]) -> str:
    """Return a name for what people call `title`: itself where it may be one, else its words; never one taken."""
    known = {name.lower() for name in taken}
    base = title if re.fullmatch(NAME_PATTERN, title) else _WORD.sub("-", title.lower()).strip("-")[:56] or "unnamed"
    candidates = [base, *(f"{base}-{number}" for number in range(2, len(known) + 3))]
    return next(name for name in candidates if name.lower() not in known)


def titled(document: Document, name: str, title: str) -> Document:
    """Return the document with its title, where that is more than the name."""
    rest = {key: value for key, value in document.items() if key != "title"}
    return rest if title == name else {**rest, "title": title}


def _names(read: FilesRead) -> Sequence[Name]:
    return [
        *((FileKind.SYSTEM, n) for n in read.systems), *((FileKind.TYPE, n) for n in read.types),
        *((FileKind.RULE, n) for n in read.rules), *((FileKind.SCHEDULE, n) for n in read.schedules),
    ]  # fmt: skip


def _bodies(read: FilesRead, draft: Draft) -> Iterator[tuple[str, bytes | None]]:
    """Yield the files that say something else now; one that only would be worded anew stays as its author wrote it."""
    for (kind, name), document in draft.changed.items():
        shape, body = shape_of(read, kind, name), _body(kind, name, document)
        before = None if shape is None else yaml_of(document_of(shape, read.settings.get(name)))
        if body != before:
            yield file_of(kind, name), body


def _body(kind: FileKind, name: str, document: Document | None) -> bytes | None:
    """Return the document as its file, in the one canonical form; raise ConfigErrors when it does not fit."""
    if document is None:
        return None
    file, findings = file_of(kind, name), Findings()
    read = read_files({file: yaml_of(document)}, Places(), findings)
    findings.raise_errors()
    shape = shape_of(read, kind, name)
    if shape is None:
        raise ConfigErrors([ConfigError("the document does not fit", place=file, remedy="look at the reference")])
    return yaml_of(document_of(shape, read.settings.get(name)))
