"""Random rule sets over one fixed universe of systems and types, so that rules may change over stored state."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from accord.model.joins import Comparison, JoinKey, JoinRule, Likeness
from accord.model.rules import (
    ConnectedSystem,
    DeletionRule,
    DeletionTrigger,
    DerivedReference,
    Flow,
    IdentityAttribute,
    IdentityType,
    InboundRule,
    OnLeave,
    OutboundRule,
    RuleSet,
    SourceMatch,
    UniqueValue,
)
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType, Writability
from oracle import meaning as m

Some = TypeVar("Some")

LETTERS = ("x", "X", "y", "z")
NUMBERS = ("1", "2", "3", "bad")
DAY_ONE = "2026-01-01"
"""The first day of every world: what rules ask of the time happens in the days after."""
KEYS = tuple(f"k{n}" for n in range(1, 9))

_INTEGER, _REFERENCE = ValueType.INTEGER, ValueType.REFERENCE


def _attribute(name: str, value_type: ValueType = ValueType.TEXT, **options: object) -> AttributeSchema:
    return AttributeSchema(name=name, type=value_type, **options)  # type: ignore[arg-type]


_ROW = {
    a.name: a
    for a in (
        _attribute("code"), _attribute("a"), _attribute("b"), _attribute("n"), _attribute("tags", is_multivalued=True),
        _attribute("ref", _REFERENCE, is_multivalued=True),
    )
}  # fmt: skip
_USER = {
    a.name: a
    for a in (
        _attribute("uid", is_case_sensitive=False), _attribute("sn"), _attribute("level", _INTEGER),
        _attribute("labels", is_multivalued=True, is_case_sensitive=False), _attribute("groups", is_multivalued=True),
        _attribute("born", writability=Writability.CREATE_ONLY), _attribute("boss", _REFERENCE),
        _attribute("peers", _REFERENCE, is_multivalued=True),
    )
}  # fmt: skip

SOURCES = ("s1", "s2", "s3")
TARGETS = ("named", "plain")
"""Targets with dns and assigned anchors, and without."""


def _systems() -> dict[str, ConnectedSystem]:
    def system(name: str, *types: ObjectTypeSchema) -> ConnectedSystem:
        return ConnectedSystem(name=name, connector="none", settings={}, object_types={t.name: t for t in types})

    rows = [ObjectTypeSchema(name="row", anchor=("code",), attributes=_ROW) for _ in SOURCES]
    named = ObjectTypeSchema(name="user", anchor=("uuid",), attributes=_USER, has_dn=True)
    box = ObjectTypeSchema(name="box", anchor=("uuid",), attributes=_USER, has_dn=True)
    plain = ObjectTypeSchema(name="user", anchor=("uid",), attributes=_USER)
    sources = {n: system(n, t) for n, t in zip(SOURCES, rows, strict=True)}
    return {**sources, "named": system("named", named, box), "plain": system("plain", plain)}


SYSTEMS = _systems()

PERSON = (
    _attribute("code"), _attribute("a"), _attribute("b"), _attribute("level", _INTEGER),
    _attribute("tags", is_multivalued=True), _attribute("login"), _attribute("mgr", _REFERENCE, is_multivalued=True),
)  # fmt: skip
TEAM = (
    _attribute("code"), _attribute("a"), _attribute("owner", _REFERENCE, is_multivalued=True),
    _attribute("members", _REFERENCE, is_multivalued=True),
)  # fmt: skip

_ROW_TEXTS = (
    m.attribute("code"), m.attribute("a"), m.attribute("b"), m.attribute("n"), m.lower(m.attribute("a")),
    m.joined(m.attribute("a"), m.attribute("b")), m.first_of(m.attribute("a"), m.attribute("b")), m.constant("x"),
    m.when(m.equals("a", "x"), m.attribute("b"), m.constant("z")), m.lower(m.attribute("code")),
    m.when(m.has_passed("n", DAY_ONE), m.attribute("a"), m.constant("y")),
)  # fmt: skip
_ROW_NUMBERS = (m.number(m.attribute("n")),)
_ROW_CONDITIONS = (
    m.equals("a", "x"), m.differs("a", "x"), m.is_null("b"), m.is_not_null("a"), m.is_one_of("a", "x", "y"),
    m.starts_with("code", "k"), m.above(m.number("n"), 1), m.has_passed("n", DAY_ONE),
)  # fmt: skip
_PERSON_TEXTS = (
    m.attribute("code"), m.attribute("a"), m.attribute("b"), m.attribute("login"), m.lower(m.attribute("a")),
    m.joined(m.attribute("a"), m.attribute("b")), m.first_of(m.attribute("a"), m.attribute("b")), m.constant("x"),
)  # fmt: skip
_PERSON_NUMBERS = (m.attribute("level"), m.number(m.attribute("b")))
_PERSON_CONDITIONS = (
    m.equals("a", "x"), m.differs("a", "x"), m.is_null("b"), m.is_not_null("code"), m.is_one_of("a", "x", "y"),
    m.above("level", 1), m.above(m.number("b"), 1), m.has_passed("level", DAY_ONE), m.has_passed("b", DAY_ONE),
)  # fmt: skip
_NAMES = (
    m.joined(m.constant("cn="), m.attribute("code")), m.joined(m.constant("cn="), m.attribute("a")),
    m.joined(m.constant("cn="), m.first_of(m.attribute("login"), m.attribute("code"))),
    m.joined(m.constant("cn="), m.number(m.attribute("b"))),
)  # fmt: skip
_ANCHORS = (m.attribute("code"), m.attribute("login"), m.lower(m.attribute("a")))
_BASES = (
    m.attribute("a"), m.joined(m.attribute("a"), m.attribute("b")), m.lower(m.first_of("a", "code")),
    m.joined(m.attribute("a"), m.number(m.attribute("b"))),
)  # fmt: skip


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    """Return rules over the universe: one to three sources, persons and perhaps teams, up to two targets."""
    sources = SOURCES[: draw(st.integers(1, 3))]
    has_teams = draw(st.integers(0, 3)) == 0
    inbound: list[InboundRule] = []
    for number, source in enumerate(sources):
        inbound += [
            draw(_inbound(f"in-{source}-{turn}", source, "row", "person", is_first=number == turn == 0))
            for turn in range(draw(st.sampled_from((1, 1, 2))))
        ]
    if has_teams:
        inbound[-1] = draw(_inbound(inbound[-1].name, inbound[-1].system, "row", "team", is_first=True))
    targets = draw(st.sets(st.sampled_from(TARGETS)))
    outbound: list[OutboundRule] = []
    for target in sorted(targets):
        outbound += [
            draw(outbound_rules(f"out-{target}-{turn}", target, "user", "person"))
            for turn in range(draw(st.sampled_from((1, 1, 2))))
        ]
        if _rarely(draw):
            inbound.append(draw(_write_back(f"in-{target}", target)))
    if "named" in targets and has_teams:
        outbound.append(draw(outbound_rules("out-box", "named", "box", "team")))
    types = {"person": draw(_person(inbound, sources, sorted(targets)))}
    if has_teams:
        types["team"] = draw(_team(inbound, sources))
    return RuleSet(systems=SYSTEMS, identity_types=types, inbound=tuple(inbound), outbound=tuple(outbound))


def _rarely(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 4)) == 4


@st.composite
def _inbound(
    draw: st.DrawFn, name: str, system: str, object_type: str, identity_type: str, *, is_first: bool
) -> InboundRule:
    targets = PERSON if identity_type == "person" else TEAM
    flows = draw(_flows(targets, _ROW_TEXTS, _ROW_NUMBERS, ("tags",), ("ref",), inbound=True))
    if is_first:
        flows = [Flow(target="code", expression="code"), *(f for f in flows if f.target != "code")]
    return InboundRule(
        name=name,
        system=system,
        object_type=object_type,
        identity_type=identity_type,
        order=draw(st.sampled_from((10, 10, 20) if is_first else (10, 20, 20, 30))),
        scope=draw(_maybe(_ROW_CONDITIONS)),
        joins=tuple(
            draw(
                st.lists(
                    _join(_ROW_TEXTS, _keyed(targets), may_be_fuzzy=True), min_size=0 if is_first else 1, max_size=2
                )
            )
        ),
        projects=is_first or draw(st.booleans()),
        flows=tuple(flows),
        on_leave=draw(st.sampled_from((OnLeave.DISCONNECT, OnLeave.DISCONNECT, OnLeave.REMAIN))),
        joins_many=_rarely(draw),
    )


@st.composite
def _write_back(draw: st.DrawFn, name: str, system: str) -> InboundRule:
    texts = (m.attribute("uid"), m.attribute("sn"), m.lower(m.attribute("sn")))
    return InboundRule(
        name=name,
        system=system,
        object_type="user",
        identity_type="person",
        order=draw(st.sampled_from((5, 40))),
        joins=tuple(draw(st.lists(_join(texts, _keyed(PERSON)), max_size=1))),
        projects=_rarely(draw),
        flows=tuple(draw(_flows(PERSON, texts, (m.attribute("level"),), ("labels",), ("peers",), inbound=True))),
    )


@st.composite
def outbound_rules(draw: st.DrawFn, name: str, system: str, object_type: str, identity_type: str) -> OutboundRule:
    """Return an outbound rule between what is named."""
    is_person = identity_type == "person"
    schema = SYSTEMS[system].object_types[object_type]
    texts = _PERSON_TEXTS if is_person else (m.attribute("code"), m.attribute("a"))
    users = (m.attribute("uid"), m.attribute("sn"), m.lower(m.attribute("uid")))
    on_leave = draw(st.sampled_from(OnLeave))
    targets = tuple(_USER.values())
    numbers = _PERSON_NUMBERS if is_person else ()
    several, references = (("tags",), ("mgr",)) if is_person else ((), ("owner", "members"))
    fields = targets if schema.has_dn else tuple(a for a in targets if a.name != "uid")
    return OutboundRule(
        name=name,
        system=system,
        object_type=object_type,
        identity_type=identity_type,
        order=draw(st.sampled_from((10, 20))),
        scope=draw(_maybe(_PERSON_CONDITIONS)) if is_person else None,
        joins=tuple(draw(st.lists(_join(users, _keyed(PERSON if is_person else TEAM), may_be_fuzzy=True), max_size=2))),
        provisions=draw(st.integers(0, 3)) > 0,
        dn=draw(st.sampled_from((_NAMES[0], *_NAMES) if is_person else _NAMES[:1])) if schema.has_dn else None,
        anchor=None if schema.has_dn else draw(st.sampled_from(_ANCHORS)),
        flows=tuple(draw(_flows(fields, texts, numbers, several, references, inbound=False))),
        on_leave=on_leave,
        is_enforced=not _rarely(draw),
        slot=draw(st.sampled_from(("", "", "", "b"))),
        deletes_unclaimed=_rarely(draw),
        disable=(Flow(target="sn", expression=draw(st.sampled_from(texts))),) if on_leave is OnLeave.DISABLE else (),
        disable_container="ou=Left" if on_leave is OnLeave.DISABLE and schema.has_dn and draw(st.booleans()) else None,
    )


@st.composite
def _flows(  # noqa: PLR0917 - a composite strategy hands its arguments on by position
    draw: st.DrawFn,
    targets: Sequence[AttributeSchema],
    texts: Sequence[str],
    numbers: Sequence[str],
    several: Sequence[str],
    references: Sequence[str],
    *,
    inbound: bool,
) -> list[Flow]:
    flows = []
    for target in targets:
        if target.type is _REFERENCE:
            pool: Sequence[str] = references if target.name != "members" else ()
        elif target.type is _INTEGER:
            pool = numbers
        elif target.is_multivalued:
            pool = (*(m.attribute(s) for s in several), *texts[:2])
        else:
            pool = texts
        is_likely = target.name in ("code", "uid") or draw(st.integers(0, 3)) > 0
        if not pool or not is_likely:
            continue
        expression = draw(st.sampled_from(pool))
        if target.name in ("code", "uid") and draw(st.integers(0, 3)):
            expression = texts[0]
        is_null_value = inbound and _rarely(draw)
        is_initial = not inbound and (target.writability is Writability.CREATE_ONLY or _rarely(draw))
        flows.append(
            Flow(
                target=target.name,
                expression=expression,
                null_is_value=is_null_value,
                initial_only=is_initial,
                is_enforced=False if not inbound and _rarely(draw) else None,
            )
        )
    return flows


@st.composite
def _join(
    draw: st.DrawFn, texts: Sequence[str], attributes: Sequence[AttributeSchema], *, may_be_fuzzy: bool = False
) -> JoinRule:
    count = draw(st.sampled_from((1, 1, 1, 2)))
    keys = []
    for attribute in draw(
        st.lists(st.sampled_from(attributes), min_size=count, max_size=count, unique_by=lambda a: a.name)
    ):
        natural = texts[0] if attribute.name == "code" and draw(st.integers(0, 3)) else draw(st.sampled_from(texts))
        keys.append(JoinKey(expression=natural, attribute=attribute.name))
    fuzzy = draw(_likeness(texts, attributes)) if may_be_fuzzy and _rarely(draw) else None
    return JoinRule(keys=tuple(keys), is_case_sensitive=_rarely(draw), fuzzy=fuzzy)


@st.composite
def _likeness(draw: st.DrawFn, texts: Sequence[str], attributes: Sequence[AttributeSchema]) -> Likeness:
    compared = draw(st.lists(st.sampled_from(attributes), min_size=1, max_size=3))
    comparisons = tuple(
        Comparison(expression=draw(st.sampled_from(texts)), attribute=a.name, weight=draw(st.sampled_from((1.0, 2.0))))
        for a in compared
    )
    return Likeness(comparisons=comparisons, review=draw(st.sampled_from((0.3, 0.6))),
                    join=draw(st.sampled_from((None, 0.6, 0.9))))  # fmt: skip


def _keyed(attributes: Sequence[AttributeSchema]) -> list[AttributeSchema]:
    named = [a for a in attributes if a.type is ValueType.TEXT]
    return [*named, *[a for a in named if a.name == "code"] * 6]


@st.composite
def _person(
    draw: st.DrawFn, inbound: Sequence[InboundRule], sources: Sequence[str], targets: Sequence[str]
) -> IdentityType:
    unique = None
    if draw(st.booleans()):
        taken = tuple((t, "user", "uid") for t in targets if draw(st.booleans()))
        unique = UniqueValue(
            base=draw(st.sampled_from(_BASES)), suffix=draw(st.sampled_from(("{base}{n}", "{base}-{n}"))),
            max_length=draw(st.sampled_from((4, 64))), taken_in=taken,
        )  # fmt: skip
    attributes = {
        a.name: IdentityAttribute(
            schema=a,
            precedence=draw(_precedence(inbound, "person", a.name)),
            unique=unique if a.name == "login" else None,
        )
        for a in PERSON
    }
    return IdentityType(name="person", attributes=attributes, deletion=draw(_deletion(sources)))


@st.composite
def _team(draw: st.DrawFn, inbound: Sequence[InboundRule], sources: Sequence[str]) -> IdentityType:
    derived = DerivedReference(
        type="person", theirs="a", ours="a", scope=draw(st.sampled_from((None, m.is_not_null("code"))))
    )
    attributes = {
        a.name: IdentityAttribute(
            schema=a,
            precedence=draw(_precedence(inbound, "team", a.name)),
            derived=derived if a.name == "members" else None,
        )
        for a in TEAM
    }
    return IdentityType(name="team", attributes=attributes, deletion=draw(_deletion(sources)))


@st.composite
def _precedence(draw: st.DrawFn, inbound: Sequence[InboundRule], identity_type: str, attribute: str) -> tuple[str, ...]:
    feeding = [
        r.name for r in inbound if r.identity_type == identity_type and any(f.target == attribute for f in r.flows)
    ]
    if len(feeding) < 2 or draw(st.booleans()):
        return ()
    return tuple(draw(st.permutations(feeding))[: draw(st.integers(0, len(feeding)))])


@st.composite
def _deletion(draw: st.DrawFn, sources: Sequence[str]) -> DeletionRule:
    trigger = draw(st.sampled_from(DeletionTrigger))
    return DeletionRule(
        trigger=trigger,
        grace_days=draw(st.sampled_from((0, 0, 2))),
        sources=tuple(sources[: draw(st.sampled_from((1, 2)))])
        if trigger is DeletionTrigger.AUTHORITATIVE_SOURCE
        else (),
        match=draw(st.sampled_from(SourceMatch)),
        unless=m.equals("a", "x") if _rarely(draw) else None,
    )


def _maybe(options: Sequence[Some]) -> st.SearchStrategy[Some | None]:
    return st.sampled_from((*(None for _ in options), *options))
