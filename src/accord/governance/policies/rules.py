"""Policies: what may not be held together, what must be, and how many may hold it; read from plain values.

A term is a fact about an owner, as text: `entitlement:SYSTEM/NAME`, `group:NAME`, `role:NAME`, `application:NAME`,
`attribute:NAME=VALUE`, `flag:NAME`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from accord.model.errors import ConfigError

_E = TypeVar("_E", bound=StrEnum)

TERM_KINDS = ("entitlement", "group", "role", "application", "attribute", "flag")
_KEYS = {"id", "name", "description", "kind", "severity", "sets", "scope", "except", "holders", "valid_from",
         "valid_until", "active", "mitigation"}  # fmt: skip


class PolicyKind(StrEnum):
    """What a policy says of its sets."""

    CONFLICT = "conflict"
    REQUIREMENT = "requirement"
    CARDINALITY = "cardinality"


class Severity(StrEnum):
    """How grave a violation is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermSet:
    """Terms of which at least `needed` must be held: 1 is any of them, as many as there are is all."""

    terms: tuple[str, ...]
    needed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy.

    A conflict is violated by who holds every set; a requirement by who holds the first set and not all others; a
    cardinality where more or fewer owners hold the sets than `maximum` and `minimum` say. Only owners in `scope`
    count, and none in `excluded`; only from `valid_from` until before `valid_until`.
    """

    id: str
    name: str
    kind: PolicyKind = PolicyKind.CONFLICT
    severity: Severity = Severity.MEDIUM
    sets: tuple[TermSet, ...]
    scope: TermSet | None = None
    excluded: TermSet | None = None
    maximum: int | None = None
    minimum: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    is_active: bool = True
    mitigation: str = ""

    def counts_at(self, now: datetime) -> bool:
        """Tell whether it is to be kept at this time."""
        has_begun = self.valid_from is None or self.valid_from <= now
        return self.is_active and has_begun and (self.valid_until is None or now < self.valid_until)

    def terms(self) -> Iterator[str]:
        """Yield every term of its sets, scope and exclusions."""
        for part in (*self.sets, self.scope, self.excluded):
            if part is not None:
                yield from part.terms


def parse_policies(content: object, *, place: str = "policies") -> tuple[Policy, ...]:
    """Return the policies of plain values (a list, or a mapping with `policies`); raise ConfigError at the place."""
    entries = enumerate(policy_docs(content, place=place))
    policies = tuple(parse_policy(entry, place=f"{place}[{at}]") for at, entry in entries)
    seen: set[str] = set()
    for policy in policies:
        if policy.id in seen:
            raise _wrong(place, f"the id {policy.id!r} is used twice")
        seen.add(policy.id)
    return policies


def policy_docs(content: object, *, place: str = "policies") -> Sequence[object]:
    """Return what should be policies, unread; raise ConfigError where it is no list."""
    listed = content.get("policies") if isinstance(content, Mapping) else content
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise _wrong(place, "it must be a list of policies")
    return listed


def parse_policy(entry: object, *, place: str = "policy") -> Policy:
    """Return one policy of plain values; raise ConfigError."""
    if not isinstance(entry, Mapping):
        raise _wrong(place, "it must be a mapping")
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise _wrong(place, f"{unknown[0]!r} is no key of a policy", f"use: {', '.join(sorted(_KEYS))}")
    key = str(entry.get("id") or "")
    if not key:
        raise _wrong(place, "it has no id")
    kind = _choice(PolicyKind, entry.get("kind", "conflict"), f"{place}.kind")
    sets = entry.get("sets")
    if not isinstance(sets, Sequence) or isinstance(sets, str) or not sets:
        raise _wrong(f"{place}.sets", "it must list at least one set of terms")
    if kind is PolicyKind.REQUIREMENT and len(sets) < 2:
        raise _wrong(f"{place}.sets", "a requirement needs two sets: who holds the first needs the others")
    holders = entry.get("holders") or {}
    if not isinstance(holders, Mapping) or (kind is PolicyKind.CARDINALITY and not holders):
        raise _wrong(f"{place}.holders", "a cardinality says min, max or both")
    return Policy(
        id=key,
        name=str(entry.get("name") or key),
        kind=kind,
        severity=_choice(Severity, entry.get("severity", "medium"), f"{place}.severity"),
        sets=tuple(_set(s, f"{place}.sets[{at}]") for at, s in enumerate(sets)),
        scope=_set(entry["scope"], f"{place}.scope") if entry.get("scope") else None,
        excluded=_set(entry["except"], f"{place}.except") if entry.get("except") else None,
        maximum=_count(holders.get("max"), f"{place}.holders.max"),
        minimum=_count(holders.get("min"), f"{place}.holders.min"),
        valid_from=_time(entry.get("valid_from"), f"{place}.valid_from"),
        valid_until=_time(entry.get("valid_until"), f"{place}.valid_until"),
        is_active=entry.get("active", True) is True,
        mitigation=str(entry.get("mitigation") or ""),
    )


def _set(entry: object, place: str) -> TermSet:
    if isinstance(entry, str):
        return TermSet(terms=(_term(entry, place),))
    if not isinstance(entry, Mapping) or not (keys := {"any", "all", "of"} & set(entry)) or len(keys) > 1:
        raise _wrong(place, "it must say any, all, or at_least with of")
    (key,) = keys
    listed = entry[key]
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise _wrong(f"{place}.{key}", "it must list at least one term")
    terms = tuple(dict.fromkeys(_term(t, f"{place}.{key}") for t in listed))
    needed = {"any": 1, "all": len(terms)}.get(key) or _count(entry.get("at_least"), f"{place}.at_least") or 1
    if needed > len(terms):
        raise _wrong(f"{place}.at_least", f"{needed} of {len(terms)} terms can never be held")
    return TermSet(terms=terms, needed=needed)


def _term(text: object, place: str) -> str:
    kind, colon, value = str(text).partition(":")
    if kind not in TERM_KINDS or not colon or not value or (kind == "attribute" and "=" not in value):
        raise _wrong(place, f"{text!r} is no term", f"write KIND:VALUE with KIND one of {', '.join(TERM_KINDS)}")
    return str(text)


def _choice(kind: type[_E], value: object, place: str) -> _E:
    try:
        return kind(str(value))
    except ValueError:
        raise _wrong(place, f"{value!r} is none of them", f"use one of: {', '.join(kind)}") from None


def _count(value: object, place: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(place, f"{value!r} is no count")
    return value


def _time(value: object, place: str) -> datetime | None:
    if value is None:
        return None
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise _wrong(place, f"{value!r} is no time", "write it as 2026-01-31T00:00:00Z") from None
    if found.tzinfo is None:
        raise _wrong(place, f"{value!r} has no zone", "write it as 2026-01-31T00:00:00Z")
    return found


def _wrong(place: str, message: str, remedy: str = "see docs/reference/policies.md") -> ConfigError:
    return ConfigError(message, place=place, remedy=remedy)
