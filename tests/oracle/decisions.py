"""Section 2, what a person decided: links ended, links made by hand."""

from accord.model.rules import InboundRule, OutboundRule
from oracle.run import Run
from oracle.state import Link


def carry_out_decisions(run: Run) -> None:
    """Bring the links in line with the decisions before any rule looks for its identities."""
    decisions = sorted(d for d in run.given.decisions if _is_there(run, d.object_id))
    for decision in decisions:
        link = run.given.links.get(decision.object_id)
        if decision.kind != "join" and link is not None and link.identity_id == decision.identity_id:
            run.parted.add((decision.object_id, decision.identity_id))
    joins = {d.object_id: d.identity_id for d in decisions if d.kind == "join"}
    codes: dict[int, str] = {}
    for object_id, identity_id in joins.items():
        if identity_id not in run.given.identities:
            codes[object_id] = "DECISION_GONE"
        elif not _is_linked(run, object_id, identity_id) and _rule_between(run, object_id, identity_id) is None:
            codes[object_id] = "DECISION_WITHOUT_RULE"
    while True:
        standing = {o: i for o, i in joins.items() if o not in codes}
        failing = [o for o, i in standing.items() if _is_taken(run, standing, o, i)]
        if not failing:
            break
        codes |= dict.fromkeys(failing, "DECISION_TAKEN")
    _carry_out(run, standing)
    for object_id, code in codes.items():
        run.report(code, "", object_id=object_id, identity_id=joins[object_id])
        if object_id not in run.links:
            run.held.add(object_id)


def _carry_out(run: Run, joins: dict[int, int]) -> None:
    rules = {o: _rule_between(run, o, i) for o, i in joins.items()}
    for object_id, identity_id in joins.items():
        link = run.given.links.get(object_id)
        if link is not None and link.identity_id != identity_id:
            run.parted.add((object_id, link.identity_id))
    for object_id, identity_id in run.parted:
        if object_id in run.links and run.links[object_id].identity_id == identity_id:
            del run.links[object_id]
    for object_id, identity_id in joins.items():
        for other in _places(run, object_id, identity_id):
            if run.objects[other].is_planned and not _is_unanswered(run, other):
                del run.links[other]
        if _is_linked(run, object_id, identity_id):
            run.links[object_id] = run.given.links[object_id]
        else:
            rule = rules[object_id]
            assert rule is not None
            run.links[object_id] = Link(identity_id=identity_id, rule=rule.name, how="joined by hand")
    run.decided = joins


def _is_there(run: Run, object_id: int) -> bool:
    return object_id in run.objects and not run.objects[object_id].is_planned


def _is_linked(run: Run, object_id: int, identity_id: int) -> bool:
    link = run.given.links.get(object_id)
    return link is not None and link.identity_id == identity_id


def _is_taken(run: Run, joins: dict[int, int], object_id: int, identity_id: int) -> bool:
    rule = _rule_between(run, object_id, identity_id)
    if _is_linked(run, object_id, identity_id) or (isinstance(rule, InboundRule) and rule.joins_many):
        return False
    for other, wanted in joins.items():
        if other != object_id and wanted == identity_id and _same_kind(run, other, object_id):
            return True
    for other in _places(run, object_id, identity_id):
        gives_way = run.objects[other].is_planned and not _is_unanswered(run, other)
        if other not in joins and (other, identity_id) not in run.parted and not gives_way:
            return True
    return False


def _places(run: Run, object_id: int, identity_id: int) -> list[int]:
    """Return the other objects of the same system and type that the identity has."""
    staged = run.objects[object_id]
    return [o for o in run.plain(identity_id, staged.system, staged.type) if o != object_id]


def _same_kind(run: Run, one: int, other: int) -> bool:
    return (run.objects[one].system, run.objects[one].type) == (run.objects[other].system, run.objects[other].type)


def _is_unanswered(run: Run, object_id: int) -> bool:
    pending = run.given.pending.get(object_id)
    return pending is not None and pending.state == "unknown"


def _rule_between(run: Run, object_id: int, identity_id: int) -> InboundRule | OutboundRule | None:
    staged, kind = run.objects[object_id], run.given.identities[identity_id].type

    def connects(rule: InboundRule | OutboundRule) -> bool:
        return (rule.system, rule.object_type, rule.identity_type) == (staged.system, staged.type, kind)

    inbound = [r for r in run.inbound if connects(r) and object_id in run.scopes[r.name]]
    outbound = [r for r in run.outbound if connects(r)]
    return next(iter([*(r for r in inbound if r.joins or r.projects), *outbound, *inbound]), None)
