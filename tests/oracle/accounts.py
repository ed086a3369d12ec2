"""Section 9: who has which account, under which name, and whose accounts leave."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from accord.model.joins import Comparison, JoinKey, JoinRule
from accord.model.rules import OnLeave, OutboundRule
from accord.model.schema import AttributeSchema, ObjectTypeSchema
from oracle.inbound import share
from oracle.likeness import MOST, score_of
from oracle.meaning import Failed
from oracle.run import Run, holds, key_of, texts, value_of
from oracle.state import Link, Review, Staged

_TEXT = AttributeSchema(name="name")
_SEVERAL = AttributeSchema(name="key", is_multivalued=True)
_FAILED = object()


@dataclass(slots=True, kw_only=True)
class Account:
    """An account that a rule keeps; `dn` is the name it should have, None when that cannot be told."""

    object_id: int
    identity_id: int
    rule: OutboundRule
    dn: str | None
    is_new: bool


@dataclass(slots=True, kw_only=True)
class Leaver:
    """An account that no rule keeps any more."""

    object_id: int
    identity_id: int
    rule: OutboundRule
    action: OnLeave
    is_planned: bool


@dataclass(slots=True, kw_only=True)
class Accounts:
    """Accounts kept and accounts that leave, by object."""

    kept: dict[int, Account] = field(default_factory=dict)
    left: dict[int, Leaver] = field(default_factory=dict)


def settle_accounts(run: Run) -> Accounts:
    """Decide who has which account; planned objects and links follow."""
    accounts = Accounts()
    spoken_for: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for rule in run.outbound:
        _keep(run, rule, accounts, spoken_for[rule.system, rule.object_type, rule.slot])
    _leave(run, accounts)
    return accounts


def _keep(run: Run, rule: OutboundRule, accounts: Accounts, spoken_for: set[int]) -> None:
    wanted = [i for i in _wanted(run, rule, accounts) if i not in spoken_for]
    chosen: dict[int, int] = {}
    for identity_id in wanted:
        own = _own(run, rule, accounts, identity_id)
        if own:
            chosen[identity_id] = own[0]
    wanted = [i for i in wanted if i not in chosen]
    for position, join in enumerate(rule.joins, start=1):
        joined, undecided = _join(run, rule, join, wanted)
        for identity_id, object_id in joined.items():
            run.links[object_id] = Link(identity_id=identity_id, rule=rule.name, how=f"joined by join {position}")
        chosen |= joined
        spoken_for |= undecided
        wanted = [i for i in wanted if i not in joined and i not in undecided]
    new = wanted if rule.provisions else []
    for account in _name(run, rule, chosen, new):
        accounts.kept[account.object_id] = account
        spoken_for.add(account.identity_id)


def _own(run: Run, rule: OutboundRule, accounts: Accounts, identity_id: int) -> list[int]:
    """Return the identity's accounts of the rule: those of its slot, then those that nobody claims."""
    linked = run.linked(identity_id, rule.system, rule.object_type)
    free = [o for o in linked if run.slot_of(o) is None and o not in accounts.kept]
    return [*(o for o in linked if run.slot_of(o) == rule.slot), *free]


def _wanted(run: Run, rule: OutboundRule, accounts: Accounts) -> list[int]:
    found = []
    for identity_id, identity in sorted(run.identities.items()):
        if identity.type != rule.identity_type:
            continue
        verdict = holds(rule.scope, run.identity_row(identity.type, identity.values))
        if verdict is None:
            run.report("SCOPE_FAILED", rule.name, identity_id=identity_id)
            verdict = bool(_own(run, rule, accounts, identity_id))
        if verdict and identity_id in run.waiting:
            is_kept = rule.on_leave is not OnLeave.DISABLE
            verdict = is_kept and bool(_own(run, rule, accounts, identity_id))
        if verdict:
            found.append(identity_id)
    return found


