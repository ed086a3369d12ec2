"""Why not: a plan around one object or identity, made and read, never committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from accord.runs.changes import Changes, read_changes
from accord.runs.closure import Closure, Rest
from accord.runs.context import Context
from accord.runs.loading import loaded_workspace, new_workspace
from accord.runs.remembering import MOST
from accord.store.baselines import Baseline
from accord.sync.absence import LifeTrial, RuleTrial, why_alive, why_unlinked, why_without_account
from accord.sync.closing import find_missing
from accord.sync.compiling import CompiledRules, compile_rules
from accord.sync.lookups import VERSION
from accord.sync.planning import plan_sync
from accord.sync.workspace import Workspace

_MOST_ROUNDS = 20
_FEW = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """What rules had to say about an object without identity, or about an identity's missing accounts and its end."""

    trials: tuple[RuleTrial, ...]
    life: LifeTrial | None = None


def is_quick(context: Context) -> bool:
    """Tell whether why not is found in a part of what there is, or there is so little that all of it is no work."""
    baseline = context.store.baselines.read()
    if baseline is not None and _is_current(context, baseline):
        return True
    return context.store.baselines.position().next_object_id <= _FEW


def run_why_unlinked(context: Context, object_id: int) -> Absence:
    """Return why an object belongs to nobody, as a synchronisation would decide now; changes nothing."""
    with _planned(context, Changes(objects={object_id})) as workspace:
        return Absence(trials=why_unlinked(workspace, object_id))


def run_why_without(context: Context, identity_id: int) -> Absence:
    """Return why an identity lacks accounts, and what keeps it alive, as a synchronisation would decide now."""
    identity_type = str(context.store.metaverse.read_identities_by_id([identity_id]).table["type"][0].as_py())
    with _planned(context, Changes(identities={identity_id})) as workspace:
        return Absence(
            trials=why_without_account(workspace, identity_id, identity_type),
            life=why_alive(workspace, identity_id, identity_type),
        )


@contextmanager
def _planned(context: Context, asked: Changes) -> Iterator[Workspace]:
    """Open a workspace that a plan of what is asked about was made on: the part that bears on it, else everything."""
    compiled = compile_rules(context.rules)
    baseline = context.store.baselines.read()
    if baseline is not None and _is_current(context, baseline):
        changes = read_changes(context.store, baseline)
        if len(changes.objects) + len(changes.identities) <= MOST:
            changes.objects |= asked.objects
            changes.identities |= asked.identities
            with _planned_part(context, compiled, changes) as workspace:
                if workspace is not None:
                    yield workspace
                    return
    with loaded_workspace(context) as workspace:
        workspace.is_explained = True
        plan_sync(workspace)
        yield workspace


def _is_current(context: Context, baseline: Baseline) -> bool:
    return (baseline.rules_digest, baseline.look_ups) == (context.rules.digest, VERSION)


@contextmanager
def _planned_part(context: Context, compiled: CompiledRules, changes: Changes) -> Iterator[Workspace | None]:
    """Open a workspace with the closed part around changes, as a delta synchronisation plans it; None: too large."""
    closure = Closure(store=context.store, rules=compiled)
    closure.begin(changes)
    for _ in range(_MOST_ROUNDS):
        if len(closure.objects) > MOST:
            break
        with context.engine() as engine:
            workspace = new_workspace(context, engine, compiled)
            workspace.is_explained = workspace.is_remembered = True
            workspace.beyond = Rest(closure)
            closure.load(workspace)
            plan_sync(workspace)
            if not closure.take(find_missing(workspace)):
                yield workspace
                return
    yield None
