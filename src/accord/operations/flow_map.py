"""The flow map: who feeds each attribute of an identity, in what order, and where it goes."""

import threading
from collections import deque
from dataclasses import dataclass

from accord.model.rules import RuleSet
from accord.runs.context import Context
from accord.sync.compiling import CompiledFlow, CompiledRules, CompiledType, compile_rules
from accord.sync.settling import contributors

_LOCK = threading.Lock()
_REMEMBERED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One flow at one end of an attribute: the rule, the system's attribute, and the expression."""

    rule: str
    system: str
    attribute: str
    expression: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedAttribute:
    """One attribute of an identity: who feeds it, first wins; where it goes; how it is made when nobody feeds it.

    `problem` tells when it goes nowhere, or comes from nowhere.
    """

    name: str
    type: str
    is_multivalued: bool
    sources: tuple[Stream, ...]
    made: str
    targets: tuple[Stream, ...]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedType:
    """The flow map of one identity type."""

    name: str
    attributes: tuple[MappedAttribute, ...]


_KNOWN: deque[tuple[RuleSet, tuple[MappedType, ...]]] = deque(maxlen=_REMEMBERED)


def read_flow_map(context: Context) -> tuple[MappedType, ...]:
    """Return the flow map of every identity type, by name; made once for the rules that are in force."""
    with _LOCK:
        known = next((mapped for rules, mapped in _KNOWN if rules is context.rules), None)
    if known is None:
        known = _mapped(context.rules)
        with _LOCK:
            _KNOWN.append((context.rules, known))
    return known


def _mapped(rules: RuleSet) -> tuple[MappedType, ...]:
    compiled = compile_rules(rules)
    return tuple(
        MappedType(
            name=name,
            attributes=tuple(_attribute(compiled, one, a) for a in sorted(one.type.attributes)),
        )
        for name, one in sorted(compiled.types.items())
    )


def _attribute(compiled: CompiledRules, one: CompiledType, name: str) -> MappedAttribute:
    declared = one.type.attributes[name]
    order = [c.rule for c in contributors(one, name, compiled.inbound)]
    fed = {s.rule: s for s in _sources(compiled, one.type.name, name)}
    sources = tuple(fed[rule] for rule in order if rule in fed)
    targets = _targets(compiled, one.type.name, name)
    made = _made(one, name)
    return MappedAttribute(
        name=name,
        type=declared.schema.type.value,
        is_multivalued=declared.schema.is_multivalued,
        sources=sources,
        made=made,
        targets=targets,
        problem="" if sources or made else "nobody feeds it",
    )


def _sources(compiled: CompiledRules, type_name: str, name: str) -> list[Stream]:
    return [
        Stream(
            rule=i.rule.name, system=i.rule.system, attribute=", ".join(sorted(f.uses)) or (f.reference or ""),
            expression=f.flow.expression, note="null is a value" if f.flow.null_is_value else "",
        )
        for i in compiled.inbound
        if i.rule.identity_type == type_name
        for f in i.flows
        if f.target.name == name
    ]  # fmt: skip


def _targets(compiled: CompiledRules, type_name: str, name: str) -> tuple[Stream, ...]:
    found: list[Stream] = []
    for o in compiled.outbound:
        if o.rule.identity_type != type_name:
            continue
        for text, expression in (("dn", o.dn), ("anchor", o.anchor), ("scope", o.scope)):
            if expression is not None and name in expression.uses:
                found.append(_stream(o.rule.name, o.rule.system, f"({text})", expression.text))
        found += [
            _stream(o.rule.name, o.rule.system, f.target.name, f.flow.expression, f)
            for f in o.flows
            if name in f.uses or f.reference == name
        ]
    return tuple(found)


def _stream(rule: str, system: str, attribute: str, expression: str, flow: CompiledFlow | None = None) -> Stream:
    note = "on create only" if flow is not None and flow.flow.initial_only else ""
    return Stream(rule=rule, system=system, attribute=attribute, expression=expression, note=note)


def _made(one: CompiledType, name: str) -> str:
    declared = one.type.attributes[name]
    if declared.unique is not None:
        return f"made unique from {declared.unique.base}"
    if declared.derived is not None:
        derived = declared.derived
        return f"every {derived.type} whose {derived.theirs} equals {derived.ours}"
    return ""
