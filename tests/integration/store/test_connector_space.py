"""The connector space: what an import plan says is what is there afterwards, and nothing else is touched."""

import pyarrow as pa
import pytest
from store_builders import add, begin, commit_import, commit_sync, export, import_plan, link, person, planned, rows

from accord.model.errors import PlanStale
from accord.model.plan import Count
from accord.store import Store


def objects(store: Store, system: str = "hr") -> dict[int, tuple]:
    return {r["id"]: (r["anchor"], r["dn"], r["doc"]) for r in rows(store.connector_space.read_objects(system))}


def edges(store: Store, system: str = "hr") -> set[tuple]:
    return {(r["src"], r["attr"], r["dst"]) for r in rows(store.connector_space.read_edges(system))}


def updated(id_: int, doc: str, *, before: str | None = "{}", **more) -> dict:
    return {**add(id_, doc), "before": before, **more}


def removed(id_: int) -> dict:
    return {"id": id_, "type": "person", "anchor": f"a{id_}", "before": "{}"}


def test_an_import_adds_changes_and_removes(store: Store):
    commit_import(store, added=[add(1), add(2, dn="CN=b"), add(3)], edges_added=[(1, "boss", "a2"), (3, "boss", "a2")])
    activity = begin(store)
    counts = store.connector_space.commit_import(
        import_plan(
            added=[add(4, '{"n":"4"}')],
            updated=[updated(2, '{"n":"2"}', dn="CN=B2", hash=9)],
            removed=[removed(3)],
            edges_added=[(2, "boss", "a4"), (4, "boss", "a2")],
            edges_removed=[(1, "boss", "a2")],
        ),
        activity=activity,
        versions={"system:hr": 1},
    )
    assert objects(store) == {
        1: ("a1", None, "{}"), 2: ("a2", "CN=B2", '{"n":"2"}'), 4: ("a4", None, '{"n":"4"}')
    }  # fmt: skip
    assert edges(store) == {(2, "boss", "a4"), (4, "boss", "a2")}
    kinds = [Count(area="connector space", system="hr", object_type="person", operation=o, count=1)
             for o in ("add", "update", "remove")]  # fmt: skip
    assert counts == tuple(kinds)
    assert rows(store.connector_space.read_keys("hr"))[1] == {
        "id": 2, "type": "person", "anchor": "a2", "dn": "CN=B2", "hash": 9
    }  # fmt: skip


def test_systems_do_not_see_each_other(store: Store):
    commit_import(store, "hr", added=[add(1)], edges_added=[(1, "boss", "a1")])
    commit_import(store, "crm", added=[add(2, anchor="a1")], edges_added=[(2, "boss", "a1")])
    assert set(objects(store, "hr")) == {1}
    assert edges(store, "crm") == {(2, "boss", "a1")}
    assert len(store.connector_space.read_objects("hr", "group")) == 0
    assert len(store.connector_space.read_objects("hr", "person")) == 1
    assert {r["src"] for r in rows(store.connector_space.read_edges_to(["a1"]))} == {1, 2}
    assert {r["src"] for r in rows(store.connector_space.read_edges_to(["A1"]))} == {1, 2}


@pytest.mark.parametrize("name", ["CN=Björn Ærø,OU=X", "cn=björn ærø,ou=x", "CN=BJÖRN ÆRØ,OU=X"])
def test_a_reference_is_found_in_whatever_case_it_is_written(store: Store, name: str):
    written = ["cn=BJÖRN ÆRØ,ou=x", "CN=björn ærØ,Ou=X", "cn=bjorn aero,ou=x"]
    commit_import(
        store, added=[add(n) for n in (1, 2, 3)],
        edges_added=[(n, "boss", text) for n, text in enumerate(written, 1)],
    )  # fmt: skip
    assert {r["src"] for r in rows(store.connector_space.read_edges_to([name]))} == {1, 2}
    assert {r["src"] for r in rows(store.subsets.edges_between([2, 3], [name]))} == {2}


def test_a_change_of_the_system_makes_the_plan_stale_and_writes_nothing(store: Store):
    commit_import(store, added=[add(1)])
    commit_import(store, added=[add(2)])
    activity = begin(store)
    with pytest.raises(PlanStale, match="system hr said"):
        store.connector_space.commit_import(
            import_plan(added=[add(3)]), activity=activity, versions={"system:hr": 1, "metaverse": 0}
        )
    assert set(objects(store)) == {1, 2}
    assert store.versions(["system:hr", "metaverse"]) == {"system:hr": 2, "metaverse": 0}


def test_an_import_without_changes_moves_no_counter(store: Store):
    commit_import(store, added=[add(1)])
    commit_import(store)
    assert store.versions(["system:hr"]) == {"system:hr": 1}


