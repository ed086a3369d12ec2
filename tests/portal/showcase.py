"""A world with something on every page: people, accounts, groups, candidates, schedules, policies, errors.

It is kept by a server's store, so that everything in it can be changed in the portal.
"""

import csv
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from showcase_offices import BRANCHES, know_containers, sync_data

from accord.app import Server, open_kept
from accord.model.errors import AccordError
from accord.operations.administration.desk import Desk
from accord.operations.administration.moving import import_folder
from accord.operations.execution import execute, perform
from accord.operations.governance import keep_policy
from accord.operations.performing import Order
from worlds import World, person

_APPS = """
system: apps
connector: sql
settings:
  url: sqlite:///data/apps.db
  objects:
    login:
      table: logins
      multivalued:
        groups: {table: memberships, key: login, value: name}
    entitlement: {table: entitlements}
objects:
  login:
    anchor: login
    attributes: {login: text, number: text, groups: {type: reference, multivalued: true}}
  entitlement: {anchor: name, attributes: {name: text}}
"""
_GUESTS = """
system: guests
connector: csv
settings: {path: data/guests.csv, object_type: guest}
objects:
  guest: {anchor: badge, attributes: {badge: text, first: text, last: text, department: text, title: text}}
"""
_APPS_PERSON = """
rule: apps-person
direction: inbound
system: apps
object: login
identity: person
join:
  - number: employee_id
flows: {}
"""
_GUESTS_PERSON = """
rule: guests-person
direction: inbound
system: guests
object: guest
identity: person
join:
  - keys: {department: department, title: title}
    fuzzy:
      compare: {last: last, first: first}
      review: 0.6
      join: 0.995
flows: {}
"""
_NIGHTLY = """
schedule: nightly
title: Every morning
description: Everything, before people come to work.
times: {days: [1, 2, 3, 4, 5], at: ["04:30"]}
steps:
  - {system: hr, profile: Full Import, name: Read personnel}
  - {system: phones, profile: Full Import, parallel: true}
  - {system: hr, profile: Full Synchronisation}
  - {system: directory, profile: Export}
"""
_HOURLY = """
schedule: hourly
title: Telephones
interval: {every: 6, unit: hours}
steps:
  - {system: phones, profile: Full Import}
"""
_POLICY = {
    "id": "pay-and-approve", "name": "Nobody both enters and approves payments", "severity": "high",
    "sets": ["entitlement:apps/enter-payments", "entitlement:apps/approve-payments"],
}  # fmt: skip
_FIRST = ("Anna", "Jose", "Marie", "Peter", "Olga", "Ivan", "Chloe", "Bjorn", "Renee", "Lukas", "Nora", "Emil", "Zoe")
_LAST = ("Meyer", "Garcia", "Smith", "Nowak", "Lefevre", "Jones", "Weiss", "Dupont", "Lind", "Szabo", "Brandt")
_ENDS = ("", "-Berg", "-Holm", "son", "-Roth", "mann", "-Vogel")
_GIVEN = (
    ("enter-payments", lambda n: n % 10 == 3), ("approve-payments", lambda n: n % 40 == 3),
    ("sales-folders", lambda n: n % 2 == 0), ("sales-reports", lambda n: n % 2 == 0),
    ("finance-ledger", lambda n: n % 2 == 1), ("finance-archive", lambda n: n % 2 == 1 and n % 7),
    ("everybody", lambda _: True), ("travel", lambda n: n % 5 == 0), ("cards", lambda n: n % 5 == 0),
)  # fmt: skip


