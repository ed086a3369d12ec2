"""Deltas end to end: how little is looked at, when everything is, and that the outcome is that of a full run."""

import sqlite3
from contextlib import closing

import pytest

from accord.model.errors import Held
from accord.runs.context import RunResult
from accord.runs.delta_run import run_delta_plan, run_delta_sync
from accord.runs.import_run import run_delta_import
from accord.runs.sync_run import apply_plan
from worlds import World, assert_full_finds_nothing, counted, people, person

_LOGGED_PHONES = """
system: phones
connector: sql
settings:
  url: sqlite:///data/phones.db
  objects: {phone: {table: phones, changes: {log: phones_log, anchor: number, sequence: seq, overlap: 0}}}
objects:
  phone:
    anchor: number
    attributes: {number: text, phone: text, title: text}
"""


@pytest.fixture
def begun(local_settled: World) -> World:
    """A world with everybody's account, from which deltas go on."""
    local_settled.write_hr([*people(24), person(25, title="boss")])
    local_settled.import_("hr")
    first = run_delta_sync(local_settled.context)
    assert "there is no synchronisation to go on from, so everything was synchronised" in first.activity.message
    local_settled.export()
    local_settled.import_("directory")
    run_delta_sync(local_settled.context)
    return local_settled


def test_a_delta_looks_at_what_changed_and_leaves_nothing_for_a_full_synchronisation(begun: World) -> None:
    begun.write_hr([*people(3), person(4, last="Okafor"), *people(25)[4:24], person(26)])
    begun.import_("hr")
    result = run_delta_sync(begun.context)
    assert 0 < looked_at(result) < 20
    assert counted(result)["export", "create"] == 1
    assert counted(result)["export", "update"] >= 1
    assert_full_finds_nothing(begun)


def test_an_account_that_was_there_is_joined_when_its_person_comes_late(begun: World) -> None:
    begun.edit("rules/directory-user", "- uid: account", "- employeeNumber: employee_id")
    run_delta_sync(begun.context)
    begun.change_target("insert into users (uid, cn, sn, employeeNumber) values ('old', 'Old', 'Old', 'E030')")
    begun.import_("directory")
    assert counted(run_delta_sync(begun.context)).get(("links", "join")) is None
    begun.write_hr([*people(24), person(25, title="boss"), person(30)])
    begun.import_("hr")
    assert counted(run_delta_sync(begun.context))["links", "join"] == 1
    assert_full_finds_nothing(begun)


def test_a_value_taken_far_away_is_not_given_again(begun: World) -> None:
    begun.write_hr([*people(24), person(25, title="boss"), person(31, first="Ann3", last="Lee3")])
    begun.import_("hr")
    run_delta_sync(begun.context)
    assert begun.identities()["E031"]["account"] == "alee32"
    assert_full_finds_nothing(begun)


def test_another_rule_is_a_reason_to_look_at_everything_and_it_says_so(begun: World) -> None:
    begun.edit("rules/directory-user", "cn: first || ' ' || last", "cn: last || ', ' || first")
    result = run_delta_sync(begun.context)
    assert "the rules have changed, so everything was synchronised" in result.activity.message
    assert counted(result)["export", "update"] >= 24


def looked_at(result: RunResult) -> int:
    return int(result.activity.message.partition(" objects looked at")[0].rpartition(" ")[2])


@pytest.mark.slow
def test_a_boundary_that_passes_without_any_change_of_data_is_noticed_and_little_else_looked_at(begun: World) -> None:
    begun.edit("rules/directory-user", "scope: status = 'active'", "scope: status = 'active' and hired <= today()")
    begun.edit("rules/hr-person", "title: title", "title: case when hired <= today() - 30 then title else 'new' end")
    begun.write_hr([*people(24), person(25, title="boss", hired="05.03.2026")])
    begun.import_("hr")
    run_delta_sync(begun.context)
    begun.export()
    run_delta_sync(begun.context)
    assert "alee25" in begun.target("active")
    assert begun.target("active")["alee25"] == "false"
    same = run_delta_sync(begun.context)
    assert same.activity.message.endswith("0 objects looked at")
    begun.wait(days=2)
    assert looked_at(run_delta_sync(begun.context)) == 0
    begun.wait(days=1)
    arrived = run_delta_sync(begun.context)
    assert 0 < looked_at(arrived) < 10
    assert counted(arrived)["export", "update"] == 1
    assert_full_finds_nothing(begun)
    begun.export()
    assert begun.target("active", "title")["alee25"] == ("true", "new")
    run_delta_sync(begun.context)
    begun.wait(days=30)
    assert counted(run_delta_sync(begun.context))["metaverse", "update"] == 1
    assert begun.identities()["E025"]["title"] == "boss"
    assert_full_finds_nothing(begun)


