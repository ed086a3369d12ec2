"""Plans: made, looked at, released or discarded by a named person, applied exactly as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from accord.model.errors import AccordError, NotFound, PlanStale, UsageError
from accord.model.plan import Breach, Count, PlanHeader, PlanState
from accord.operations.runs import RunReport, report_of
from accord.runs.context import Context
from accord.runs.delta_run import run_delta_plan
from accord.runs.sync_run import apply_plan, run_plan
from accord.store.audit import Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """A plan as it is listed. `system` is empty for a synchronisation, which covers all systems.

    `is_stale` tells that it would be refused: what it was computed from has changed, or the rules have.
    """

    id: str
    kind: str
    state: str
    is_stale: bool
    system: str
    created_at: str
    created_by: str
    released_by: str
    release_reason: str
    digest: str
    counts: tuple[Count, ...]
    breaches: tuple[Breach, ...]


def plan_state_named(text: str) -> PlanState:
    """Return the state of a name; raise UsageError."""
    try:
        return PlanState(text)
    except ValueError as error:
        raise UsageError(f"there is no state {text!r}", remedy=f"use one of: {', '.join(PlanState)}") from error


def make_plan(context: Context) -> RunReport:
    """Plan the synchronisation of everything and keep the plan; nothing else changes."""
    return report_of(context, run_plan(context))


def make_delta_plan(context: Context) -> RunReport:
    """Plan what the changes since the last synchronisation make necessary, and keep the plan; nothing else changes."""
    return report_of(context, run_delta_plan(context))


def list_plans(context: Context, *, state: PlanState | None = None, limit: int = 20) -> tuple[PlanSummary, ...]:
    """Return the latest plans, newest first."""
    return tuple(summarise(context, header) for header in context.store.plans.list_plans(state=state, limit=limit))


def read_plan_summary(context: Context, plan_id: str) -> PlanSummary:
    """Return what is known of a plan without reading its changes; raise NotFound."""
    return summarise(context, read_header(context, plan_id))


def release_plan(context: Context, plan_id: str, *, by: str, reason: str) -> PlanSummary:
    """Let a held plan be applied, by a person and for a reason that are kept; raise UsageError when it is not held."""
    return _decide(context, plan_id, PlanState.RELEASED, by=by, reason=reason)


def discard_plan(context: Context, plan_id: str, *, by: str, reason: str) -> PlanSummary:
    """Make sure that a plan is never applied; raise UsageError when it was already."""
    return _decide(context, plan_id, PlanState.DISCARDED, by=by, reason=reason)


def apply(context: Context, plan_id: str) -> RunReport:
    """Do exactly what the plan says; raise PlanStale when the world moved since, Held when a guard holds it."""
    header = read_header(context, plan_id)
    deed = Deed(
        actor=context.actor,
        action="plan.apply",
        subject=header.id,
        reason=header.release_reason,
        detail={"digest": header.digest},
    )
    with _told(context, deed):
        if header.state is PlanState.APPLIED:
            raise PlanStale(
                f"plan {header.id} was applied already",
                remedy="plan what there is to do now: accord plan, or for an import accord run SYSTEM full-import",
            )
        return report_of(context, apply_plan(context, header.id))


def is_plan_name(text: str) -> bool:
    """Tell whether a text can only be the name of a plan."""
    return text[:1] in ("P", "p") and text[1:].isdecimal()


def read_header(context: Context, plan_id: str) -> PlanHeader:
    """Return a plan's header; its name may be written with a small letter; raise NotFound."""
    try:
        return context.store.plans.read_header(plan_id.upper() if is_plan_name(plan_id) else plan_id)
    except NotFound as error:
        raise NotFound(f"there is no plan {plan_id}", remedy="see: accord plans") from error


def summarise(context: Context, header: PlanHeader) -> PlanSummary:
    """Return a plan as it is listed."""
    return PlanSummary(
        id=header.id,
        kind=header.kind.value,
        state=header.state.value,
        is_stale=_is_stale(context, header),
        system=header.system,
        created_at=header.created_at,
        created_by=header.created_by,
        released_by=header.released_by,
        release_reason=header.release_reason,
        digest=header.digest,
        counts=header.counts,
        breaches=header.verdict.breaches,
    )


def _is_stale(context: Context, header: PlanHeader) -> bool:
    if header.state not in (PlanState.READY, PlanState.HELD, PlanState.RELEASED):
        return False
    has_moved = context.store.versions(header.versions) != dict(header.versions)
    return has_moved or header.rules_digest != context.rules.digest


def _decide(context: Context, plan_id: str, state: PlanState, *, by: str, reason: str) -> PlanSummary:
    if not by.strip() or not reason.strip():
        raise UsageError(f"a plan is {state} by somebody for a reason", remedy='give both: --by NAME --reason "TEXT"')
    header = read_header(context, plan_id)
    deed = Deed(
        actor=context.actor,
        action=f"plan.{'release' if state is PlanState.RELEASED else 'discard'}",
        subject=header.id,
        reason=reason,
        detail={"by": by, "digest": header.digest},
    )
    with _told(context, deed):
        return summarise(context, context.store.plans.set_state(header.id, state, person=by, reason=reason))


@contextmanager
def _told(context: Context, deed: Deed) -> Iterator[None]:
    """Write the deed down before it is done, so that no crash hides it; a refusal is written after it."""
    context.store.audit.add(deed, at=context.clock())
    try:
        yield
    except AccordError as error:
        refused = replace(deed, action=f"{deed.action} refused", reason=error.message, detail={"code": error.code})
        context.store.audit.add(refused, at=context.clock())
        raise
