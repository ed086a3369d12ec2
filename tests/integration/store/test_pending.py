"""Pending exports: in what order they are sent, what remains of each outcome, what an import settles."""

import pyarrow as pa
import pytest
from store_builders import (
    LATER,
    NOW,
    add,
    begin,
    commit_import,
    commit_sync,
    export,
    frame,
    link,
    not_confirmed,
    person,
    planned,
    record,
    reference,
    result,
    rows,
)

from accord.model.errors import ContractBroken, PlanStale
from accord.store import Store
from accord.store.activities import ActivityState
from accord.store.export_frames import ExportResults, JournalEntries
from accord.store.sql import load_queries
from accord.store.times import micros


def states(store: Store) -> dict[int, str]:
    return {r["object_id"]: r["state"] for r in rows(store.pending.read_pending("ad"))}


def claimed(store: Store, *, now=NOW, limit: int = 100) -> list[int]:
    return store.pending.claim("ad", now=now, limit=limit).table["object_id"].to_pylist()


def one(store: Store, object_id: int) -> dict:
    return next(r for r in rows(store.pending.read_pending("ad")) if r["object_id"] == object_id)


@pytest.fixture
def accounts(store: Store) -> Store:
    """Return a store with accounts 1 and 2 in the directory, linked, and account 3 planned."""
    commit_import(store, "ad", added=[add(n, '{"mail":"old"}', dn=f"CN=u{n},DC=x", type="user") for n in (1, 2)])
    commit_sync(
        store,
        identities_added=[person(n) for n in (1, 2, 3)],
        objects_planned=[planned(3)],
        links_added=[link(n, n) for n in (1, 2, 3)],
    )
    return store


def test_parents_are_made_first_and_ended_last(store: Store):
    deep, top = "CN=a,OU=b,DC=x", "OU=b,DC=x"
    commit_sync(store, pending_put=[
        export(1, "delete", dn=top), export(2, "delete", dn=deep),
        export(3, "rename", new_dn="CN=n,DC=x"), export(4), export(5, "disable", after='{"off":"1"}'),
        export(6, "create", dn=deep), export(7, "create", dn=top),
    ])  # fmt: skip
    assert claimed(store) == [7, 6, 4, 5, 3, 2, 1]


def test_a_claim_takes_the_first_of_one_system_and_changes_nothing(accounts: Store):
    commit_sync(accounts, pending_put=[export(1), export(2), export(9, system="crm")])
    assert claimed(accounts, limit=1) == [1]
    assert claimed(accounts) == [1, 2]
    assert states(accounts) == {1: "pending", 2: "pending"}


def test_a_claim_brings_the_object_as_we_remember_it(accounts: Store):
    commit_sync(accounts, pending_put=[export(1, before='{"mail":"old"}'), export(3, "create")])
    by_id = {r["object_id"]: r for r in rows(accounts.pending.claim("ad", now=NOW))}
    assert (by_id[1]["anchor"], by_id[1]["doc"], by_id[1]["hash"]) == ("a1", '{"mail":"old"}', 1)
    assert (by_id[3]["anchor"], by_id[3]["doc"], by_id[3]["operation"]) == (None, None, "create")


def test_what_is_done_is_in_the_connector_space_at_once(accounts: Store):
    commit_sync(accounts, pending_put=[export(1), export(3, "create")])
    before = accounts.versions(["system:ad"])["system:ad"]
    record(
        accounts,
        result(1, "update", doc='{"mail":"new"}', dn="CN=u1,DC=x"),
        result(3, "create", doc='{"mail":"new"}', anchor="guid-3"),
    )
    found = {r["id"]: (r["anchor"], r["dn"], r["doc"]) for r in rows(accounts.connector_space.read_objects("ad"))}
    assert found[1] == ("a1", "CN=u1,DC=x", '{"mail":"new"}')
    assert found[3] == ("guid-3", "CN=u3,DC=x", '{"mail":"new"}')
    assert states(accounts) == {1: "exported", 3: "exported"}
    assert claimed(accounts, now=LATER) == []
    assert accounts.versions(["system:ad"])["system:ad"] > before


