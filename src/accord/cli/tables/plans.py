"""Plans as tables: the counts, the guard's verdict, and objects with every value before and after."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from accord.cli.tables.counts import counts_table, verdict
from accord.cli.tables.parts import (
    OPERATION_STYLES,
    SIGNS,
    cell,
    clean,
    grid,
    heading,
    indented,
    state,
    table,
    time,
    values,
)
from accord.operations.plan_changes import PlannedChange, PlanPage
from accord.operations.plan_errors import PlannedError
from accord.operations.plans import PlanSummary
from accord.operations.values import ValueChange


def plan_page(page: PlanPage) -> Iterator[RenderableType]:
    """Yield a plan in the order one decides about it: how much, whether it is allowed, what exactly."""
    yield from plan_head(page.plan)
    for (area, system, object_type, operation), group in groupby(page.changes, key=_kind):
        changes = list(group)
        total = _total(page, area, system, object_type, operation)
        shown = f"{len(changes):,} of {total:,}" if len(changes) < total else f"{total:,}"
        where = f"{system} {object_type}" if system else f"metaverse {object_type}"
        yield Text()
        yield heading(f"{operation} {where}", f"({shown})")
        for change in changes:
            yield indented(_title(change))
            yield indented(_values(change), 6)
    if page.errors:
        yield Text()
        yield heading("could not be decided", f"({len(page.errors):,} of {page.error_total:,})")
        yield _errors(page.errors)


def plan_head(plan: PlanSummary) -> Iterator[RenderableType]:
    """Yield what is known of a plan without its changes."""
    of = f"import of {plan.system}" if plan.system else "synchronisation"
    yield heading(f"Plan {plan.id}", of, _state(plan), time(plan.created_at), f"by {plan.created_by}")
    yield Text()
    yield counts_table(plan.counts) if plan.counts else Text("nothing to change", style="dim")
    yield Text()
    yield from verdict(plan.breaches, since=_since(plan))


def plan_list(plans: Sequence[PlanSummary]) -> Table:
    """Return plans as a table."""
    made = table("plan", "of", "state", "made", "by", "why held", wraps=("why held",))
    for plan in plans:
        made.add_row(
            cell(plan.id),
            cell(f"import of {plan.system}" if plan.system else "synchronisation"),
            _state(plan),
            time(plan.created_at),
            cell(plan.created_by),
            cell("; ".join(breach.message for breach in plan.breaches)),
        )
    return made


def value_changes(changes: Iterable[ValueChange]) -> Table:
    """Return values before and after, one attribute a line."""
    made = grid(12, None)
    for change in changes:
        made.add_row(cell(change.name, "dim"), _before_after(change))
    return made


def _state(plan: PlanSummary) -> Text:
    line = state(plan.state)
    return line.append(", out of date", style="yellow not bold") if plan.is_stale else line


def _since(plan: PlanSummary) -> str:
    if plan.release_reason:
        return f"released by {clean(plan.released_by)}: {clean(plan.release_reason)}"
    return "the plan waits for a person" if plan.state == "held" else f"the plan is {plan.state}"


def _before_after(change: ValueChange) -> Text:
    if not change.before:
        return Text(values(change.after), style="green")
    if not change.after:
        return Text(values(change.before), style="red strike")
    return Text.assemble((values(change.before), "red"), (" → ", "dim"), (values(change.after), "green"))


def _title(change: PlannedChange) -> Text:
    style = OPERATION_STYLES.get(change.operation, "")
    line = Text(f"{SIGNS.get(change.operation, ' ')} ", style=f"bold {style}")
    line.append(clean(change.name), style="bold")
    if change.rule:
        line.append(f"   by {clean(change.rule)}", style="dim")
    if change.reason:
        line.append(f"   {clean(change.reason)}", style="dim")
    return line


def _values(change: PlannedChange) -> Table:
    return value_changes(change.changes)


def _kind(change: PlannedChange) -> tuple[str, str, str, str]:
    return change.area, change.system, change.object_type, change.operation


def _total(page: PlanPage, area: str, system: str, object_type: str, operation: str) -> int:
    return sum(
        c.count
        for c in page.plan.counts
        if (c.area, c.system, c.object_type, c.operation) == (area, system, object_type, operation)
    )


def _errors(errors: Sequence[PlannedError]) -> Table:
    made = table("object", "rule", "attribute", "what is wrong", wraps=("what is wrong",))
    for error in errors:
        name = "/".join(part for part in (error.system, error.name) if part)
        wrong = cell(f"{error.message} [{error.code}]")
        if error.remedy:
            wrong.append(f"\n{clean(error.remedy)}", style="dim")
        made.add_row(cell(name), cell(error.rule), cell(error.attribute), wrong)
    return made
