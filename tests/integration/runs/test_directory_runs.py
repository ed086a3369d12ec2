"""A real directory as target: renames, drift, leavers and outages, with the entry's own identity kept throughout."""

import pytest

from accord.model.errors import SystemUnavailable
from accord.store.activities import ActivityState
from worlds import World, counted, people, person

pytestmark = pytest.mark.ldap

BASE = "ou=people,dc=example,dc=org"


def dn(name: str) -> str:
    return f"{name},{BASE}"


def test_a_new_name_renames_the_entry_which_stays_the_same_and_references_follow(
    local_ldap_world: World,
) -> None:
    world = local_ldap_world.make(people(4))
    world.edit("rules/directory-user", "'uid=' || dn_escape(account)", "'cn=' || dn_escape(first || ' ' || last)")
    world.cycle()
    before = world.entries()[dn("cn=Ann1 Lee1")]
    identity = world.identities()["E001"]["_id"]

    world.write_hr([person(1, last="O'Neil, jr."), *people(4)[1:]])
    world.import_("hr")
    world.sync()
    assert ("rename", "pending") in world.pending_kinds()
    world.export()
    renamed = world.entries()
    named = next(name for name in renamed if "Neil" in name)
    assert renamed[named]["entryUUID"] == before["entryUUID"]
    assert renamed[named]["sn"] == ["O'Neil, jr."]
    assert renamed[named]["uid"] == ["alee1"]
    assert len(renamed) == 4

    world.import_("directory")
    world.sync()
    world.export()
    world.import_("directory")
    assert world.sync().activity.message == "nothing to change"
    assert world.pending() == []
    assert world.identities()["E001"]["_id"] == identity
    assert {tuple(e["manager"]) for e in world.entries().values() if "manager" in e} == {(named,)}


def test_what_was_changed_renamed_or_deleted_by_hand_is_put_back(local_ldap_world: World) -> None:
    import ldap  # noqa: PLC0415 - an optional library

    world = local_ldap_world.make(people(4))
    world.cycle()
    before = world.entries()
    with world.directory() as connection:
        connection.modify_s(dn("uid=alee1"), [(ldap.MOD_REPLACE, "title", [b"king"])])
        connection.rename_s(dn("uid=alee2"), "uid=zorro")
        connection.delete_s(dn("uid=alee3"))
        connection.modify_s(dn("uid=alee4"), [(ldap.MOD_DELETE, "manager", None)])
    world.cycle()
    after = world.entries()
    again = dn("uid=alee3")
    assert after[again].pop("entryUUID") != before[again].pop("entryUUID")
    assert after == before
    world.sync()
    assert world.pending() == []


def test_a_leaver_loses_the_entry_and_nobody_else_does(local_ldap_world: World) -> None:
    world = local_ldap_world.make(people(4))
    world.cycle()
    world.write_hr([*people(3), person(4, status="left")])
    _, exported = world.turn()
    assert counted(exported) == {("exported", "delete"): 1}
    assert sorted(world.entries()) == [dn(f"uid=alee{n}") for n in (1, 2, 3)]
    world.import_("directory")
    assert world.pending() == []
    assert len(world.identities()) == 4


def test_while_the_directory_is_down_all_else_goes_on_and_nothing_is_lost(local_ldap_world: World) -> None:
    world = local_ldap_world.make(people(3))
    server = world.server
    assert server is not None
    world.import_all()
    server.stop()
    world.sync()
    with pytest.raises(SystemUnavailable, match="does not answer") as caught:
        world.export()
    assert caught.value.place == server.ldaps_url
    assert caught.value.remedy
    assert world.last_activity().state is ActivityState.FAILED
    with pytest.raises(SystemUnavailable):
        world.import_("directory")
    assert {operation for operation, _ in world.pending_kinds()} == {"create"}
    world.write_hr(people(4))
    world.import_("hr")
    world.sync()

    server.start()
    world.wait(hours=1)
    assert counted(world.export()) == {("exported", "create"): 4}
    world.import_("directory")
    assert world.pending() == []
    assert len(world.entries()) == 4


def test_an_outage_uses_up_no_attempts(local_ldap_world: World) -> None:
    world = local_ldap_world.make(people(2))
    server = world.server
    assert server is not None
    world.import_all()
    world.sync()
    server.stop()
    for _ in range(6):
        world.wait(hours=1)
        with pytest.raises(SystemUnavailable):
            world.export()
    server.start()
    world.wait(hours=1)
    assert counted(world.export()) == {("exported", "create"): 2}
