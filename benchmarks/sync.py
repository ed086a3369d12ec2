"""Full synchronisation of growing populations: what it computes, without writing it, beside its floor in one run.

Two sources (personnel and a phone book that joins it by number), 19 inbound flows, 12 outbound flows. "first" plans
everything anew; "unchanged" plans all of it again, once it is stored, and finds nothing to do.

The floor is what no synchronisation can avoid: taking the same documents and references out of the same store, making
columns of the documents and documents of the columns, once, on as many threads, with nothing decided.
"""

import shutil
import tempfile
from argparse import Namespace
from pathlib import Path

from accord.app import Accord, open_accord
from accord.engine.types import doc_columns, doc_of
from accord.model.schema import AttributeSchema, ValueType
from accord.runs.context import Context, recorded
from accord.runs.import_run import run_import
from accord.runs.sync_run import loaded_workspace, run_sync
from accord.store.activities import ActivityState
from accord.sync.planning import plan_sync
from benchmarks.cycle import store_url, write_configuration
from benchmarks.meter import Meter
from benchmarks.population import write_phonebook

_SIZES = (10_000, 100_000)


def measure(arguments: Namespace) -> dict[str, object]:
    """Synchronise 10,000, 100,000 and as many people as asked for; return phases, floors and the time per object."""
    meter = Meter()
    sizes = [*(size for size in _SIZES if size < arguments.people), arguments.people]
    for people in sizes:
        _measure(arguments, meter, people)
    phases = meter.phases
    first, floor = phases[f"first {sizes[-1]}"], phases[f"floor {sizes[-1]}"]
    return {
        "people": arguments.people,
        "store": arguments.store,
        "phases": phases,
        "first_to_floor": round(first["seconds"] / floor["seconds"], 2),
        "first_to_floor_cpu": round(first["cpu_seconds"] / floor["cpu_seconds"], 2),
        **{f"{measured}_per_object_us": _per_object(meter, measured, sizes) for measured in ("seconds", "cpu_seconds")},
        "peak_mb": max(p["peak_mb"] for p in phases.values()),
    }


def _per_object(meter: Meter, measured: str, sizes: list[int]) -> dict[int, float]:
    """Return the microseconds for one person at each size: flat or falling, when growth is linear."""
    return {people: round(meter.phases[f"first {people}"][measured] / people * 1e6, 1) for people in sizes}


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
            _floor(accord, meter, f"floor {people}")
            run_sync(accord.context)
            _plan(accord.context, meter, f"unchanged {people}")


def _plan(context: Context, meter: Meter, name: str) -> None:
    with recorded(context, "plan", profile="plan") as run, meter.phase(name):
        with loaded_workspace(context, run) as workspace:
            plan_sync(workspace)
        run.finish(ActivityState.DONE)


def _floor(accord: Accord, meter: Meter, name: str) -> None:
    context = accord.context
    with meter.phase(name), context.plain_engine() as engine:
        for system in ("hr", "phonebook"):
            for object_type, schema in context.system(system).object_types.items():
                values = {n: _text(n) for n, a in schema.attributes.items() if a.type is not ValueType.REFERENCE}
                engine.load(system, accord.store.connector_space.read_objects(system, object_type).table)
                doc = doc_of({n: (f'"{n}"', False) for n in values})
                engine.frame(f"select id, {doc} as doc from (select id, {doc_columns('doc', values)} from {system})")
        accord.store.connector_space.read_all_edges()


def _text(name: str) -> AttributeSchema:
    return AttributeSchema(name=name, type=ValueType.TEXT)