def _join(run: Run, rule: OutboundRule, join: JoinRule, wanted: list[int]) -> tuple[dict[int, int], set[int]]:
    """Return who is joined to which account, and of whom it cannot be told."""
    pairs = _pairs(run, rule, join, wanted)
    undecided: set[int] = set()
    if join.fuzzy is not None:
        crowded = {i for i, n in Counter(i for i, _ in pairs).items() if n > MOST}
        for identity_id in crowded:
            run.report("JOIN_TOO_MANY", rule.name, identity_id=identity_id)
        undecided |= crowded
        scores = {p: _score(run, rule, join, *p) for p in pairs if p[0] not in crowded and run.may_match(p[1], p[0])}
        pairs = [p for p, score in scores.items() if score >= join.fuzzy.review]
    identities, objects = Counter(i for i, _ in pairs), Counter(o for _, o in pairs)
    joined = {}
    for identity_id, object_id in pairs:
        is_alone = identities[identity_id] == 1 and objects[object_id] == 1
        if join.fuzzy is not None:
            score = scores[identity_id, object_id]
            if not is_alone or join.fuzzy.join is None or score < join.fuzzy.join:
                run.reviews.add(Review(object_id, identity_id, rule.name, score))
                undecided.add(identity_id)
                continue
        elif not is_alone:
            run.report("JOIN_AMBIGUOUS", rule.name, object_id=object_id, identity_id=identity_id)
            undecided.add(identity_id)
            continue
        joined[identity_id] = object_id
    return joined, undecided


def _pairs(run: Run, rule: OutboundRule, join: JoinRule, wanted: list[int]) -> list[tuple[int, int]]:
    """Return (identity, object) of all that have equal keys."""
    pairs = []
    in_review = {review.object_id for review in run.reviews}
    for object_id in run.objects_of(rule.system, rule.object_type):
        if object_id in run.links or run.objects[object_id].is_planned or object_id in in_review:
            continue
        try:
            keys = _said(run, join.keys, object_id)
            _said(run, join.fuzzy.comparisons if join.fuzzy is not None else (), object_id)
        except Failed:
            continue
        for identity_id in wanted:
            if join.fuzzy is None and not run.may_match(object_id, identity_id):
                continue
            known = _borne(run, join.keys, identity_id)
            if all(share(a, b, is_case_sensitive=join.is_case_sensitive) for a, b in zip(keys, known, strict=True)):
                pairs.append((identity_id, object_id))
    return pairs


def _score(run: Run, rule: OutboundRule, join: JoinRule, identity_id: int, object_id: int) -> float:
    assert join.fuzzy is not None
    compared = join.fuzzy.comparisons
    return score_of(join, _said(run, compared, object_id), _borne(run, compared, identity_id))


def _said(run: Run, keys: Sequence[JoinKey | Comparison], object_id: int) -> list[tuple[str, ...]]:
    row = run.object_row(object_id)
    return [texts(value_of(k.expression, row, _SEVERAL)) for k in keys]


def _borne(run: Run, keys: Sequence[JoinKey | Comparison], identity_id: int) -> list[tuple[str, ...]]:
    return [texts(run.identities[identity_id].values.get(k.attribute)) for k in keys]


def _name(run: Run, rule: OutboundRule, chosen: dict[int, int], new: list[int]) -> list[Account]:
    schema = run.schema(rule.system, rule.object_type)
    first = run.next_object
    objects = chosen | {identity_id: first + n for n, identity_id in enumerate(new)}
    run.next_object += len(new)
    names = {i: _names(run, rule, i) for i in objects}
    codes = _refused(run, rule, schema, objects, names)
    found = []
    for identity_id, object_id in objects.items():
        dn, anchor = (n if isinstance(n, str) else None for n in names[identity_id])
        code = codes.get(identity_id)
        if code is not None:
            run.report(code, rule.name, identity_id=identity_id)
        is_new = object_id not in run.objects
        if is_new and code is not None:
            continue
        present = run.objects.get(object_id)
        if code is not None or (present is not None and schema.has_dn and dn is None):
            assert present is not None
            dn, anchor = present.dn, present.anchor
        if present is None or present.is_planned:
            run.objects[object_id] = Staged(
                system=rule.system, type=rule.object_type, anchor=anchor, dn=dn, values=None
            )
        if is_new:
            run.links[object_id] = Link(identity_id=identity_id, rule=rule.name, how="provisioned")
        found.append(Account(object_id=object_id, identity_id=identity_id, rule=rule, dn=dn, is_new=is_new))
    return found


