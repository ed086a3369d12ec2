"""Activities and the audit trail: who did what, how far, and what came of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from store_builders import LATER, NOW, begin, frame

from accord.model.errors import NotFound, RowError
from accord.model.plan import Count
from accord.store import Store
from accord.store.activities import (
    ActivityFilter,
    ActivityItems,
    ActivityOrder,
    ActivityState,
    NewActivity,
    items_of_errors,
)
from accord.store.audit import Deed
from accord.store.times import iso

COUNTS = (Count(area="connector space", system="hr", object_type="person", operation="add", count=2),)


def test_an_activity_is_told_from_beginning_to_end(opener: Callable[..., Store]):
    with opener() as store:
        parent = begin(store)
        new = NewActivity(kind="import", actor="ann", system="hr", profile="full", reason="why", parent=parent)
        made = store.activities.begin(new, now=NOW)
        assert (made.state, made.parent, made.started_at) == (
            ActivityState.RUNNING, parent, "2026-03-01T12:00:00.000000Z"
        )  # fmt: skip
        store.activities.phase(made.id, "read", now=NOW, total=10)
        store.activities.phase(made.id, "read", now=LATER, done=4, total=10)
        store.activities.end_phase(made.id, "read", now=LATER, message="10 rows")
        store.activities.phase(made.id, "commit", now=LATER)
        store.activities.set_plan(made.id, "P7")
        store.activities.finish(
            made.id, ActivityState.DONE_WITH_ERRORS, now=LATER, message="1 row is bad", counts=COUNTS
        )
    with opener() as store:
        found = store.activities.read(made.id)
        assert (found.state, found.ended_at) == (ActivityState.DONE_WITH_ERRORS, "2026-03-01T13:00:00.000000Z")
        assert (found.kind, found.actor, found.system, found.profile, found.reason) == (
            "import", "ann", "hr", "full", "why"
        )  # fmt: skip
        assert (found.message, found.counts, found.plan_id) == ("1 row is bad", COUNTS, "P7")
        read, commit = found.phases
        assert (read.name, read.done, read.total, read.message) == ("read", 4, 10, "10 rows")
        assert (read.started_at, read.ended_at) == ("2026-03-01T12:00:00.000000Z", "2026-03-01T13:00:00.000000Z")
        assert (commit.name, commit.ended_at) == ("commit", "")
        assert store.activities.read_by_guid(made.guid) == found


def test_an_activity_without_a_plan_has_none(store: Store):
    found = store.activities.read(begin(store))
    assert (found.plan_id, found.parent, found.ended_at) == (None, None, None)


def test_a_missing_activity_is_not_found(store: Store):
    with pytest.raises(NotFound):
        store.activities.read(99)
    with pytest.raises(NotFound):
        store.activities.read_by_guid("nope")


def test_activities_are_listed_newest_first_by_system_and_state(store: Store):
    ids = [
        store.activities.begin(NewActivity(kind="import", actor="a", system=system), now=NOW).id
        for system in ("hr", "ad", "hr")
    ]
    store.activities.finish(ids[0], ActivityState.DONE, now=LATER)

    def listed(**options) -> list[int]:
        return [a.id for a in store.activities.list(**options)]

    assert listed() == ids[::-1]
    assert listed(system="hr") == [ids[2], ids[0]]
    assert listed(state=ActivityState.DONE) == [ids[0]]
    assert listed(before=ids[2], limit=1) == [ids[1]]


def test_activities_are_found_by_what_they_counted_and_in_any_order(store: Store):
    def ended(system: str, *counted: tuple[str, str, int]) -> int:
        made = store.activities.begin(NewActivity(kind="import", actor="a", system=system), now=NOW).id
        counts = [Count(area=a, system=system, object_type="add", operation=o, count=n) for a, o, n in counted]
        store.activities.finish(made, ActivityState.DONE, now=LATER, counts=counts)
        return made

    added = ended("hr", ("connector space", "add", 2), ("errors", "import", 1))
    updated = ended("ad", ("connector space", "update", 1), ("metaverse", "add", 1))
    nothing = ended("zz", ("connector space", "add", 0))

    def found(*counted: tuple[str, str]) -> list[int]:
        return [a.id for a in store.activities.find(ActivityFilter(counted=counted))]

    assert found(("connector space", "add")) == [added], "neither another area's, nor nothing at all"
    assert found(("connector space", "add"), ("connector space", "update")) == [updated, added]
    assert found(("errors", "*")) == [added]
    assert store.activities.count(ActivityFilter(counted=(("errors", "*"),))) == {ActivityState.DONE: 1}
    by_system = store.activities.find(ActivityFilter(), order=ActivityOrder.SYSTEM, is_descending=False)
    assert [a.id for a in by_system] == [updated, added, nothing]


def test_items_follow_each_other_and_are_read_in_pages(store: Store):
    activity, other = begin(store), begin(store)
    errors = [RowError(code="BAD_VALUE", message=f"row {n}", at=f"row {n}", anchor=None) for n in range(3)]
    store.activities.add_items(activity, items_of_errors(errors, operation="import"))
    done = {"object_id": 5, "outcome": "done", "operation": "create"}
    store.activities.add_items(activity, frame(ActivityItems, done))
    store.activities.add_items(other, frame(ActivityItems, done))
    store.activities.add_items(activity, ActivityItems.empty())
    items = store.activities.items(activity).table.to_pylist()
    assert [item["seq"] for item in items] == [1, 2, 3, 4]
    assert (items[1]["code"], items[1]["at"], items[1]["outcome"]) == ("BAD_VALUE", "row 1", "error")
    assert store.activities.items(activity, outcome="done").table["object_id"].to_pylist() == [5]
    assert store.activities.items(activity, after=1, limit=2).table["seq"].to_pylist() == [2, 3]


def test_activities_are_found_by_what_they_are_and_pages_keep_their_places(store: Store):
    for number in range(6):
        new = NewActivity(
            kind="import" if number % 2 else "export", actor=f"p{number % 3}", system="hr", state=ActivityState.QUEUED,
            task=f"t{number}", systems=("hr",), parent=1 if number == 5 else None, parameters={"n": number},
        )  # fmt: skip
        store.activities.begin(new, now=NOW + timedelta(minutes=number))
    ids = [a.id for a in store.activities.find(ActivityFilter(), limit=2)]
    begin(store)
    rest = store.activities.find(ActivityFilter(), before=ids[-1], limit=2)
    assert [a.parameters["n"] for a in rest] == [3, 2]
    found = store.activities.find(ActivityFilter(kinds=("import", "sync"), actor="p0"))
    assert [a.parameters["n"] for a in found] == [3]
    assert [a.task for a in store.activities.find(ActivityFilter(parent=1))] == ["t5"]
    since = ActivityFilter(since=iso(NOW + timedelta(minutes=4)), until=iso(NOW + timedelta(minutes=5)))
    assert [a.task for a in store.activities.find(since)] == ["t4"]
    assert store.activities.count(ActivityFilter(system="hr", is_top=True)) == {ActivityState.QUEUED: 5}
    assert store.activities.read_by_task("t2").parameters == {"n": 2}


def test_one_key_is_one_activity(store: Store):
    new = NewActivity(kind="import", actor="ann", state=ActivityState.QUEUED, task="t", key="monday")
    first = store.activities.begin(new, now=NOW)
    assert store.activities.begin(replace(new, task="other"), now=NOW) == first


def test_a_turn_is_given_once_and_in_the_order_of_asking(store: Store):
    def ask(*systems: str) -> int:
        new = NewActivity(
            kind="import", actor="ann", state=ActivityState.QUEUED, task="t", systems=systems, system=systems[0]
        )
        return store.activities.begin(new, now=NOW).id

    hr, both, ad, other = ask("hr"), ask("hr", "ad"), ask("ad"), ask("sap")
    assert len(store.jobs.ready()) == 2
    start = lambda job: store.jobs.start(job, session="s", now=NOW)  # noqa: E731
    assert start(both) is None
    assert start(hr) is not None
    assert start(hr) is None
    assert start(other) is not None
    assert start(ad) is None
    assert store.jobs.ahead_of(both).id == hr
    assert store.jobs.ahead_of(ad).id == both
    assert store.jobs.cancel(both, by="ann", now=NOW).state is ActivityState.CANCELLED
    assert start(ad) is not None


def test_activity_ids_are_never_given_twice(opener: Callable[..., Store]):
    with opener() as store:
        last = begin(store)
        store.control.execute("delete from activity")
    with opener() as store:
        assert begin(store) == last + 1


def test_the_audit_trail_keeps_deeds_in_order(store: Store):
    for number in range(3):
        deed = Deed(actor="ann", action="release", subject=f"P{number}", reason="why", detail={"from": "10.0.0.1"})
        store.audit.add(deed, at=NOW + timedelta(minutes=number))
    found = store.audit.list()
    assert [entry.deed.subject for entry in found] == ["P0", "P1", "P2"]
    assert found[1].at == "2026-03-01T12:01:00.000000Z"
    assert found[0].deed.detail == {"from": "10.0.0.1"}
    assert [entry.deed.subject for entry in store.audit.list(after=found[0].seq, limit=1)] == ["P1"]
