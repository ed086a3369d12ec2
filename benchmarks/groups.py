"""Very large groups: everything is read and decided, then one changed member is one value, asked for and written.

Two databases agree about people, groups and members; one of the groups is very large. Reading both, joining them and
finding that nothing is to do is measured first. Then one person joins the largest group in the source: exactly one
value must wait for export, and exactly one value be written, which triggers of the target count.

The floor is what nobody can avoid: reading the same members out of the source and writing them into a fresh indexed
table, once.
"""

import sqlite3
import tempfile
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import adbc_driver_sqlite.dbapi as adbc
import duckdb

from accord.app import Accord, open_accord
from accord.runs.context import RunResult
from accord.runs.delta_run import run_delta_sync
from accord.runs.export_run import run_export
from accord.runs.import_run import run_delta_import, run_import
from accord.runs.sync_run import run_sync
from benchmarks.goals import is_so
from benchmarks.meter import Meter

_SYSTEM = """system: {name}
connector: sql
settings:
  url: sqlite:///{name}.db
  objects:
    person: {{table: people{changes}}}
    group: {{table: groups, multivalued: {{members: {{table: members, key: group_id, value: person_id}}}}{changes}}}
objects:
  person:
    anchor: id
    attributes: {{id: text, name: text}}
  group:
    anchor: id
    attributes: {{id: text, name: text, members: {{type: reference, multivalued: true}}}}
"""
_CHANGES = ", changes: {log: changes, anchor: id, sequence: seq, overlap: 0}"
_PERSON = """type: person
attributes: {id: text, name: text}
deletion: {trigger: authoritative_source, sources: [source]}
"""
_GROUP = """type: group
attributes: {id: text, name: text, members: {type: reference, multivalued: true}}
deletion: {trigger: authoritative_source, sources: [source]}
"""
_RULE = """rule: {system}-{kind}
direction: {direction}
system: {system}
object: {kind}
identity: {kind}
join:
  - id: id
{makes}
flows: {{id: id, name: name{members}}}
"""
_TABLES = """
create table people(id text primary key, name text) without rowid;
create table groups(id text primary key, name text) without rowid;
create table members(group_id text, person_id text, primary key (group_id, person_id)) without rowid;
create table changes(seq integer primary key, id text);
insert into changes values (1, 'nobody');
"""
_WATCH = """
create table written(what text, person_id text);
create trigger added after insert on members begin insert into written values ('add', new.person_id); end;
create trigger removed after delete on members begin insert into written values ('remove', old.person_id); end;
"""


def measure(arguments: Namespace) -> dict[str, object]:
    """Prepare the two databases, read and decide everything, change one member; return phases and the counts."""
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as name:
        folder = Path(name)
        held = _configure(folder / "config", arguments)
        meter = Meter()
        with open_accord(folder / "config", folder / "data") as accord:
            with meter.phase("import source"):
                run_import(accord.context, "source")
            _floor(meter, folder)
            with meter.phase("import target"):
                run_import(accord.context, "target")
            with meter.phase("sync"):
                first = run_sync(accord.context)
            if accord.store.pending.read_pending().table.num_rows:
                raise RuntimeError(f"two databases that agree left something to do: {first.counts}")
            # The first delta has nothing to go on from and looks at everything; so does the one after a large change.
            for number in (1, 2):
                with meter.phase(f"whole {number}"):
                    run_delta_sync(accord.context)
            one = _change_one(accord, meter, folder / "config", arguments.largest)
    cost = meter.seconds("import source", "import target", "sync")
    floor = meter.seconds("floor: read", "floor: write")
    waiting, written = one["pending_values"], one["written_values"]
    return {
        "groups": arguments.groups,
        "memberships": held,
        "largest": arguments.largest,
        "phases": meter.phases,
        **one,
        "floor_seconds": round(floor, 2),
        "to_floor": round(cost / max(2 * floor, 0.01), 2),
        "peak_mb": max(p["peak_mb"] for p in meter.phases.values()),
        "goals": [
            is_so("one changed member is one value that waits", waiting, is_met=waiting == 1),
            is_so("one changed member is one value that is written", written, is_met=written == 1),
        ],
    }


