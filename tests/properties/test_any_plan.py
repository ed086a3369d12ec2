"""What holds of every plan: the same when made twice, in any order of rows or partitions; nothing left once kept."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accord.model.plan import SyncPlan
from accord.model.rules import RuleSet
from properties.machine import WORLDS, Row, filled
from properties.rule_sets import rule_sets
from properties.stored import Shuffle, plan_of
from properties.world import World

_MANY = settings.get_current_profile_name() == "nightly"
_SETTINGS = settings(
    max_examples=500 if _MANY else 3,
    deadline=None,
    derandomize=not _MANY,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
_SETTLES_WITHIN = 4


@_SETTINGS
@given(rules=rule_sets(), rows=WORLDS, seed=st.integers(0, 1000))
def test_a_plan_does_not_depend_on_the_order_of_rows_and_is_the_same_each_time(
    rules: RuleSet, rows: dict[str, dict[str, Row]], seed: int
) -> None:
    world = _half_way(rules, rows)
    first = world.plan()
    assert _unequal(first, world.plan()) == []
    assert _unequal(first, plan_of(world.state, world.compiled, world.now, shuffled=Shuffle(seed))) == []


@_SETTINGS
@given(rules=rule_sets(), rows=WORLDS)
def test_a_plan_does_not_depend_on_the_number_of_partitions(rules: RuleSet, rows: dict[str, dict[str, Row]]) -> None:
    """The world is handed in by 1, 2 and 4 partitions of its ids, and computed by as many threads."""
    world = _half_way(rules, rows)
    first = world.plan()
    # Of a world in which nothing is left to do there is nothing to compare.
    assume(_filled(first))
    for partitions in (2, 4):
        assert _unequal(first, plan_of(world.state, world.compiled, world.now, partitions=partitions)) == []


@_SETTINGS
@given(rules=rule_sets(), rows=WORLDS)
def test_synchronising_again_changes_nothing_but_by_new_links(rules: RuleSet, rows: dict[str, dict[str, Row]]) -> None:
    """A join that looks at what a later rule contributes finds it one synchronisation later; nothing else may wait."""
    world = _half_way(rules, rows)
    world.sync()
    for _ in range(_SETTLES_WITHIN):
        again = world.sync()
        if again.is_empty:
            return
        assert len(again.links_added) or len(again.links_removed), _filled(again)
    raise AssertionError(f"still not settled: {_filled(again)}")


def _half_way(rules: RuleSet, rows: dict[str, dict[str, Row]]) -> World:
    """Return a world in the middle of its life: some accounts there, a row gone, another changed."""
    world = filled(World(rules), rows)
    world.sync()
    for target in ("named", "plain"):
        world.export(target, ["done", "refused", "done"])
    gone = min(rows["s1"])
    del world.systems["s1"][gone]
    for entry in list(world.systems["s2"].values())[:2]:
        entry.values = {**entry.values, "a": "y"}
    for system in ("s1", "s2", "named"):
        world.read(system)
    return world


def _unequal(one: SyncPlan, other: SyncPlan) -> list[str]:
    theirs = other.frames()
    return [name for name, frame in one.frames().items() if not frame.table.equals(theirs[name].table)]


def _filled(plan: SyncPlan) -> dict[str, list[Row]]:
    return {n: f.table.to_pylist() for n, f in plan.frames().items() if len(f)}
