"""Evaluates policies over all owners at once: a bitset of owners for each term, few operations for each policy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.mining.bits import bits_of, members
from accord.governance.policies.rules import Policy, PolicyKind, TermSet

FACTS = pa.schema([("owner_id", pa.int64()), ("term", pa.string())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One owner (0: the policy as a whole) who violates a policy, by `evidence`: the terms held, or `lacking`.

    `id` is made of policy, owner and evidence: what was decided about it holds for exactly this.
    """

    id: str
    policy: str
    owner_id: int
    evidence: tuple[str, ...]
    lacking: tuple[str, ...] = ()


class Facts:
    """Which owners each term is true of; only terms that are asked for are held."""

    def __init__(self, owner_ids: npt.NDArray[np.int64], holders: Mapping[str, int]) -> None:
        self.owner_ids = owner_ids
        self.holders = holders
        self.everybody = (1 << len(owner_ids)) - 1

    def having(self, wanted: TermSet) -> int:
        """Return who holds as many of the terms as the set needs."""
        levels = [0] * wanted.needed
        for term in wanted.terms:
            holders = self.holders.get(term, 0)
            for level in range(wanted.needed - 1, 0, -1):
                levels[level] |= levels[level - 1] & holders
            levels[0] |= holders
        return levels[-1]


def load_facts(engine: Engine, owners: pa.Table, facts: pa.Table, policies: Iterable[Policy]) -> Facts:
    """Keep the facts that the policies ask for, as bitsets over the owners (a table with `owner_id`)."""
    wanted = sorted({term for policy in policies for term in policy.terms()})
    ids = np.sort(owners["owner_id"].to_numpy())
    engine.register("_wanted", pa.table({"term": wanted, "code": np.arange(len(wanted))}))
    engine.register("_facts", facts)
    found = engine.frame("select code, owner_id from _facts join _wanted using (term) order by code")
    engine.unregister("_wanted")
    engine.unregister("_facts")
    codes, who = found["code"].to_numpy(), found["owner_id"].to_numpy()
    places = np.searchsorted(ids, who)
    starts = np.searchsorted(codes, np.arange(len(wanted) + 1))
    holders = {}
    for at, term in enumerate(wanted):
        held = places[starts[at] : starts[at + 1]]
        if len(held):
            holders[term] = bits_of(held)
    return Facts(ids, holders)


def violators(policy: Policy, facts: Facts) -> int:
    """Return who violates a policy; for a cardinality, who holds too much (all holders) where there are too many."""
    concerned = facts.everybody
    if policy.scope is not None:
        concerned &= facts.having(policy.scope)
    if policy.excluded is not None:
        concerned &= ~facts.having(policy.excluded)
    first, *others = (facts.having(s) for s in policy.sets)
    if policy.kind is PolicyKind.REQUIREMENT:
        kept = concerned & first
        for held in others:
            kept &= held
        return concerned & first & ~kept
    for held in others:
        first &= held
    holding = concerned & first
    if policy.kind is PolicyKind.CONFLICT:
        return holding
    is_kept = policy.maximum is None or holding.bit_count() <= policy.maximum
    return 0 if is_kept else holding


def lacks_holders(policy: Policy, facts: Facts) -> bool:
    """Tell whether fewer hold it than the least that must."""
    if policy.kind is not PolicyKind.CARDINALITY or policy.minimum is None:
        return False
    held = facts.everybody
    for part in (*policy.sets, *((policy.scope,) if policy.scope else ())):
        held &= facts.having(part)
    if policy.excluded is not None:
        held &= ~facts.having(policy.excluded)
    return held.bit_count() < policy.minimum


def find_violations(policies: Sequence[Policy], facts: Facts) -> list[Violation]:
    """Return every violation, by policy and owner."""
    found = []
    for policy in policies:
        if lacks_holders(policy, facts):
            found.append(_violation(policy, 0, (), tuple(t for s in policy.sets for t in s.terms)))
        who = violators(policy, facts)
        if who:
            found += _told(policy, facts, who)
    return found


def _told(policy: Policy, facts: Facts, who: int) -> list[Violation]:
    """Return the violations of one policy; what is held is looked up term by term, not owner by owner."""
    places = members(who)
    masks = np.zeros(len(places), dtype=np.uint64)
    terms = sorted({t for s in policy.sets for t in s.terms})[:64]
    at = np.asarray(places)
    for place, term in enumerate(terms):
        held = _holds(facts.holders.get(term, 0), len(facts.owner_ids), at)
        masks |= held.astype(np.uint64) << np.uint64(place)
    known: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    found = []
    for owner, mask in zip(facts.owner_ids[at].tolist(), masks.tolist(), strict=True):
        if mask not in known:
            evidence = tuple(t for place, t in enumerate(terms) if mask >> place & 1)
            is_lack = policy.kind is PolicyKind.REQUIREMENT
            known[mask] = evidence, tuple(t for t in terms if t not in evidence) if is_lack else ()
        found.append(_violation(policy, owner, *known[mask]))
    return found


def _violation(policy: Policy, owner: int, evidence: tuple[str, ...], lacking: tuple[str, ...]) -> Violation:
    text = "\x1f".join((policy.id, str(owner), *evidence))
    return Violation(
        id="v-" + sha256(text.encode()).hexdigest()[:16],
        policy=policy.id,
        owner_id=owner,
        evidence=evidence,
        lacking=lacking,
    )


def _holds(bits: int, count: int, places: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell for each place whether it is in the set."""
    raw = np.frombuffer(bits.to_bytes((count + 7) // 8, "little"), dtype=np.uint8)
    found: npt.NDArray[np.bool_] = (raw[places >> 3] >> (places & 7).astype(np.uint8) & 1).astype(bool)
    return found
