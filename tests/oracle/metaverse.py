"""Sections 4 to 8: who ends, which value wins, unique values, references between identities."""

from collections.abc import Iterator

from accord.model.rules import DeletionTrigger, IdentityType, InboundRule, SourceMatch, UniqueValue
from accord.model.schema import ValueType
from oracle.inbound import FAILED, Contribution, contribute, in_any_scope
from oracle.meaning import Failed, evaluate
from oracle.run import Run, holds, key_of, texts
from oracle.state import Edge, Identity, Link, Value

_DAY = 86_400_000_000


def settle_identities(run: Run) -> None:
    """Decide identities, their values and their references; links of those that end go."""
    given = {rule.name: contribute(run, rule) for rule in run.inbound}
    _report_failures(run, given)
    for name, identity_type in run.rules.identity_types.items():
        _find_ends(run, name, identity_type)
    for name, identity_type in run.rules.identity_types.items():
        _settle_values(run, name, identity_type, given)
        _give_unique_values(run, name, identity_type)
    _settle_references(run, given)
    for object_id in [o for o, link in run.links.items() if link.identity_id in run.ended]:
        del run.links[object_id]


def _report_failures(run: Run, given: dict[str, dict[int, Contribution]]) -> None:
    for rule, found in given.items():
        for identity_id, contribution in found.items():
            for attribute, value in contribution.values.items():
                if value is FAILED:
                    run.report("FLOW_FAILED", rule, object_id=contribution.object_id, identity_id=identity_id,
                               attribute=attribute)  # fmt: skip


def _find_ends(run: Run, name: str, identity_type: IdentityType) -> None:
    """Section 7."""
    deletion = identity_type.deletion
    for identity_id, stored in run.given.identities.items():
        if (
            stored.type != name
            or deletion.trigger is DeletionTrigger.MANUAL
            or _is_alive(run, identity_id, identity_type)
        ):
            continue
        if not _may_end(run, name, stored, identity_id, deletion.unless):
            continue
        since = run.now if stored.gone_since is None else stored.gone_since
        if since + deletion.grace_days * _DAY <= run.now:
            run.ended.add(identity_id)
        else:
            run.waiting[identity_id] = since


def _may_end(run: Run, name: str, stored: Identity, identity_id: int, unless: object) -> bool:
    """Tell whether no condition keeps the identity; one that fails does."""
    if unless is None:
        return True
    verdict = holds(unless, run.identity_row(name, stored.values))
    if verdict is None:
        run.report("SCOPE_FAILED", "", identity_id=identity_id)
    return verdict is False


def _is_alive(run: Run, identity_id: int, identity_type: IdentityType) -> bool:
    deletion = identity_type.deletion
    links = [o for o, link in run.links.items() if link.identity_id == identity_id and _counts(run, o, link)]
    if not links or deletion.trigger is DeletionTrigger.LAST_CONNECTOR:
        return bool(links)
    stored = run.given.identities[identity_id]
    had = [_source_of(run, o, link) for o, link in run.given.links.items()
           if link.identity_id == identity_id and not _is_account(run, link)]  # fmt: skip
    have = {run.objects[o].system for o in links if run.objects[o].system in deletion.sources}
    if deletion.match is SourceMatch.ALL:
        was = stored.gone_since is not None or None in had or any(s in deletion.sources for s in had)
        return bool(have) or not was
    if any(s in deletion.sources and s not in have for s in had):
        return False
    is_back = any(run.objects[o].system in have and run.given.links.get(o) is not run.links[o] for o in links)
    return stored.gone_since is None or is_back


def _counts(run: Run, object_id: int, link: Link) -> bool:
    if link.rule in {r.name for r in run.rules.outbound}:
        return False
    is_declared = link.rule in {r.name for r in run.rules.inbound}
    return is_declared or (link.how != "provisioned" and in_any_scope(run, object_id))


def _is_account(run: Run, link: Link) -> bool:
    return link.rule in {r.name for r in run.rules.outbound} or link.how == "provisioned"


def _source_of(run: Run, object_id: int, link: Link) -> str | None:
    if object_id in run.objects:
        return run.objects[object_id].system
    return next((r.system for r in run.rules.inbound if r.name == link.rule), None)


