"""A full import: everything a system says, against what we remember it said."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

from accord.connectors.base import ChangeReader, ReadScope
from accord.engine.frames import Engine
from accord.model.errors import SystemRefused, WatermarkLost
from accord.model.frames import StagedEdges
from accord.model.plan import Count, ImportPlan, PlanHeader, PlanKind, PlanState
from accord.model.schedules import Narrowing
from accord.model.schema import ObjectTypeSchema
from accord.runs.ahead import read_ahead
from accord.runs.context import Context, OpenedSystem, Recorder, RunResult, Terms, leased, recorded
from accord.runs.holding import hold
from accord.store.activities import ActivityState, items_of_errors
from accord.store.export_frames import NotConfirmed
from accord.store.leases import Lease
from accord.store.pending import Settled
from accord.sync.confirming import find_not_confirmed
from accord.sync.following import names_changed
from accord.sync.staging import Intake, PlannedImport, Seen

_PAGES_AHEAD = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a system was read: up to which watermark, and why not as asked. `is_read`: a person emptied it, if not."""

    is_read: bool = True
    watermark: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Import:
    """One import: its record, its system, its turn, and what it is narrowed to; `object_types` None is all of them."""

    run: Recorder
    system: str
    leases: Sequence[Lease]
    narrowing: Narrowing
    object_types: frozenset[str] | None = None


_OTHER = "other attributes are declared, so everything was read"
_WHOLE = Narrowing()


def run_import(context: Context, system: str, narrowing: Narrowing = _WHOLE) -> RunResult:
    """Read the whole system and bring the connector space up to it, in one transaction.

    Narrowed to a partition, it is the whole of that, and nothing is said about the rest. Raises Held, with the plan
    kept, when the source looks wrong; SystemUnavailable, IncompleteRead or SystemRefused when it could not be read as a
    whole. In either case nothing changes: a read that is not complete never becomes deletions.
    """
    with _begun(context, system, "full-import", narrowing) as asked:
        return _import_all(context, asked)


def run_import_of(context: Context, system: str, object_types: frozenset[str]) -> RunResult:
    """Read only the objects of these types, like `run_import`; nothing is asked or said about those of other types."""
    with _begun(context, system, "full-import", _WHOLE) as asked:
        return _import_all(context, replace(asked, object_types=object_types))


def run_delta_import(context: Context, system: str, narrowing: Narrowing = _WHOLE) -> RunResult:
    """Read what changed since the last import and bring the connector space up to it, in one transaction.

    What the system does not name stays as it is. Where there is no watermark yet, or the system no longer knows it,
    everything is read instead, and the run says so. What was exported is confirmed where the system names the object;
    of others nothing is known yet. Changes of all partitions are read: a watermark is of the whole system.
    """
    with _begun(context, system, "delta-import", replace(narrowing, partition=None)) as asked:
        since = context.store.watermarks.read(system)
        if since is None:
            return _import_all(context, asked, why="no watermark yet, so everything was read")
        if context.store.watermarks.read_schema(system) != _schema(context, system):
            return _import_all(context, asked, why=_OTHER)
        try:
            return _import_changes(context, asked, since)
        except WatermarkLost as lost:
            return _import_all(context, asked, why=f"{lost.message}, so everything was read")


@contextmanager
def _begun(context: Context, system: str, profile: str, narrowing: Narrowing) -> Iterator[_Import]:
    context.system(system)
    with (
        recorded(context, "import", system=system, profile=profile) as run,
        leased(context, [system], run.activity.guid) as leases,
    ):
        yield _Import(run=run, system=system, leases=leases, narrowing=narrowing)


