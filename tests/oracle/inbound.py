"""Sections 1 to 4: scope, links that hold, joins and projections, contributions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from accord.model.joins import Comparison, JoinKey, JoinRule
from accord.model.rules import Flow, InboundRule, OnLeave
from accord.model.schema import AttributeSchema, ValueType
from oracle.likeness import MOST, score_of
from oracle.meaning import Failed
from oracle.run import Run, holds, texts, value_of
from oracle.state import Link, Review, Value

FAILED = object()
"""Stands where a flow gave no value because it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one object gives to its identity: attribute -> value, None or FAILED."""

    object_id: int
    values: dict[str, object]


def find_scopes(run: Run) -> None:
    """Section 1."""
    for rule in run.inbound:
        inside = run.scopes[rule.name] = set()
        for object_id in run.objects_of(rule.system, rule.object_type):
            if run.objects[object_id].is_planned:
                continue
            verdict = holds(rule.scope, run.object_row(object_id))
            if verdict is None:
                run.report("SCOPE_FAILED", rule.name, object_id=object_id)
            if verdict or (verdict is None and object_id in run.given.links):
                inside.add(object_id)


def keep_links(run: Run) -> None:
    """Section 2, but for what outbound rules decide."""
    outbound = {r.name for r in run.rules.outbound}
    remaining = {r.name for r in run.rules.inbound if r.on_leave is OnLeave.REMAIN}
    declared = {r.name for r in run.rules.inbound}
    for object_id, link in run.given.links.items():
        if object_id not in run.objects:
            continue
        is_free = link.rule not in declared and link.rule not in outbound and may_be_kept(run, object_id)
        if link.rule in outbound or link.rule in remaining or is_free or in_any_scope(run, object_id):
            run.links[object_id] = link


def in_any_scope(run: Run, object_id: int) -> bool:
    """Tell whether any inbound rule applies to the object."""
    return any(object_id in inside for inside in run.scopes.values())


def may_be_kept(run: Run, object_id: int) -> bool:
    """Tell whether outbound rules decide about the object's type."""
    staged = run.objects[object_id]
    return any((r.system, r.object_type) == (staged.system, staged.type) for r in run.rules.outbound)


def join_and_project(run: Run) -> None:
    """Section 3, all rules."""
    earlier: list[tuple[InboundRule, dict[int, Contribution]]] = []
    for rule in run.inbound:
        unlinked = [o for o in sorted(run.scopes[rule.name]) if o not in run.links and o not in run.held]
        for position, join in enumerate(rule.joins, start=1):
            unlinked = _join(run, rule, join, unlinked, earlier, how=f"joined by join {position}")
        if rule.projects:
            for object_id in unlinked:
                run.links[object_id] = Link(identity_id=run.next_identity, rule=rule.name, how="projected")
                run.kinds[run.next_identity] = rule.identity_type
                run.next_identity += 1
        earlier.append((rule, contribute(run, rule)))


def contribute(run: Run, rule: InboundRule) -> dict[int, Contribution]:
    """Section 4, one rule: identity -> contribution, with the links there are."""
    given: dict[int, Contribution] = {}
    for object_id in sorted(run.scopes[rule.name]):
        link = run.links.get(object_id)
        if link is None or run.kinds.get(link.identity_id) != rule.identity_type or link.identity_id in given:
            continue
        row = run.object_row(object_id)
        values: dict[str, object] = {}
        for flow, target in value_flows(run, rule):
            try:
                values[flow.target] = value_of(flow.expression, row, target)
            except Failed:
                values[flow.target] = FAILED
        given[link.identity_id] = Contribution(object_id=object_id, values=values)
    return given


def value_flows(run: Run, rule: InboundRule) -> list[tuple[Flow, AttributeSchema]]:
    """Return the rule's flows into values, with their targets."""
    found = [(f, run.attribute(rule.identity_type, f.target)) for f in rule.flows]
    return [(f, target) for f, target in found if target.type is not ValueType.REFERENCE]