def write_showcase(folder: Path, count: int, *, has_branches: bool = False) -> World:
    """Write the configuration and the sources; the directory of the branches cannot be reached."""
    rows = [
        person(n, first=_FIRST[n * 7 % len(_FIRST)], last=_LAST[n * 3 % len(_LAST)] + _ENDS[n // 7 % len(_ENDS)],
               manager="" if n == 1 else f"E{(n + 9) // 10:03}",
               # So that a guest is like some of a hundred thousand, and not like all of half of them.
               title=f"clerk {n // 100}" if n >= 100 else "clerk")
        for n in range(1, count + 1)
    ]  # fmt: skip
    world = World(folder=folder).make(rows)
    world.edit("types/person", "type: person", "type: person\ndisplay: first || ' ' || last")
    # Whoever has a ! in the name is refused by the directory itself.
    for row in rows[4::60]:
        row["first"] += "!"
    world.write_hr(rows)
    world.write_phones({f"E{n:03}": (f"+41 44 {n:07}", None) for n in range(1, count, 2)})
    for name, text in (
        ("systems/apps", _APPS), ("systems/guests", _GUESTS), *([("systems/branches", BRANCHES)] * has_branches),
        ("rules/apps-person", _APPS_PERSON), ("rules/guests-person", _GUESTS_PERSON),
        ("schedules/nightly", _NIGHTLY), ("schedules/hourly", _HOURLY),
    ):  # fmt: skip
        world.configure(name, text)
    _write_apps(folder / "data" / "apps.db", count)
    _write(folder, "guests", ("badge", "first", "last", "department", "title"), [
        {**{k: rows[6][k] for k in ("last", "department", "title")}, "badge": "B1", "first": rows[6]["first"][:-1]},
        {"badge": "B2", "first": "Xaver", "last": "Unknown", "department": "sales", "title": "clerk"},
    ])  # fmt: skip
    return world


def keep_showcase(folder: Path, data: Path) -> None:
    """Let a store keep the configuration, with the sources beside it."""
    with open_kept(data) as accord:
        import_folder(Desk(accord.context), folder, reason="to begin", drafts=False, dry_run=False)
    shutil.copytree(folder / "data", data / "data")


def live_through(server: Server) -> None:
    """Do what makes pages show something: read, synchronise, send, analyse, fail, plan, and hold."""
    with server.writing("anna") as context:
        keep_policy(context, _POLICY)
    know_containers(server)
    for system in ("hr", "phones", "apps", "guests", "directory"):
        do(server, Order(work="full-import", system=system))
    do(server, Order(work="plan"), Order(work="full-sync"), Order(work="export", system="directory"))
    do(server, Order(work="full-import", system="directory"), Order(work="full-sync"))
    for analysis in ("role_generation", "policy_analysis", "manager_resolution"):
        do(server, Order(work=analysis))
    do(server, Order(work="export", system="directory"))
    _lose_half(server.places.data / "data" / "hr.csv")
    do(server, Order(work="full-import", system="hr"))
    sync_data(server)


def _lose_half(file: Path) -> None:
    """Write only the first half of what a file said, as after a transfer that broke off."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")


def do(server: Server, *orders: Order) -> list[str]:
    """Queue work and do it here, as a worker would; return the names of the activities."""
    done = []
    for order in orders:
        with server.writing("anna") as context:
            queued = execute(context, order)
            activity = context.store.activities.read_by_guid(queued.activity)
            started = context.store.jobs.start(activity.id, session=context.store.session.name, now=context.clock())
            assert started is not None, "something else is before it"
            # The record tells how it ended.
            with suppress(AccordError):
                perform(replace(context, activity=started, actor=started.actor), started)
            done.append(f"A{activity.id}")
    return done


def _write_apps(path: Path, count: int) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript("""
            create table logins(login text primary key, number text);
            create table entitlements(name text primary key);
            create table memberships(login text, name text);""")
        database.executemany("insert into entitlements values (?)", [(name,) for name, _ in _GIVEN])
        database.executemany("insert into logins values (?, ?)", [(f"l{n}", f"E{n:03}") for n in range(1, count + 1)])
        given = [(f"l{n}", name) for n in range(1, count + 1) for name, has in _GIVEN if has(n)]
        database.executemany("insert into memberships values (?, ?)", given)
        database.commit()


def _write(folder: Path, name: str, columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    with (folder / "data" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
