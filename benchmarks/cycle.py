"""The whole cycle on one store: first, unchanged, 1 % changed; and in the same run the floor under it.

The floor is what no synchronisation can avoid: reading the same CSV, and writing the very documents that the first
cycle wrote (connector space, metaverse, pending exports) into fresh tables of the same store, with nothing else.
"""

import shutil
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from accord.app import Accord, open_accord
from accord.runs.context import Context
from accord.runs.export_run import run_export
from accord.runs.import_run import run_import
from accord.runs.sync_run import run_sync
from accord.testing.private_postgres import PrivatePostgres
from benchmarks.meter import Meter
from benchmarks.population import COLUMNS, write_population


def measure(arguments: Namespace) -> dict[str, object]:
    """Run the cycles; return phases, the floor and the ratios."""
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as name, _store_url(arguments.store, Path(name)) as url:
        folder = Path(name)
        shutil.copytree(Path(__file__).parent / "configuration", folder / "config")
        write_population(folder / "config", arguments.people)
        (folder / "config" / "directory.csv").write_text(
            "uid,cn,sn,givenName,telephoneNumber,mobile,title,departmentNumber,o,initials,employeeType,mail,manager\n",
            encoding="utf-8",
        )
        meter = Meter()
        with open_accord(folder / "config", folder / "data", url=url) as accord:
            counts = _cycles(accord, meter, folder / "config", exports=not arguments.no_export)
            documents = _documents(accord)
        _floor(meter, folder, documents, url)
    first = meter.seconds("first: import", "first: sync")
    unchanged = meter.seconds("unchanged: import", "unchanged: sync")
    floor = meter.seconds("floor: read", "floor: write")
    return {
        "people": arguments.people,
        "store": arguments.store,
        "phases": meter.phases,
        "counts": counts,
        "floor_seconds": round(floor, 2),
        "first_to_floor": round(first / floor, 2),
        "unchanged_to_floor": round(unchanged / floor, 2),
        "changed_to_floor": round(meter.seconds("1 %: import", "1 %: sync") / floor, 2),
        "peak_mb": max(p["peak_mb"] for p in meter.phases.values()),
    }


def _cycles(accord: Accord, meter: Meter, config: Path, *, exports: bool) -> dict[str, object]:
    context: Context = accord.context
    counts: dict[str, object] = {}
    for name in ("first", "unchanged", "1 %"):
        if name == "1 %":
            shutil.copy(config / "hr_1pct.csv", config / "hr.csv")
        with meter.phase(f"{name}: import"):
            imported = run_import(context, "hr")
        with meter.phase(f"{name}: sync"):
            synchronised = run_sync(context)
        counts[name] = {f"{c.area} {c.operation}": c.count for c in (*imported.counts, *synchronised.counts)}
        if exports:
            with meter.phase(f"{name}: export"):
                run_export(context, "directory")
            with meter.phase(f"{name}: confirm"):
                run_import(context, "directory")
    return counts


def _documents(accord: Accord) -> dict[str, pa.Table]:
    store = accord.store
    staged = store.connector_space.read_objects("hr").table
    tables = {
        "staged": staged.select(["id", "anchor", "doc"]),
        "identities": store.metaverse.read_identities().table.select(["id", "type", "doc"]),
        "exports": store.connector_space.read_objects("directory").table.select(["id", "anchor", "doc"]),
    }
    return {name: table.sort_by("id") for name, table in tables.items()}


def _floor(meter: Meter, folder: Path, documents: dict[str, pa.Table], url: str | None) -> None:
    with meter.phase("floor: read"):
        rows = 0
        options = csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
        with csv.open_csv(folder / "config" / "hr.csv", convert_options=options) as reader:
            for batch in reader:
                rows += batch.num_rows
    with meter.phase("floor: write"):
        if url is not None:
            import adbc_driver_postgresql.dbapi as postgresql  # noqa: PLC0415

            connection = postgresql.connect(url)
        else:
            import adbc_driver_sqlite.dbapi as sqlite  # noqa: PLC0415

            connection = sqlite.connect(str(folder / "floor.db"))
        with connection, connection.cursor() as cursor:
            for name, table in documents.items():
                cursor.adbc_ingest(f"floor_{name}", table, mode="create")
            connection.commit()


@contextmanager
def _store_url(store: str, folder: Path) -> Iterator[str | None]:
    if store == "sqlite":
        yield None
        return
    with PrivatePostgres(folder / "postgresql") as server:
        yield server.create_database()