def _import_all(context: Context, asked: _Import, *, why: str = "") -> RunResult:
    system, partition = asked.system, asked.narrowing.partition
    versions = context.store.versions([f"system:{system}"])
    with context.plain_engine() as engine:
        intake = Intake(engine, context.system(system), _types(context, asked))
        watermark = _read(context, asked, intake)
        asked.run.phase("compare")
        space = context.store.connector_space
        seen = Seen(partition=partition, verifies=asked.narrowing.verifies, object_types=asked.object_types)
        ids = intake.compare(space.read_keys(system), space.next_object_id(), seen)["id"]
        planned = intake.plan(space.read_objects_by_id(ids), space.read_edges_of(ids))
    terms = Terms(versions=versions, leases=asked.leases)
    # A watermark is of the whole system, so that none is kept of a part.
    if asked.object_types is not None:
        reading = Reading(why=f"only {', '.join(sorted(asked.object_types))} was read")
    elif partition is not None:
        reading = Reading(why=f"only the partition {partition} was read")
    else:
        reading = Reading(watermark=watermark, why=why)
    return _settle(context, asked.run, planned, terms, reading)


def _import_changes(context: Context, asked: _Import, since: str) -> RunResult:
    system = asked.system
    versions = context.store.versions([f"system:{system}"])
    with context.plain_engine() as engine:
        intake = Intake(engine, context.system(system), context.system(system).object_types)
        watermark, names_follow = _read_changes(context, asked, intake, since)
        asked.run.phase("compare")
        space = context.store.connector_space
        named = intake.named()
        keys = context.store.subsets.read_keys_named(system, named["anchor"], named["dn"])
        ids = intake.compare_changes(keys, space.next_object_id())["id"]
        planned = intake.plan(
            space.read_objects_by_id(ids),
            space.read_edges_of(ids),
            stored_count=lambda: context.store.subsets.count_objects().get(system, 0),
            referring=_referring(context, system, engine) if names_follow else None,
        )
    terms = Terms(versions=versions, leases=asked.leases)
    return _settle(context, asked.run, planned, terms, Reading(watermark=watermark))


def _referring(context: Context, system: str, engine: Engine) -> StagedEdges:
    return context.store.subsets.edges_to_names(system, names_changed(engine)["dst"])


def _settle(context: Context, run: Recorder, planned: PlannedImport, terms: Terms, reading: Reading) -> RunResult:
    plan = planned.plan
    if planned.verdict.is_held:
        raise hold(context, run, _header(context, run, terms.versions, planned), plan)
    run.phase("commit", len(plan.added) + len(plan.updated) + len(plan.removed))
    return commit_import(context, run, plan, terms, reading)


def commit_import(
    context: Context, run: Recorder, plan: ImportPlan, terms: Terms, reading: Reading | None = None
) -> RunResult:
    """Commit an import's plan and settle the exports it confirms, in one transaction; end the run."""
    reading = reading or Reading()
    store, object_types = context.store, context.system(plan.system).object_types
    with context.plain_engine() as engine, store.transaction():
        pending = store.pending.read_pending(plan.system)
        missed = find_not_confirmed(engine, pending.table, plan, object_types, now=context.clock())
        done = store.connector_space.commit_import(
            plan, activity=run.id, versions=terms.versions, leases=terms.leases, plan_id=terms.plan_id
        )
        settled = Settled()
        if reading.is_read:
            shown = None if plan.is_complete else plan.named.table["id"]
            settled = store.pending.settle(plan.system, NotConfirmed(missed), shown)
        store.commits.mark(run.id, at=context.clock())
        if reading.watermark:
            store.watermarks.save(plan.system, reading.watermark, schema=_schema(context, plan.system))
    if reading.is_read and plan.is_complete:
        _discard_older(context, plan.system)
    if plan.errors:
        store.activities.add_items(run.id, items_of_errors(plan.errors, operation="import"))
    counts = (
        *done,
        *_settled(plan.system, confirm=settled.confirmed, not_confirmed=settled.not_confirmed),
        *_errors(plan),
    )
    has_errors = bool(plan.errors or settled.not_confirmed)
    activity = run.finish(
        ActivityState.DONE_WITH_ERRORS if has_errors else ActivityState.DONE,
        message=f"{plan.read} read, {plan.unchanged} unchanged" + (f"; {reading.why}" if reading.why else ""),
        counts=counts,
        plan_id=terms.plan_id,
    )
    return RunResult(
        activity=activity, counts=counts, errors=len(plan.errors) + settled.not_confirmed, plan_id=terms.plan_id
    )


