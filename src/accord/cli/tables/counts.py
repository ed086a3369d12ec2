"""The table of counts that plans and activities share: what is touched, riskiest first."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from accord.cli.tables.parts import cell, number, operation, table
from accord.model.plan import Breach, Count

_RISK = ("delete", "remove", "disable", "rename", "update", "create", "add")
_AREAS = ("export", "metaverse", "connector space", "links", "references", "withdrawn", "exports", "errors")
_ASIDE = ("links", "references")
_SAID = {
    "export": "to export", "references": "references", "withdrawn": "withdrawn exports", "exports": "exports settled",
    "links": "links", "errors": "errors",
}  # fmt: skip


def counts_table(counts: Sequence[Count]) -> Table:
    """Return the counts as a table."""
    made = table("what", "system", "type", "operation", "objects", numbers=("objects",))
    for count in in_order(counts):
        style = "red" if count.area == "errors" else ""
        made.add_row(
            cell(_SAID.get(count.area, count.area), style),
            cell(count.system or "-", "" if count.system else "dim"),
            cell(count.object_type or "-", "" if count.object_type else "dim"),
            operation(count.operation),
            number(count.count),
        )
    return made


def in_order(counts: Iterable[Count]) -> list[Count]:
    """Return counts with what is written to systems first, the riskiest operations on top."""
    return sorted(counts, key=lambda c: (_place(c.area, _AREAS), _place(c.operation, _RISK), c.system, c.object_type))


def in_words(counts: Sequence[Count]) -> str:
    """Return what matters of counts in one line: `to export: 4 create; metaverse: 5 add`."""
    by_area: dict[str, dict[str, int]] = {}
    for count in in_order(counts):
        totals = by_area.setdefault(count.area, {})
        totals[count.operation] = totals.get(count.operation, 0) + count.count
    told = {area: totals for area, totals in by_area.items() if area not in _ASIDE} or by_area
    parts = [
        f"{_SAID.get(area, area)}: {', '.join(f'{total:,} {name}' for name, total in totals.items())}"
        for area, totals in told.items()
    ]
    return "; ".join(parts)


def verdict(breaches: Sequence[Breach], *, since: str) -> list[Text | Table]:
    """Return the guard's answer with its numbers, and what became of it since."""
    if not breaches:
        return [Text("Guard: all limits are kept", style="green")]
    made = table("system", "limit", "objects", "of", "percent", "allowed", numbers=("objects", "of", "percent"))
    for breach in breaches:
        share = f"{breach.count * 100 / breach.out_of:.1f} %" if breach.out_of else ""
        made.add_row(
            cell(breach.system), cell(breach.limit), number(breach.count), number(breach.out_of), cell(share),
            cell(breach.allowed),
        )  # fmt: skip
    return [Text(f"Guard: limits are broken, {since}", style="red bold"), made]


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)
