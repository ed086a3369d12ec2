"""A few changes among many people: from the source's change log to the pending exports, beside the floor under it.

The floor is what nobody can avoid: reading the changed rows by their keys in the source, reading the documents of those
people and of their accounts by id from the store, and writing as many rows in one transaction.
"""

import shutil
import sqlite3
import tempfile
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from accord.app import Accord, open_accord
from accord.runs.delta_run import run_delta_sync
from accord.runs.export_run import run_export
from accord.runs.import_run import run_delta_import, run_import
from accord.runs.sync_run import run_sync
from benchmarks.goals import at_most
from benchmarks.meter import Meter
from benchmarks.population import COLUMNS, write_population

_HR = """system: hr
connector: sql
settings:
  url: sqlite:///hr.db
  objects: {person: {table: people, changes: {log: people_log, anchor: employee_id, sequence: seq, overlap: 0}}}
"""
_ROUNDS = 3


def measure(arguments: Namespace) -> dict[str, object]:
    """Prepare a settled store, then change a few people several times; return phases and the ratio to the floor."""
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as name:
        folder = Path(name)
        _configure(folder / "config", arguments.people)
        meter = Meter()
        with open_accord(folder / "config", folder / "data") as accord:
            _prepare(accord, meter, with_export=arguments.export)
            for number in range(1, _ROUNDS + 1):
                changed = _change(folder / "config" / "hr.db", arguments.people, arguments.changes, number)
                with meter.phase(f"change {number}: delta import"):
                    imported = run_delta_import(accord.context, "hr")
                with meter.phase(f"change {number}: delta sync"):
                    synchronised = run_delta_sync(accord.context)
            _floor(accord, meter, folder, changed)
    counts = {f"{c.area} {c.operation}": c.count for c in (*imported.counts, *synchronised.counts)}
    last = (f"change {_ROUNDS}: delta import", f"change {_ROUNDS}: delta sync")
    floor = meter.seconds("floor")
    goal = f"seconds of {arguments.changes} changes among {arguments.people:,}, from import to pending exports"
    return {
        "people": arguments.people,
        "changes": arguments.changes,
        "phases": meter.phases,
        "counts": counts,
        "how": synchronised.activity.message,
        "seconds": round(meter.seconds(*last), 2),
        "cpu_seconds": round(sum(meter.phases[n]["cpu_seconds"] for n in last), 2),
        "floor_seconds": round(floor, 3),
        "to_floor": round(meter.seconds(*last) / max(floor, 0.01), 1),
        "goals": [at_most(goal, round(meter.seconds(*last), 2), 2)],
    }


def _configure(config: Path, people: int) -> None:
    shutil.copytree(Path(__file__).parent / "configuration", config)
    attributes = (config / "systems" / "hr.yaml").read_text(encoding="utf-8").partition("objects:")[2]
    (config / "systems" / "hr.yaml").write_text(f"{_HR}objects:{attributes}", encoding="utf-8")
    write_population(config, people)
    (config / "directory.csv").write_text(
        "uid,cn,sn,givenName,telephoneNumber,mobile,title,departmentNumber,o,initials,employeeType,mail,manager\n",
        encoding="utf-8",
    )
    with closing(sqlite3.connect(config / "hr.db")) as database, database:
        database.execute(f"create table people({', '.join(f'{c} text' for c in COLUMNS)}, primary key (employee_id))")
        database.execute("create table people_log(seq integer primary key, employee_id text)")
        database.execute("insert into people_log values (1, 'E00000001')")
        options = csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
        with csv.open_csv(config / "hr.csv", convert_options=options) as reader:
            marks = ", ".join("?" * len(COLUMNS))
            for batch in reader:
                rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
                database.executemany(f"insert into people values ({marks})", rows)


def _prepare(accord: Accord, meter: Meter, *, with_export: bool) -> None:
    context = accord.context
    with meter.phase("first import"):
        run_import(context, "hr")
    with meter.phase("first sync"):
        run_sync(context)
    if with_export:
        with meter.phase("first export, confirmed"):
            run_export(context, "directory")
            run_import(context, "directory")
    # The first delta has nothing to go on from and looks at everything; so does the one after so large a change.
    for number in (1, 2):
        with meter.phase(f"whole {number}"):
            run_delta_sync(context)


def _change(file: Path, people: int, changes: int, number: int) -> list[str]:
    """Give some people another title and name, and log it; return who."""
    step = max(people // changes, 1)
    keys = [f"E{i:08d}" for i in range(number + 0, people + 1, step)][:changes]
    with closing(sqlite3.connect(file)) as database, database:
        database.executemany(
            "update people set title = ?, last_name = last_name || 'x' where employee_id = ?",
            [(f"Title {number}", key) for key in keys],
        )
        database.executemany("insert into people_log (employee_id) values (?)", [(key,) for key in keys])
    return keys


def _floor(accord: Accord, meter: Meter, folder: Path, keys: list[str]) -> None:
    space, metaverse = accord.store.connector_space, accord.store.metaverse
    ids = [o.table["id"][0].as_py() for o in (space.find_objects(key) for key in keys) if len(o)]
    with meter.phase("floor"):
        with closing(sqlite3.connect(folder / "config" / "hr.db")) as database:
            marks = ", ".join("?" * len(keys))
            database.execute(f"select * from people where employee_id in ({marks})", keys).fetchall()
        space.read_objects_by_id(ids)
        links = metaverse.read_links_of(ids)
        identities = metaverse.read_identities_by_id(links.table["identity_id"])
        with closing(sqlite3.connect(folder / "floor.db")) as database, database:
            database.execute("create table floor(id integer primary key, doc text)")
            rows = zip(*(identities.table[c].to_pylist() for c in ("id", "doc")), strict=True)
            database.executemany("insert into floor values (?, ?)", rows)
