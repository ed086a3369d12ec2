"""Numbers by which clients name things of the configuration: given once, kept through renames, never given again."""

from collections.abc import Collection, Iterable, Mapping

import pyarrow as pa

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

    def settle(
        self, wanted: Iterable[Key], renamed: Mapping[Key, Key] | None = None, dropped: Collection[Key] = ()
    ) -> None:
        """Give a number to everything wanted that has none, and take away those of what is wanted no more.

        `renamed` tells what has another path now, `dropped` what is gone although something else has its path.
        Belongs into the transaction that changes the configuration.
        """
        with self._database.transaction():
            self._settle(wanted, renamed, dropped)

    def _settle(self, wanted: Iterable[Key], renamed: Mapping[Key, Key] | None, dropped: Collection[Key]) -> None:
        before, moves = self.read(), dict(renamed or {})
        wanted = dict.fromkeys(wanted)
        moved = {key: moves.get(key, key) for key in before if key not in dropped}
        # Where two would have one path, the one that was moved there stays.
        kept = {after: key for key, after in sorted(moved.items(), key=lambda m: m[0] in moves) if after in wanted}
        for key in before.keys() - set(kept.values()):
            self._database.execute(_SQL["drop_id"], {"id": before[key]})
        moving = {before[key]: after for after, key in kept.items() if after != key}
        for number in moving:
            # Out of the way first: what moves may take the place of what moves too.
            self._database.execute(_SQL["move_id"], {"id": number, "path": f"\n{number}"})
        for number, after in moving.items():
            self._database.execute(_SQL["move_id"], {"id": number, "path": after[1]})
        new = [key for key in wanted if key not in kept]
        if new:
            names = {"kind": pa.array([k for k, _ in new]), "path": pa.array([p for _, p in new])}
            self._database.stage("ids", pa.table(names))
            self._database.execute(_SQL["add_ids"])
