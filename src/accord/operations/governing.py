"""The ten job types as work that can be queued: what each needs to itself, what it refuses, and who performs it."""

from collections.abc import Callable, Mapping

from accord.governance.enrichment.rules import parse_rules
from accord.governance.policies.rules import parse_policies
from accord.model.errors import UsageError
from accord.operations.entity_sync import EntitySync, run_entity_sync, systems_for
from accord.operations.performing import Order, Work, register
from accord.runs.context import Context, RunResult
from accord.runs.governing.enrichment_run import RULES, run_enrichment
from accord.runs.governing.managers_run import matchers_of, run_managers
from accord.runs.governing.policies_run import POLICIES, run_policies
from accord.runs.governing.roles_run import SETTINGS, run_roles, wanted_of

_Run = Callable[[Context, Mapping[str, object]], RunResult]
ANALYSES: Mapping[str, _Run] = {
    "role_generation": run_roles,
    "policy_analysis": run_policies,
    "manager_resolution": run_managers,
    "enrichment": run_enrichment,
}
JOB_TYPES = (*EntitySync, *ANALYSES)
"""The job types of the contract."""

_PARAMETERS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(EntitySync, frozenset({"preview", "export"})),
    "role_generation": frozenset({"preview", "mode", "mining_columns", "minimum_owner_count"}),
    "policy_analysis": frozenset({"preview"}),
    "manager_resolution": frozenset({"preview", "matchers", "keep_last_good", "whole"}),
    "enrichment": frozenset({"preview", "whole"}),
}


def role_parameters(context: Context, given: Mapping[str, object]) -> Mapping[str, object]:
    """Return what role generation is asked for, with the kept settings where nothing else is said."""
    kept = {d.id: d.doc for d in context.store.declarations.list(SETTINGS)}.get("default", {})
    return {**{k: v for k, v in kept.items() if k in _PARAMETERS["role_generation"]}, **given}


def check_parameters(context: Context, order: Order) -> tuple[str, ...]:
    """Raise UsageError or ConfigError when the job cannot be done as asked; return warnings."""
    # A step of a schedule tells its number.
    unknown = sorted(set(order.parameters) - _PARAMETERS[order.work] - {"step"})
    if unknown:
        known = ", ".join(sorted(_PARAMETERS[order.work]))
        raise UsageError(f"{order.work} knows no parameter {unknown[0]!r}", remedy=f"use: {known}")
    for flag in ("preview", "export", "keep_last_good", "whole"):
        if not isinstance(order.parameters.get(flag, False), bool):
            raise UsageError(f"{flag} must be true or false", remedy=f'send "{flag}": true')
    if order.work in tuple(EntitySync):
        systems_for(context, EntitySync(order.work))
    elif order.work == "role_generation":
        wanted_of(role_parameters(context, order.parameters))
    elif order.work == "manager_resolution":
        matchers_of(order.parameters.get("matchers"))
    elif order.work == "policy_analysis":
        declared = context.store.declarations.list(POLICIES)
        parse_policies([d.doc for d in declared])
        return () if declared else ("there are no policies yet",)
    else:
        rules = context.store.declarations.list(RULES)
        parse_rules([d.doc for d in rules])
        return () if rules else ("there are no enrichment rules yet",)
    return ()


def _syncing(sync: EntitySync) -> Callable[[Context, Order], object]:
    return lambda context, order: run_entity_sync(context, sync, order.parameters)


def _analysing(name: str) -> Callable[[Context, Order], object]:
    def perform(context: Context, order: Order) -> object:
        given = role_parameters(context, order.parameters) if name == "role_generation" else order.parameters
        return ANALYSES[name](context, given)

    return perform


for _sync in EntitySync:
    register(Work(name=_sync.value, kind=_sync.value, perform=_syncing(_sync), check=check_parameters))
for _name in ANALYSES:
    register(Work(name=_name, kind=_name, perform=_analysing(_name), check=check_parameters))
