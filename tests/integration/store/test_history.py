"""History: every earlier state can be told from the present and what was kept at each change."""

import random

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
    record,
    reference,
    result,
)

from accord.model.frames import GoneIdentities
from accord.model.plan import SyncPlan
from accord.store import Store
from accord.store.history import Subject


def told(store: Store, kind: Subject, subject: int) -> list[tuple]:
    return [(c.activity, c.operation, c.before, c.after) for c in store.history.timeline(kind, subject)
            if c.kind == kind]  # fmt: skip


def changed(id_: int, doc: str, before: str | None, **more) -> dict:
    return {**add(id_, doc), "before": before, **more}


def test_the_life_of_an_object_is_told_from_its_beginning_to_its_end(store: Store):
    first = commit_import(store, added=[add(1, '{"n":"1"}', dn="CN=old")])
    second = commit_import(store, updated=[changed(1, '{"n":"2"}', '{"n":"1"}', dn="CN=new")])
    timeline = store.history.timeline(Subject.OBJECT, 1)
    assert [(c.activity, c.operation, c.before, c.after) for c in timeline] == [
        (first, "add", None, '{"n":"1"}'), (second, "update", '{"n":"1"}', '{"n":"2"}')
    ]  # fmt: skip
    assert [(c.before_dn, c.after_dn) for c in timeline] == [(None, "CN=old"), ("CN=old", "CN=new")]
    gone = {"id": 1, "type": "person", "anchor": "a1", "before": '{"n":"2"}'}
    third = commit_import(store, removed=[gone])
    assert told(store, Subject.OBJECT, 1) == [
        (first, "add", None, '{"n":"1"}'),
        (second, "update", '{"n":"1"}', '{"n":"2"}'),
        (third, "remove", '{"n":"2"}', None),
    ]
    states = [store.history.state_at(Subject.OBJECT, 1, a) for a in (first - 1, first, second, third)]
    assert states == [None, '{"n":"1"}', '{"n":"2"}', None]


def test_an_addition_costs_no_history_row(store: Store):
    activity = commit_import(store, added=[add(1)], edges_added=[(1, "boss", "x")])
    assert store.history.changes_of(activity).num_rows == 0
    activity = commit_sync(store, identities_added=[person(1), person(2)], links_added=[link(1, 1)],
                           identity_edges_added=[{"src": 1, "attr": "m", "dst": 2}])  # fmt: skip
    assert store.history.changes_of(activity).num_rows == 0


def test_the_life_of_an_identity_is_told_with_its_references(store: Store):
    edge = {"src": 1, "attr": "manager", "dst": 2}
    first = commit_sync(store, identities_added=[person(1, '{"n":"1"}'), person(2)])
    second = commit_sync(
        store, identities_updated=[person(1, '{"n":"2"}', before='{"n":"1"}')], identity_edges_added=[edge]
    )
    third = begin(store)
    waiting = SyncPlan(identities_gone=frame(GoneIdentities, {"id": 1, "gone_since": 5}))
    store.plans.commit_sync([waiting], activity=third, versions={})
    fourth = commit_sync(store, identities_removed=[{"id": 1, "type": "person", "before": "x"}])
    assert told(store, Subject.IDENTITY, 1) == [
        (first, "add", None, '{"n":"1"}'),
        (second, "update", '{"n":"1"}', '{"n":"2"}'),
        (third, "update", '{"n":"2"}', '{"n":"2"}'),
        (fourth, "remove", '{"n":"2"}', None),
    ]
    edges = [(c.activity, c.operation, c.attribute, c.destination)
             for c in store.history.timeline(Subject.IDENTITY, 1) if c.kind == "identity_edge"]  # fmt: skip
    assert edges == [(second, "add", "manager", "2"), (fourth, "remove", "manager", "2")]
    assert told(store, Subject.IDENTITY, 2)[0][0] == first


def test_the_life_of_an_account_is_told_through_planning_sending_and_ending(store: Store):
    planning = commit_sync(
        store,
        identities_added=[person(1)],
        objects_planned=[planned(5)],
        links_added=[link(5, 1)],
        pending_put=[export(5, "create")],
        pending_edges_put=[reference(5, dst_text="CN=boss")],
    )
    sent = [{**reference(5, dst_text="CN=boss"), "dst": "CN=boss"}]
    creating = record(store, result(5, "create", doc='{"m":"1"}', anchor="g"), edges=sent)
    deleting = record(store, result(5, "delete"))
    told_all = [(c.activity, c.kind, c.operation) for c in store.history.timeline(Subject.OBJECT, 5)]
    assert told_all[:3] == [
        (planning, "object", "add"), (creating, "object", "update"), (creating, "edge", "add")
    ]  # fmt: skip
    assert sorted(told_all[3:]) == [
        (deleting, "edge", "remove"), (deleting, "link", "remove"), (deleting, "object", "remove")
    ]  # fmt: skip
    states = [store.history.state_at(Subject.OBJECT, 5, a) for a in (planning, creating, deleting)]
    assert states == [None, '{"m":"1"}', None]


def test_a_removed_link_is_kept_with_identity_and_rule(store: Store):
    commit_import(store, added=[add(1)])
    commit_sync(store, identities_added=[person(4)], links_added=[link(1, 4)])
    activity = commit_sync(store, links_removed=[link(1, 4)])
    row = store.history.changes_of(activity).to_pylist()[0]
    assert (row["kind"], row["subject"], row["operation"], row["dst"], row["attr"], row["type"]) == (
        "link", 1, "remove", "4", "hr-in", "projected"
    )  # fmt: skip


def test_a_removed_object_is_kept_with_all_that_names_it(store: Store):
    first = commit_import(store, added=[add(1, '{"n":"1"}', dn="CN=x")], edges_added=[(1, "boss", "b")])
    activity = commit_import(store, removed=[{"id": 1, "type": "person", "anchor": "a1", "before": "{}"}])
    kept = {row["kind"]: row for row in store.history.changes_of(activity).to_pylist()}
    names = ("before", "before_dn", "system", "type", "anchor", "created_by")
    assert tuple(kept["object"][n] for n in names) == ('{"n":"1"}', "CN=x", "hr", "person", "a1", first)
    assert (kept["edge"]["attr"], kept["edge"]["dst"], kept["edge"]["operation"]) == ("boss", "b", "remove")


@pytest.mark.parametrize("seed", range(3))
def test_every_state_of_a_random_past_is_told_exactly(store: Store, seed: int):
    chance = random.Random(seed)  # noqa: S311 - a repeatable past, not a secret
    now: dict[int, str] = {}
    past: dict[int, dict[int, str]] = {}
    next_id = 1
    for turn in range(12):
        docs = {id_: f'{{"t":"{turn}"}}' for id_ in now if chance.random() < 0.3}
        gone = [id_ for id_ in now if id_ not in docs and chance.random() < 0.2]
        new = list(range(next_id, next_id + chance.randint(0, 3)))
        next_id += len(new)
        activity = commit_import(
            store,
            added=[add(id_, f'{{"new":"{turn}"}}') for id_ in new],
            updated=[changed(id_, doc, now[id_]) for id_, doc in docs.items()],
            removed=[{"id": id_, "type": "person", "anchor": f"a{id_}", "before": now[id_]} for id_ in gone],
        )
        kept = {id_: doc for id_, doc in now.items() if id_ not in gone}
        now = kept | docs | dict.fromkeys(new, f'{{"new":"{turn}"}}')
        past[activity] = now
    for activity, state in past.items():
        for id_ in range(1, next_id):
            assert store.history.state_at(Subject.OBJECT, id_, activity) == state.get(id_), (activity, id_)