def _names(run: Run, rule: OutboundRule, identity_id: int) -> tuple[object, object]:
    identity = run.identities[identity_id]
    row = run.identity_row(identity.type, identity.values)
    found: list[object] = []
    for sql in (rule.dn, rule.anchor):
        try:
            found.append(None if sql is None else value_of(sql, row, _TEXT))
        except Failed:
            found.append(_FAILED)
    return found[0], found[1]


def _refused(
    run: Run,
    rule: OutboundRule,
    schema: ObjectTypeSchema,
    objects: dict[int, int],
    names: dict[int, tuple[object, object]],
) -> dict[int, str]:
    """Return why names cannot be given, by identity; names that are right already are not asked for."""
    if (rule.dn if schema.has_dn else rule.anchor) is None:
        return {}
    asked: dict[int, str] = {}
    codes: dict[int, str] = {}
    for identity_id, object_id in objects.items():
        present = run.objects.get(object_id)
        if present is not None and not schema.has_dn and not present.is_planned:
            continue
        name = names[identity_id][0 if schema.has_dn else 1]
        if name is _FAILED:
            codes[identity_id] = "NAME_FAILED"
        elif name is None:
            codes[identity_id] = "NAME_MISSING"
        else:
            key = key_of(schema, str(name))
            if present is None or key != run.name_of(object_id):
                asked[identity_id] = str(key)
    counts = Counter(asked.values())
    for identity_id, key in asked.items():
        if _is_taken(run, rule, schema, objects[identity_id], key):
            codes[identity_id] = "NAME_TAKEN"
        elif counts[key] > 1:
            codes[identity_id] = "NAME_CONTESTED"
    return codes


def _is_taken(run: Run, rule: OutboundRule, schema: ObjectTypeSchema, own: int, key: str) -> bool:
    for object_id, staged in run.objects.items():
        if object_id == own or staged.system != rule.system or (not schema.has_dn and staged.type != rule.object_type):
            continue
        if run.name_of(object_id) == key:
            return True
    return False


def _leave(run: Run, accounts: Accounts) -> None:
    outbound = {r.name: r for r in run.rules.outbound}
    links = {o: link for o, link in run.given.links.items() if (o, link.identity_id) not in run.parted}
    by_hand = {o: run.links[o] for o in run.decided if o in run.links and o not in links}
    for object_id, link in {**links, **by_hand}.items():
        if object_id not in run.objects or object_id in accounts.kept:
            continue
        staged = run.objects[object_id]
        is_over = link.identity_id not in run.identities
        if staged.is_planned and is_unanswered(run, object_id):
            continue
        rule = outbound.get(link.rule)
        if rule is None:
            _end_orphan(run, object_id, link)
            continue
        if (rule.system, rule.object_type) != (staged.system, staged.type):
            continue
        accounts.left[object_id] = Leaver(
            object_id=object_id, identity_id=link.identity_id, rule=rule, action=rule.on_leave,
            is_planned=staged.is_planned,
        )  # fmt: skip
        is_let_go = rule.on_leave is OnLeave.DISCONNECT and object_id not in run.decided
        if staged.is_planned or is_let_go or is_over:
            run.links.pop(object_id, None)


def _end_orphan(run: Run, object_id: int, link: Link) -> None:
    """End a link whose rule is no longer declared, unless an inbound rule applies to the object."""
    is_inbound = link.rule in {r.name for r in run.rules.inbound} or object_id in run.decided
    if not is_inbound and not any(object_id in inside for inside in run.scopes.values()):
        run.links.pop(object_id, None)


def is_unanswered(run: Run, object_id: int) -> bool:
    """Tell whether something was sent for the object and no answer came."""
    pending = run.given.pending.get(object_id)
    return pending is not None and pending.state == "unknown"
