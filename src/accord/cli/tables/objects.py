"""Identities, their accounts and their history as tables."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from accord.cli.tables.parts import cell, clean, grid, heading, indented, operation, state, time, values
from accord.cli.tables.plans import value_changes
from accord.operations.history import HistoryEntry
from accord.operations.objects import IdentityView, ObjectPage, ObjectView
from accord.operations.values import Attribute


def object_page(page: ObjectPage) -> Iterator[RenderableType]:
    """Yield an identity and its accounts."""
    if page.identity is not None:
        yield from _identity(page.identity)
    for account in page.objects:
        yield Text()
        yield from _object(account)
    if page.identity is None:
        yield Text()
        yield Text("linked to no identity", style="yellow")


def history_lines(entries: Sequence[HistoryEntry]) -> Iterator[RenderableType]:
    """Yield what happened, activity by activity."""
    for activity, group in groupby(entries, key=lambda e: e.activity):
        told = list(group)
        yield heading(f"{activity} {told[0].kind}", time(told[0].at), f"by {told[0].actor}")
        for entry in told:
            line = operation(entry.operation)
            line.append(f" {clean(entry.subject)}", style="default")
            yield indented(line)
            yield indented(value_changes(entry.changes), 6)


def _identity(identity: IdentityView) -> Iterator[RenderableType]:
    yield heading(identity.name, f"{identity.type}, identity:{identity.id}")
    if identity.gone_since:
        yield Text(f"gone since {time(identity.gone_since)}: it ends when its grace period is over", style="yellow")
    yield indented(_attributes((*identity.attributes, *identity.references)))


def _object(account: ObjectView) -> Iterator[RenderableType]:
    since = f", since {account.since}" if account.since else ""
    linked = f"{account.how}, rule {account.rule}{since}" if account.how else "not linked"
    name = account.dn or account.anchor or f"object {account.id}"
    yield heading(f"{account.system}/{name}", account.type, Text(clean(linked), style="not bold dim"))
    if account.is_planned:
        yield indented(Text("asked for, not there yet", style="yellow"))
    yield indented(_attributes(account.attributes))
    if account.pending is not None:
        pending = account.pending
        line = Text.assemble("waits: ", operation(pending.operation), " ", state(pending.state))
        if pending.message:
            line.append(f" after {pending.attempts} attempts: {clean(pending.message)} [{pending.code}]", style="red")
        yield indented(line)
        yield indented(value_changes(pending.changes), 6)


def _attributes(attributes: Sequence[Attribute]) -> Table:
    made = grid(14, None, None)
    for attribute in attributes:
        origin = " ".join(t for t in (attribute.rule, f"since {attribute.since}" if attribute.since else "") if t)
        made.add_row(cell(attribute.name, "dim"), cell(values(attribute.values)), cell(origin, "dim"))
    return made
