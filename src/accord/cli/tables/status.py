"""Where everything stands, as tables."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from accord.cli.tables.parts import cell, heading, number, short_time, state, table
from accord.cli.tables.plans import plan_list
from accord.operations.activities import ActivitySummary
from accord.operations.health import Verdict
from accord.operations.status import Status, SystemStatus


def status_page(status: Status) -> Iterator[RenderableType]:
    """Yield systems, metaverse, and what waits for a person."""
    yield systems_table(status.systems)
    for system in status.systems:
        if system.health.verdict is not Verdict.HEALTHY:
            yield Text(f"{system.name}: {system.health.reason}", style="dim")
    yield Text()
    made = table("metaverse", "identities", numbers=("identities",))
    for counted in status.metaverse:
        made.add_row(cell(counted.type), number(counted.count))
    yield made
    if status.last_sync is not None:
        yield Text()
        yield heading("last synchronisation", *_last(status.last_sync))
    if status.plans:
        yield Text()
        yield heading("plans that wait for a person")
        yield plan_list(status.plans)


def systems_table(systems: Sequence[SystemStatus]) -> Table:
    """Return systems with their objects and what waits for them."""
    numbers = ("objects", "to export", "to confirm", "failed")
    made = table("system", "kind", "type", *numbers, "health", "last", numbers=numbers)
    for system in systems:
        for position, counted in enumerate(system.objects):
            is_first = position == 0
            made.add_row(
                cell(system.name if is_first else ""),
                cell(system.connector if is_first else "", "dim"),
                cell(counted.type),
                number(counted.count),
                number(system.pending) if is_first else cell(""),
                number(system.exported + system.unknown) if is_first else cell(""),
                number(system.failed, "red") if is_first else cell(""),
                _health_cell(system) if is_first else cell(""),
                _last_cell(system.last) if is_first else cell(""),
            )
    return made


_STYLES = {Verdict.HEALTHY: "green", Verdict.FAILING: "red"}


def _health_cell(system: SystemStatus) -> Text:
    verdict = system.health.verdict
    return cell(verdict.value.replace("_", " "), _STYLES.get(verdict, "yellow"))


def _last_cell(activity: ActivitySummary | None) -> Text:
    if activity is None:
        return cell("never", "dim")
    return Text.assemble(activity.kind, " ", *_joined(_last(activity)))


def _last(activity: ActivitySummary) -> tuple[Text, Text]:
    return state(activity.state), short_time(activity.ended_at or activity.started_at)


def _joined(parts: Sequence[Text]) -> list[Text]:
    joined: list[Text] = []
    for part in parts:
        joined += [part, Text(" ")]
    return joined[:-1]
