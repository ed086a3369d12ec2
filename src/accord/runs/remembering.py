"""What a synchronisation leaves for the next: that nothing is to do, or where a delta goes on."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from accord.model.frames import Frame
from accord.model.plan import SyncPlan
from accord.runs.context import Context
from accord.store.baselines import Baseline, Position
from accord.sync.lookups import VERSION
from accord.sync.planning import Planned

MOST = 50_000
"""So many objects at most are worth a delta; for more, everything is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was planned, and the values to remember if any; of a delta how many objects it is about, or why it is none.

    `is_part`: only what changed was looked at.
    """

    planned: Planned
    notes: pa.Table | None
    is_part: bool = False
    looked_at: int = 0
    why_whole: str = ""

    def told(self) -> str:
        """Return in words how a delta was done."""
        if self.why_whole:
            return f"{self.why_whole}, so everything was synchronised"
        return f"{self.looked_at} objects looked at" if self.is_part else ""


def remember(context: Context, position: Position, planned: Planned, notes: pa.Table, *, is_whole: bool) -> None:
    """Remember that everything before `position` is synchronised, and by which values others are found again.

    A plan that touched or left open more than a delta should look at is no beginning, and the former one, if its rules
    are the same, still is.
    """
    store = context.store
    objects, identities = touched(context, planned.plan)
    with store.transaction():
        store.lookups.replace(notes) if is_whole else store.lookups.add(notes)
        if len(objects) + len(identities) > MOST:
            _keep_former(context, is_timeless=planned.is_timeless)
        else:
            store.baselines.save(
                Baseline(
                    position=position,
                    rules_digest=context.rules.digest,
                    look_ups=VERSION,
                    at=planned.at.isoformat(),
                    objects=tuple(sorted(objects)),
                    identities=tuple(sorted(identities)),
                )
            )


def _keep_former(context: Context, *, is_timeless: bool) -> None:
    former = context.store.baselines.read()
    is_same = former is not None and (former.rules_digest, former.look_ups) == (context.rules.digest, VERSION)
    # What time did between the former and this one, and takes back, nobody would notice.
    if former is not None and not (is_same and is_timeless):
        context.store.baselines.forget()


def touched(context: Context, plan: SyncPlan) -> tuple[set[int], set[int]]:
    """Return the objects and identities that a plan changed or could not decide about, or that a person decided."""
    objects, identities = set[int](), set[int]()
    frames: Iterable[Frame] = (*plan.frames().values(), context.store.decisions.read())
    for frame in frames:
        for name in frame.table.column_names:
            if name in ("object_id", "dst_object"):
                objects |= set(frame.table[name].drop_null().to_pylist())
            elif name == "identity_id":
                identities |= set(frame.table[name].drop_null().to_pylist())
    for frame in (plan.objects_planned, plan.objects_unplanned, plan.pending_removed):
        objects |= set(frame.table["id"].to_pylist())
    for frame in (plan.identities_added, plan.identities_updated, plan.identities_removed, plan.identities_gone):
        identities |= set(frame.table["id"].to_pylist())
    for frame in (plan.identity_edges_added, plan.identity_edges_removed):
        identities |= set(frame.table["src"].to_pylist())
    return objects | set(context.store.subsets.unanswered().to_pylist()), identities
