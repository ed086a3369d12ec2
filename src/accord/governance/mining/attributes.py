"""Roles and the attributes of owners: groups of equal attributes as roles, and expressions that explain a role."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.bits import bits_of, each, members
from accord.governance.mining.roles import Role
from accord.model.errors import UsageError

_TERMS = 3
_VALUES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One attribute with one value."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A conjunction of terms beside a role: the share of those it finds that are members, the share of members found.

    `over_granted` counts the permissions that those it finds beyond the members do not hold today.
    """

    terms: tuple[Term, ...]
    precision: float
    recall: float
    over_granted: int

    @property
    def score(self) -> float:
        """Return the harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeGroup:
    """Owners of equal values in the chosen columns, with a name made of the values."""

    name: str
    terms: tuple[Term, ...]
    owners: int


class Index:
    """For each attribute, each value's set of users; users without a value are in no set."""

    def __init__(self, attributes: Mapping[str, Sequence[str | None]]) -> None:
        self.sets: dict[str, dict[str, int]] = {}
        for name, values in attributes.items():
            found: dict[str, list[int]] = {}
            for user, value in enumerate(values):
                if value:
                    found.setdefault(value, []).append(user)
            self.sets[name] = {value: bits_of(users) for value, users in sorted(found.items())}

    def groups(self, columns: Sequence[str], *, minimum_owners: int = 1) -> list[AttributeGroup]:
        """Return the owners of each combination of values, the largest first; raise UsageError for unknown columns."""
        unknown = [column for column in columns if column not in self.sets]
        if unknown or not columns:
            raise UsageError(
                f"owners have no attribute {', '.join(unknown)}" if unknown else "no column was chosen",
                remedy=f"choose from: {', '.join(sorted(self.sets)) or 'none, there are no attributes'}",
            )
        found: list[tuple[tuple[Term, ...], int]] = [((), -1)]
        for column in columns:
            found = [
                ((*terms, Term(attribute=column, value=value)), users & holders)
                for terms, users in found
                for value, holders in self.sets[column].items()
                if users & holders
            ]
        groups = [
            AttributeGroup(name="-".join(_slug(t.value) for t in terms), terms=terms, owners=users)
            for terms, users in found
            if users.bit_count() >= minimum_owners
        ]
        return sorted(groups, key=lambda group: (-group.owners.bit_count(), group.name))

    def explain(self, role: Role, assignments: Assignments) -> Explanation | None:
        """Return the expression that fits the members best; of equal ones the shortest; None without attributes."""
        best: Explanation | None = None
        candidates = self._telling(role.users)
        for count in range(1, _TERMS + 1):
            for chosen in combinations(candidates, count):
                if len({term.attribute for term, _ in chosen}) < count:
                    continue
                found = -1
                for _, users in chosen:
                    found &= users
                hit = (found & role.users).bit_count()
                if not hit:
                    continue
                explanation = Explanation(
                    terms=tuple(term for term, _ in chosen),
                    precision=hit / found.bit_count(),
                    recall=hit / role.users.bit_count(),
                    over_granted=0,
                )
                if best is None or explanation.score > best.score + 1e-9:
                    best = explanation
        return None if best is None else self._with_over_grant(best, role, assignments)

    def having(self, terms: Sequence[Term]) -> int:
        """Return the users for whom all of the terms are true."""
        users = -1
        for term in terms:
            users &= self.sets[term.attribute][term.value]
        return users

    def _telling(self, users: int) -> list[tuple[Term, int]]:
        """Return the values that many of these users have and few others."""
        found = []
        for attribute, values in self.sets.items():
            for value, holders in values.items():
                hit = (holders & users).bit_count()
                if hit * 2 >= users.bit_count():
                    found.append((hit / holders.bit_count(), Term(attribute=attribute, value=value), holders))
        found.sort(key=lambda entry: (-entry[0], entry[1].attribute, entry[1].value))
        return [(term, holders) for _, term, holders in found[:_VALUES]]

    def _with_over_grant(self, found: Explanation, role: Role, assignments: Assignments) -> Explanation:
        beyond = members(self.having(found.terms) & ~role.users)
        over = sum((role.permissions & ~assignments.rows[user]).bit_count() for user in beyond)
        return Explanation(terms=found.terms, precision=found.precision, recall=found.recall, over_granted=over)


def core(assignments: Assignments, owners: int, *, share: float = 1.0) -> int:
    """Return the permissions that at least this share of the owners hold."""
    counts: dict[int, int] = {}
    for user in each(owners):
        for permission in each(assignments.rows[user]):
            counts[permission] = counts.get(permission, 0) + 1
    return bits_of([p for p, count in sorted(counts.items()) if count >= share * owners.bit_count()])


def _slug(value: str) -> str:
    plain = unicodedata.normalize("NFKC", value).casefold()
    return re.sub(r"[\W_]+", "_", plain).strip("_") or "none"