def test_a_deleted_account_goes_with_link_references_and_pending_export(accounts: Store):
    commit_import(accounts, "ad", edges_added=[(1, "member", "CN=u2,DC=x"), (2, "member", "CN=u1,DC=x")])
    commit_sync(accounts, pending_put=[export(1, "delete")], pending_edges_put=[reference(1, 2)])
    record(accounts, result(1, "delete"))
    assert [r["id"] for r in rows(accounts.connector_space.read_objects("ad"))] == [2, 3]
    assert [r["object_id"] for r in rows(accounts.metaverse.read_links())] == [2, 3]
    assert len(accounts.pending.read_pending()) == 0
    assert len(accounts.pending.read_pending_edges()) == 0
    assert {r["src"] for r in rows(accounts.connector_space.read_edges("ad"))} == {2}
    assert accounts._database.rows("select state, operation from journal") == [("done", "delete")]


def test_a_failure_waits_for_its_time_or_for_a_person(accounts: Store):
    commit_sync(accounts, pending_put=[export(1), export(2), export(3, "create")])
    record(
        accounts,
        result(1, "update", "failed", due_at=micros(LATER), code="BUSY", message="busy"),
        result(2, "update", "failed", code="DENIED", message="no right"),
        result(3, "create", "unknown", code="NO_ANSWER", message="?"),
    )
    assert claimed(accounts) == []
    assert claimed(accounts, now=LATER) == [1]
    first = one(accounts, 1)
    assert (first["attempts"], first["code"], first["message"]) == (1, "BUSY", "busy")
    assert states(accounts) == {1: "failed", 2: "failed", 3: "unknown"}
    assert {r["doc"] for r in rows(accounts.connector_space.read_objects("ad"))} == {'{"mail":"old"}', None}
    record(accounts, result(1, "update", "failed", due_at=micros(LATER)))
    assert one(accounts, 1)["attempts"] == 2


def test_planning_the_same_again_keeps_attempts_and_waiting(accounts: Store):
    commit_sync(accounts, pending_put=[export(1), export(2)])
    record(accounts, *(result(n, "update", "failed", due_at=micros(LATER), code="BUSY") for n in (1, 2)))
    commit_sync(accounts, pending_put=[export(1, rule="other"), export(2, after='{"mail":"newer"}')])
    kept, fresh = one(accounts, 1), one(accounts, 2)
    assert (kept["state"], kept["attempts"], kept["code"], kept["rule"]) == ("failed", 1, "BUSY", "other")
    assert kept["due_at"] == micros(LATER)
    assert (fresh["state"], fresh["attempts"], fresh["code"], fresh["due_at"]) == ("pending", 0, "", None)
    assert claimed(accounts) == [2]


def test_a_change_without_an_answer_is_never_sent_blindly(accounts: Store):
    commit_sync(accounts, pending_put=[export(3, "create")])
    record(accounts, result(3, "create", "unknown"))
    commit_sync(accounts, pending_put=[export(3, "create", after='{"mail":"other"}')])
    assert states(accounts) == {3: "unknown"}
    assert one(accounts, 3)["after"] == '{"mail":"other"}'
    assert claimed(accounts, now=LATER) == []


def test_an_exported_change_wanted_again_is_pending_again(accounts: Store):
    commit_sync(accounts, pending_put=[export(1)])
    record(accounts, result(1, "update", doc="{}"))
    commit_sync(accounts, pending_put=[export(1)])
    assert states(accounts) == {1: "pending"}
    assert claimed(accounts) == [1]


def test_withdrawn_changes_go_with_their_references(accounts: Store):
    commit_sync(accounts, pending_put=[export(1), export(2)], pending_edges_put=[reference(1, 2), reference(2, 1)])
    commit_sync(accounts, pending_removed=[{"id": 1}])
    assert states(accounts) == {2: "pending"}
    assert [r["object_id"] for r in rows(accounts.pending.read_pending_edges("ad"))] == [2]


def test_references_wait_for_what_they_refer_to(accounts: Store):
    commit_sync(accounts, pending_put=[export(3, "create")], pending_edges_put=[reference(1, 3)])
    assert claimed(accounts) == [3]
    edge = rows(accounts.pending.read_pending_edges_of([1]))[0]
    assert (edge["dst_object"], edge["dst_is_planned"], edge["dst_dn"]) == (3, 1, "CN=u3,DC=x")
    record(accounts, result(3, "create", doc="{}", anchor="g3"))
    assert claimed(accounts) == [1]
    edge = rows(accounts.pending.read_pending_edges_of([1]))[0]
    assert (edge["dst_is_planned"], edge["dst_anchor"]) == (0, "g3")
    only = rows(accounts.pending.claim("ad", now=NOW))[0]
    assert (only["operation"], only["before"], only["after"], only["identity_id"]) == ("update", None, None, 1)


