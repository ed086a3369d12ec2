"""The metaverse: what a synchronisation plan says is what is there afterwards."""

from collections.abc import Iterator

import pytest
from store_builders import (
    add,
    begin,
    commit_import,
    commit_sync,
    export,
    frame,
    link,
    person,
    planned,
    reference,
    rows,
    sync_plan,
)

from accord.model.errors import Cancelled, PlanStale
from accord.model.frames import GoneIdentities, Identities, Origins
from accord.model.plan import SyncPlan
from accord.store import Store

EMPTY = {"system:hr": 0, "metaverse": 0}


def identities(store: Store) -> dict[int, str]:
    return {r["id"]: r["doc"] for r in rows(store.metaverse.read_identities())}


def edges(store: Store) -> set[tuple]:
    return {(r["src"], r["dst"]) for r in rows(store.metaverse.read_identity_edges())}


def edge(src: int, dst: int) -> dict:
    return {"src": src, "attr": "manager", "dst": dst}


def test_a_plan_adds_changes_and_ends_identities(store: Store):
    commit_sync(
        store,
        identities_added=[person(1), person(2), person(3, type="group")],
        identity_edges_added=[edge(1, 2), edge(3, 2), edge(2, 1)],
    )
    commit_sync(
        store,
        identities_added=[person(4)],
        identities_updated=[person(1, '{"n":"1"}', origin=2, before="{}")],
        identity_edges_added=[edge(4, 1)],
        identity_edges_removed=[edge(2, 1)],
    )
    assert identities(store) == {1: '{"n":"1"}', 2: "{}", 3: "{}", 4: "{}"}
    assert edges(store) == {(1, 2), (3, 2), (4, 1)}
    assert rows(store.metaverse.read_identities_by_id([1]))[0]["origin"] == 2
    assert [r["id"] for r in rows(store.metaverse.read_identities("group"))] == [3]


def test_references_from_and_to_an_ended_identity_go_with_it(store: Store):
    commit_sync(store, identities_added=[person(n) for n in (1, 2, 3)],
                identity_edges_added=[edge(1, 2), edge(2, 3), edge(3, 1)])  # fmt: skip
    gone = {"id": 2, "type": "person", "before": "{}"}
    commit_sync(store, identities_removed=[gone], identity_edges_removed=[edge(2, 3)])
    assert edges(store) == {(3, 1)}


def test_edges_are_read_from_both_sides(store: Store):
    commit_sync(store, identities_added=[person(n) for n in (1, 2, 3)],
                identity_edges_added=[edge(1, 2), edge(3, 2)])  # fmt: skip
    assert {r["src"] for r in rows(store.metaverse.read_identity_edges_to([2]))} == {1, 3}
    assert {r["dst"] for r in rows(store.metaverse.read_identity_edges_of([1]))} == {2}


def test_a_wait_for_deletion_begins_and_ends(store: Store):
    commit_sync(store, identities_added=[person(1)])
    for since in (1_700_000_000_000_000, None):
        plan = SyncPlan(identities_gone=frame(GoneIdentities, {"id": 1, "gone_since": since}))
        store.plans.commit_sync([plan], activity=begin(store), versions={})
        assert rows(store.metaverse.read_identities())[0]["gone_since"] == since


def test_links_are_read_from_both_sides_and_replaced(store: Store):
    commit_import(store, added=[add(1), add(2)])
    commit_sync(store, identities_added=[person(1), person(2)], links_added=[link(1, 1), link(2, 2)])
    commit_sync(store, links_removed=[link(2, 2)], links_added=[link(2, 1)])
    assert [(r["object_id"], r["identity_id"]) for r in rows(store.metaverse.read_links())] == [(1, 1), (2, 1)]
    assert len(store.metaverse.read_links_to([1])) == 2
    assert len(store.metaverse.read_links_to([2])) == 0


def test_known_origins_are_kept_once(store: Store):
    for ids in ([1, 2], [2, 3]):
        origins = [{"id": i, "doc": f'{{"mail":"r{i}"}}'} for i in ids]
        store.plans.commit_sync([SyncPlan(origins=frame(Origins, *origins))], activity=begin(store), versions={})
    assert [r["id"] for r in rows(store.metaverse.read_origins())] == [1, 2, 3]


def test_a_planned_object_planned_again_gets_its_new_name_and_one_that_exists_keeps_its_own(store: Store):
    commit_import(store, "ad", added=[add(9, dn="CN=here")])
    commit_sync(store, objects_planned=[planned(5, dn="CN=old")])
    activity = commit_sync(store, objects_planned=[planned(5, dn="CN=new"), planned(6), planned(9, dn="CN=there")])
    names = {r["id"]: r["dn"] for r in rows(store.connector_space.read_objects("ad"))}
    assert names == {5: "CN=new", 6: "CN=u6,DC=x", 9: "CN=here"}
    assert [r["id"] for r in rows(store.connector_space.find_objects("cn=NEW"))] == [5]
    assert store.history.changes_of(activity)["before_dn"].to_pylist() == ["CN=old"]


