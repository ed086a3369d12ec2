"""A document as its text: read, checked as one types, tried on the whole population, saved as the next revision."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from accord.config.canonical import document_of, yaml_of
from accord.config.findings import Findings
from accord.config.places import FileKind, Places
from accord.config.reading import read_files
from accord.config.stored import Stored
from accord.model.errors import ConfigError, ConfigErrors, NotFound
from accord.operations.administration.desk import Desk, Draft, file_of, refuse_broken, shape_of
from accord.operations.runs import RunReport, report_of
from accord.runs.sync_run import run_plan
from accord.store.configurations import Documents

RULE = FileKind.RULE


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong: where, what, what to do; `shown` is all of it as text, with a caret if there is one."""

    place: str
    message: str
    remedy: str
    shown: str


def read_text(desk: Desk, kind: FileKind, name: str) -> str:
    """Return a document as it is written; raise NotFound."""
    files = desk.context.store.configurations.read().files
    body = files.get(file_of(kind, name))
    if body is None:
        raise NotFound(f"there is no {kind} {name!r}", remedy="list what there is")
    return body.decode()


def check_text(desk: Desk, kind: FileKind, name: str, text: str) -> tuple[Mistake, ...]:
    """Return what would be wrong if the document were this text: in it, and in what depends on it."""
    try:
        _changed(desk, kind, name, text)
    except ConfigErrors as found:
        return tuple(_mistake(error) for error in found.errors)
    except ConfigError as error:
        return (_mistake(error),)
    return ()


def try_text(desk: Desk, kind: FileKind, name: str, text: str) -> RunReport:
    """Plan the whole population as if the document were this text, and keep the plan to be looked at.

    It can never be applied: its rules are not those in force. Raises ConfigErrors.
    """
    after = _changed(desk, kind, name, text)
    return report_of(desk.context, run_plan(replace(desk.context, rules=after.configuration.rules)))


def save_text(desk: Desk, kind: FileKind, name: str, text: str, *, reason: str) -> Desk:
    """Make the text the document; raise ConfigErrors, Conflict."""
    document = _document(kind, name, text)

    def edit(draft: Draft) -> None:
        draft.put(kind, name, dict(document))

    return desk.change(f"{kind}.write", f"{kind} {name}", reason, edit)


def _changed(desk: Desk, kind: FileKind, name: str, text: str) -> Stored:
    body = yaml_of(_document(kind, name, text))
    documents = desk.context.store.configurations.read()
    files = {**documents.files, file_of(kind, name): body}
    after = desk.configured.load(Documents(revision=documents.revision + 1, files=files))
    errors = after.drafts.get((kind, name), ())
    if errors:
        raise ConfigErrors(errors)
    refuse_broken(desk.stored, after)
    return after


def _document(kind: FileKind, name: str, text: str) -> Mapping[str, object]:
    findings = Findings()
    read = read_files({file_of(kind, name): text.encode()}, Places(), findings)
    findings.raise_errors()
    shape = shape_of(read, kind, name)
    if shape is None:
        raise ConfigErrors([ConfigError("this is not such a document", remedy="look at the reference")])
    return document_of(shape, read.settings.get(name))


def _mistake(error: ConfigError) -> Mistake:
    return Mistake(place=error.place, message=error.message, remedy=error.remedy, shown=str(error))
