"""Enrichment rules: read from plain values, ordered so that each comes after those whose values it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from accord.model.errors import ConfigError

_KEYS = {"id", "kind", "target", "source", "order", "table", "synonyms", "patterns", "default", "expression",
         "relation", "function", "owners", "confidence", "active"}  # fmt: skip


class RuleKind(StrEnum):
    """How a rule makes values."""

    LOOKUP = "lookup"
    NORMALISE = "normalise"
    CLASSIFY = "classify"
    DERIVE = "derive"
    INHERIT = "inherit"
    AGGREGATE = "aggregate"
    PIN = "pin"


class Function(StrEnum):
    """What an aggregate makes of many values."""

    MAX = "max"
    MIN = "min"
    SUM = "sum"
    COUNT = "count"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichmentRule:
    """One rule: gives `target` from `source` (or an expression) by its kind.

    Of several rules for one target the lowest `order` that has a value wins; a pin always does. `mapping` holds a
    lookup's or the synonyms' answers by question, `patterns` a classification's in order, `owners` a pin's values.
    """

    id: str
    kind: RuleKind
    target: str
    source: str = ""
    order: int = 100
    mapping: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[tuple[str, str], ...] = ()
    default: str | None = None
    expression: str = ""
    relation: str = ""
    function: Function = Function.MAX
    owners: Mapping[int, str] = field(default_factory=dict)
    confidence: float = 1.0
    is_active: bool = True


def parse_rules(entries: Sequence[object], *, place: str = "rules") -> tuple[EnrichmentRule, ...]:
    """Return the rules of plain values; raise ConfigError at the place."""
    rules = tuple(parse_rule(entry, place=f"{place}[{at}]") for at, entry in enumerate(entries))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise _wrong(place, f"the id {rule.id!r} is used twice")
        seen.add(rule.id)
    return rules


def parse_rule(entry: object, *, place: str = "rule") -> EnrichmentRule:
    """Return one rule of plain values; raise ConfigError."""
    if not isinstance(entry, Mapping):
        raise _wrong(place, "it must be a mapping")
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise _wrong(place, f"{unknown[0]!r} is no key of an enrichment rule", f"use: {', '.join(sorted(_KEYS))}")
    try:
        kind, function = RuleKind(str(entry.get("kind"))), Function(str(entry.get("function", "max")))
        order, confidence = int(entry.get("order", 100)), float(entry.get("confidence", 1.0))
        owners = {int(owner): str(value) for owner, value in dict(entry.get("owners") or {}).items()}
        patterns = tuple((str(p["match"]), str(p["value"])) for p in entry.get("patterns") or ())
        synonyms = {str(s): str(c) for c, listed in dict(entry.get("synonyms") or {}).items() for s in (c, *listed)}
        table = {str(k): str(v) for k, v in dict(entry.get("table") or {}).items()}
    except (ValueError, TypeError, KeyError) as error:
        raise _wrong(place, f"it cannot be read: {error}") from error
    rule = EnrichmentRule(
        id=str(entry.get("id") or ""), kind=kind, target=str(entry.get("target") or ""),
        source=str(entry.get("source") or ""), order=order, mapping=table or synonyms, patterns=patterns,
        default=None if entry.get("default") is None else str(entry["default"]),
        expression=str(entry.get("expression") or ""), relation=str(entry.get("relation") or ""), function=function,
        owners=owners, confidence=confidence, is_active=entry.get("active", True) is True,
    )  # fmt: skip
    _check(rule, place)
    return rule


def in_order(rules: Sequence[EnrichmentRule], reads: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the targets, each after those its rules read; `reads` says which attributes each rule reads.

    Raises ConfigError with the circle where targets need each other.
    """
    needs: dict[str, set[str]] = {}
    for rule in rules:
        needs.setdefault(rule.target, set()).update(reads[rule.id])
    ordered: list[str] = []
    path: list[str] = []

    def visit(target: str) -> None:
        if target in ordered or target not in needs:
            return
        if target in path:
            circle = " -> ".join((*path[path.index(target) :], target))
            raise _wrong("rules", f"they need each other in a circle: {circle}", "let one read another attribute")
        path.append(target)
        for other in sorted(needs[target]):
            visit(other)
        path.pop()
        ordered.append(target)

    for target in sorted(needs):
        visit(target)
    return tuple(ordered)


_NEEDED: Mapping[RuleKind, tuple[str, ...]] = {
    RuleKind.LOOKUP: ("source", "mapping"),
    RuleKind.NORMALISE: ("source", "mapping"),
    RuleKind.CLASSIFY: ("source", "patterns"),
    RuleKind.DERIVE: ("expression",),
    RuleKind.INHERIT: ("source", "relation"),
    RuleKind.AGGREGATE: ("relation",),
    RuleKind.PIN: ("owners",),
}
_SPELLED = {(RuleKind.LOOKUP, "mapping"): "table", (RuleKind.NORMALISE, "mapping"): "synonyms"}
RELATIONS = ("manager", "reports", "accounts", "groups")


def _check(rule: EnrichmentRule, place: str) -> None:
    for name in ("id", "target"):
        if not getattr(rule, name):
            raise _wrong(place, f"it has no {name}")
    for name in _NEEDED[rule.kind]:
        if not getattr(rule, name):
            raise _wrong(place, f"a {rule.kind} rule needs {_SPELLED.get((rule.kind, name), name)}")
    if rule.relation and rule.relation not in RELATIONS:
        raise _wrong(f"{place}.relation", f"{rule.relation!r} is no relation", f"use one of: {', '.join(RELATIONS)}")
    if not 0 < rule.confidence <= 1:
        raise _wrong(f"{place}.confidence", "it must be above 0 and at most 1")


def _wrong(place: str, message: str, remedy: str = "see docs/reference/enrichment.md") -> ConfigError:
    return ConfigError(message, place=place, remedy=remedy)
