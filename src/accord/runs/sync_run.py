"""A full synchronisation: what all systems said becomes one plan; the plan, if the guard lets it, is committed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

import pyarrow as pa

from accord.config.rule_parts import parts_of
from accord.model.errors import Held, PlanStale
from accord.model.plan import Count, ImportPlan, PlanHeader, PlanKind, PlanState, SyncPlan
from accord.runs.ahead import read_ahead
from accord.runs.context import Context, Recorder, RunResult, Terms, leased, recorded
from accord.runs.holding import hold
from accord.runs.import_run import commit_import
from accord.runs.loading import loaded_workspace, narrowed_workspace, read_versions
from accord.runs.remembering import Outcome, remember
from accord.store.activities import ActivityItems, ActivityState
from accord.store.baselines import Position
from accord.sync.compiling import compile_rules
from accord.sync.lookups import read_notes
from accord.sync.plan_frames import read_parts
from accord.sync.planning import Planned, Unfolding
from accord.sync.workspace import Workspace

_PARTS_AHEAD = 2
_LONG = 100_000


def run_sync(context: Context) -> RunResult:
    """Plan the synchronisation of everything and commit it; raises Held when the guard stops it.

    A plan is a function of what the store holds, the rules and the time. When nothing was committed since a
    synchronisation that left no errors and nothing waiting, the rules are the same and do not ask the time, it would be
    empty, and is not computed again. Where since then only outbound rules have changed, only what they touch is.
    """
    systems = tuple(context.rules.systems)
    with (
        recorded(context, "sync", profile="full-sync", systems=systems) as run,
        leased(context, systems, run.activity.guid) as leases,
    ):
        versions = read_versions(context)
        if context.store.settled.holds(versions, context.rules.digest):
            return RunResult(activity=run.finish(ActivityState.DONE, message="nothing changed since the last one"))
        position = context.store.baselines.position()
        is_remembered = context.store.baselines.read() is not None
        terms = Terms(versions=versions, leases=leases)
        with _unfolding(context, run, is_remembered=is_remembered) as unfolding:
            workspace = unfolding.workspace
            if is_remembered or not _is_long(workspace):
                _require_allowed(context, run, terms, unfolding)
            notes = read_notes(workspace) if is_remembered else None
            run.phase("commit")
            plan = _write_unfolding(context, run, unfolding, terms)
        decided = unfolding.decide()
        result = _finish(context, run, plan, terms, decided.counts, told=_told(workspace))
        outcome = Outcome(planned=decided.with_plan(plan), notes=notes, is_part=workspace.is_settled)
        _remember(context, outcome, position, result)
        return result


def run_plan(context: Context) -> RunResult:
    """Plan the synchronisation of everything and keep the plan; nothing else changes.

    A plan that breaks a limit is kept as held, and is no error here: asking is what plans are for.
    """
    with recorded(context, "plan", profile="plan") as run:
        versions = read_versions(context)
        with _unfolding(context, run, is_remembered=False) as unfolding:
            planned = _planned(unfolding)
        return keep(context, run, planned, versions, message=_told(unfolding.workspace))


def apply_plan(context: Context, plan_id: str) -> RunResult:
    """Commit exactly the kept plan; raises PlanStale when what it was computed from has moved, Held when it is held."""
    header, plan = context.store.plans.read_plan(plan_id)
    if header.rules_digest != context.rules.digest:
        raise PlanStale(
            f"plan {plan_id} was made by other rules than those of today", remedy="make a new plan (accord plan)"
        )
    systems = [header.system] if header.system else list(context.rules.systems)
    with (
        recorded(
            context, "apply", system=header.system, profile="apply", reason=header.release_reason, systems=systems
        ) as run,
        leased(context, systems, run.activity.guid) as leases,
    ):
        run.phase("commit")
        terms = Terms(versions=header.versions, leases=leases, plan_id=plan_id)
        if isinstance(plan, ImportPlan):
            return commit_import(context, run, plan, terms)
        _write(context, run, [plan], terms)
        result = _finish(context, run, plan, terms, header.counts)
        _remember_applied(context, plan_id, plan)
        return result


def plan_everything(context: Context, run: Recorder) -> tuple[Planned, pa.Table]:
    """Return the plan of everything, and the values by which a delta finds others again."""
    with _unfolding(context, run, is_remembered=True) as unfolding:
        return _planned(unfolding), read_notes(unfolding.workspace)


def settle(
    context: Context,
    run: Recorder,
    outcome: Outcome,
    terms: Terms,
    position: Position,
) -> RunResult:
    """Commit a plan, or hold it; remember what the next synchronisation may go on from."""
    planned = outcome.planned
    if planned.verdict.is_held:
        raise _held(context, run, terms, planned)
    run.phase("commit")
    _write(context, run, [planned.plan], terms)
    result = _finish(context, run, planned.plan, terms, planned.counts, told=outcome.told())
    _remember(context, outcome, position, result)
    return result


def keep(
    context: Context, run: Recorder, planned: Planned, versions: Mapping[str, int], *, message: str = ""
) -> RunResult:
    """Keep a plan, held or ready, without carrying it out."""
    state = PlanState.HELD if planned.verdict.is_held else PlanState.READY
    header = _header(context, run, versions, planned, state)
    run.phase("keep")
    context.store.plans.save_plan(header, planned.plan)
    _add_errors(context, run, planned.plan)
    activity = run.finish(ActivityState.DONE, counts=planned.counts, plan_id=header.id, message=message)
    return RunResult(
        activity=activity,
        counts=planned.counts,
        errors=len(planned.plan.errors),
        plan_id=header.id,
        breaches=planned.verdict.breaches,
    )


@contextmanager
def _unfolding(context: Context, run: Recorder, *, is_remembered: bool) -> Iterator[Unfolding]:
    """Begin to decide about what may change; the plan is to be read while the workspace is there.

    To be remembered are the values of all, so then everything is looked at.
    """
    run.phase("load")
    with (loaded_workspace if is_remembered else narrowed_workspace)(context, run) as workspace:
        workspace.is_remembered = is_remembered
        run.phase("plan")
        yield Unfolding(workspace)


def _planned(unfolding: Unfolding) -> Planned:
    decided = unfolding.decide()
    return decided.with_plan(SyncPlan.joined(read_parts(unfolding.workspace)))


def _is_long(workspace: Workspace) -> bool:
    """Tell whether writing takes so long that it had better begin before everything is decided."""
    return int(workspace.engine.value("select count(*) from identity_change where operation = 'add'")) >= _LONG


def _require_allowed(context: Context, run: Recorder, terms: Terms, unfolding: Unfolding) -> None:
    if unfolding.decide().verdict.is_held:
        raise _held(context, run, terms, _planned(unfolding))


def _write_unfolding(context: Context, run: Recorder, unfolding: Unfolding, terms: Terms) -> SyncPlan:
    """Commit each part once it is decided, and return the whole; nothing stays of what the guard does not let pass."""
    kept: list[SyncPlan] = []
    try:
        with closing(read_ahead(_parts(unfolding), count=_PARTS_AHEAD)) as parts:
            _write(context, run, _allowed(parts, unfolding, kept), terms)
    except _NotAllowedError:
        raise _held(context, run, terms, unfolding.decide().with_plan(SyncPlan.joined(kept))) from None
    return SyncPlan.joined(kept)


class _NotAllowedError(Exception):
    """Takes back what was written of a plan that the guard holds."""


def _allowed(parts: Iterable[SyncPlan], unfolding: Unfolding, kept: list[SyncPlan]) -> Iterator[SyncPlan]:
    """Yield the parts and keep them; raise at their end when the guard is against them."""
    for part in parts:
        kept.append(part)
        yield part
    if unfolding.decide().verdict.is_held:
        raise _NotAllowedError


def _parts(unfolding: Unfolding) -> Iterator[SyncPlan]:
    """Yield the plan; let go of what it was computed on while the last part is written."""
    yield from unfolding.parts()
    unfolding.workspace.engine.close()


def _told(workspace: Workspace) -> str:
    """Return in words what alone was looked at."""
    if not workspace.is_settled:
        return ""
    systems = sorted({o.rule.system for o in workspace.rules.outbound})
    return f"the rules changed for {', '.join(systems)} alone, so nothing else was planned anew"


def _held(context: Context, run: Recorder, terms: Terms, planned: Planned) -> Held:
    return hold(context, run, _header(context, run, terms.versions, planned, PlanState.HELD), planned.plan)


def _remember(context: Context, outcome: Outcome, position: Position, result: RunResult) -> None:
    planned = outcome.planned
    if outcome.notes is not None:
        remember(context, position, planned, outcome.notes, is_whole=not outcome.is_part)
    # Who is left without identity elsewhere, a part does not know.
    may_join_more = outcome.is_part or planned.may_join_more
    if planned.is_timeless and not result.errors and not _may_go_on(planned.plan, may_join_more=may_join_more):
        context.store.settled.save(read_versions(context), context.rules.digest, parts_of(context.rules))


def _may_go_on(plan: SyncPlan, *, may_join_more: bool = True) -> bool:
    """Tell whether the next synchronisation may find more to do: whom somebody joins by, or whose place, is new."""
    is_left = bool(len(plan.links_removed) or len(plan.identities_removed))
    return is_left or (may_join_more and bool(len(plan.links_added)))


def _remember_applied(context: Context, plan_id: str, plan: SyncPlan) -> None:
    """Remember what an applied plan leaves: whether nothing is to do, and whether a delta may still go on."""
    store = context.store
    made_by = store.activities.read(int(plan_id.removeprefix("P")))
    baseline = store.baselines.read()
    asks_the_time = compile_rules(context.rules).asks_the_time
    is_other = made_by.kind not in ("plan", "sync") or (baseline and baseline.rules_digest != context.rules.digest)
    # A plan that asked the time was made for a time the baseline does not know.
    if baseline is not None and (is_other or asks_the_time):
        store.baselines.forget()
    is_over = made_by.kind in ("plan", "sync") and not len(plan.errors) and not _may_go_on(plan)
    if is_over and not asks_the_time and not len(store.subsets.waiting_identities()):
        store.settled.save(read_versions(context), context.rules.digest, parts_of(context.rules))


def _write(context: Context, run: Recorder, parts: Iterable[SyncPlan], terms: Terms) -> None:
    """Commit the parts in one transaction, each as soon as it is there."""
    with context.store.transaction():
        context.store.plans.commit_sync(
            parts, activity=run.id, versions=terms.versions, leases=terms.leases, plan_id=terms.plan_id
        )
        context.store.commits.mark(run.id, at=context.clock())


def _finish(  # noqa: PLR0913 - what was committed, on which terms, and how it is told
    context: Context, run: Recorder, plan: SyncPlan, terms: Terms, counts: Sequence[Count], *, told: str = ""
) -> RunResult:
    _add_errors(context, run, plan)
    state = ActivityState.DONE_WITH_ERRORS if len(plan.errors) else ActivityState.DONE
    message = "; ".join(m for m in ("nothing to change" if plan.is_empty else "", told) if m)
    activity = run.finish(state, message=message, counts=counts, plan_id=terms.plan_id)
    return RunResult(activity=activity, counts=tuple(counts), errors=len(plan.errors), plan_id=terms.plan_id)


def _add_errors(context: Context, run: Recorder, plan: SyncPlan) -> None:
    if not len(plan.errors):
        return
    items = [
        {
            "object_type": r["object_type"], "object_id": r["object_id"], "identity_id": r["identity_id"],
            "anchor": r["anchor"], "at": r["anchor"] or "", "operation": f"sync {r['rule']}", "outcome": "error",
            "attribute": r["attribute"], "code": r["code"], "message": r["message"], "remedy": "",
        }
        for r in plan.errors.table.to_pylist()
    ]  # fmt: skip
    context.store.activities.add_items(run.id, ActivityItems(pa.Table.from_pylist(items, schema=ActivityItems.SCHEMA)))


def _header(
    context: Context, run: Recorder, versions: Mapping[str, int], planned: Planned, state: PlanState
) -> PlanHeader:
    return PlanHeader(
        id=f"P{run.id}",
        kind=PlanKind.SYNC,
        state=state,
        system="",
        created_at=context.clock().isoformat(),
        created_by=context.actor,
        digest="",
        rules_digest=context.rules.digest,
        versions=dict(versions),
        counts=planned.counts,
        verdict=planned.verdict,
    )