def _change_one(accord: Accord, meter: Meter, config: Path, largest: int) -> dict[str, object]:
    """Let one person join the largest group in the source; return what was asked for and what was written."""
    who = f"P{largest:07d}"
    with closing(sqlite3.connect(config / "source.db")) as source, source:
        source.execute("insert into members values ('G00000', ?)", [who])
        source.execute("insert into changes (id) values ('G00000')")
    with closing(sqlite3.connect(config / "target.db")) as target, target:
        target.executescript(_WATCH)
    with meter.phase("one: delta import"):
        run_delta_import(accord.context, "source")
    with meter.phase("one: delta sync"):
        told = run_delta_sync(accord.context)
    waiting = accord.store.pending.read_pending_edges().table
    with meter.phase("one: export"):
        sent = run_export(accord.context, "target")
    with closing(sqlite3.connect(config / "target.db")) as target:
        written = target.execute("select what, person_id from written").fetchall()
    if (waiting.num_rows, written) != (1, [("add", who)]):
        raise RuntimeError(f"one changed member made {waiting.num_rows} values wait and wrote {written[:5]}")
    return {"pending_values": waiting.num_rows, "written_values": len(written), "how": told.activity.message,
            "export": _counted(sent)}  # fmt: skip


def _counted(result: RunResult) -> dict[str, int]:
    return {f"{c.area} {c.operation}": c.count for c in result.counts}


def _configure(config: Path, arguments: Namespace) -> int:
    """Write the configuration and both databases; return how many memberships each holds."""
    for folder in ("systems", "types", "rules"):
        (config / folder).mkdir(parents=True)
    for system, changes in (("source", _CHANGES), ("target", "")):
        (config / "systems" / f"{system}.yaml").write_text(_SYSTEM.format(name=system, changes=changes))
    (config / "types" / "person.yaml").write_text(_PERSON)
    (config / "types" / "group.yaml").write_text(_GROUP)
    for kind, members in (("person", ""), ("group", ", members: members")):
        for system, direction, makes in (
            ("source", "inbound", "project: true"),
            ("target", "outbound", "provision: true\nanchor: id"),
        ):
            text = _RULE.format(system=system, kind=kind, direction=direction, makes=makes, members=members)
            (config / "rules" / f"{system}-{kind}.yaml").write_text(text)
    for system in ("source", "target"):
        held = _fill(config / f"{system}.db", arguments)
    return held


def _fill(file: Path, arguments: Namespace) -> int:
    """Write one database: everybody but one is in the first group, the others share the rest alike."""
    people, groups, largest = arguments.largest + 1, arguments.groups, arguments.largest
    each = max((arguments.memberships - largest) // max(groups - 1, 1), 0)
    with duckdb.connect() as made:
        made.execute(
            "create table members as select 'G00000' as group_id, 'P' || lpad(p::varchar, 7, '0') as person_id "
            f"from range({largest}) t(p) union all select 'G' || lpad(g::varchar, 5, '0'), "
            f"'P' || lpad(((g * {each} + k * 37) % {people})::varchar, 7, '0') as p "
            f"from range(1, {groups}) t(g), range({each}) u(k) group by all order by all"
        )
        made.execute(
            f"create table people as select 'P' || lpad(p::varchar, 7, '0') as id, 'Person ' || p as name "
            f"from range({people}) t(p) order by 1"
        )
        made.execute(
            f"create table groups as select 'G' || lpad(g::varchar, 5, '0') as id, 'Group ' || g as name "
            f"from range({groups}) t(g) order by 1"
        )
        with closing(sqlite3.connect(file)) as database, database:
            database.executescript(_TABLES)
        with adbc.connect(str(file)) as database, database.cursor() as cursor:
            for table in ("people", "groups", "members"):
                cursor.adbc_ingest(table, made.sql(f"from {table}").to_arrow_table(), mode="append")
            database.commit()
        return int(made.execute("select count(*) from members").fetchall()[0][0])


def _floor(meter: Meter, folder: Path) -> None:
    with meter.phase("floor: read"), closing(sqlite3.connect(folder / "config" / "source.db")) as source:
        rows = source.execute("select group_id, person_id from members").fetchall()
    numbered = [(int(g[1:]), "members", int(p[1:])) for g, p in rows]
    with meter.phase("floor: write"), closing(sqlite3.connect(folder / "floor.db")) as floor, floor:
        floor.execute("create table edge(src integer, attr text, dst integer, primary key (src, attr, dst))")
        floor.executemany("insert into edge values (?, ?, ?)", numbered)
