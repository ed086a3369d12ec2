"""What was examined and discovered, as tables."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from accord.cli.tables.parts import cell, clean, heading, state, table, time, values
from accord.operations.audit import Entry, Verification
from accord.operations.configuration import Checked
from accord.operations.doctor import Examined
from accord.operations.systems import ConnectionTest, Discovery


def examined_table(findings: Sequence[Examined]) -> Table:
    """Return what the doctor found, with what to do about it."""
    made = table("what", "finding", "detail", wraps=("detail",))
    for found in findings:
        detail = cell(found.text)
        if found.remedy:
            detail.append(f"\n{clean(found.remedy)}", style="yellow")
        made.add_row(cell(found.subject), state(found.finding.value), detail)
    return made


def checked_page(checked: Checked) -> Iterator[RenderableType]:
    """Yield what a configuration declares."""
    yield heading("the configuration is right", checked.folder)
    made = table("what", "declared", wraps=("declared",))
    for what in ("systems", "identity_types", "rules", "lookups"):
        names: tuple[str, ...] = getattr(checked, what)
        if names:
            made.add_row(cell(what.replace("_", " ")), cell(", ".join(names)))
    yield made


def connection_page(tested: ConnectionTest) -> Iterator[RenderableType]:
    """Yield what a system says of itself."""
    yield heading(tested.system, tested.connector, Text("answers", style="green"))
    made = table("what", "says", wraps=("says",))
    for fact in tested.facts:
        made.add_row(cell(fact.name), cell(fact.text))
    yield made


def discovery_page(discovery: Discovery) -> Iterator[RenderableType]:
    """Yield the object types that a system offers."""
    for found in discovery.object_types:
        yield heading(found.name, f"anchor: {', '.join(found.anchor) or 'none known, name one'}")
        made = table("attribute", "type", "values", "writable", "about", wraps=("about",))
        for attribute in found.attributes:
            made.add_row(
                cell(attribute.name),
                cell(attribute.type),
                cell("many" if attribute.is_multivalued else "one"),
                cell(str(attribute.writability).replace("_", " ")),
                cell(attribute.description, "dim"),
            )
        yield made
        yield Text()


def trail_table(entries: Sequence[Entry]) -> Table:
    """Return the audit trail."""
    made = table("seq", "when", "who", "did", "to", "why", wraps=("why",), numbers=("seq",))
    for entry in entries:
        by = next((values(a.values) for a in entry.detail if a.name == "by"), "")
        who = f"{entry.actor} for {by}" if by and by != entry.actor else entry.actor
        made.add_row(
            cell(entry.seq), time(entry.at), cell(who), cell(entry.action), cell(entry.subject), cell(entry.reason)
        )
    return made


def verified_page(verified: Verification) -> Iterator[RenderableType]:
    """Yield that the trail is what was written."""
    yield heading("the audit trail is as it was written", Text("verified", style="green"))
    made = table("entries", "hash of the last")
    made.add_row(cell(verified.entries), cell(verified.last_hash or "none"))
    yield made
