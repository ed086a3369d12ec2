"""Numbers by which clients name things of the configuration: given once, kept through renames, never given again."""

from collections.abc import Iterable, Mapping

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("configuration")

Key = tuple[str, str]
"""A kind of thing, and where in the configuration it is: (`attribute`, `hr/person/mail`)."""


class PublicIds:
    """The numbers of one store."""

    def __init__(self, control: Database) -> None:
        self._database = control

    def read(self) -> dict[Key, int]:
        """Return all numbers."""
        return {(kind, path): id_ for kind, path, id_ in self._database.rows(_SQL["read_ids"])}

    def find(self, number: int) -> Key | None:
        """Return what a number names, None when it names nothing (any more)."""
        rows = self._database.rows(_SQL["find_id"], {"id": number})
        return (str(rows[0][0]), str(rows[0][1])) if rows else None

    def settle(self, wanted: Iterable[Key], renamed: Mapping[Key, Key] | None = None) -> None:
        """Give a number to everything wanted that has none, and take away those of what is wanted no more.

        `renamed` tells what has another path now. Belongs into the transaction that changes the configuration.
        """
        known, keys = self.read(), dict.fromkeys(wanted)
        for before, after in (renamed or {}).items():
            if before in known and after not in known:
                known[after] = known.pop(before)
                self._database.execute(_SQL["move_id"], {"id": known[after], "path": after[1]})
        for key, number in known.items():
            if key not in keys:
                self._database.execute(_SQL["drop_id"], {"id": number})
        for kind, path in keys:
            if (kind, path) not in known:
                self._database.execute(_SQL["add_id"], {"kind": kind, "path": path})
