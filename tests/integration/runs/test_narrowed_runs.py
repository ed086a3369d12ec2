"""Runs that are narrowed by their profile: to a partition, to another file, small pages; or that compare everything."""

from pathlib import Path

import pytest

from accord.model.schedules import Narrowing
from accord.runs.import_run import run_import
from accord.store.activities import ActivityState
from worlds import World, counted, people, person

GROUPS = "ou=groups,dc=example,dc=org"
BOTH_PARTITIONS = f"partitions: ['ou=people,dc=example,dc=org', '{GROUPS}']"
ONE_CONTAINER = "containers:\n    - dn: ou=people,dc=example,dc=org"


@pytest.mark.ldap
def test_an_import_of_one_partition_says_nothing_about_the_others(local_ldap_world: World) -> None:
    world = local_ldap_world.make(people(12))
    world.edit("systems/directory", ONE_CONTAINER, BOTH_PARTITIONS)
    world.cycle()
    with world.directory() as connection:
        for name in list(world.entries())[:3]:
            connection.delete_s(name)

    others = run_import(world.context, "directory", Narrowing(partition=GROUPS, page_rows=2))
    assert (counted(others), len(world.staged("directory"))) == ({}, 12)
    assert GROUPS in others.activity.message

    own = run_import(world.context, "directory", Narrowing(partition="ou=people,dc=example,dc=org", page_rows=2))
    assert counted(own) == {("connector space", "remove"): 3}
    assert len(world.staged("directory")) == 9


def test_another_file_is_read_instead_of_the_system_s_own(local_world: World) -> None:
    world = local_world.make(people(3))
    world.import_("hr")
    own = world.hr_file.read_text(encoding="utf-8")
    world.write_hr([*people(3), person(4)])
    (world.folder / "data" / "monday.csv").write_text(world.hr_file.read_text(encoding="utf-8"), encoding="utf-8")
    Path(world.hr_file).write_text(own, encoding="utf-8")

    run_import(world.context, "hr", Narrowing(file="data/monday.csv"))
    assert len(world.staged("hr")) == 4
    world.import_("hr")
    assert len(world.staged("hr")) == 3


def test_an_import_that_verifies_finds_what_its_hash_hides(local_world: World) -> None:
    world = local_world.make(people(3))
    world.import_("hr")
    world.accord.store._database.execute("update object set doc = replace(doc, 'Ann1', 'Eve1') where anchor = 'E001'")

    assert "3 unchanged" in run_import(world.context, "hr").activity.message
    honest = run_import(world.context, "hr", Narrowing(verifies=True))
    assert honest.activity.state is ActivityState.DONE_WITH_ERRORS
    assert [item["code"] for item in world.items(honest)] == ["HASH_DISAGREED"]
    assert "3 unchanged" in run_import(world.context, "hr", Narrowing(verifies=True)).activity.message