def _join(
    run: Run,
    rule: InboundRule,
    join: JoinRule,
    unlinked: list[int],
    earlier: list[tuple[InboundRule, dict[int, Contribution]]],
    *,
    how: str,
) -> list[int]:
    matches: dict[int, list[int]] = {}
    left: list[int] = []
    for object_id in unlinked:
        found = _candidates(run, rule, join, object_id, earlier)
        if found:
            matches[object_id] = found
        elif object_id not in run.held:
            left.append(object_id)
    wanted = defaultdict(list)
    for object_id, found in matches.items():
        if len(found) == 1:
            wanted[found[0]].append(object_id)
    taken = {i for i in wanted if not rule.joins_many and run.plain(i, rule.system, rule.object_type)}
    for object_id, found in matches.items():
        identity_id = found[0]
        if len(found) > 1:
            run.report("JOIN_AMBIGUOUS", rule.name, object_id=object_id)
        elif identity_id in taken:
            run.report("JOIN_TAKEN", rule.name, object_id=object_id, identity_id=identity_id)
        elif len(wanted[identity_id]) > 1 and not rule.joins_many:
            run.report("JOIN_CONTESTED", rule.name, object_id=object_id, identity_id=identity_id)
        else:
            run.links[object_id] = Link(identity_id=identity_id, rule=rule.name, how=how)
            continue
        run.held.add(object_id)
    return left


def _candidates(
    run: Run,
    rule: InboundRule,
    join: JoinRule,
    object_id: int,
    earlier: list[tuple[InboundRule, dict[int, Contribution]]],
) -> list[int]:
    """Return whom an object matches; nobody, and the object held, where that cannot be told or is for a person."""
    try:
        keys = _values(run, rule, join.keys, object_id)
        theirs = _values(run, rule, join.fuzzy.comparisons if join.fuzzy is not None else (), object_id)
    except Failed:
        run.report("JOIN_FAILED", rule.name, object_id=object_id)
        run.held.add(object_id)
        return []
    picked = _matching(run, rule, join, keys, earlier)
    may_be = [i for i in picked if run.may_match(object_id, i)]
    if join.fuzzy is None:
        return may_be
    if len(picked) > MOST:
        run.report("JOIN_TOO_MANY", rule.name, object_id=object_id)
        run.held.add(object_id)
        return []
    scores = {i: _score(run, join, theirs, earlier, i) for i in may_be}
    alike = {i: s for i, s in scores.items() if s >= join.fuzzy.review}
    is_sure = len(alike) == 1 and join.fuzzy.join is not None and max(alike.values()) >= join.fuzzy.join
    if alike and not is_sure:
        run.reviews |= {Review(object_id, i, rule.name, s) for i, s in alike.items()}
        run.held.add(object_id)
        return []
    return [*alike]


def _values(run: Run, rule: InboundRule, keys: Sequence[JoinKey | Comparison], object_id: int) -> list[tuple[str, ...]]:
    row = run.object_row(object_id)
    attributes = [run.attribute(rule.identity_type, k.attribute) for k in keys]
    return [texts(_any_value(k.expression, row, a)) for k, a in zip(keys, attributes, strict=True)]


def _score(
    run: Run,
    join: JoinRule,
    theirs: list[tuple[str, ...]],
    earlier: list[tuple[InboundRule, dict[int, Contribution]]],
    identity_id: int,
) -> float:
    assert join.fuzzy is not None
    ours = [_known(run, identity_id, c.attribute, earlier) for c in join.fuzzy.comparisons]
    return score_of(join, theirs, ours)


def _any_value(sql: str, row: object, attribute: AttributeSchema) -> Value | None:
    several = AttributeSchema(name=attribute.name, type=attribute.type, is_multivalued=True)
    return value_of(sql, row, several)  # type: ignore[arg-type] # a Row


def _matching(
    run: Run,
    rule: InboundRule,
    join: JoinRule,
    keys: list[tuple[str, ...]],
    earlier: list[tuple[InboundRule, dict[int, Contribution]]],
) -> list[int]:
    found = []
    for identity_id, kind in sorted(run.kinds.items()):
        if kind != rule.identity_type:
            continue
        known = [_known(run, identity_id, k.attribute, earlier) for k in join.keys]
        if all(share(a, b, is_case_sensitive=join.is_case_sensitive) for a, b in zip(keys, known, strict=True)):
            found.append(identity_id)
    return found


def share(some: tuple[str, ...], others: tuple[str, ...], *, is_case_sensitive: bool) -> bool:
    """Tell whether two sets of values have one in common."""
    if is_case_sensitive:
        return bool(set(some) & set(others))
    return bool({s.lower() for s in some} & {o.lower() for o in others})


def _known(
    run: Run, identity_id: int, attribute: str, earlier: list[tuple[InboundRule, dict[int, Contribution]]]
) -> tuple[str, ...]:
    stored = run.given.identities.get(identity_id)
    kept = texts(stored.values.get(attribute)) if stored is not None else ()
    said = [
        given[identity_id].values[attribute]
        for _, given in earlier
        if identity_id in given and attribute in given[identity_id].values
    ]
    if not said:
        return kept
    known: tuple[str, ...] = ()
    for value in said:
        known += kept if value is FAILED else texts(value)  # type: ignore[arg-type] # a Value
    return known
