"""Activities as tables: how a run ended, and which objects it could not handle."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from accord.cli.tables.counts import counts_table, in_words
from accord.cli.tables.parts import cell, clean, duration, heading, number, short_time, state, table, time
from accord.operations.activities import ActivityPage, ActivitySummary, Item
from accord.operations.runs import RunReport


def run_report(report: RunReport) -> Iterator[RenderableType]:
    """Yield how a run ended."""
    yield _head(report.activity)
    if report.activity.counts:
        yield Text()
        yield counts_table(report.activity.counts)
    yield from _items(report.items, report.errors)


def run_line(report: RunReport) -> Text:
    """Return how a run ended in one line, for runs that follow each other."""
    activity = report.activity
    line = Text(f"{activity.id:<5}{clean(_title(activity)):<26} ")
    line.append_text(state(activity.state))
    line.append("  ")
    line.append(clean(_result(activity)) or "nothing to do")
    line.append(f"  {duration(activity.duration_s)}", style="dim")
    return line


def activity_page(page: ActivityPage) -> Iterator[RenderableType]:
    """Yield one activity with its phases, counts and items."""
    activity = page.activity
    yield _head(activity)
    yield Text(f"began {time(activity.started_at)} by {clean(activity.actor)}", style="dim")
    if activity.reason:
        yield Text(f"reason: {clean(activity.reason)}")
    if activity.plan:
        yield Text(f"plan: {activity.plan}")
    if activity.phases:
        made = table("phase", "objects", "took", numbers=("objects", "took"))
        for phase in activity.phases:
            made.add_row(
                cell(phase.name), number(phase.done or phase.total), cell(_took(phase.started_at, phase.ended_at))
            )
        yield Text()
        yield made
    if activity.counts:
        yield Text()
        yield counts_table(activity.counts)
    yield from _items(page.items, len(page.items) + int(page.has_more))


def activity_list(activities: Sequence[ActivitySummary]) -> Table:
    """Return activities as a table."""
    made = table("activity", "began", "what", "state", "took", "by", "result", numbers=("took",), wraps=("result",))
    for activity in activities:
        made.add_row(
            cell(activity.id),
            short_time(activity.started_at),
            cell(_title(activity)),
            state(activity.state),
            cell(duration(activity.duration_s)),
            cell(activity.actor),
            cell(_result(activity)),
        )
    return made


def _result(activity: ActivitySummary) -> str:
    return in_words(activity.counts) or activity.message.partition("\n")[0]


def _head(activity: ActivitySummary) -> Text:
    line = heading(f"{activity.id} {_title(activity)}", state(activity.state))
    if activity.duration_s is not None:
        line.append(f"  in {duration(activity.duration_s)}", style="not bold dim")
    if activity.message:
        line.append(f"  {clean(activity.message)}", style="not bold")
    return line


def _title(activity: ActivitySummary) -> str:
    kind = {"sync": "synchronisation"}.get(activity.kind, activity.kind)
    return f"{kind} of {activity.system}" if activity.system else kind


def _items(items: Sequence[Item], total: int) -> Iterator[RenderableType]:
    if not items:
        return
    made = table("object", "attribute", "what happened", wraps=("what happened",))
    for item in items:
        text = f"{item.message or ''} [{item.code}]{_by(item)}" if item.code else item.message or item.outcome or ""
        row = cell(text)
        if item.remedy:
            row.append(f"\n{clean(item.remedy)}", style="dim")
        made.add_row(cell(item.at or item.anchor), cell(item.attribute), row)
    shown = f"{len(items):,} of {total:,}" if len(items) < total else f"{total:,}"
    yield Text()
    yield heading("objects with errors", f"({shown})")
    yield made


def _by(item: Item) -> str:
    """Return by which rule or type a synchronisation could not decide; empty for what others could not do."""
    work, _, name = (item.operation or "").partition(" ")
    return f" by {name}" if work == "sync" and name else ""


def _took(started_at: str, ended_at: str) -> str:
    from datetime import datetime

    if not ended_at:
        return ""
    return duration((datetime.fromisoformat(ended_at) - datetime.fromisoformat(started_at)).total_seconds())
