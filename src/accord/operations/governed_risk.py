"""How risky owners are: what their open violations weigh; who is within bounds, and what an application adds up to."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from accord.governance.holdings import meaning_of
from accord.model.errors import Invalid
from accord.runs.context import Context

MOST = 100
_WEIGHTS = {"low": 5, "medium": 15, "high": 40, "critical": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Scores from `least` to `most`, both among them."""

    least: int = 0
    most: int = MOST

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most <= MOST:
            text = f"use bounds from 0 to {MOST}, the lower one first"
            raise Invalid("the bounds of the risk do not fit", {"min_risk": [text]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """The ids that are within bounds: only those of `only`, None where nearly all are; never those of `never`."""

    only: frozenset[int] | None
    never: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What an application adds up to: its accounts, and the mean risk of who owns them."""

    accounts: int
    average_risk: float


def find_risks(context: Context, owners: list[int]) -> dict[int, int]:
    """Return the risk of these owners, up to 100; those without open violations are left out."""
    return _weighed(context.store.findings.of_owners("violation", owners))


def find_all_risks(context: Context) -> dict[int, int]:
    """Return the risk of every owner who has an open violation; costs as many rows as there are violations."""
    return _weighed(context.store.findings.read("violation"))


def within(context: Context, noun: str, bounds: Bounds) -> Within:
    """Return who of owners, or which of accounts by their owners, is as risky as wanted."""
    risks = find_all_risks(context)
    inside = {owner for owner, risk in risks.items() if bounds.least <= risk <= bounds.most}
    above = {owner for owner, risk in risks.items() if risk > bounds.most}
    only = _ids(context, noun, inside) if bounds.least else None
    return Within(only=only, never=_ids(context, noun, above))


def total_of(context: Context, names: Iterable[str], risks: Mapping[int, int]) -> Totals | None:
    """Return the totals of the application that has one of these names; None where no connected system is called so.

    A connected system is the application whose accounts it holds, as `application:SYSTEM` is in policies.
    """
    wanted = {name.casefold() for name in names if name}
    system = next((s for s in context.rules.systems if s.casefold() in wanted), None)
    if system is None:
        return None
    types = {t for s, t in meaning_of(context.rules).account_types if s == system}
    accounts = sum(count for t, count in context.store.standing.objects(system).items() if t in types)
    links = context.store.metaverse.read_links_to(sorted(risks)).table
    owner_of = dict(zip(links["object_id"].to_pylist(), links["identity_id"].to_pylist(), strict=True))
    found = context.store.connector_space.read_objects_by_id(list(owner_of)).table.select(["id", "system", "type"])
    held = [r["id"] for r in found.to_pylist() if r["system"] == system and r["type"] in types]
    weight = sum(risks[owner_of[account]] for account in held)
    return Totals(accounts=accounts, average_risk=round(weight / accounts, 1) if accounts else 0.0)


def _ids(context: Context, noun: str, owners: set[int]) -> frozenset[int]:
    if noun == "owners":
        return frozenset(owners)
    return frozenset(context.store.metaverse.read_links_to(sorted(owners)).table["object_id"].to_pylist())


def _weighed(found: pa.Table) -> dict[int, int]:
    risks: dict[int, int] = {}
    for owner, state, doc in zip(*(found[c].to_pylist() for c in ("owner_id", "state", "doc")), strict=True):
        if state == "open":
            risks[owner] = min(MOST, risks.get(owner, 0) + _WEIGHTS[json.loads(doc)["severity"]])
    return risks
