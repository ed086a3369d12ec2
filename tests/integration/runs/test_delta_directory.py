"""Deltas against a real OpenLDAP (syncrepl): import, synchronise, export and confirm without reading everything."""

import pytest

from accord.operations.runs import run_delta_cycle
from accord.runs.delta_run import run_delta_sync
from accord.runs.import_run import run_delta_import
from worlds import World, assert_full_finds_nothing, counted, people, person

pytestmark = [pytest.mark.ldap, pytest.mark.slow]

BASE = "ou=people,dc=example,dc=org"


@pytest.fixture
def begun(local_ldap_world: World) -> World:
    """A world with everybody's entry, from which deltas go on."""
    world = local_ldap_world.make(people(6))
    world.cycle()
    run_delta_sync(world.context)
    assert world.pending() == []
    return world


def test_a_change_goes_through_and_is_confirmed_by_deltas_alone(begun: World) -> None:
    begun.write_hr([person(1, title="boss"), *people(6)[1:], person(7)])
    begun.import_("hr")
    synchronised = run_delta_sync(begun.context)
    assert "objects looked at" in synchronised.activity.message
    begun.export()
    assert begun.pending_kinds() == [("create", "exported"), ("update", "exported")]
    confirmed = run_delta_import(begun.context, "directory")
    assert "everything" not in confirmed.activity.message
    assert confirmed.activity.message.startswith("2 read")
    assert counted(confirmed)["exports", "confirm"] == 2
    assert begun.pending() == []
    again = run_delta_sync(begun.context)
    assert not any(area == "export" for area, _ in counted(again))
    assert begun.pending() == []
    entries = begun.entries()
    assert entries[f"uid=alee1,{BASE}"]["title"] == ["boss"]
    assert entries[f"uid=alee7,{BASE}"]["manager"] == [f"uid=alee1,{BASE}"]
    assert_full_finds_nothing(begun)


def test_a_delta_confirms_value_by_value_and_nothing_of_whom_it_does_not_name(begun: World) -> None:
    import ldap  # noqa: PLC0415 - an optional library

    begun.write_hr([person(1, title="boss"), person(2, title="chief"), *people(6)[2:]])
    begun.import_("hr")
    run_delta_sync(begun.context)
    before = begun.accord.store.watermarks.read("directory")
    begun.export()
    with begun.directory() as connection:
        connection.modify_s(f"uid=alee2,{BASE}", [(ldap.MOD_REPLACE, "title", [b"king"])])
    result = run_delta_import(begun.context, "directory")
    assert (counted(result)["exports", "confirm"], counted(result)["exports", "not_confirmed"]) == (1, 1)
    (missed,) = begun.pending()
    assert (missed["code"], missed["state"]) == ("NOT_CONFIRMED", "failed")
    assert "title" in missed["message"]
    assert begun.accord.store.watermarks.read("directory") != before
    begun.write_hr([person(1, title="boss"), person(2, title="head"), person(3, title="deputy"), *people(6)[3:]])
    begun.import_("hr")
    run_delta_sync(begun.context)
    empty = run_delta_import(begun.context, "directory")
    assert ("exports", "confirm") not in counted(empty)
    assert begun.pending_kinds() == [("update", "pending"), ("update", "pending")]


def test_drift_a_rename_and_a_deletion_by_hand_are_put_back_by_a_delta_cycle(begun: World) -> None:
    import ldap  # noqa: PLC0415 - an optional library

    before = begun.entries()
    with begun.directory() as connection:
        connection.modify_s(f"uid=alee1,{BASE}", [(ldap.MOD_REPLACE, "title", [b"king"])])
        connection.rename_s(f"uid=alee2,{BASE}", "uid=zorro")
        connection.delete_s(f"uid=alee3,{BASE}")
    reports = list(run_delta_cycle(begun.context))
    assert [(r.activity.kind, r.activity.profile, r.activity.system) for r in reports] == [
        ("import", "delta-import", "directory"), ("import", "full-import", "hr"), ("import", "delta-import", "phones"),
        ("sync", "delta-sync", ""), ("export", "export", "directory"), ("import", "delta-import", "directory"),
    ]  # fmt: skip
    assert "objects looked at" in reports[3].activity.message
    after = begun.entries()
    again = f"uid=alee3,{BASE}"
    assert after[again].pop("entryUUID") != before[again].pop("entryUUID")
    assert after == before
    assert begun.pending() == []
    run_delta_sync(begun.context)
    assert_full_finds_nothing(begun)