def test_links_and_pending_exports_of_a_removed_object_stay_for_the_synchronisation(store: Store):
    commit_import(store, "ad", added=[add(1)])
    commit_sync(store, identities_added=[person(1)], links_added=[link(1, 1)], pending_put=[export(1)])
    commit_import(store, "ad", removed=[removed(1)])
    assert len(store.metaverse.read_links()) == 1
    assert len(store.pending.read_pending("ad")) == 1


def test_a_planned_object_that_appears_keeps_its_id_and_its_link(store: Store):
    commit_sync(
        store, identities_added=[person(1)], objects_planned=[planned(5, dn="CN=New")], links_added=[link(5, 1)]
    )
    assert rows(store.connector_space.read_keys("ad"))[0]["hash"] is None
    assert objects(store, "ad") == {5: (None, "CN=New", None)}
    commit_import(store, "ad", updated=[updated(5, '{"n":"5"}', before=None, dn="CN=New", type="user")])
    assert objects(store, "ad") == {5: ("a5", "CN=New", '{"n":"5"}')}
    assert [r["identity_id"] for r in rows(store.metaverse.read_links_of([5]))] == [1]


def test_an_anchor_may_pass_from_a_removed_object_to_a_planned_one(store: Store):
    commit_import(store, "ad", added=[add(1, anchor="same")])
    commit_sync(store, objects_planned=[planned(2)])
    commit_import(store, "ad", removed=[removed(1)], updated=[updated(2, "{}", before=None, anchor="same")])
    assert objects(store, "ad") == {2: ("same", None, "{}")}


def test_many_objects_and_edges_at_once_keep_the_indexes(store: Store):
    many = 25_000
    commit_import(
        store,
        added=[add(n, dn=f"CN=Person {n},DC=x") for n in range(1, many + 1)],
        edges_added=[(n, "boss", f"a{n // 10}") for n in range(1, many + 1)],
    )
    names = {
        "sqlite": "select name from sqlite_master where type = 'index' and tbl_name in ('object', 'edge')",
        "postgresql": "select indexname from pg_indexes where tablename in ('object', 'edge')",
    }[store._database.dialect.name]
    found = {row[0] for row in store._database.rows(names)}
    assert found >= {"object_anchor", "object_dn", "object_system", "edge_dst"}
    assert len(store.connector_space.read_edges_to(["a7"])) == 10
    assert len(store.connector_space.find_objects("cn=person 77,dc=X")) == 1
    with pytest.raises(Exception, match=r"(?i)unique"):
        commit_import(store, added=[add(many + 1, anchor="a1")])


def test_objects_are_found_by_anchor_exactly_and_by_dn_without_case(store: Store):
    commit_import(store, "ad", added=[add(1, anchor="Ä1", dn="CN=Łukasz Żółw,DC=x"), add(2, anchor="x", dn="CN=b")])
    commit_import(store, "hr", added=[add(3, anchor="Ä1")])
    find = store.connector_space.find_objects
    assert {r["id"] for r in rows(find("Ä1"))} == {1, 3}
    assert {r["id"] for r in rows(find("Ä1", system="hr"))} == {3}
    assert {r["id"] for r in rows(find("cn=ŁUKASZ żÓŁW,dc=X"))} == {1}
    assert len(find("ä1")) == 0


def test_objects_and_edges_are_read_by_id(store: Store):
    commit_import(store, added=[add(n) for n in (1, 2, 3)], edges_added=[(1, "boss", "a3"), (2, "boss", "a3")])
    assert [r["id"] for r in rows(store.connector_space.read_objects_by_id(pa.array([1, 3, 99])))] == [1, 3]
    assert [r["src"] for r in rows(store.connector_space.read_edges_of(pa.chunked_array([[2], [3]])))] == [2]
    assert len(store.connector_space.read_objects_by_id([])) == 0


def test_ids_used_meanwhile_by_another_run_make_a_plan_stale(store: Store):
    commit_import(store, "crm", added=[add(n) for n in (1, 2)])
    with pytest.raises(PlanStale, match="used 1 of the ids"):
        commit_import(store, "hr", added=[add(2), add(3)])
    commit_sync(store, identities_added=[person(1)])
    with pytest.raises(PlanStale, match="used 1 of the ids"):
        commit_sync(store, identities_added=[person(1), person(2)])


def test_ids_are_never_given_twice(store: Store):
    assert store.connector_space.next_object_id() == 1
    commit_import(store, added=[add(1), add(7)])
    commit_import(store, removed=[removed(7)])
    assert store.connector_space.next_object_id() == 8
    commit_sync(store, objects_planned=[planned(9)])
    assert store.connector_space.next_object_id() == 10
    assert store.connector_space.next_object_id(reserve=100) == 10
    assert store.connector_space.next_object_id(reserve=5) == 110
    assert store.connector_space.next_object_id() == 115
    commit_import(store, added=[add(20)])
    assert store.connector_space.next_object_id() == 115
