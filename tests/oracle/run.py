"""The surroundings of one synchronisation: what was given, what is decided so far, and values of objects as terms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from accord.model.rules import InboundRule, OutboundRule, RuleSet
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType
from oracle.meaning import Failed, Row, Term, evaluate
from oracle.state import Edge, Identity, Link, Problem, Review, Staged, State, Value, Values


@dataclass(slots=True, kw_only=True)
class Run:
    """One synchronisation while it goes on. `kinds` is the type of every identity there is by now."""

    given: State
    rules: RuleSet
    now: int
    objects: dict[int, Staged]
    links: dict[int, Link]
    kinds: dict[int, str]
    scopes: dict[str, set[int]] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    reviews: set[Review] = field(default_factory=set)
    parted: set[tuple[int, int]] = field(default_factory=set)
    decided: dict[int, int] = field(default_factory=dict)
    identities: dict[int, Identity] = field(default_factory=dict)
    contributing: set[int] = field(default_factory=set)
    waiting: dict[int, int] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    identity_edges: set[Edge] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    next_object: int = 1
    next_identity: int = 1

    @property
    def inbound(self) -> list[InboundRule]:
        return sorted(self.rules.inbound, key=lambda r: (r.order, r.name))

    @property
    def outbound(self) -> list[OutboundRule]:
        return sorted(self.rules.outbound, key=lambda r: (r.order, r.name))

    def report(
        self,
        code: str,
        rule: str,
        *,
        object_id: int | None = None,
        identity_id: int | None = None,
        attribute: str | None = None,
    ) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, rule, object_id, identity_id, attribute))

    def may_match(self, object_id: int, identity_id: int) -> bool:
        """Tell whether no person said that the two never belong together."""
        return not any(
            (d.object_id, d.identity_id, d.kind) == (object_id, identity_id, "never") for d in self.given.decisions
        )

    def schema(self, system: str, object_type: str) -> ObjectTypeSchema:
        return self.rules.systems[system].object_types[object_type]

    def attribute(self, identity_type: str, name: str) -> AttributeSchema:
        return self.rules.identity_types[identity_type].attributes[name].schema

    def objects_of(self, system: str, object_type: str) -> Iterator[int]:
        """Yield the ids of all objects of a type, those known longest first."""
        for object_id in sorted(self.objects):
            staged = self.objects[object_id]
            if (staged.system, staged.type) == (system, object_type):
                yield object_id

    def linked(self, identity_id: int, system: str, object_type: str) -> list[int]:
        """Return the objects of a type that are linked to an identity, the one known longest first."""
        return [
            o
            for o in self.objects_of(system, object_type)
            if o in self.links and self.links[o].identity_id == identity_id
        ]

    def slot_of(self, object_id: int) -> str | None:
        """Return the slot that a linked object belongs to, None when nobody declares the rule of its link."""
        name = self.links[object_id].rule
        slots = {r.name: "" for r in self.rules.inbound} | {r.name: r.slot for r in self.rules.outbound}
        return slots.get(name)

    def plain(self, identity_id: int, system: str, object_type: str) -> list[int]:
        """Return the linked objects of a type but for the accounts of a slot."""
        return [o for o in self.linked(identity_id, system, object_type) if not self.slot_of(o)]

    def object_row(self, object_id: int) -> Row:
        """Return an object's attributes as terms, with its anchor and dn."""
        staged = self.objects[object_id]
        schema = self.schema(staged.system, staged.type)
        named: dict[str, Term] = {"anchor": staged.anchor, "dn": staged.dn}
        return named | _terms(staged.values or {}, schema.attributes.values())

    def identity_row(self, identity_type: str, values: Values) -> Row:
        """Return an identity's attributes as terms."""
        return _terms(values, (a.schema for a in self.rules.identity_types[identity_type].attributes.values()))

    def name_of(self, object_id: int) -> str | None:
        """Return what references name an object by."""
        staged = self.objects[object_id]
        return key_of(self.schema(staged.system, staged.type), staged.dn if self.has_dn(staged) else staged.anchor)

    def has_dn(self, staged: Staged) -> bool:
        return self.schema(staged.system, staged.type).has_dn


def key_of(schema: ObjectTypeSchema, name: str | None) -> str | None:
    """Return a name as it is compared: dns without case."""
    return name.lower() if name is not None and schema.has_dn else name


def value_of(sql: str, row: Row, target: AttributeSchema) -> Value | None:
    """Return the canonical value of an expression for a target; raise Failed when it fails."""
    return canonical(evaluate(sql, row), target.is_multivalued)


def holds(condition: object, row: Row) -> bool | None:
    """Return whether a condition is true, None when it fails."""
    if condition is None:
        return True
    if not isinstance(condition, str):
        raise TypeError("groups of conditions are not generated, so they have no meaning here")
    try:
        return evaluate(condition, row) is True
    except Failed:
        return None


def canonical(term: Term, is_multivalued: bool) -> Value | None:
    """Return canonical text of a term: a set for multi-valued attributes, one text otherwise."""
    if term is None:
        return None
    if not is_multivalued:
        return _text(term)
    several = term if isinstance(term, tuple) else (term,)
    return tuple(sorted({_text(t) for t in several})) or None


def texts(value: Value | None) -> tuple[str, ...]:
    """Return one value or several alike as texts."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _text(term: Term) -> str:
    return str(term).lower() if isinstance(term, bool) else str(term)


def _terms(values: Values, attributes: Iterable[AttributeSchema]) -> dict[str, Term]:
    row: dict[str, Term] = {}
    for attribute in attributes:
        if attribute.type is ValueType.REFERENCE:
            continue
        value = values.get(attribute.name)
        is_number = attribute.type is ValueType.INTEGER
        row[attribute.name] = int(value) if is_number and isinstance(value, str) else value
    return row
