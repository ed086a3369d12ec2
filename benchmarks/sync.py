"""Full synchronisation of growing populations: what it computes, without writing it, beside its floor in one run.

Two sources (personnel and a phone book that joins it by number), 19 inbound flows, 12 outbound flows. "first" plans
everything anew; "unchanged" plans all of it again, once it is stored, and finds nothing to do. "load" is taking
documents out of the store into the engine, "compute" all decisions and the finished plan.

The floor is what no synchronisation can avoid: taking the same documents and references out of the same store, making
columns of the documents and documents of the columns, once, on as many threads, with nothing decided.
"""

import shutil
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from accord.app import Accord, open_accord
from accord.engine.types import doc_columns, doc_of
from accord.model.schema import AttributeSchema, ValueType
from accord.runs.context import Context, recorded
from accord.runs.import_run import run_import
from accord.runs.loading import loaded_workspace
from accord.runs.sync_run import run_sync
from accord.store.activities import ActivityState
from accord.sync.planning import plan_sync
from benchmarks.cycle import store_url, write_configuration
from benchmarks.goals import Goal, at_most
from benchmarks.meter import Meter
from benchmarks.population import write_phonebook

_SIZES = (10_000, 100_000)
_GREAT = 1_000_000


def measure(arguments: Namespace) -> dict[str, object]:
    """Synchronise 10,000, 100,000 and as many people as asked for; return phases, floors and the time per object."""
    meter = Meter()
    sizes = [*(size for size in _SIZES if size < arguments.people), arguments.people]
    for people in sizes:
        _measure(arguments, meter, people)
    phases = meter.phases
    floor = phases[f"floor {sizes[-1]}"]
    parts = (f"first {sizes[-1]}: load", f"first {sizes[-1]}: compute")
    each = {measured: _per_object(meter, measured, sizes) for measured in ("seconds", "cpu_seconds")}
    return {
        "people": arguments.people,
        "store": arguments.store,
        "phases": phases,
        "compute_seconds": meter.seconds(parts[1]),
        "compute_cpu_seconds": meter.cpu_seconds(parts[1]),
        "first_to_floor": round(meter.seconds(*parts) / floor["seconds"], 2),
        "first_to_floor_cpu": round(meter.cpu_seconds(*parts) / floor["cpu_seconds"], 2),
        **{f"{measured}_per_object_us": times for measured, times in each.items()},
        "peak_mb": max(p["peak_mb"] for p in phases.values()),
        "goals": _goals(arguments.people, meter.seconds(parts[1]), each["seconds"]),
    }


def _goals(people: int, seconds: float, each: dict[int, float]) -> list[Goal]:
    growth = round(each[people] / each[min(each)], 2)
    flat = at_most("times as much for each person as among the fewest", growth, 1.5)
    return [flat] if people < _GREAT else [at_most(f"seconds to compute {people:,} people", seconds, 10), flat]


def take_documents(accord: Accord, systems: Sequence[str]) -> None:
    """Take all documents and references of some systems out of the store, to columns and back, and decide nothing."""
    context = accord.context
    with context.plain_engine() as engine:
        for system in systems:
            for object_type, schema in context.system(system).object_types.items():
                values = {n: _text(n) for n, a in schema.attributes.items() if a.type is not ValueType.REFERENCE}
                engine.load(system, accord.store.connector_space.read_objects(system, object_type).table)
                doc = doc_of({n: (f'"{n}"', False) for n in values})
                engine.frame(f"select id, {doc} as doc from (select id, {doc_columns('doc', values)} from {system})")
        accord.store.connector_space.read_all_edges()


def _per_object(meter: Meter, measured: str, sizes: list[int]) -> dict[int, float]:
    """Return the microseconds for one person at each size: flat or falling, when growth is linear."""
    parts = {people: (f"first {people}: load", f"first {people}: compute") for people in sizes}
    total = {people: sum(meter.phases[part][measured] for part in parts[people]) for people in sizes}
    return {people: round(seconds / people * 1e6, 1) for people, seconds in total.items()}


def _measure(arguments: Namespace, meter: Meter, people: int) -> None:
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as name, store_url(arguments.store, Path(name)) as url:
        folder = Path(name)
        write_configuration(folder / "config", people)
        shutil.copytree(Path(__file__).parent / "second_source", folder / "config", dirs_exist_ok=True)
        write_phonebook(folder / "config", people)
        with open_accord(folder / "config", folder / "data", url=url) as accord:
            run_import(accord.context, "hr")
            run_import(accord.context, "phonebook")
            _plan(accord.context, meter, f"first {people}")
            with meter.phase(f"floor {people}"):
                take_documents(accord, ("hr", "phonebook"))
            run_sync(accord.context)
            _plan(accord.context, meter, f"unchanged {people}")


def _plan(context: Context, meter: Meter, name: str) -> None:
    with recorded(context, "plan", profile="plan") as run:
        with ExitStack() as opened:
            with meter.phase(f"{name}: load"):
                workspace = opened.enter_context(loaded_workspace(context, run))
            with meter.phase(f"{name}: compute"):
                plan_sync(workspace)
        run.finish(ActivityState.DONE)


def _text(name: str) -> AttributeSchema:
    return AttributeSchema(name=name, type=ValueType.TEXT)