def _settle_values(run: Run, name: str, identity_type: IdentityType, given: dict[str, dict[int, Contribution]]) -> None:
    """Section 5."""
    rules = [r for r in run.inbound if r.identity_type == name]
    declared = {n for n, a in identity_type.attributes.items() if a.schema.type is not ValueType.REFERENCE}
    for identity_id, kind in run.kinds.items():
        if kind != name or identity_id in run.ended:
            continue
        stored = run.given.identities.get(identity_id)
        kept = {n: v for n, v in (stored.values if stored else {}).items() if n in declared}
        is_fed = any(identity_id in given[r.name] for r in rules)
        values: dict[str, Value] = {}
        if not is_fed or identity_id in run.waiting:
            values = kept
        else:
            run.contributing.add(identity_id)
            for attribute in declared:
                order = _in_precedence(rules, identity_type.attributes[attribute].precedence)
                value = _winner(order, attribute, identity_id, given, kept if stored else None)
                if value is not None:
                    values[attribute] = value
        run.identities[identity_id] = Identity(
            type=name, values=values, gone_since=run.waiting.get(identity_id), origin=stored.origin if stored else None
        )


def _in_precedence(rules: list[InboundRule], precedence: tuple[str, ...]) -> list[InboundRule]:
    return sorted(rules, key=lambda r: precedence.index(r.name) if r.name in precedence else len(precedence))


def _winner(
    order: list[InboundRule],
    attribute: str,
    identity_id: int,
    given: dict[str, dict[int, Contribution]],
    kept: dict[str, Value] | None,
) -> Value | None:
    for rule in order:
        contribution = given[rule.name].get(identity_id)
        if contribution is None or attribute not in contribution.values:
            continue
        value = contribution.values[attribute]
        if value is FAILED:
            if kept is not None:
                return kept.get(attribute)
        elif value is not None:
            return value  # type: ignore[return-value] # neither None nor FAILED
        elif any(f.target == attribute and f.null_is_value for f in rule.flows):
            return None
    return None


def _give_unique_values(run: Run, name: str, identity_type: IdentityType) -> None:
    """Section 6."""
    for attribute in _uniques_in_order(identity_type):
        unique = identity_type.attributes[attribute].unique
        assert unique is not None
        mine = {i: v for i, v in run.identities.items() if v.type == name}
        for identity_id, identity in mine.items():
            stored = run.given.identities.get(identity_id)
            if attribute not in identity.values and stored is not None and attribute in stored.values:
                _set(run, identity_id, attribute, stored.values[attribute])
        bases: dict[int, str] = {}
        for identity_id in sorted(i for i in mine if attribute not in run.identities[i].values):
            base = _base(run, identity_id, unique)
            if base is None:
                run.report("UNIQUE_FAILED", name, identity_id=identity_id, attribute=attribute)
            else:
                bases[identity_id] = base
        for identity_id, base in bases.items():
            taken = _taken(run, name, attribute) | {v.lower() for v in _held(run, identity_id, unique, by_own=False)}
            own = [v for v in sorted(_held(run, identity_id, unique, by_own=True)) if _is_numbered(v, base)]
            free = [v for v in own if v.lower() not in taken]
            if free:
                _set(run, identity_id, attribute, free[0])
        for identity_id, base in bases.items():
            if attribute not in run.identities[identity_id].values:
                taken = _taken(run, name, attribute) | {v.lower() for v in _held(run, None, unique, by_own=False)}
                _set(run, identity_id, attribute, next(v for v in _candidates(base, unique) if v.lower() not in taken))


def _taken(run: Run, name: str, attribute: str) -> set[str]:
    return {
        str(i.values[attribute]).lower() for i in run.identities.values() if i.type == name and attribute in i.values
    }


def _is_numbered(value: str, base: str) -> bool:
    """Tell whether a value is the base, or the base and a number."""
    rest = value[len(base) :]
    return value.lower().startswith(base.lower()) and (not rest or rest.isdigit())


def _uniques_in_order(identity_type: IdentityType) -> list[str]:
    waiting = [n for n, a in identity_type.attributes.items() if a.unique is not None]
    ordered: list[str] = []
    while waiting:
        for name in list(waiting):
            unique = identity_type.attributes[name].unique
            assert unique is not None
            if not any(other in unique.base for other in waiting):
                ordered.append(name)
                waiting.remove(name)
    return ordered


def _base(run: Run, identity_id: int, unique: UniqueValue) -> str | None:
    identity = run.identities[identity_id]
    try:
        base = evaluate(unique.base, run.identity_row(identity.type, identity.values))
    except Failed:
        return None
    return None if base is None else str(base)


