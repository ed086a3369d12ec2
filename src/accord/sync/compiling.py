"""Turns declared rules into SQL over the workspace's relations, once per plan."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from accord.engine.columns import identity_columns, object_columns
from accord.engine.conditions import scope_text
from accord.engine.expressions import Column, Compiler, Expression, attempt
from accord.engine.frames import literal, quote
from accord.engine.types import sql_type, to_text
from accord.model.errors import ConfigError
from accord.model.joins import JoinRule
from accord.model.rules import (
    DerivedReference,
    Flow,
    IdentityAttribute,
    IdentityType,
    InboundRule,
    OutboundRule,
    RuleSet,
    Scope,
    UniqueValue,
)
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType
from accord.sync.relations import failed_column, value_column


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledFlow:
    """A flow as SQL that yields canonical text of the target's type, empty text not yet null (see `settled_columns`).

    `reference` names the source of an edge flow instead.
    """

    target: AttributeSchema
    flow: Flow
    sql: str = ""
    can_fail: bool = True
    is_time_dependent: bool = False
    reference: str | None = None
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledKey:
    """One key of a join: SQL over the object that yields text (a list when multi-valued), an identity's attribute."""

    sql: str
    is_multivalued: bool
    attribute: AttributeSchema
    uses: frozenset[str]
    is_time_dependent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledJoin:
    """A join rule whose keys must all be equal."""

    keys: tuple[CompiledKey, ...]
    rule: JoinRule
    comparisons: tuple[CompiledKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledInbound:
    """An inbound rule; `scope` is SQL of type boolean over the object, None for every object."""

    rule: InboundRule
    scope: Expression | None
    joins: tuple[CompiledJoin, ...]
    flows: tuple[CompiledFlow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledOutbound:
    """An outbound rule; scope, names and flows are SQL over the identity, joins are SQL over the object."""

    rule: OutboundRule
    schema: ObjectTypeSchema
    scope: Expression | None
    joins: tuple[CompiledJoin, ...]
    dn: Expression | None
    anchor: Expression | None
    flows: tuple[CompiledFlow, ...]
    disable: tuple[CompiledFlow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledUnique:
    """A unique value's base as SQL over the identity."""

    attribute: AttributeSchema
    unique: UniqueValue
    base: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledDerived:
    """A derived reference and the scope of those referred to, as SQL over them."""

    attribute: AttributeSchema
    derived: DerivedReference
    scope: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledType:
    """An identity type: plain attributes, unique values in the order they depend on each other, derived references."""

    type: IdentityType
    uniques: tuple[CompiledUnique, ...]
    derived: tuple[CompiledDerived, ...]
    unless: Expression | None = None

    @property
    def values(self) -> tuple[AttributeSchema, ...]:
        """Return the attributes that are values, by name; references are edges."""
        return tuple(
            a.schema for _, a in sorted(self.type.attributes.items()) if a.schema.type is not ValueType.REFERENCE
        )


def attempted_columns(flows: Iterable[CompiledFlow]) -> str:
    """Return a select list, after a comma, of each flow's value in its attempt; `settled_columns` reads them."""
    return "".join(f", {attempt(f.sql) if f.can_fail else f.sql} as {value_column(f.target.name)}" for f in flows)


def settled_columns(flows: Sequence[CompiledFlow]) -> str:
    """Return a select list, after a comma, over `attempted_columns`: each value, and whether each flow failed.

    A value is canonical text out of its attempt, empty text as null. A failure is not silence.
    """
    values = (f", {_settled(f)} as {value_column(f.target.name)}" for f in flows)
    failures = (
        f", {value_column(f.target.name) + ' is null' if f.can_fail else 'false'} as {failed_column(f.target.name)}"
        for f in flows
        if f.can_fail or f.flow.null_is_value
    )
    return "".join((*values, *failures))


def _settled(flow: CompiledFlow) -> str:
    column = value_column(flow.target.name)
    value = f"({column}).v" if flow.can_fail else column
    return value if flow.target.is_multivalued else f"nullif({value}, '')"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRules:
    """Everything a plan needs of the rules, ready to run; inbound and outbound in the order they apply."""

    rules: RuleSet
    types: Mapping[str, CompiledType]
    inbound: tuple[CompiledInbound, ...]
    outbound: tuple[CompiledOutbound, ...]

    @property
    def asks_the_time(self) -> bool:
        """Tell whether anything in the rules may decide differently at another time alone."""
        return any(part.is_time_dependent for part in self._parts())

    @property
    def sql(self) -> str:
        """Return all expressions of administrators, for whoever asks which functions they call."""
        return " ".join(part.sql for part in self._parts())

    def _parts(self) -> Iterator["Expression | CompiledFlow | CompiledKey"]:
        rules: tuple[CompiledInbound | CompiledOutbound, ...] = (*self.inbound, *self.outbound)
        expressions = [r.scope for r in rules]
        expressions += [e for o in self.outbound for e in (o.dn, o.anchor)]
        expressions += [u.base for t in self.types.values() for u in t.uniques]
        expressions += [t.unless for t in self.types.values()]
        expressions += [d.scope for t in self.types.values() for d in t.derived]
        yield from (e for e in expressions if e is not None)
        yield from (f for r in rules for f in r.flows)
        yield from (f for o in self.outbound for f in o.disable)
        yield from (k for r in rules for j in r.joins for k in (*j.keys, *j.comparisons))

    def slot_of(self, rule: str) -> str:
        """Return SQL of the slot that a link belongs to by the rule in a column; null where nobody declares it."""
        slotted = {o.rule.name: o.rule.slot for o in self.outbound if o.rule.slot}
        plain = [i.rule.name for i in self.inbound] + [o.rule.name for o in self.outbound if not o.rule.slot]
        cases = [f"when {rule} = {literal(n)} then {literal(slot)}" for n, slot in sorted(slotted.items())]
        if plain:
            cases.append(f"when {rule} in ({', '.join(literal(n) for n in plain)}) then ''")
        return f"case {' '.join(cases)} end" if cases else "null"

    def object_attributes(self, system: str, object_type: str) -> Mapping[str, AttributeSchema]:
        """Return the value attributes of an object type that any rule reads, compares or writes."""
        names: set[str] = set()
        for inbound in self.inbound:
            if (inbound.rule.system, inbound.rule.object_type) == (system, object_type):
                names |= _used(inbound.scope, inbound.joins, inbound.flows)
        for outbound in self.outbound:
            if (outbound.rule.system, outbound.rule.object_type) == (system, object_type):
                names |= _used(None, outbound.joins, ())
                names |= {f.target.name for f in (*outbound.flows, *outbound.disable) if f.reference is None}
        for identity_type in self.types.values():
            for unique in identity_type.uniques:
                names |= {a for s, t, a in unique.unique.taken_in if (s, t) == (system, object_type)}
        schema = self.rules.systems[system].object_types[object_type]
        return {n: a for n, a in sorted(schema.attributes.items()) if n in names}

    def object_types(self) -> tuple[tuple[str, str], ...]:
        """Return every (system, object type) declared, in order."""
        return tuple((s.name, t) for s in self.rules.systems.values() for t in s.object_types)


def compile_rules(rules: RuleSet) -> CompiledRules:
    """Return the rules as SQL; raises ConfigError or ExpressionError with the place in the configuration.

    Costs as much as deciding about a few people, so the last few rule sets are remembered.
    """
    known = next((compiled for compiled in tuple(_RECENT) if compiled.rules == rules), None)
    if known is None:
        known = _compile(rules)
        _RECENT.append(known)
    return known


_RECENT: deque[CompiledRules] = deque(maxlen=4)


def _compile(rules: RuleSet) -> CompiledRules:
    with Compiler(lookups=rules.lookups) as compiler:
        build = _Build(rules, compiler)
        return CompiledRules(
            rules=rules,
            types={name: build.identity_type(t) for name, t in rules.identity_types.items()},
            inbound=tuple(build.inbound(r) for r in sorted(rules.inbound, key=lambda r: (r.order, r.name))),
            outbound=tuple(build.outbound(r) for r in sorted(rules.outbound, key=lambda r: (r.order, r.name))),
        )


class _Build:
    def __init__(self, rules: RuleSet, compiler: Compiler) -> None:
        self._rules = rules
        self._compiler = compiler

    def identity_type(self, identity_type: IdentityType) -> CompiledType:
        columns = identity_columns(identity_type)
        uniques = [
            CompiledUnique(
                attribute=a.schema,
                unique=a.unique,
                base=self._compiler.compile(a.unique.base, columns, place=identity_type.place),
            )
            for a in identity_type.attributes.values()
            if a.unique is not None
        ]
        derived = [self._derived(a, identity_type) for a in identity_type.attributes.values()]
        return CompiledType(
            type=identity_type,
            uniques=_in_order_of_need(uniques, identity_type),
            derived=tuple(d for d in derived if d is not None),
            unless=self._condition(identity_type.deletion.unless, columns, identity_type.place),
        )

    def _derived(self, attribute: IdentityAttribute, owner: IdentityType) -> CompiledDerived | None:
        derived = attribute.derived
        if derived is None:
            return None
        target = self._rules.identity_types[derived.type]
        scope = self._condition(derived.scope, identity_columns(target), owner.place)
        return CompiledDerived(attribute=attribute.schema, derived=derived, scope=scope)

    def inbound(self, rule: InboundRule) -> CompiledInbound:
        schema = self._rules.systems[rule.system].object_types[rule.object_type]
        identity = self._rules.identity_types[rule.identity_type]
        columns = object_columns(schema)
        targets = {name: a.schema for name, a in identity.attributes.items()}
        return CompiledInbound(
            rule=rule,
            scope=self._condition(rule.scope, columns, rule.place),
            joins=self._joins(rule.joins, columns, identity),
            flows=tuple(self._flow(f, columns, targets, schema.attributes) for f in rule.flows),
        )

    def outbound(self, rule: OutboundRule) -> CompiledOutbound:
        schema = self._rules.systems[rule.system].object_types[rule.object_type]
        identity = self._rules.identity_types[rule.identity_type]
        columns = identity_columns(identity)
        sources = {name: a.schema for name, a in identity.attributes.items()}
        return CompiledOutbound(
            rule=rule,
            schema=schema,
            scope=self._condition(rule.scope, columns, rule.place),
            joins=self._joins(rule.joins, object_columns(schema), identity),
            dn=self._text(rule.dn, columns, rule.place),
            anchor=self._text(rule.anchor, columns, rule.place),
            flows=tuple(self._flow(f, columns, schema.attributes, sources) for f in rule.flows),
            disable=tuple(self._flow(f, columns, schema.attributes, sources) for f in rule.disable),
        )

    def _condition(self, scope: Scope | None, columns: Mapping[str, Column], place: str) -> Expression | None:
        if scope is None:
            return None
        return self._compiler.compile_condition(scope_text(scope, columns, place=place), columns, place=place)

    def _text(self, text: str | None, columns: Mapping[str, Column], place: str) -> Expression | None:
        return None if text is None else self._compiler.compile(text, columns, place=place)

    def _joins(
        self, joins: Iterable[JoinRule], columns: Mapping[str, Column], identity: IdentityType
    ) -> tuple[CompiledJoin, ...]:
        return tuple(
            CompiledJoin(
                rule=join,
                keys=tuple(
                    self._key(k.expression, identity.attributes[k.attribute].schema, columns, join) for k in join.keys
                ),
                comparisons=tuple(
                    self._key(c.expression, identity.attributes[c.attribute].schema, columns, join)
                    for c in (join.fuzzy.comparisons if join.fuzzy is not None else ())
                ),
            )
            for join in joins
        )

    def _key(self, text: str, attribute: AttributeSchema, columns: Mapping[str, Column], join: JoinRule) -> CompiledKey:
        expression = self._compiler.compile(text, columns, place=join.place)
        sql = _as_text(expression, attribute, is_multivalued=expression.is_multivalued)
        return CompiledKey(
            sql=sql,
            is_multivalued=expression.is_multivalued,
            attribute=attribute,
            uses=expression.uses,
            is_time_dependent=expression.is_time_dependent,
        )

    def _flow(
        self,
        flow: Flow,
        columns: Mapping[str, Column],
        targets: Mapping[str, AttributeSchema],
        sources: Mapping[str, AttributeSchema],
    ) -> CompiledFlow:
        target = targets.get(flow.target)
        if target is None:
            raise ConfigError(
                f"flow into unknown attribute {flow.target!r}",
                place=flow.place,
                remedy="declare the attribute or correct the name",
            )
        if target.type is ValueType.REFERENCE:
            source = sources.get(flow.expression.strip().strip('"'))
            if source is None or source.type is not ValueType.REFERENCE:
                raise ConfigError(
                    f"{flow.target!r} is a reference, so its flow must be the bare name of a reference attribute",
                    place=flow.place,
                    remedy="name a reference attribute of the source, without any expression",
                )
            return CompiledFlow(target=target, flow=flow, reference=source.name)
        expression = self._compiler.compile(flow.expression, columns, place=flow.place)
        if expression.is_multivalued and not target.is_multivalued:
            raise ConfigError(
                f"{flow.target!r} holds one value, but the expression gives a list",
                place=flow.place,
                remedy="choose one value, for example with [1] or join(...), or declare the target multi-valued",
            )
        is_bare = expression.sql.strip("()") in (quote(flow.expression.strip()), flow.expression.strip())
        is_text = ValueType.TEXT in (expression.type, target.type) and expression.type is target.type
        return CompiledFlow(
            target=target,
            flow=flow,
            sql=_as_text(expression, target, is_multivalued=target.is_multivalued),
            can_fail=not (is_bare and is_text),
            is_time_dependent=expression.is_time_dependent,
            uses=expression.uses,
        )


def _as_text(expression: Expression, target: AttributeSchema, *, is_multivalued: bool) -> str:
    value = f"({expression.sql})"
    if is_multivalued and not expression.is_multivalued:
        value = f"case when {value} is not null then [{value}] end"
    if expression.type is not target.type or expression.sql_type != sql_type(target.type, is_multivalued):
        value = _cast(value, expression.type, target.type, is_multivalued=is_multivalued)
    # The engine evaluates an argument of nullif twice, so empty text becomes null where the value is a column.
    if target.type in (ValueType.TEXT, ValueType.REFERENCE) and not is_multivalued:
        return value
    return to_text(value, target.type, is_multivalued)


def _cast(value: str, given: ValueType | None, wanted: ValueType, *, is_multivalued: bool) -> str:
    if given is ValueType.TEXT and wanted is ValueType.DATETIME:
        # A plain cast of text ignores an offset such as +02:00; this one applies it.
        if is_multivalued:
            return f"list_transform({value}, lambda x: accord_as_time(x))"
        return f"accord_as_time({value})"
    return f"cast({value} as {sql_type(wanted, is_multivalued)})"


def _used(scope: Expression | None, joins: Iterable[CompiledJoin], flows: Iterable[CompiledFlow]) -> frozenset[str]:
    used = scope.uses if scope is not None else frozenset[str]()
    for join in joins:
        for key in (*join.keys, *join.comparisons):
            used |= key.uses
    for flow in flows:
        used |= flow.uses
    return used


def _in_order_of_need(uniques: list[CompiledUnique], owner: IdentityType) -> tuple[CompiledUnique, ...]:
    waiting = {u.attribute.name: u for u in uniques}
    ordered: list[CompiledUnique] = []
    while waiting:
        ready = [u for u in waiting.values() if not (u.base.uses & waiting.keys())]
        if not ready:
            raise ConfigError(
                f"the unique values {', '.join(sorted(waiting))} need each other",
                place=owner.place,
                remedy="build at least one of them from other attributes only",
            )
        ordered += ready
        for unique in ready:
            del waiting[unique.attribute.name]
    return tuple(ordered)
