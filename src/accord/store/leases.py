"""One run at a time per system, across processes and machines, and no commit by a run that lost its turn."""

from dataclasses import dataclass
from datetime import datetime

from accord.model.errors import PlanStale, SystemBusy
from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import micros

_SQL = load_queries("coordination")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The turn of one run on one system. A higher epoch ends the turn of all lower ones."""

    system: str
    epoch: int
    owner: str


class Leases:
    """Who may work on which system."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, system: str, owner: str, ttl_s: float, *, now: datetime) -> Lease:
        """Take the system's turn; raise SystemBusy while another owner holds it.

        The same owner gets it again, with a new epoch: what it left behind can then no longer commit.
        """
        values = {"system": system, "owner": owner, "until": _until(now, ttl_s), "now": micros(now)}
        with self._database.transaction():
            epoch = self._database.value(_SQL["take_lease"], values)
            if epoch is None:
                holder = self._database.rows(_SQL["read_lease"], {"system": system})[0][1]
                raise SystemBusy(
                    f"{holder} is working on system {system}", owner=holder, remedy="wait until it ends, or cancel it"
                )
        return Lease(system=system, epoch=int(epoch), owner=owner)

    def renew(self, lease: Lease, ttl_s: float, *, now: datetime) -> None:
        """Hold the turn for longer; raise PlanStale when it was taken over."""
        values = {"system": lease.system, "epoch": lease.epoch, "until": _until(now, ttl_s)}
        self._require(_SQL["renew_lease"], lease, values)

    def release(self, lease: Lease) -> None:
        """Give the turn back; one that was taken over is left alone."""
        values = {"system": lease.system, "epoch": lease.epoch}
        self._database.rows(_SQL["release_lease"], values)

    def check(self, lease: Lease) -> None:
        """Raise PlanStale when the turn was taken over. Inside a transaction it cannot be lost until the end."""
        self._require(_SQL["check_lease"], lease, {"system": lease.system, "epoch": lease.epoch})

    def _require(self, sql: str, lease: Lease, values: dict[str, object]) -> None:
        if not self._database.rows(sql, values):
            raise PlanStale(
                f"{lease.owner} lost its turn on system {lease.system} to another run",
                remedy="nothing of this step was kept; start again when the other run has ended",
            )


def _until(now: datetime, ttl_s: float) -> int:
    return micros(now) + round(ttl_s * 1_000_000)
