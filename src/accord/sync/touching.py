"""What a change of rules touches, where all else is settled: the accounts of some systems, or only some values.

Who is whom, and with which values, is decided before any account is. So where only outbound rules have changed, and a
synchronisation by the former rules had nothing left to do, identities stand as they are stored, and only the systems
of the changed rules are decided about anew.
"""

from dataclasses import dataclass, replace

from accord.model.rule_parts import WHOLE, RuleParts
from accord.sync.compiling import CompiledOutbound, CompiledRules, CompiledType


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The systems whose accounts a change of rules concerns.

    `flows` are the flows (rule, target) that are new or different when nothing but values is, None when more is.
    """

    systems: frozenset[str]
    flows: frozenset[tuple[str, str]] | None


def touched(earlier: RuleParts, now: RuleParts, rules: CompiledRules) -> Touched | None:
    """Return what the change from the parts of earlier rules to those of today's touches, None when it may be anything.

    A flow that is gone touches nothing: what it wrote stays.
    """
    changed = {name for name, parts in now.items() if parts != earlier.get(name)}
    if WHOLE in changed or not changed:
        return None
    systems = frozenset(o.rule.system for o in rules.outbound if o.rule.name in changed)
    flows = frozenset(
        (name, target)
        for name in changed
        for target, digest in now[name].items()
        if earlier[name].get(target) != digest
    )
    references = {(o.rule.name, f.target.name) for o in rules.outbound for f in o.flows if f.reference is not None}
    is_more = any(target == WHOLE for _, target in flows) or not flows.isdisjoint(references)
    return Touched(systems=systems, flows=None if is_more else flows)


def narrowed(rules: CompiledRules, touched: Touched) -> CompiledRules:
    """Return the rules with nothing in them but what decides about the accounts that are touched.

    Inbound rules stay by name, since links are theirs; identities have no attributes but those that are asked for.
    """
    outbound = tuple(_narrowed(o, touched) for o in rules.outbound if o.rule.system in touched.systems)
    return CompiledRules(
        rules=rules.rules,
        types={name: _asked_for(t, outbound) for name, t in rules.types.items()},
        inbound=tuple(replace(i, scope=None, joins=(), flows=()) for i in rules.inbound),
        outbound=outbound,
    )


def _narrowed(outbound: CompiledOutbound, touched: Touched) -> CompiledOutbound:
    flows = touched.flows
    if flows is None:
        return outbound
    return replace(outbound, flows=tuple(f for f in outbound.flows if (outbound.rule.name, f.target.name) in flows))


def _asked_for(identity_type: CompiledType, outbound: tuple[CompiledOutbound, ...]) -> CompiledType:
    uses = set[str]()
    for rule in outbound:
        if rule.rule.identity_type == identity_type.type.name:
            uses.update(*(e.uses for e in (rule.scope, rule.dn, rule.anchor) if e is not None))
            uses.update(*(f.uses for f in (*rule.flows, *rule.disable)))
            uses.update(k.attribute.name for j in rule.joins for k in (*j.keys, *j.comparisons))
    attributes = {name: a for name, a in identity_type.type.attributes.items() if name in uses}
    return replace(
        identity_type, type=replace(identity_type.type, attributes=attributes), uniques=(), derived=(), unless=None
    )