def test_sent_references_are_in_the_connector_space_and_the_rest_stays_to_be_sent(accounts: Store):
    commit_import(accounts, "ad", edges_added=[(1, "member", "CN=u2,DC=x")])
    put = [reference(1, 2, change="remove"), reference(1, 1), reference(1, 3), reference(1, dst_text="CN=else")]
    commit_sync(accounts, pending_put=[export(1)], pending_edges_put=put)
    sent = [{**put[0], "dst": "CN=u2,DC=x"}, {**put[1], "dst": "CN=u1,DC=x"}]
    record(accounts, result(1, "update", doc="{}"), edges=sent)
    assert {r["dst"] for r in rows(accounts.connector_space.read_edges("ad"))} == {"CN=u1,DC=x"}
    waiting = rows(accounts.pending.read_pending_edges_of([1]))
    assert {(r["dst_object"], r["dst_text"]) for r in waiting} == {(3, None), (None, "CN=else")}
    left = rows(accounts.pending.claim("ad", now=NOW))[0]
    assert (left["object_id"], left["operation"], left["after"]) == (1, "update", None)
    record(accounts, result(1, "update", doc="{}"), edges=[{**put[3], "dst": "CN=else"}])
    assert claimed(accounts) == []
    assert states(accounts) == {1: "pending"}


def test_a_failed_operation_leaves_its_references_to_be_sent(accounts: Store):
    commit_sync(accounts, pending_put=[export(1)], pending_edges_put=[reference(1, 2)])
    record(accounts, result(1, "update", "failed", due_at=micros(LATER)))
    assert len(accounts.pending.read_pending_edges_of([1])) == 1
    assert len(accounts.connector_space.read_edges("ad")) == 0


def test_the_same_reference_twice_is_one(accounts: Store):
    for _ in range(2):
        commit_sync(accounts, pending_edges_put=[reference(1, 2), reference(1, dst_text="x")])
    assert len(accounts.pending.read_pending_edges("ad")) == 2
    commit_sync(accounts, pending_edges_removed=[reference(1, 2)])
    assert [r["dst_text"] for r in rows(accounts.pending.read_pending_edges("ad"))] == ["x"]


def test_an_import_confirms_what_it_shows_and_names_what_it_does_not(accounts: Store):
    commit_sync(
        accounts,
        pending_put=[export(1), export(2), export(3, "create")],
        pending_edges_put=[reference(1, 2), reference(2, 1)],
    )
    sent = [{**reference(n, 3 - n), "dst": f"CN=u{3 - n},DC=x"} for n in (1, 2)]
    record(accounts, *(result(n, "update", doc="{}") for n in (1, 2)), edges=sent)
    missing = {"object_id": 2, "state": "failed", "code": "NOT_CONFIRMED", "message": "mail is old", "due_at": None}
    settled = accounts.pending.settle("ad", not_confirmed(missing))
    assert (settled.confirmed, settled.not_confirmed, settled.requeued) == (1, 1, 0)
    assert states(accounts) == {2: "failed", 3: "pending"}
    assert (one(accounts, 2)["code"], one(accounts, 2)["message"]) == ("NOT_CONFIRMED", "mail is old")
    assert len(accounts.pending.read_pending_edges("ad")) == 0


def test_an_import_answers_what_was_unknown(accounts: Store):
    commit_import(accounts, "ad", added=[add(n, dn=f"CN=u{n},DC=x", type="user") for n in (5, 6)])
    commit_sync(accounts, objects_planned=[planned(4)], pending_put=[
        export(3, "create"), export(4, "create"), export(5, "delete"), export(6, "delete"), export(1),
    ])  # fmt: skip
    record(accounts, *(result(n, o, "unknown") for n, o in
                       [(3, "create"), (4, "create"), (5, "delete"), (6, "delete"), (1, "update")]))  # fmt: skip
    gone = {"id": 5, "type": "user", "anchor": "a5", "before": "{}"}
    commit_import(accounts, "ad", updated=[add(3, type="user")], removed=[gone])
    settled = accounts.pending.settle("ad", not_confirmed())
    assert (settled.confirmed, settled.not_confirmed, settled.requeued) == (2, 0, 3)
    assert states(accounts) == {4: "pending", 6: "pending", 1: "pending"}


