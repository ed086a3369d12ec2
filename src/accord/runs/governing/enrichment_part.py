"""Whom an enrichment must look at again after changes, and what that makes of the coverage."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from accord.governance.enrichment.enriching import Coverage
from accord.governance.enrichment.rules import EnrichmentRule
from accord.governance.holdings import OWNER_TYPES, Population
from accord.runs.context import Context
from accord.runs.governing.enrichment_rows import COVERAGE
from accord.runs.governing.part import MOST, changes_since, owners_of, read_part
from accord.store.baselines import Position

_VERSION = 1
_REPORTING = frozenset({"manager", "reports"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The owners that changes concern, those they are related to, and what the coverage was; `managers` as kept."""

    affected: frozenset[int]
    population: Population
    managers: pa.Table
    covered: Mapping[str, Mapping[str, object]]
    owners: int

    def only(self, subjects: pa.Table) -> pa.Table:
        """Return the subjects that are to be looked at."""
        return subjects.filter(pc.is_in(subjects["owner_id"], pa.array(sorted(self.affected), pa.int64())))

    def coverage(self, before: pa.Table, after: pa.Table) -> list[Coverage]:
        """Return the coverage of everybody, by what these findings were and are."""
        tallies = {target: _Tally.of(doc) for target, doc in self.covered.items()}
        for rows, change in ((before, -1), (after, 1)):
            for target, text in zip(rows["name"].to_pylist(), rows["doc"].to_pylist(), strict=True):
                tallies.setdefault(target, _Tally()).add(json.loads(text), change)
        return [tally.told(target, self.owners) for target, tally in sorted(tallies.items()) if tally.filled]


@dataclass(slots=True)
class _Tally:
    filled: int = 0
    conflicts: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, doc: Mapping[str, object]) -> "_Tally":
        rules = doc["byRule"]
        counts = {str(rule): int(n) for rule, n in rules.items()} if isinstance(rules, Mapping) else {}
        return cls(int(str(doc["filled"])), int(str(doc["conflicts"])), counts)

    def add(self, value: Mapping[str, object], change: int) -> None:
        self.filled += change
        self.conflicts += change if value.get("disputed") is True else 0
        rule = str(value["rule"])
        self.by_rule[rule] = self.by_rule.get(rule, 0) + change

    def told(self, target: str, owners: int) -> Coverage:
        by_rule = {rule: n for rule, n in sorted(self.by_rule.items()) if n}
        return Coverage(target=target, filled=self.filled, owners=owners, conflicts=self.conflicts, by_rule=by_rule)


def terms_of_rules(context: Context, declared: Sequence[Mapping[str, object]], rules: Sequence[EnrichmentRule]) -> str:
    """Return what the values depend on, besides objects and identities: rules, configuration, managers where read."""
    reads_managers = any(rule.relation in _REPORTING for rule in rules)
    managers = context.store.findings.last_change("manager") if reads_managers else ""
    return json.dumps([_VERSION, context.rules.digest, managers, list(declared)], sort_keys=True)


def read_changed(context: Context, position: Position, rules: Sequence[EnrichmentRule]) -> Part | None:
    """Return whom the changes since a position concern; None where that cannot be told, or they are too many."""
    relations = {rule.relation for rule in rules}
    changes = changes_since(context, position)
    if len(changes.objects) + len(changes.identities) > MOST:
        return None
    touched, has_more = owners_of(context, changes)
    if has_more and "groups" in relations:
        return None
    store = context.store
    managers = store.findings.read("manager") if relations & _REPORTING else store.findings.of_owners("manager", [])
    pairs = _pairs(managers)
    affected = touched | _beside(pairs, touched)
    wanted = affected | _beside(pairs, affected)
    if len(wanted) > MOST:
        return None
    counts = store.subsets.count_identities()
    kept = store.findings.read(COVERAGE)
    return Part(
        affected=frozenset(affected),
        population=read_part(context, wanted),
        managers=managers,
        covered={r["id"]: json.loads(r["doc"]) for r in kept.to_pylist()},
        owners=sum(counts.get(kind, 0) for kind in OWNER_TYPES),
    )


def _pairs(managers: pa.Table) -> list[tuple[int, int]]:
    docs = zip(managers["owner_id"].to_pylist(), managers["doc"].to_pylist(), strict=True)
    return [(owner, manager) for owner, doc in docs if (manager := json.loads(doc)["managerId"]) is not None]


def _beside(pairs: Sequence[tuple[int, int]], owners: set[int]) -> set[int]:
    """Return the managers of these owners, and who reports to them."""
    return {m for o, m in pairs if o in owners} | {o for o, m in pairs if m in owners}
