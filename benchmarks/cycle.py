"""The whole cycle on one store: first, unchanged, 1 % changed; and in the same run the floor under it.

An unchanged synchronisation is recognised by the store's counters and not computed; `unchanged: plan` computes the
whole population all the same, so that its price is seen too.

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
from accord.runs.export_run import run_export
from accord.runs.import_run import run_import
from accord.runs.sync_run import run_plan, run_sync
from accord.testing.private_postgres import PrivatePostgres
from benchmarks.meter import Meter
from benchmarks.population import COLUMNS, write_population


def measure(arguments: Namespace) -> dict[str, object]:
    """Run the cycles; return phases, the floor and the ratios."""
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as name, store_url(arguments.store, Path(name)) as url:
        folder = Path(name)
        write_configuration(folder / "config", arguments.people)
        meter = Meter()
        with open_accord(folder / "config", folder / "data", url=url) as accord:
            counts = {"first": _cycle(accord, meter, "first")}
            documents = _documents(accord)
            _export(accord, meter, "first", is_wanted=not arguments.no_export)
            _floor(meter, folder, documents, url)
            del documents
            counts["unchanged"] = _cycle(accord, meter, "unchanged")
            with meter.phase("unchanged: plan"):
                run_plan(accord.context)
            _export(accord, meter, "unchanged", is_wanted=not arguments.no_export)
            shutil.copy(folder / "config" / "hr_1pct.csv", folder / "config" / "hr.csv")
            counts["1 %"] = _cycle(accord, meter, "1 %")
            _export(accord, meter, "1 %", is_wanted=not arguments.no_export)
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
        "first_to_floor_cpu": round(
            meter.cpu_seconds("first: import", "first: sync") / meter.cpu_seconds("floor: read", "floor: write"), 2
        ),
        "peak_mb": max(p["peak_mb"] for p in meter.phases.values()),
    }


def write_configuration(folder: Path, people: int) -> None:
    """Write rules, the personnel file and an empty directory."""
    shutil.copytree(Path(__file__).parent / "configuration", folder)
    write_population(folder, people)
    (folder / "directory.csv").write_text(
        "uid,cn,sn,givenName,telephoneNumber,mobile,title,departmentNumber,o,initials,employeeType,mail,manager\n",
        encoding="utf-8",
    )


def _cycle(accord: Accord, meter: Meter, name: str) -> dict[str, int]:
    with meter.phase(f"{name}: import"):
        imported = run_import(accord.context, "hr")
    with meter.phase(f"{name}: sync"):
        synchronised = run_sync(accord.context)
    return {f"{c.area} {c.operation}": c.count for c in (*imported.counts, *synchronised.counts)}


def _export(accord: Accord, meter: Meter, name: str, *, is_wanted: bool) -> None:
    if not is_wanted:
        return
    with meter.phase(f"{name}: export"):
        run_export(accord.context, "directory")
    with meter.phase(f"{name}: confirm"):
        run_import(accord.context, "directory")


def _documents(accord: Accord) -> dict[str, pa.Table]:
    store = accord.store
    exports = store.pending.read_pending().table
    tables = {
        "staged": store.connector_space.read_objects("hr").table.select(["id", "anchor", "doc"]),
        "identities": store.metaverse.read_identities().table.select(["id", "type", "doc"]),
        "exports": pa.table({"id": exports["object_id"], "operation": exports["operation"], "doc": exports["after"]}),
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
                columns = ", ".join(f"{column} text" for column in table.column_names[1:])
                cursor.execute(f"create table floor_{name}(id bigint primary key, {columns})")
                cursor.adbc_ingest(f"floor_{name}", table, mode="append")
            connection.commit()


@contextmanager
def store_url(store: str, folder: Path) -> Iterator[str | None]:
    """Give the URL of a private PostgreSQL server, None for SQLite."""
    if store == "sqlite":
        yield None
        return
    with PrivatePostgres(folder / "postgresql") as server:
        yield server.create_database()