def test_an_unplanned_object_goes_with_link_and_pending_export(store: Store):
    commit_import(store, "ad", added=[add(9)])
    commit_sync(
        store,
        identities_added=[person(1)],
        objects_planned=[planned(5), planned(6)],
        links_added=[link(5, 1), link(6, 1), link(9, 1)],
        pending_put=[export(5, "create"), export(6, "create"), export(9)],
        pending_edges_put=[reference(5, 6), reference(6, 5)],
    )
    commit_sync(store, objects_unplanned=[{"id": 5}, {"id": 9}])
    assert [r["id"] for r in rows(store.connector_space.read_objects("ad"))] == [6, 9]
    assert [r["object_id"] for r in rows(store.metaverse.read_links())] == [6, 9]
    assert [r["object_id"] for r in rows(store.pending.read_pending())] == [6, 9]
    assert [r["object_id"] for r in rows(store.pending.read_pending_edges())] == [6]


@pytest.mark.parametrize("moved", ["system:hr", "metaverse"])
def test_a_plan_computed_from_what_has_moved_is_refused_whole(store: Store, moved: str):
    if moved == "metaverse":
        commit_sync(store, identities_added=[person(1)])
    else:
        commit_import(store, added=[add(1)])
    before = identities(store)
    with pytest.raises(PlanStale, match="metaverse" if moved == "metaverse" else "system hr"):
        store.plans.commit_sync([sync_plan(identities_added=[person(2)])], activity=begin(store), versions=EMPTY)
    assert identities(store) == before


def test_counters_move_with_what_changed_and_only_then(store: Store):
    scopes = ["metaverse", "system:ad", "system:hr"]
    commit_sync(store)
    assert store.versions(scopes) == {"metaverse": 0, "system:ad": 0, "system:hr": 0}
    commit_sync(store, identities_added=[person(1)])
    assert store.versions(scopes) == {"metaverse": 1, "system:ad": 0, "system:hr": 0}
    commit_sync(store, objects_planned=[planned(5)])
    assert store.versions(scopes) == {"metaverse": 2, "system:ad": 1, "system:hr": 0}


def test_a_plan_that_fails_in_the_middle_leaves_everything_as_it_was(store: Store):
    commit_sync(store, identities_added=[person(1)])
    plan = sync_plan(
        identities_updated=[person(1, '{"n":"x"}', before="{}")],
        identities_added=[person(2)],
        # Refused: two rows of one object.
        links_added=[link(1, 1), link(1, 2)],
    )
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.plans.commit_sync([plan], activity=begin(store), versions={})
    assert identities(store) == {1: "{}"}
    assert store.versions(["metaverse"]) == {"metaverse": 1}
    assert store.metaverse.next_identity_id() == 2


def found(frame: Identities) -> list[int]:
    return frame.table["id"].to_pylist()


def test_identities_are_found_by_a_part_of_any_value_without_case(store: Store):
    commit_sync(store, identities_added=[
        person(1, '{"mail":"anna@x","name":"Ænna Ördög"}'),
        person(2, '{"mail":["bo@x","ANNA@y"],"quote":"say \\"hi\\""}'),
        person(3, '{"name":"mail"}', type="group"),
    ])  # fmt: skip
    find = store.metaverse.find_identities
    assert found(find("anna@")) == [1, 2]
    assert found(find("ÆNNA ördög")) == [1]
    assert found(find("mail")) == [3]
    assert found(find('say "hi"')) == [2]
    assert found(find("anna", attribute="name")) == []
    assert found(find("@", attribute="mail", limit=1)) == [1]
    assert found(find("mail", identity_type="person")) == []
    assert found(find("100%")) == []


def test_identity_ids_are_never_given_twice(store: Store):
    assert store.metaverse.next_identity_id() == 1
    commit_sync(store, identities_added=[person(4)])
    commit_sync(store, identities_removed=[{"id": 4, "type": "person", "before": "{}"}])
    assert store.metaverse.next_identity_id() == 5


def test_a_plan_whose_rest_cannot_be_read_leaves_nothing_of_its_beginning(store: Store):
    def parts() -> Iterator[SyncPlan]:
        yield sync_plan(identities_added=[person(1)])
        raise Cancelled("told to stop")

    with pytest.raises(Cancelled):
        store.plans.commit_sync(parts(), activity=begin(store), versions=EMPTY)

    assert len(store.metaverse.read_identities()) == 0
    store.plans.commit_sync([sync_plan(identities_added=[person(1)])], activity=begin(store), versions=EMPTY)
    assert len(store.metaverse.read_identities()) == 1
