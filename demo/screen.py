"""What the demonstration shows: one screen, each step under the command that does it."""

from rich.console import Console
from rich.table import Table

from accord.app import Accord
from accord.model.errors import Held
from accord.operations.explaining import explain
from accord.runs.context import RunResult
from demo.expectations import Holdings


def show_import(console: Console, system: str, result: RunResult, accord: Accord) -> None:
    """Show one import on one line, its bad rows below."""
    _command(console, f"accord run {system} full-import")
    console.print(f"  [green]✓[/] {result.activity.message}{_counted(result, 'connector space', 'exports')}")
    if result.errors:
        for item in accord.store.activities.items(result.activity.id).table.to_pylist():
            console.print(f"  [yellow]![/] {item['at']}: {item['attribute'] or item['code']}: {item['message']}")


def show_plan(console: Console, result: RunResult) -> None:
    """Show the plan as a table."""
    _command(console, "accord plan")
    table = Table(box=None, padding=(0, 2), header_style="bold")
    for name in ("what", "system", "object", "operation"):
        table.add_column(name)
    table.add_column("count", justify="right")
    for count in result.counts:
        table.add_row(
            count.area, count.system or "metaverse", count.object_type, count.operation, f"{count.count:,}",
            style="yellow" if count.area == "errors" else "",
        )  # fmt: skip
    console.print(table)
    console.print(f"  [green]✓[/] plan [bold]{result.plan_id}[/] is within every limit of the guard")


def show_export(console: Console, system: str, result: RunResult) -> None:
    """Show what was written."""
    _command(console, f"accord apply PLAN; accord run {system} export")
    mark = "[green]✓[/]" if not result.errors else "[yellow]![/]"
    console.print(f"  {mark} written{_counted(result, 'exported', 'export failed')}")


def show_verification(console: Console, found: Holdings, reader: str) -> None:
    """Show the independent read."""
    members = sum(len(m) for m in found.groups.values())
    managers = sum(1 for u in found.users.values() if u["manager"])
    console.print(
        f"  [green]✓[/] read back by {reader}: {len(found.users)} people, {managers} managers, "
        f"{len(found.groups)} groups, {members} memberships, all as the workbook says"
    )


def show_again(console: Console, result: RunResult) -> None:
    """Show the second run."""
    _command(console, "accord cycle                       # the same again")
    console.print(f"  [green]✓[/] {result.activity.message}: 0 changes, 0 writes")


def show_held(console: Console, held: Held) -> None:
    """Show what the guard says of a workbook that lost its second half."""
    _command(console, "accord run hr full-import          # the workbook was cut off after 400 rows")
    console.print(f"  [bold red]held[/] {held.message}")
    console.print("  [green]✓[/] nothing was written, nobody was deleted")


def show_explanation(console: Console, accord: Accord, person: str, attribute: str) -> None:
    """Show why one account has the mail address it has."""
    _command(console, f"accord explain {person} {attribute}")
    explanation = explain(accord.context, person)
    values = {v.attribute: v for v in explanation.values}
    for account in explanation.accounts:
        if account.attribute != attribute:
            continue
        inputs = ", ".join(f"{i.name} = {i.value!r}" for i in account.inputs)
        console.print(f"  [bold]{account.wanted}[/] = {account.expression}   [dim](rule {account.rule})[/]")
        console.print(f"    with {inputs}")
        for used in account.inputs:
            console.print(f"    {used.name}: {values[used.name].reason}")


def _command(console: Console, command: str) -> None:
    console.print(f"[dim]$[/] [cyan]{command}[/]")


def _counted(result: RunResult, *areas: str) -> str:
    parts = [f"{c.count:,} {c.object_type + ' ' if c.object_type else ''}{c.operation}"
             for c in result.counts if c.area in areas]  # fmt: skip
    return ": " + ", ".join(parts) if parts else ""