def test_an_import_of_one_system_settles_nothing_of_another(accounts: Store):
    commit_sync(accounts, pending_put=[export(1)])
    record(accounts, result(1, "update", doc="{}"))
    assert accounts.pending.settle("crm", not_confirmed()).confirmed == 0
    assert states(accounts) == {1: "exported"}


def test_an_operation_is_in_the_journal_before_and_after(accounts: Store):
    commit_sync(accounts, pending_put=[export(1)])
    activity = begin(accounts, "export")
    entry = frame(JournalEntries, {"object_id": 1, "operation": "update", "anchor": "a1"})
    accounts.pending.journal("ad", entry, activity=activity)
    sql = "select activity, object_id, system, operation, state, anchor, code, message from journal"
    assert accounts._database.rows(sql) == [(activity, 1, "ad", "update", "sending", "a1", "", "")]
    refused = frame(ExportResults, result(1, "update", "failed", code="DENIED", message="no"))
    accounts.pending.record("ad", refused, activity=activity)
    assert accounts._database.rows(sql) == [(activity, 1, "ad", "update", "failed", "a1", "DENIED", "no")]


def test_an_operation_whose_answer_was_not_recorded_is_unknown_once_its_run_has_ended(accounts: Store):
    commit_sync(accounts, pending_put=[export(1), export(2)])
    activity = begin(accounts, "export")
    entries = [{"object_id": n, "operation": "update"} for n in (1, 2)]
    accounts.pending.journal("ad", frame(JournalEntries, *entries), activity=activity)
    accounts.pending.record("ad", frame(ExportResults, result(1, "update", doc="{}")), activity=activity)
    accounts.activities.finish(activity, ActivityState.FAILED, now=LATER)
    assert states(accounts) == {1: "exported", 2: "unknown"}
    assert accounts._database.rows("select object_id, state from journal order by 1") == [(1, "done"), (2, "unknown")]
    assert claimed(accounts) == []


def test_an_anchor_given_twice_is_the_connectors_fault_and_nothing_is_recorded(accounts: Store):
    commit_sync(accounts, pending_put=[export(3, "create"), export(1)])
    with pytest.raises(ContractBroken, match="object 3 the anchor 'a2', which object 2 has"):
        record(accounts, result(3, "create", doc="{}", anchor="a2"), result(1, "update", doc="{}"))
    assert states(accounts) == {1: "pending", 3: "pending"}


def test_a_run_that_lost_its_turn_records_nothing(accounts: Store):
    commit_sync(accounts, pending_put=[export(1)])
    mine = accounts.leases.acquire("ad", "me", 60, now=NOW)
    accounts.leases.acquire("ad", "me", 60, now=NOW)
    results = frame(ExportResults, result(1, "update", doc='{"x":"y"}'))
    with pytest.raises(PlanStale):
        accounts.pending.record("ad", results, activity=begin(accounts), leases=[mine])
    assert states(accounts) == {1: "pending"}
    assert one(accounts, 1)["attempts"] == 0


def test_claims_stay_quick_whatever_waits_behind_them(accounts: Store):
    many = 20_000
    put = [export(n, "create", after=None) for n in range(100, 100 + many)]
    commit_sync(accounts, pending_put=put)
    text = accounts.pending.claim("ad", now=NOW, limit=10).table
    assert text.num_rows == 10
    if accounts._database.dialect.name == "sqlite":
        values = {"system": "ad", "now": 0, "limit": 10}
        plan = accounts._database.rows("explain query plan " + load_queries("pending")["claim"], values)
        assert any("pending_place" in str(row[-1]) for row in plan)
        inner = [str(row[-1]) for row in plan]
        assert not any("SCAN p" in step for step in inner), inner


def test_ids_may_come_as_arrow_columns(accounts: Store):
    commit_sync(accounts, pending_edges_put=[reference(1, 2)])
    assert len(accounts.pending.read_pending_edges_of(pa.chunked_array([[1], [2]]))) == 1
