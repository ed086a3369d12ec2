"""A small world around the whole product: an HR file, a telephone database, a target, and their configuration."""

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from accord.app import Accord, open_accord
from accord.runs.context import Context, RunResult
from accord.runs.export_run import run_export
from accord.runs.import_run import run_import
from accord.runs.sync_run import run_plan, run_sync
from accord.testing.private_slapd import PrivateSlapd
from recounting import require_true_counts

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSWORD = "WORLD_LDAP_PASSWORD"
"""The environment variable in which a world's directory password is looked up."""

HR_COLUMNS = ("number", "first", "last", "department", "title", "hired", "manager", "status")
DEPARTMENTS = ("sales", "finance")

_HR = """
system: hr
connector: csv
settings: {path: data/hr.csv}
objects:
  person:
    anchor: number
    attributes:
      number: text
      first: text
      last: text
      department: text
      title: text
      hired: {type: date, format: "%d.%m.%Y"}
      manager: reference
      status: text
"""
_PHONES = """
system: phones
connector: sql
settings:
  url: sqlite:///data/phones.db
  objects: {phone: {table: phones}}
objects:
  phone:
    anchor: number
    attributes: {number: text, phone: text, title: text}
"""
_PERSON = """
type: person
attributes:
  employee_id: text
  first: text
  last: text
  department: text
  title: {type: text, precedence: [phones-person, hr-person]}
  phone: text
  hired: date
  status: text
  manager: reference
  account:
    type: text
    unique:
      base: lower(left(first, 1) || last)
      max_length: 20
      taken_in: [directory.user.uid]
deletion: {trigger: authoritative_source, sources: [hr]}
"""
_HR_PERSON = """
rule: hr-person
direction: inbound
system: hr
object: person
identity: person
order: 10
join:
  - number: employee_id
project: true
flows:
  employee_id: number
  first: first
  last: last
  department: department
  title: title
  hired: hired
  status: lower(status)
  manager: manager
"""
_PHONES_PERSON = """
rule: phones-person
direction: inbound
system: phones
object: phone
identity: person
order: 20
join:
  - number: employee_id
flows:
  phone: phone
  title: title
"""
_TABLES = """
create table users(uid text primary key, cn text not null check (cn not like '%!%'), sn text not null, mail text,
  employeeNumber text unique, departmentNumber text, title text, telephoneNumber text, manager text, active text);
"""
_DIRECTORY_SQL = """
system: directory
connector: sql
settings:
  url: sqlite:///data/directory.db
  objects: {user: {table: users}}
objects:
  user:
    anchor: uid
    attributes: {uid: text, cn: text, sn: text, mail: text, employeeNumber: text, departmentNumber: text, title: text,
      telephoneNumber: text, manager: reference, active: boolean}
"""
_USER = """
rule: directory-user
direction: outbound
system: directory
object: user
identity: person
scope: status = 'active'
join:
  - uid: account
provision: true
@NAME@
flows:
  uid: account
  cn: first || ' ' || last
  sn: last
  mail: account || '@example.org'
  employeeNumber: employee_id
  departmentNumber: department
  title: title
  telephoneNumber: phone
  manager: manager
@LEAVE@
"""
_LEAVE_SQL = """
  active: true
on_leave: disable
disable: {active: false}
"""
_DIRECTORY_LDAP = """
system: directory
connector: ldap
settings:
  url: "@URL@"
  ca_file: "@CA@"
  bind_dn: "@BIND@"
  password: env:WORLD_LDAP_PASSWORD
  containers:
    - dn: ou=people,dc=example,dc=org
  objects:
    user: {object_class: inetOrgPerson}
objects:
  user:
    anchor: entryUUID
    attributes:
      uid: {type: text, case_sensitive: false}
      cn: {type: text, case_sensitive: false}
      sn: {type: text, case_sensitive: false}
      mail: {type: text, case_sensitive: false}
      employeeNumber: {type: text, case_sensitive: false}
      departmentNumber: {type: text, case_sensitive: false}
      title: {type: text, case_sensitive: false}
      telephoneNumber: text
      manager: reference
"""

Row = dict[str, str]


