"""Who may change, delete and run which job: its owners, and administrators."""

from collections.abc import Iterable

from accord.datasync.body import Settings
from accord.datasync.loose import Loose
from accord.model.errors import Forbidden
from accord.operations.access import Caller, Role
from accord.runs.context import Context
from accord.store.datasync import StoredJob


def require_owner(context: Context, caller: Caller, jobs: Iterable[int]) -> None:
    """Raise Forbidden unless the caller owns every job, or is an administrator; raise NotFound."""
    for number in jobs:
        stored = context.store.datasync.read_job(number)
        if not caller.has(Role.ADMINISTRATOR) and not is_owner(caller, stored):
            raise Forbidden(f"job {number} belongs to {stored.created_by}", remedy="ask its owner, or an administrator")


def is_owner(caller: Caller, stored: StoredJob) -> bool:
    """Tell whether somebody made the job, or is named among its owners (`name#id`, several by `;` or `,`)."""
    if stored.created_by == caller.actor:
        return True
    pairs = tuple((s.text("key"), s.text("value")) for s in Loose(stored.body).many("settings"))
    named = Settings(pairs=pairs).get("JobOwners").replace(";", ",").split(",")
    return caller.name.casefold() in {owner.partition("#")[0].strip().casefold() for owner in named}