@pytest.mark.slow
def test_a_boundary_that_a_rule_of_everybody_passes_is_looked_at_for_everybody(begun: World) -> None:
    begun.edit("rules/directory-user", "title: title", "title: format_date(today(), '%Y-%m-%d')")
    run_delta_sync(begun.context)
    begun.export()
    run_delta_sync(begun.context)
    begun.wait(days=1)
    assert counted(run_delta_sync(begun.context))["export", "update"] == 25
    assert_full_finds_nothing(begun)


@pytest.mark.slow
def test_a_plan_made_for_another_time_is_no_beginning(begun: World) -> None:
    begun.edit("rules/directory-user", "scope: status = 'active'", "scope: status = 'active' and hired <= today()")
    run_delta_sync(begun.context)
    planned = run_delta_plan(begun.context)
    apply_plan(begun.context, planned.plan_id or "")
    assert "there is no synchronisation to go on from" in run_delta_sync(begun.context).activity.message


def test_the_guard_of_a_delta_counts_against_everybody(begun: World) -> None:
    gone = [person(n, status="left") for n in range(2, 12)]
    begun.write_hr([person(1), *gone, *people(25)[11:24], person(25, title="boss")])
    begun.import_("hr")
    with pytest.raises(Held) as held:
        run_delta_sync(begun.context)
    [breach] = begun.accord.store.plans.read_header(str(held.value.plan_id)).verdict.breaches
    assert (breach.limit, breach.count, breach.out_of) == ("disable", 10, 25)


def test_a_delta_plan_is_applied_like_any_and_the_next_synchronisation_has_nothing_to_do(begun: World) -> None:
    begun.write_hr([*people(4), person(5, title="head"), *people(24)[5:], person(25, title="boss")])
    begun.import_("hr")
    planned = run_delta_plan(begun.context)
    assert begun.pending() == []
    assert "objects looked at" in planned.activity.message
    apply_plan(begun.context, planned.plan_id or "")
    assert begun.pending_kinds() == [("update", "pending")]
    assert begun.sync().activity.message == "nothing changed since the last one"
    assert_full_finds_nothing(begun)


def test_a_delta_import_reads_what_changed_and_everything_when_more_is_declared(local_world: World) -> None:
    local_world.make(people(3))
    local_world.configure("systems/phones", _LOGGED_PHONES)
    local_world.write_phones({f"E{n:03}": (f"555-{n}", f"title {n}") for n in (1, 2, 3)})
    phones(
        local_world,
        "alter table phones add column floor text",
        "update phones set floor = '4'",
        "create table phones_log(seq integer primary key, number text)",
        "insert into phones_log values (1, 'E001')",
    )
    assert "no watermark yet" in run_delta_import(local_world.context, "phones").activity.message
    phones(
        local_world,
        "update phones set phone = '777' where number = 'E002'",
        "delete from phones where number = 'E003'",
        "insert into phones_log (number) values ('E002'), ('E003')",
    )
    changed = run_delta_import(local_world.context, "phones")
    assert counted(changed) == {("connector space", "update"): 1, ("connector space", "remove"): 1}
    assert "everything" not in changed.activity.message
    assert local_world.staged("phones")["E002"]["phone"] == "777"
    local_world.edit("systems/phones", "title: text}", "title: text, floor: text}")
    whole = run_delta_import(local_world.context, "phones")
    assert "other attributes are declared, so everything was read" in whole.activity.message
    assert local_world.staged("phones")["E001"]["floor"] == "4"


def phones(world: World, *statements: str) -> None:
    with closing(sqlite3.connect(world.folder / "data" / "phones.db")) as database, database:
        for statement in statements:
            database.execute(statement)
