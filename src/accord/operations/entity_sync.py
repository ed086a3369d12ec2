"""Synchronisation by kind of entity: the connected systems that hold it, in order of dependency, then the decisions.

Owners come before accounts, accounts before groups, groups before applications; relations follow from all of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from accord.connectors.registry import connector_kind
from accord.governance.holdings import OWNER_TYPES, meaning_of
from accord.model.errors import AccordError, ConfigError, Held, SystemRefused, SystemUnavailable, UsageError
from accord.model.plan import Count
from accord.operations.runs import readable_systems
from accord.runs.context import Context, RunResult, recorded
from accord.runs.delta_run import run_delta_sync
from accord.runs.export_run import run_export
from accord.runs.import_run import run_delta_import, run_import, run_import_of
from accord.runs.sync_run import run_plan, run_sync
from accord.store.activities import ActivityState


class EntitySync(StrEnum):
    """Which entities are synchronised; the names are those of the jobs contract."""

    FULL = "full_sync"
    INCREMENTAL = "incremental_sync"
    OWNERS = "owner_sync"
    ACCOUNTS = "account_sync"
    GROUPS = "group_sync"
    APPLICATIONS = "application_sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    label: str
    run: Callable[[Context], RunResult | None]
    system: str = ""


def systems_for(context: Context, sync: EntitySync) -> tuple[str, ...]:
    """Return the systems to read, in order of dependency; raise UsageError where no system holds such entities."""
    return tuple(_reads_for(context, sync))


def _reads_for(context: Context, sync: EntitySync) -> dict[str, frozenset[str]]:
    """Return the systems to read with the object types that are wanted of each: of one kind of entity only its own."""
    rules, readable = context.rules, readable_systems(context)
    holding = _holding(context)
    is_whole = sync in (EntitySync.FULL, EntitySync.INCREMENTAL)
    order = (EntitySync.OWNERS, EntitySync.ACCOUNTS, EntitySync.GROUPS, EntitySync.APPLICATIONS)
    found: dict[str, set[str]] = {}
    for kind in order if is_whole else (sync,):
        for system, object_type in holding[kind]:
            if system in readable:
                found.setdefault(system, set()).add(object_type)
    if is_whole:
        found = {system: set(rules.systems[system].object_types) for system in dict.fromkeys([*found, *readable])}
    if not found:
        what = sync.value.removesuffix("_sync").replace("_", " ")
        remedy = "declare a system, and a rule that says what its objects are"
        raise UsageError(f"no system that can be read holds {what}s", remedy=remedy)
    return {system: frozenset(types) for system, types in found.items()}


def run_entity_sync(context: Context, sync: EntitySync, parameters: Mapping[str, object]) -> RunResult:
    """Read the systems, decide, and for the whole population write to the systems and read back.

    A system that is away or refuses is left out, and said: what it told last still counts, and nothing of it is taken
    for gone. With `preview` nothing is read or written: the plan of what is known is kept, to be looked at. `export`
    says whether systems are written to; by default only the whole and incremental synchronisation do. Each step is an
    activity of its own, with this one as parent.
    """
    with recorded(context, sync.value, profile=sync.value) as run:
        inside = replace(context, activity=None, parent=run.id)
        steps = list(_steps(context, sync, parameters))
        counts: list[Count] = []
        errors = 0
        plan = None
        away: dict[str, AccordError] = {}
        for at, step in enumerate(steps, start=1):
            run.phase(f"{at} of {len(steps)}: {step.label}", 1)
            try:
                result = _result(step, inside, away)
            except Held as held:
                run.finish(ActivityState.HELD, message=str(held), counts=counts, plan_id=held.plan_id)
                raise
            run.advance(1)
            if result is None:
                continue
            counts += result.counts
            errors += result.errors
            plan = result.plan_id or plan
        state = ActivityState.DONE_WITH_ERRORS if errors or away else ActivityState.DONE
        activity = run.finish(state, message=_told(errors, away, parameters, plan), counts=counts, plan_id=plan)
        return RunResult(activity=activity, counts=tuple(counts), errors=errors, plan_id=plan)


def _result(step: _Step, context: Context, away: dict[str, AccordError]) -> RunResult | None:
    """Run a step; None where it had nothing to do, or its system is away, which is kept in `away`."""
    if step.system in away:
        return None
    try:
        return step.run(context)
    except (SystemUnavailable, SystemRefused, ConfigError) as error:
        if not step.system:
            raise
        away[step.system] = error
        return None


def _told(errors: int, away: Mapping[str, AccordError], parameters: Mapping[str, object], plan: str | None) -> str:
    if parameters.get("preview") is True:
        return f"only planned: see plan {plan}"
    parts = [f"{errors} objects could not be handled"] if errors else []
    parts += [f"{system} was left out: {error.message}" for system, error in sorted(away.items())]
    return "; ".join(parts)


def _steps(context: Context, sync: EntitySync, parameters: Mapping[str, object]) -> Iterator[_Step]:
    if parameters.get("preview") is True:
        yield _Step(label="Planning", run=run_plan)
        return
    is_incremental = sync is EntitySync.INCREMENTAL
    for system, types in _reads_for(context, sync).items():
        is_delta = is_incremental and _reads_changes(context, system)
        yield _Step(label=f"Processing {system}", run=_importing(system, types, is_delta=is_delta), system=system)
    yield _Step(label="Deciding", run=run_delta_sync if is_incremental else run_sync)
    if parameters.get("export", is_incremental or sync is EntitySync.FULL) is not True:
        return
    # Only what rules speak of outbound is ever written to.
    targets = {rule.system for rule in context.rules.outbound}
    sent: set[str] = set()
    for name, target in context.rules.systems.items():
        if name in targets and connector_kind(target.connector).capabilities.can_write:
            yield _Step(label=f"Writing to {name}", run=_exporting(name, sent), system=name)
    for name, target in context.rules.systems.items():
        capabilities = connector_kind(target.connector).capabilities
        if name in targets and capabilities.can_write and capabilities.can_read:
            yield _Step(label=f"Confirming {name}", run=_confirming(name, sent), system=name)


def _importing(system: str, types: frozenset[str], *, is_delta: bool) -> Callable[[Context], RunResult]:
    def read(context: Context) -> RunResult:
        first_new = context.store.connector_space.next_object_id()
        if is_delta:
            result = run_delta_import(context, system)
        elif types >= context.rules.systems[system].object_types.keys():
            result = run_import(context, system)
        else:
            result = run_import_of(context, system, types)
        changed = context.store.history.count_relations(result.activity.id, first_new=first_new)
        relations = tuple(
            Count(area="relations", system=system, object_type=attribute, operation=operation, count=count)
            for (attribute, operation), count in sorted(changed.items())
        )
        return replace(result, counts=(*result.counts, *relations))

    return read


def _exporting(system: str, sent: set[str]) -> Callable[[Context], RunResult]:
    def write(context: Context) -> RunResult:
        result = run_export(context, system)
        if result.counts:
            sent.add(system)
        return result

    return write


def _confirming(system: str, sent: set[str]) -> Callable[[Context], RunResult | None]:
    """Read back what was written; nothing where nothing was."""
    return lambda context: run_import(context, system) if system in sent else None


def _reads_changes(context: Context, system: str) -> bool:
    return connector_kind(context.rules.systems[system].connector).capabilities.can_read_changes


def _holding(context: Context) -> dict[EntitySync, list[tuple[str, str]]]:
    """Return which object types of which systems are which entities, by what rules make of them."""
    rules = context.rules
    meaning = meaning_of(rules)
    inbound = [((r.system, r.object_type), r) for r in rules.inbound]
    told = [(at, r.identity_type) for at, r in inbound]
    told += [((r.system, r.object_type), r.identity_type) for r in rules.outbound]
    owners = [at for at, r in inbound if r.identity_type in OWNER_TYPES and r.projects]
    joined = [at for at, r in inbound if r.identity_type in OWNER_TYPES and not r.projects]
    accounts = [(r.system, r.object_type) for r in rules.outbound if r.identity_type in OWNER_TYPES]
    groups = [(system, kind) for system, kind, _ in meaning.memberships if (system, kind) not in meaning.account_types]
    return {
        EntitySync.OWNERS: owners,
        EntitySync.ACCOUNTS: accounts + joined or owners,
        EntitySync.GROUPS: groups + [at for at, kind in told if kind == "group"],
        EntitySync.APPLICATIONS: [at for at, kind in told if kind == "application"],
    }
