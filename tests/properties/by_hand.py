"""Small worlds by hand, over the universe of `rule_sets`, and the question whether engine and oracle agree on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accord.model.joins import JoinKey, JoinRule
from accord.model.rules import DeletionRule, Flow, IdentityAttribute, IdentityType, InboundRule, OutboundRule, RuleSet
from accord.sync.compiling import compile_rules
from oracle import Decided, Identity, Link, Staged, State, synchronise
from properties.rule_sets import PERSON, SYSTEMS
from properties.stored import commit, plan_of
from properties.world import differences

NOW = datetime(2026, 1, 10, tzinfo=UTC)


def disagreements(state: State, rules: RuleSet) -> list[str]:
    """Return what engine and oracle do not agree on; also whatever a second synchronisation would still change."""
    state.next_object = max([1, *(o + 1 for o in state.objects)])
    state.next_identity = max([1, *(i + 1 for i in state.identities)])
    compiled = compile_rules(rules)
    plan = plan_of(state, compiled, NOW)
    after = commit(state, plan)
    found = differences(state, decided(state, rules), plan, after)
    again = plan_of(after, compiled, NOW)
    if not again.is_empty:
        found.append(f"the second plan is not empty: {[n for n, f in again.frames().items() if len(f)]}")
    return found


def decided(state: State, rules: RuleSet) -> Decided:
    """Return what the oracle decides."""
    return synchronise(state, rules, now=int(NOW.timestamp() * 1_000_000))


def days_ago(days: int) -> int:
    return int((NOW - timedelta(days=days)).timestamp() * 1_000_000)


def rules(*some: InboundRule | OutboundRule, person: IdentityType | None = None) -> RuleSet:
    return RuleSet(
        systems=SYSTEMS,
        identity_types={"person": person or person_type()},
        inbound=tuple(r for r in some if isinstance(r, InboundRule)),
        outbound=tuple(r for r in some if isinstance(r, OutboundRule)),
    )


def person_type(deletion: DeletionRule | None = None, **options: dict[str, Any]) -> IdentityType:
    attributes = {a.name: IdentityAttribute(schema=a, **options.get(a.name, {})) for a in PERSON}
    return IdentityType(name="person", attributes=attributes, deletion=deletion or DeletionRule())


def inbound(name: str, system: str = "s1", object_type: str = "row", **options: Any) -> InboundRule:
    return InboundRule(name=name, system=system, object_type=object_type, identity_type="person", **options)


def outbound(name: str, system: str = "named", **options: Any) -> OutboundRule:
    return OutboundRule(name=name, system=system, object_type="user", identity_type="person", **options)


def flows(**expressions: str) -> tuple[Flow, ...]:
    return tuple(Flow(target=t, expression=e) for t, e in expressions.items())


def join(*keys: tuple[str, str]) -> JoinRule:
    return JoinRule(keys=tuple(JoinKey(expression=e, attribute=a) for e, a in keys))


def row(code: str, system: str = "s1", **values: Any) -> Staged:
    return Staged(system=system, type="row", anchor=code, dn=None, values={"code": code, **values})


def user(anchor: str, dn: str | None = None, system: str = "named", **values: Any) -> Staged:
    return Staged(system=system, type="user", anchor=anchor, dn=dn, values=values)


def planned(dn: str) -> Staged:
    return Staged(system="named", type="user", anchor=None, dn=dn, values=None)


def identity(**values: Any) -> Identity:
    return Identity(type="person", values=values)


def link(identity_id: int, rule: str, how: str = "projected") -> Link:
    return Link(identity_id=identity_id, rule=rule, how=how)
