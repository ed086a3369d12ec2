"""What can be queued: every kind of work, the systems it needs to itself, and the function that does it.

Whoever adds a kind of work writes a module that calls `register`, and names it in `MODULES`. A work's function is
called in a process of its own with a context whose `activity` is the job; the first `recorded` it enters goes on with
that record.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module

from accord.model.errors import NotFound, UsageError
from accord.model.schedules import Narrowing
from accord.operations.runs import Profile, run_cycle, run_delta_cycle, run_profile
from accord.runs.context import Context, recorded
from accord.runs.sync_run import apply_plan
from accord.store.activities import ActivityState

MODULES: tuple[str, ...] = (
    "accord.operations.planning_work",
    "accord.operations.administration.previews",
    "accord.operations.datasync.queueing",
    "accord.operations.governing",
)
"""Modules that register work of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: the work by name, the system if it is for one, and what else the work needs to know.

    `profile` is what people call it, where that is not the work's own name.
    """

    work: str
    system: str = ""
    profile: str = ""
    reason: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    narrowing: Narrowing = field(default_factory=Narrowing)


def _no_systems(_context: Context, _order: Order) -> tuple[str, ...]:
    return ()


def _nothing_to_say(_context: Context, _order: Order) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of work. `kind` is what its activities are.

    `needs` names the systems that nobody else may work on meanwhile. `check` returns warnings, or raises UsageError
    when the order cannot be carried out.
    """

    name: str
    kind: str
    perform: Callable[[Context, Order], object]
    needs: Callable[[Context, Order], tuple[str, ...]] = _no_systems
    check: Callable[[Context, Order], tuple[str, ...]] = _nothing_to_say


_WORKS: dict[str, Work] = {}


def register(work: Work) -> None:
    """Make a kind of work known."""
    _WORKS[work.name] = work


def work_named(name: str) -> Work:
    """Return a kind of work; raise NotFound naming those there are."""
    for module in MODULES:
        import_module(module)
    if name not in _WORKS:
        raise NotFound(f"there is no work {name!r}", remedy=f"use one of: {', '.join(sorted(_WORKS))}")
    return _WORKS[name]


def _own_system(context: Context, order: Order) -> tuple[str, ...]:
    return (context.system(order.system).name,)


def _all_systems(context: Context, _order: Order) -> tuple[str, ...]:
    return tuple(context.rules.systems)


_CYCLES = {"cycle": run_cycle, "delta-cycle": run_delta_cycle}


def _perform_cycle(context: Context, order: Order) -> None:
    """Run the whole cycle, or one of deltas; its runs are children of the job, each with a record of its own."""
    with recorded(context, "cycle", profile=order.work) as run:
        inside = replace(context, activity=None, parent=run.id)
        errors = 0
        for done, report in enumerate(_CYCLES[order.work](inside), start=1):
            errors += report.errors
            run.phase(f"{done}: {report.activity.kind} {report.activity.system}".strip())
        state = ActivityState.DONE_WITH_ERRORS if errors else ActivityState.DONE
        run.finish(state, message=f"{errors} objects with errors" if errors else "")


def _perform_apply(context: Context, order: Order) -> None:
    apply_plan(context, str(order.parameters["plan"]))


def _check_apply(context: Context, order: Order) -> tuple[str, ...]:
    if "plan" not in order.parameters:
        raise UsageError("no plan was named", remedy="give the parameter plan, such as P7")
    context.store.plans.read_header(str(order.parameters["plan"]))
    return ()


def _apply_needs(context: Context, order: Order) -> tuple[str, ...]:
    header = context.store.plans.read_header(str(order.parameters["plan"]))
    return (header.system,) if header.system else _all_systems(context, order)


def _register_profile(profile: Profile) -> None:
    kind = profile.value.rpartition("-")[2]
    is_of_all = kind == "sync"

    def perform(context: Context, order: Order) -> None:
        # A synchronisation is of all systems, whichever is named.
        run_profile(context, order.system or next(iter(context.rules.systems)), profile, order.narrowing)

    register(Work(name=profile.value, kind=kind, perform=perform, needs=_all_systems if is_of_all else _own_system))


for _profile in Profile:
    _register_profile(_profile)
for _cycle in _CYCLES:
    register(Work(name=_cycle, kind="cycle", perform=_perform_cycle))
register(Work(name="apply", kind="apply", perform=_perform_apply, needs=_apply_needs, check=_check_apply))
