"""The open store: one attribute per noun."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Self

from accord.store.activities import Activities
from accord.store.administrators import Administrators
from accord.store.analyses import Analyses
from accord.store.api_keys import ApiKeys
from accord.store.audit import Audit
from accord.store.baselines import Baselines
from accord.store.browsing import Browsing
from accord.store.commits import Commits
from accord.store.configurations import Configurations
from accord.store.connector_space import ConnectorSpace
from accord.store.counters import Counters
from accord.store.database import Database
from accord.store.datasync import DataSync
from accord.store.decisions import ManualDecisions
from accord.store.endings import Endings
from accord.store.folder_lock import FolderLock
from accord.store.governance import Declarations, Findings
from accord.store.governed import Governed
from accord.store.history import History
from accord.store.item_search import ItemSearch
from accord.store.jobs import Jobs
from accord.store.leases import Leases
from accord.store.looking import Looking
from accord.store.lookups import Lookups
from accord.store.metaverse import Metaverse
from accord.store.pending import Pending
from accord.store.plans import Plans
from accord.store.recovery import recover, take_over
from accord.store.reporting import ReportingNames
from accord.store.sessions import Session
from accord.store.settled import Settled
from accord.store.sign_ins import SignIns
from accord.store.standing_counts import StandingCounts
from accord.store.subsets import Subsets
from accord.store.tallies import Tallies
from accord.store.timetable import Timetable
from accord.store.versions import Versions
from accord.store.watermarks import Watermarks


class Store:
    """The memory of Accord, made by `open_store`. Threads may share it; they take turns.

    `control` holds what doors and jobs write: activities, audit, and their own tables. It never waits for the data,
    and a transaction is of one or the other. Hold no lock of one while waiting for the other.
    """

    def __init__(self, database: Database, control: Database, *, session: Session, lock: FolderLock | None) -> None:
        self._database = database
        self.control = control
        self.session = session
        self.lock = lock
        self._versions = Versions(database)
        counters = Counters(database)
        self.connector_space = ConnectorSpace(database, self._versions, counters)
        self.metaverse = Metaverse(database, counters)
        self.pending = Pending(database, self._versions)
        self.plans = Plans(database, self._versions, counters)
        self.activities = Activities(control, database, session=session.name)
        self.jobs = Jobs(control, self.activities, session)
        self.timetable = Timetable(control, self.activities)
        self.commits = Commits(database)
        self.history = History(database)
        self.decisions = ManualDecisions(database, self._versions)
        self.leases = Leases(database)
        self.items = ItemSearch(control)
        self.audit = Audit(control)
        self.api_keys = ApiKeys(control)
        self.administrators = Administrators(control)
        self.sign_ins = SignIns(control)
        self.configurations = Configurations(control)
        self.browsing = Browsing(database)
        self.datasync = DataSync(control)
        self.watermarks = Watermarks(database)
        self.findings = Findings(database)
        self.governed = Governed(database)
        self.analyses = Analyses(database)
        self.reporting = ReportingNames(database)
        self.declarations = Declarations(control)
        self.tallies = Tallies(control)
        self.standing = StandingCounts(database)
        self.settled = Settled(database)
        self.lookups = Lookups(database)
        self.endings = Endings(database)
        self.looking = Looking(database)
        self.baselines = Baselines(database)
        self.subsets = Subsets(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and let others write. May be repeated."""
        self._database.close()
        self.control.close()
        self.session.close()
        if self.lock is not None:
            self.lock.release()

    def take_over(self, activity: int, of: str) -> bool:
        """Close what an activity of the dead session `of` left in the data, and make it this process's to end."""
        return take_over(self._database, self.control, activity, of, self.session)

    @contextmanager
    def stopped_by(self, check: Callable[[], None]) -> Iterator[None]:
        """Call `check` before every transaction of the data and between the pieces of what is long; it may raise."""
        with self._database.checked(check):
            yield

    def recover(self, *, silent_since: int = 0) -> tuple[int, ...]:
        """Close what dead sessions left, as opening does; return the activities."""
        return recover(self._database, self.control, self.session, silent_since=silent_since)

    @property
    def place(self) -> str:
        """Return where the store is: the same for all who have it open, never with a password."""
        return self._database.place

    def versions(self, scopes: Iterable[str]) -> dict[str, int]:
        """Return the counters of the scopes `system:NAME` and `metaverse`; one never changed counts 0."""
        return self._versions.read(scopes)

    def transaction(self) -> AbstractContextManager[None]:
        """Keep everything done inside to the data, or nothing of it; activities and audit are no part of it."""
        return self._database.transaction()
