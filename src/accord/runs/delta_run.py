"""A delta synchronisation: the same plan as a full one, computed from what changed and whoever that concerns."""

from datetime import datetime

from accord.model.errors import ContractBroken
from accord.runs.changes import Changes, read_changes
from accord.runs.closure import Closure, Rest
from accord.runs.context import Context, Recorder, RunResult, Terms, leased, recorded
from accord.runs.loading import new_workspace, read_versions
from accord.runs.passing import take_passed
from accord.runs.remembering import MOST, Outcome
from accord.runs.sync_run import keep, plan_everything, settle
from accord.store.activities import ActivityState
from accord.store.baselines import Baseline
from accord.sync.closing import find_missing
from accord.sync.compiling import CompiledRules, compile_rules
from accord.sync.lookups import VERSION, read_notes
from accord.sync.planning import plan_sync

_MOST_ROUNDS = 20


def run_delta_sync(context: Context) -> RunResult:
    """Plan what the changes since the last synchronisation make necessary, and commit it; as `run_sync` would.

    A boundary in time that passed counts as a change of whom it concerns. Where it cannot be told who changed (no
    synchronisation to go on from, other rules, too many changes), everything is synchronised, and the run says so.
    Raises Held when the guard stops it.
    """
    systems = tuple(context.rules.systems)
    with (
        recorded(context, "sync", profile="delta-sync", systems=systems) as run,
        leased(context, systems, run.activity.guid) as leases,
    ):
        versions = read_versions(context)
        if context.store.settled.holds(versions, context.rules.digest):
            return RunResult(activity=run.finish(ActivityState.DONE, message="nothing changed since the last one"))
        position = context.store.baselines.position()
        outcome = plan_changes(context, run)
        return settle(context, run, outcome, Terms(versions=versions, leases=leases), position)


def run_delta_plan(context: Context) -> RunResult:
    """Plan what a delta synchronisation would do and keep the plan; nothing else changes."""
    with recorded(context, "plan", profile="delta-plan") as run:
        versions = read_versions(context)
        outcome = plan_changes(context, run)
        return keep(context, run, outcome.planned, versions, message=outcome.told())


def plan_changes(context: Context, run: Recorder) -> Outcome:
    """Return the plan of what changed, or of everything where that is not enough."""
    run.phase("load")
    compiled = compile_rules(context.rules)
    baseline = context.store.baselines.read()
    why = _why_whole(context, compiled, baseline)
    if why or baseline is None:
        return _plan_whole(context, run, why)
    changes = read_changes(context.store, baseline)
    if compiled.asks_the_time:
        take_passed(context, compiled, changes, datetime.fromisoformat(baseline.at))
    if len(changes.objects) + len(changes.identities) > MOST:
        return _plan_whole(context, run, "too much changed for a delta")
    return _plan_part(context, run, compiled, changes)


def _why_whole(context: Context, compiled: CompiledRules, baseline: Baseline | None) -> str:
    if baseline is None:
        return "there is no synchronisation to go on from"
    if baseline.rules_digest != context.rules.digest:
        return "the rules have changed"
    if baseline.look_ups != VERSION:
        return "another version of Accord made the last one"
    if compiled.asks_the_time and not baseline.at:
        return "nobody knows for which time the last one was made"
    return ""


def _plan_whole(context: Context, run: Recorder, why: str) -> Outcome:
    planned, notes = plan_everything(context, run)
    return Outcome(planned=planned, notes=notes, why_whole=why)


def _plan_part(context: Context, run: Recorder, compiled: CompiledRules, changes: Changes) -> Outcome:
    closure = Closure(store=context.store, rules=compiled)
    closure.begin(changes)
    run.phase("plan")
    for _ in range(_MOST_ROUNDS):
        if len(closure.objects) > MOST:
            return _plan_whole(context, run, "too much is concerned for a delta")
        with context.engine() as engine:
            workspace = new_workspace(context, engine, compiled)
            workspace.is_explained = workspace.is_remembered = True
            workspace.beyond = Rest(closure)
            closure.load(workspace)
            planned = plan_sync(workspace)
            if not closure.take(find_missing(workspace)):
                return Outcome(
                    planned=planned, notes=read_notes(workspace), is_part=True, looked_at=len(closure.objects)
                )
    raise ContractBroken(
        f"what changed concerns more and more objects, still after {_MOST_ROUNDS} rounds",
        remedy="run a full synchronisation, and report this",
    )
