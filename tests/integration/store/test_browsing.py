"""Looking through a store: every filter finds what it says, the same on both databases."""

from accord.store.activities import ActivityFilter
from accord.store.browsing import ObjectFilter, PendingFilter, RemovedFilter, Slice
from accord.store.history import Subject
from worlds import World, people

SYSTEM = "directory"
ROWS = Slice(limit=1000)


def test_every_filter_finds_what_it_says_and_as_many_as_it_counts(settled: World) -> None:
    store = settled.context.store
    browsing = store.browsing
    everything = browsing.objects(SYSTEM, ROWS)
    assert everything
    anchor, how = str(everything[0]["anchor"]), str(everything[0]["how"])
    alike = sum(anchor in f"{row['anchor']}{row['doc']}" for row in everything)
    for wanted, expected in (
        (ObjectFilter(status="there"), len(everything)), (ObjectFilter(status="planned"), 0),
        (ObjectFilter(status="obsolete"), 0), (ObjectFilter(how=how), len(everything)),
        (ObjectFilter(how=how, text=anchor), alike),
        (ObjectFilter(how="none"), 0), (ObjectFilter(below="dc=nowhere"), 0),
    ):  # fmt: skip
        assert browsing.count_objects(SYSTEM, wanted) == len(browsing.objects(SYSTEM, ROWS, wanted)) == expected, wanted
    assert browsing.count_pending(SYSTEM, PendingFilter(operations=("create", "update"), state="pending")) == 0
    assert browsing.count_pending(SYSTEM, PendingFilter(code="X", not_code="Y", text="a")) == 0
    assert browsing.pending(SYSTEM, ROWS, text="a") == []


def test_what_is_gone_is_found_with_when_that_was(settled: World) -> None:
    store = settled.context.store
    gone = RemovedFilter(kind=Subject.OBJECT, system="hr")
    before, changes = store.browsing.count_removed(gone), store.browsing.count_changes("hr")
    settled.write_hr(people(24))
    settled.import_("hr")
    found = store.browsing.removed(gone, ROWS)
    assert len(found) == store.browsing.count_removed(gone) == before + 1
    assert store.browsing.count_changes("hr") == changes + 1
    assert found[0]["anchor"] == "E025"
    moments = store.activities.moments({row["activity"] for row in found})
    assert all(moments.values())
    assert store.activities.moments(()) == {}
    assert store.browsing.count_removed(RemovedFilter(kind=Subject.IDENTITY, text="nobody")) == 0


def test_who_began_something_is_found_by_name_with_and_without_what_they_are(settled: World) -> None:
    activities = settled.context.store.activities
    [newest, *_] = activities.list(limit=1)
    name = newest.actor.rpartition(":")[2]
    assert newest.id in {a.id for a in activities.find(ActivityFilter(actor=name))}
    assert newest.id in {a.id for a in activities.find(ActivityFilter(actor=newest.actor))}
    assert activities.find(ActivityFilter(actor=name[1:])) == ()