def _held(run: Run, identity_id: int | None, unique: UniqueValue, *, by_own: bool) -> Iterator[str]:
    """Yield what accounts of the identity hold, or what all others hold."""
    for system, object_type, attribute in unique.taken_in:
        for object_id in run.objects_of(system, object_type):
            link = run.links.get(object_id)
            is_own = link is not None and link.identity_id == identity_id
            value = (run.objects[object_id].values or {}).get(attribute)
            if is_own == by_own:
                yield from texts(value)


def _candidates(base: str, unique: UniqueValue) -> Iterator[str]:
    yield base[: unique.max_length]
    around = len(unique.suffix.replace("{base}", "").replace("{n}", ""))
    number = 2
    while True:
        room = max(unique.max_length - around - len(str(number)), 0)
        yield unique.suffix.replace("{base}", base[:room]).replace("{n}", str(number))
        number += 1


def _set(run: Run, identity_id: int, attribute: str, value: Value) -> None:
    identity = run.identities[identity_id]
    run.identities[identity_id] = Identity(
        type=identity.type, values={**identity.values, attribute: value}, gone_since=identity.gone_since,
        origin=identity.origin,
    )  # fmt: skip


def _settle_references(run: Run, given: dict[str, dict[int, Contribution]]) -> None:
    """Section 8."""
    for name, identity_type in run.rules.identity_types.items():
        rules = [r for r in run.inbound if r.identity_type == name]
        for attribute, declared in identity_type.attributes.items():
            if declared.schema.type is not ValueType.REFERENCE:
                continue
            if declared.derived is not None:
                run.identity_edges |= set(_derived(run, name, attribute, identity_type))
                continue
            for identity_id in run.contributing:
                if run.kinds[identity_id] == name:
                    order = _in_precedence(rules, declared.precedence)
                    run.identity_edges |= _said(run, identity_id, attribute, order, given)
        derived = {n for n, a in identity_type.attributes.items() if a.derived is not None}
        for edge in run.given.identity_edges:
            is_kept = run.kinds.get(edge.src) == name and edge.src not in run.contributing and edge.src not in run.ended
            if is_kept and edge.dst not in run.ended and edge.attr not in derived:
                run.identity_edges.add(edge)


def _said(
    run: Run, identity_id: int, attribute: str, order: list[InboundRule], given: dict[str, dict[int, Contribution]]
) -> set[Edge]:
    for rule in order:
        flows = [f for f in rule.flows if f.target == attribute]
        if not flows:
            continue
        objects = [o for o in run.scopes[rule.name] if o in run.links and run.links[o].identity_id == identity_id]
        found = {
            Edge(identity_id, attribute, target)
            for o in objects
            for e in run.given.edges
            if e.src == o and e.attr == flows[0].expression.strip('"')
            if (target := _identity_named(run, o, str(e.dst))) is not None
        }
        if found or (flows[0].null_is_value and identity_id in given[rule.name]):
            return found
    return set()


def _identity_named(run: Run, object_id: int, name: str) -> int | None:
    target = find_named(run, object_id, name, with_planned=False)
    link = run.links.get(target) if target is not None else None
    return link.identity_id if link is not None and link.identity_id not in run.ended else None


def find_named(run: Run, object_id: int, name: str, *, with_planned: bool) -> int | None:
    """Return the object that a reference of another object names, if it is known."""
    referrer = run.objects[object_id]
    key = key_of(run.schema(referrer.system, referrer.type), name)
    found = [
        o
        for o, staged in sorted(run.objects.items())
        if staged.system == referrer.system and run.name_of(o) == key and (with_planned or not staged.is_planned)
    ]
    own = [o for o in found if run.objects[o].type == referrer.type]
    return next(iter(own or found), None)


def _derived(run: Run, name: str, attribute: str, identity_type: IdentityType) -> Iterator[Edge]:
    derived = identity_type.attributes[attribute].derived
    assert derived is not None
    for source, ours in run.identities.items():
        if ours.type != name or ours.values.get(derived.ours) is None:
            continue
        for target, theirs in run.identities.items():
            is_meant = theirs.type == derived.type and theirs.values.get(derived.theirs) == ours.values[derived.ours]
            if is_meant and holds(derived.scope, run.identity_row(theirs.type, theirs.values)):
                yield Edge(source, attribute, target)
