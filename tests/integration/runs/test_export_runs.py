"""Exports: journalled before they are sent; a failure is one object's own; no answer is no reason to send again."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from accord.store.activities import ActivityState
from worlds import World, counted, people, person

LOGGED = """
create table log(uid text, what text);
create trigger made after insert on users begin insert into log values (new.uid, 'create'); end;
create trigger changed after update on users begin insert into log values (new.uid, 'update'); end;
"""


def kill(world: World, run: str, system: str, count: int = 0) -> None:
    """Make a run in a process that dies in the middle of it."""
    world.close()
    script = Path(__file__).with_name("killed_run.py")
    arguments = [str(world.folder), world.url or "", run, system, str(count)]
    ended = subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def log(world: World) -> list[tuple[str, str]]:
    """Return what the target did for whom, each time it did it."""
    with closing(sqlite3.connect(world.folder / "data" / "directory.db")) as database:
        return sorted(database.execute("select uid, what from log").fetchall())


def test_a_crash_between_sending_and_recording_is_settled_by_the_next_import_and_nothing_is_sent_twice(
    settled: World,
) -> None:
    settled.change_target(LOGGED)
    settled.write_hr([*people(24), person(25, title="head"), person(26), person(27), person(28)])
    settled.import_("hr")
    settled.sync()
    kill(settled, "export", "directory", count=2)

    assert settled.last_activity().state is ActivityState.FAILED
    assert "ended without finishing" in settled.last_activity().message
    assert settled.pending_kinds() == [("create", "unknown")] * 3 + [("update", "unknown")]
    assert counted(settled.export()) == {}
    assert len(log(settled)) == 2

    settled.import_("directory")
    assert settled.pending_kinds() == [("create", "pending"), ("update", "pending")]
    settled.sync()
    settled.export()
    settled.import_("directory")
    assert settled.pending() == []
    assert log(settled) == [("alee25", "update"), *((f"alee{n}", "create") for n in (26, 27, 28))]
    assert settled.target("title")["alee25"] == "head"


def test_an_update_that_arrived_before_the_crash_is_not_sent_again(local_settled: World) -> None:
    local_settled.change_target(LOGGED)
    local_settled.write_hr([*people(24), person(25, title="head")])
    local_settled.import_("hr")
    local_settled.sync()
    kill(local_settled, "export", "directory", count=1)
    local_settled.import_("directory")
    local_settled.export()
    assert log(local_settled) == [("alee25", "update")]
    local_settled.sync()
    assert local_settled.pending() == []


def test_a_synchronisation_between_crash_and_import_sends_nothing_twice(local_settled: World) -> None:
    local_settled.change_target(LOGGED)
    local_settled.write_hr(people(27))
    local_settled.import_("hr")
    local_settled.sync()
    kill(local_settled, "export", "directory", count=2)
    local_settled.sync()
    local_settled.export()
    assert log(local_settled) == [("alee26", "create"), ("alee27", "create")]
    local_settled.import_("directory")
    assert local_settled.pending() == []


def test_a_crash_while_reading_leaves_everything_as_it_was(local_settled: World) -> None:
    before = local_settled.staged("hr")
    local_settled.write_hr(people(30))
    kill(local_settled, "import", "hr")
    assert local_settled.staged("hr") == before
    assert local_settled.last_activity().state is ActivityState.FAILED
    assert counted(local_settled.import_("hr")) == {("connector space", "add"): 5}


def test_one_refused_account_is_its_own_error_and_waits_until_the_cause_is_corrected(settled: World) -> None:
    settled.write_hr([*people(25), person(26, last="Lee!"), person(27)])
    _, exported = settled.turn()
    assert exported.activity.state is ActivityState.DONE_WITH_ERRORS
    assert counted(exported) == {("exported", "create"): 1, ("export failed", "create"): 1}
    assert "alee27" in settled.target()
    [item] = settled.items(exported)
    assert (item["anchor"], item["operation"]) == ("alee!", "create")
    assert "CHECK" in item["message"]
    assert item["remedy"]
    assert settled.pending_kinds() == [("create", "exported"), ("create", "failed")]

    settled.wait(hours=1)
    assert counted(settled.export()) == {}
    settled.write_hr([*people(25), person(26), person(27)])
    settled.turn()
    settled.import_("directory")
    assert settled.pending() == []
    assert settled.target("employeeNumber")["alee!"] == "E026"


def test_an_account_goes_without_waiting_for_its_manager_and_the_reference_follows(local_settled: World) -> None:
    boss = person(30, last="Boss!")
    local_settled.write_hr([*people(25), boss, person(31, manager="E030")])
    local_settled.turn()
    held = local_settled.target("manager")
    assert held["alee31"] is None
    assert "aboss!" not in held
    local_settled.import_("directory")

    local_settled.write_hr([*people(25), {**boss, "last": "Boss"}, person(31, manager="E030")])
    local_settled.turn()
    local_settled.export()
    assert local_settled.target("manager")["alee31"] == "aboss!"
    local_settled.import_("directory")
    assert local_settled.pending() == []


def test_a_target_that_lost_an_exported_value_is_told_and_gets_it_again(local_settled: World) -> None:
    local_settled.write_hr([person(n, title="head" if n == 3 else "clerk") for n in range(1, 26)])
    local_settled.turn()
    local_settled.change_target("update users set title = 'clerk' where uid = 'alee3';")
    seen = local_settled.import_("directory")
    assert counted(seen)["exports", "not_confirmed"] == 1
    assert seen.activity.state is ActivityState.DONE_WITH_ERRORS
    [waiting] = local_settled.pending()
    assert (waiting["state"], waiting["code"]) == ("failed", "NOT_CONFIRMED")
    assert "title" in waiting["message"]
    local_settled.wait(minutes=3)
    local_settled.export()
    assert local_settled.target("title")["alee3"] == "head"


@pytest.mark.ldap
def test_a_failed_create_is_retried_after_its_back_off_and_succeeds(local_ldap_world: World) -> None:
    world = local_ldap_world.make([person(1), person(2, manager="")])
    new = "case when department = 'finance' then ',ou=new' else '' end || ',ou=people,dc"
    world.edit("rules/directory-user", "',ou=people,dc", new)
    world.import_all()
    world.sync()
    exported = world.export()
    assert counted(exported) == {("exported", "create"): 1, ("export failed", "create"): 1}
    [item] = world.items(exported)
    assert item["code"] == "PARENT_MISSING"
    assert world.pending_kinds() == [("create", "exported"), ("create", "failed")]

    with world.directory() as connection:
        connection.add_s("ou=new,ou=people,dc=example,dc=org", [("objectClass", b"organizationalUnit"), ("ou", b"new")])
    world.wait(minutes=1)
    assert counted(world.export()) == {}
    world.wait(minutes=1)
    assert counted(world.export()) == {("exported", "create"): 1}
    world.import_("directory")
    assert world.pending() == []
    assert "uid=alee1,ou=new,ou=people,dc=example,dc=org" in world.entries()