def person(number: int, **values: str) -> Row:
    """Return the HR row of a person; everybody is in one of two departments and reports to number 1."""
    row = {
        "number": f"E{number:03}",
        "first": f"Ann{number}",
        "last": f"Lee{number}",
        "department": DEPARTMENTS[number % 2],
        "title": "clerk",
        "hired": "01.03.2015",
        "manager": "" if number == 1 else "E001",
        "status": "active",
    }
    return {**row, **values}


def people(count: int) -> list[Row]:
    """Return so many HR rows, numbered from 1."""
    return [person(number) for number in range(1, count + 1)]


@dataclass(slots=True)
class World:
    """A configuration folder with its sources and target; runs go through the store of `url`, else the data folder."""

    folder: Path
    url: str | None = None
    now: datetime = NOW
    server: PrivateSlapd | None = None
    _opened: Accord | None = field(default=None, repr=False)
    _has_phones: bool = False

    # Making the world.

    def make(self, rows: Sequence[Mapping[str, str]]) -> "World":
        """Write the configuration for the target there is, and the sources."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        self.configure("systems/hr", _HR)
        self.configure("systems/phones", _PHONES)
        self.configure("types/person", _PERSON)
        self.configure("rules/hr-person", _HR_PERSON)
        self.configure("rules/phones-person", _PHONES_PERSON)
        if self.server is None:
            self.configure("systems/directory", _DIRECTORY_SQL)
            self.configure("rules/directory-user", _USER, NAME="anchor: account", LEAVE=_LEAVE_SQL.strip("\n"))
            self.change_target(_TABLES)
        else:
            named = {"URL": self.server.ldaps_url, "CA": str(self.server.ca_file), "BIND": self.server.admin_dn}
            self.configure("systems/directory", _DIRECTORY_LDAP, **named)
            dn = "dn: \"'uid=' || dn_escape(account) || ',ou=people,dc=example,dc=org'\""
            self.configure("rules/directory-user", _USER, NAME=dn, LEAVE="on_leave: delete")
        self.write_hr(rows)
        self.write_phones({})
        return self

    def configure(self, name: str, text: str, **values: str) -> None:
        """Write one file of the configuration; the product reads it when it is opened the next time."""
        path = self.folder / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        for key, value in values.items():
            text = text.replace(f"@{key}@", value)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
        self.close()

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of text in one file of the configuration."""
        text = (self.folder / f"{name}.yaml").read_text(encoding="utf-8")
        assert old in text
        self.configure(name, text.replace(old, new))

    @property
    def hr_file(self) -> Path:
        return self.folder / "data" / "hr.csv"

    def write_hr(self, rows: Iterable[Mapping[str, str]], *, columns: Sequence[str] = HR_COLUMNS) -> None:
        with self.hr_file.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)

    def write_phones(self, rows: Mapping[str, tuple[str | None, str | None]]) -> None:
        """Write phone and title by personnel number."""
        self._has_phones = bool(rows)
        with closing(sqlite3.connect(self.folder / "data" / "phones.db")) as database:
            database.execute("drop table if exists phones")
            database.execute("create table phones(number text primary key, phone text, title text)")
            database.executemany("insert into phones values (?, ?, ?)", [(n, *v) for n, v in rows.items()])
            database.commit()

    def change_target(self, *statements: str) -> None:
        """Change the target's tables behind the product's back."""
        with closing(sqlite3.connect(self.folder / "data" / "directory.db")) as database:
            for statement in statements:
                database.executescript(statement)

    # Looking at the world without the product.

    def target(self, *columns: str) -> dict[str, Any]:
        """Return the target's users by uid: the values of the columns, one value alone as itself."""
        names = columns or ("cn",)
        with closing(sqlite3.connect(self.folder / "data" / "directory.db")) as database:
            rows = database.execute(f"select uid, {', '.join(names)} from users order by uid").fetchall()
        return {uid: values[0] if len(names) == 1 else tuple(values) for uid, *values in rows}

    @contextmanager
    def directory(self) -> Iterator[Any]:
        """Open a plain connection to the directory."""
        import ldap  # noqa: PLC0415 - an optional library

        assert self.server is not None
        connection = ldap.initialize(self.server.url)
        connection.simple_bind_s(self.server.admin_dn, self.server.admin_password)
        try:
            yield connection
        finally:
            connection.unbind_s()

    def entries(self) -> dict[str, dict[str, list[str]]]:
        """Return the directory's people by dn, with all they hold, `entryUUID` included."""
        import ldap  # noqa: PLC0415 - an optional library

        with self.directory() as connection:
            base = "ou=people,dc=example,dc=org"
            found = connection.search_s(base, ldap.SCOPE_SUBTREE, "(objectClass=inetOrgPerson)", ["*", "entryUUID"])
        return {dn: {name: [v.decode() for v in values] for name, values in e.items()} for dn, e in found}

    # Running the product.

    @property
    def accord(self) -> Accord:
        """The open product; opened when it is not."""
        if self._opened is None:
            self._opened = open_accord(self.folder, url=self.url, actor="tester")
        return self._opened

    @property
    def context(self) -> Context:
        return replace(self.accord.context, clock=lambda: self.now, threads=1)

    def close(self) -> None:
        if self._opened is not None:
            require_true_counts(self._opened.context.store)
            self._opened.close()
            self._opened = None

    def wait(self, **span: float) -> None:
        """Let the world's clock go on."""
        self.now += timedelta(**span)

    def import_(self, system: str) -> RunResult:
        return run_import(self.context, system)

    def import_all(self) -> None:
        """Import HR file and target, and the telephone database when it was written to."""
        for system in ("hr", "phones", "directory") if self._has_phones else ("hr", "directory"):
            run_import(self.context, system)

    def sync(self) -> RunResult:
        return run_sync(self.context)

    def export(self) -> RunResult:
        return run_export(self.context, "directory")

    def cycle(self) -> tuple[RunResult, RunResult, RunResult]:
        """Import everything, synchronise, export, confirm; return the last three."""
        self.import_all()
        return self.sync(), self.export(), self.import_("directory")

    def turn(self) -> tuple[RunResult, RunResult]:
        """Import the HR file, synchronise, export; return the last two."""
        self.import_("hr")
        return self.sync(), self.export()

    # Looking at the product's memory.

    def staged(self, system: str) -> dict[str, dict[str, Any]]:
        """Return the connector space of one system by anchor: the documents. Planned objects are not there yet."""
        rows = self.accord.store.connector_space.read_objects(system).table.to_pylist()
        return {row["anchor"]: json.loads(row["doc"]) for row in rows if row["doc"] is not None}

    def identities(self) -> dict[str, dict[str, Any]]:
        """Return the metaverse's persons by employee number."""
        rows = self.accord.store.metaverse.read_identities("person").table.to_pylist()
        docs = [{"_id": row["id"], **json.loads(row["doc"])} for row in rows]
        return {doc["employee_id"]: doc for doc in docs}

    def pending(self) -> list[dict[str, Any]]:
        """Return the pending exports of the target, each with its documents as values."""
        rows = self.accord.store.pending.read_pending("directory").table.sort_by("object_id").to_pylist()
        loaded = [{n: json.loads(r[n]) if r[n] else {} for n in ("before", "after")} for r in rows]
        return [{**row, **documents} for row, documents in zip(rows, loaded, strict=True)]

    def pending_kinds(self) -> list[tuple[str, str]]:
        """Return operation and state of every pending export, sorted."""
        return sorted((row["operation"], row["state"]) for row in self.pending())

    def items(self, result: RunResult) -> list[dict[str, Any]]:
        """Return the items of a run."""
        found: list[dict[str, Any]] = self.accord.store.activities.items(result.activity.id).table.to_pylist()
        return found

    def last_activity(self) -> Any:
        return self.accord.store.activities.list(limit=1)[0]


def counted(result: RunResult) -> dict[tuple[str, str], int]:
    """Return a run's counts by area and operation."""
    return {(count.area, count.operation): count.count for count in result.counts}


def assert_full_finds_nothing(world: World) -> None:
    """Fail when a plan of everything would change anything, whatever was found settled before."""
    world.accord.store.settled.save({}, "", {})
    plan = run_plan(world.context)
    _, content = world.accord.store.plans.read_plan(plan.plan_id or "")
    assert {name: len(frame) for name, frame in content.frames().items() if len(frame) and name != "origins"} == {}
