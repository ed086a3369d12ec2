"""The open store: one attribute per noun."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from accord.store.activities import Activities
from accord.store.audit import Audit
from accord.store.connector_space import ConnectorSpace
from accord.store.counters import Counters
from accord.store.database import Database
from accord.store.folder_lock import FolderLock
from accord.store.history import History
from accord.store.leases import Leases
from accord.store.metaverse import Metaverse
from accord.store.pending import Pending
from accord.store.plans import Plans
from accord.store.settled import Settled
from accord.store.versions import Versions
from accord.store.watermarks import Watermarks


class Store:
    """The memory of Accord, made by `open_store`. Threads may share it; they take turns."""

    def __init__(self, database: Database, *, session: str, lock: FolderLock | None) -> None:
        self._database = database
        self._lock = lock
        self._versions = Versions(database)
        counters = Counters(database)
        self.connector_space = ConnectorSpace(database, self._versions, counters)
        self.metaverse = Metaverse(database, counters)
        self.pending = Pending(database, self._versions)
        self.plans = Plans(database, self._versions, counters)
        self.activities = Activities(database, session=session)
        self.history = History(database)
        self.leases = Leases(database)
        self.audit = Audit(database)
        self.watermarks = Watermarks(database)
        self.settled = Settled(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and let others write. May be repeated."""
        self._database.close()
        if self._lock is not None:
            self._lock.release()

    def versions(self, scopes: Iterable[str]) -> dict[str, int]:
        """Return the counters of the scopes `system:NAME` and `metaverse`; one never changed counts 0."""
        return self._versions.read(scopes)

    def transaction(self) -> AbstractContextManager[None]:
        """Keep everything done inside, by any of the nouns, or nothing of it."""
        return self._database.transaction()
