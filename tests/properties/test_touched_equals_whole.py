"""What a change of outbound rules alone touches is planned as if everything were, whatever the world and the rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from accord.model.plan import PlanHeader, SyncPlan
from accord.model.rules import OutboundRule, RuleSet
from accord.runs.export_run import run_export
from accord.runs.loading import read_versions
from accord.runs.sync_run import run_plan, run_sync
from properties.machine import WORLDS, Row, filled
from properties.rule_sets import outbound_rules, rule_sets
from properties.twins import Half, Twins

_MANY = settings.get_current_profile_name() == "nightly"
_SETTINGS = settings(
    max_examples=500 if _MANY else 3,
    deadline=None,
    derandomize=not _MANY,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
_SETTLES_WITHIN = 4
_CHANGES = ("flows", "flow", "flow", "rule")


@_SETTINGS
@given(data=st.data(), rules=rule_sets(), rows=WORLDS)
def test_a_change_of_outbound_rules_is_planned_as_if_everything_were(
    data: st.DataObject, rules: RuleSet, rows: dict[str, dict[str, Row]]
) -> None:
    assume(rules.outbound)
    with _settled(rules, rows, is_sent=data.draw(st.booleans())) as (world, half):
        world.set_rules(data.draw(_changed(rules)))
        is_settled = _is_settled(half)
        event(f"settled: {is_settled}")
        narrow, said, told = _plan(half)
        event(f"narrowed: {bool(told)}")
        half.store.settled.save({}, "", {})
        whole, rather, _ = _plan(half)
        assert [n for n in whole.frames() if n != "origins" and not _same(narrow, whole, n)] == []
        assert (said.counts, said.verdict) == (rather.counts, rather.verdict)


@st.composite
def _changed(draw: st.DrawFn, rules: RuleSet) -> RuleSet:
    """Return the rules with one outbound rule changed: one of its flows, all of them, or all but its place."""
    position = draw(st.integers(0, len(rules.outbound) - 1))
    rule = rules.outbound[position]
    other: OutboundRule = draw(outbound_rules(rule.name, rule.system, rule.object_type, rule.identity_type))
    match draw(st.sampled_from(_CHANGES)):
        case "flow":
            fresh = {f.target: f for f in other.flows}
            kept = [f for f in rule.flows if f.target not in fresh]
            flows = (*kept, *fresh.values()) if draw(st.booleans()) else (*rule.flows[1:], *other.flows[:1])
            changed = replace(rule, flows=tuple({f.target: f for f in flows}.values()))
        case "flows":
            changed = replace(rule, flows=other.flows)
        case _:
            changed = replace(other, order=rule.order, slot=rule.slot)
    return replace(rules, outbound=(*rules.outbound[:position], changed, *rules.outbound[position + 1 :]))


@contextmanager
def _settled(rules: RuleSet, rows: dict[str, dict[str, Row]], *, is_sent: bool) -> Iterator[tuple[Twins, Half]]:
    """Give a world synchronised until nothing is left, with its accounts there or still waiting to be."""
    world = _One(rules)
    try:
        filled(world, rows)
        half = world.whole
        for _ in range(_SETTLES_WITHIN):
            run_sync(half.context)
            if _is_settled(half):
                break
            for target in sorted({o.system for o in rules.outbound}) if is_sent else ():
                half.answers = iter(["done"] * 1000)
                run_export(half.context, target)
                world.read(target)
        yield world, half
    finally:
        world.close()


def _is_settled(half: Half) -> bool:
    return half.store.settled.parts(read_versions(half.context)) is not None


class _One(Twins):
    def others(self) -> tuple[Half, ...]:
        return (self.whole,)


def _plan(half: Half) -> tuple[SyncPlan, PlanHeader, str]:
    result = run_plan(half.context)
    header, plan = half.store.plans.read_plan(result.plan_id or "")
    assert isinstance(plan, SyncPlan)
    return plan, header, result.activity.message


def _same(one: SyncPlan, other: SyncPlan, name: str) -> bool:
    return one.frames()[name].table.equals(other.frames()[name].table)
