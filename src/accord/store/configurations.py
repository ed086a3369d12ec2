"""The configuration as it is kept: the files of a folder, every revision of each, and what discovery found."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from accord.model.errors import Conflict, NotFound
from accord.store.audit import Audit, Deed
from accord.store.database import Database
from accord.store.public_ids import PublicIds
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("configuration")
_MANY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """The files of one revision by their path in the folder; revision 0 has none."""

    revision: int
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change of the configuration: who made what of it, and why."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    reason: str


class Configurations:
    """The configuration of one store."""

    def __init__(self, control: Database) -> None:
        self._database = control
        self._audit = Audit(control)
        self.ids = PublicIds(control)

    def revision(self) -> int:
        """Return the number of the present revision, 0 before the first."""
        return int(self._database.value(_SQL["read_revision"]) or 0)

    def read(self) -> Documents:
        """Return the files as they are now."""
        with self._database.reading():
            rows = self._database.rows(_SQL["read_documents"])
            return Documents(revision=self.revision(), files={file: body.encode() for file, body in rows})

    def read_at(self, revision: int) -> Documents:
        """Return the files as they were; raise NotFound when there was no such revision."""
        if not 1 <= revision <= self.revision():
            raise NotFound(f"there is no revision {revision} of the configuration", remedy="list them first")
        rows = self._database.rows(_SQL["documents_at"], {"revision": revision})
        return Documents(revision=revision, files={file: body.encode() for file, body in rows})

    @contextmanager
    def commit(self, changes: Mapping[str, bytes | None], deed: Deed, *, after: int, at: datetime) -> Iterator[int]:
        """Make the next revision; what is done inside is kept or lost with it. None removes a file.

        Raises Conflict when the configuration is no longer at revision `after`.
        """
        with self._database.transaction():
            number = after + 1
            row = {"number": number, "at": iso(at), "actor": deed.actor, "action": deed.action,
                   "subject": deed.subject, "reason": deed.reason}  # fmt: skip
            if self.revision() != after or not self._database.rows(_SQL["begin_revision"], row):
                raise Conflict("somebody else changed the configuration meanwhile", remedy="look at it, then try again")
            for file, body in changes.items():
                self._change(number, file, body)
            self._audit.add(deed, at=at)
            yield number

    def history(self, file: str | None = None, *, limit: int = _MANY) -> tuple[Revision, ...]:
        """Return the revisions, those of one file when one is given, the newest first."""
        name = "list_revisions_of" if file else "list_revisions"
        parameters: dict[str, object] = {"limit": limit} | ({"file": file} if file else {})
        rows = self._database.rows(_SQL[name], parameters)
        return tuple(
            Revision(number=n, at=when, actor=actor, action=action, subject=subject, reason=reason)
            for n, when, actor, action, subject, reason in rows
        )

    def times(self) -> dict[str, tuple[str, str]]:
        """Return when each file that is there was made and changed last."""
        return {file: (made, changed) for file, made, changed in self._database.rows(_SQL["times"])}

    def discovery(self, system: str, kind: str) -> str | None:
        """Return what was found last of a system, as it was kept."""
        rows = self._database.rows(_SQL["read_discovery"], {"system": system, "kind": kind})
        return str(rows[0][0]) if rows else None

    def keep_discovery(self, system: str, kind: str, body: str, *, at: datetime) -> None:
        """Keep what was found of a system instead of what was found before."""
        self._database.execute(_SQL["keep_discovery"], {"system": system, "kind": kind, "at": iso(at), "body": body})

    def drop_discoveries(self, system: str) -> None:
        """Forget what was found of a system."""
        self._database.execute(_SQL["drop_discoveries"], {"system": system})

    def _change(self, number: int, file: str, body: bytes | None) -> None:
        if body is None:
            self._database.execute(_SQL["remove_document"], {"file": file})
            self._database.execute(_SQL["add_removal"], {"revision": number, "file": file})
        else:
            row = {"revision": number, "file": file, "body": body.decode()}
            self._database.execute(_SQL["put_document"], row)
            self._database.execute(_SQL["add_change"], row)