def _schema(context: Context, system: str) -> str:
    """Return a digest of what is read of each object: of another, also objects not changed since say something else."""
    return hashlib.sha256(repr(sorted(context.system(system).object_types.items())).encode()).hexdigest()


def _read(context: Context, asked: _Import, intake: Intake) -> str:
    """Read everything; return the watermark taken before, empty where the system gives none."""
    asked.run.phase("read")
    opened = context.open_system(asked.system, asked.narrowing.file)
    try:
        watermark = _watermark(opened)
        for batch in read_ahead(opened.connector.read(_scope(context, asked)), count=_PAGES_AHEAD):
            intake.leave(batch.object_type, batch.unchanged)
            intake.add(batch.object_type, batch.rows, batch.errors)
            asked.run.advance(batch.rows.num_rows)
    finally:
        opened.connector.close()
    return watermark


def _types(context: Context, asked: _Import) -> Mapping[str, ObjectTypeSchema]:
    declared = context.system(asked.system).object_types
    wanted = asked.object_types
    return declared if wanted is None else {name: schema for name, schema in declared.items() if name in wanted}


def _scope(context: Context, asked: _Import) -> ReadScope:
    return ReadScope(
        object_types=_types(context, asked),
        partition=asked.narrowing.partition,
        asked_rows=asked.narrowing.page_rows,
    )


def _watermark(opened: OpenedSystem) -> str:
    if not opened.capabilities.can_read_changes:
        return ""
    try:
        return cast("ChangeReader", opened.connector).watermark()
    except SystemRefused:
        # This system is not set up for delta imports; a delta import says so, a full one need not.
        return ""


def _read_changes(context: Context, asked: _Import, intake: Intake, since: str) -> tuple[str, bool]:
    """Read what changed; return the watermark from which to go on, and whether the system's names follow."""
    asked.run.phase("read")
    opened = context.open_system(asked.system, asked.narrowing.file)
    watermark, names_follow = since, False
    try:
        for batch in cast("ChangeReader", opened.connector).read_changes(_scope(context, asked), since):
            names_follow |= batch.names_follow
            intake.add_changes(batch.object_type, batch.rows, batch.removed, batch.errors)
            watermark = batch.watermark or watermark
            asked.run.advance(batch.rows.num_rows + len(batch.removed))
    finally:
        opened.connector.close()
    return watermark, names_follow


def _discard_older(context: Context, system: str) -> None:
    """Discard import plans of the system that still wait: what they say of the source is no longer so."""
    plans = context.store.plans
    for state in (PlanState.HELD, PlanState.RELEASED, PlanState.READY):
        for header in plans.list_plans(state=state):
            if header.kind is PlanKind.IMPORT and header.system == system:
                plans.set_state(
                    header.id, PlanState.DISCARDED, person=context.actor, reason="a newer import of the system"
                )


def _header(context: Context, run: Recorder, versions: Mapping[str, int], planned: PlannedImport) -> PlanHeader:
    return PlanHeader(
        id=f"P{run.id}",
        kind=PlanKind.IMPORT,
        state=PlanState.HELD,
        system=planned.plan.system,
        created_at=context.clock().isoformat(),
        created_by=context.actor,
        digest="",
        rules_digest=context.rules.digest,
        versions=dict(versions),
        counts=planned.counts,
        verdict=planned.verdict,
    )


def _settled(system: str, **counted: int) -> tuple[Count, ...]:
    return tuple(
        Count(area="exports", system=system, object_type="", operation=name, count=count)
        for name, count in counted.items()
        if count
    )


def _errors(plan: ImportPlan) -> tuple[Count, ...]:
    if not plan.errors:
        return ()
    return (Count(area="errors", system=plan.system, object_type="", operation="import", count=len(plan.errors)),)
