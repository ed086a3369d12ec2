"""Checks roles and certificates against who holds what; shares nothing with how they were found.

A cover is checked pair by pair. A certificate is checked by looking at every group of witnesses that one role could
hold together: where all weights are whole, that is every two of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.roles import Certificate, Role, Witness

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check found: pairs granted but not held, held but not granted, and faults of the certificate."""

    over_granted: int
    not_granted: int
    faults: tuple[str, ...]
    bound: int

    @property
    def is_exact(self) -> bool:
        """Whether the roles grant exactly what is held."""
        return not self.over_granted and not self.not_granted

    @property
    def is_sound(self) -> bool:
        """Whether the certificate proves its bound."""
        return not self.faults


def check(assignments: Assignments, roles: Sequence[Role], certificate: Certificate) -> Verdict:
    """Check that the roles grant exactly what is held, and that the certificate proves its bound."""
    granted = [0] * len(assignments.rows)
    for role in roles:
        left = role.users
        while left:
            low = left & -left
            granted[low.bit_length() - 1] |= role.permissions
            left ^= low
    over = sum((got & ~held).bit_count() for got, held in zip(granted, assignments.rows, strict=True))
    missing = sum((held & ~got).bit_count() for got, held in zip(granted, assignments.rows, strict=True))
    faults = tuple(_faults(assignments, certificate))
    return Verdict(
        over_granted=over, not_granted=missing, faults=faults[:_SHOWN], bound=0 if faults else certificate.bound
    )


def _faults(assignments: Assignments, certificate: Certificate) -> Iterator[str]:
    witnesses = certificate.witnesses
    if len({(w.user, w.permission) for w in witnesses}) < len(witnesses):
        yield "a witness stands in it twice"
        return
    for witness in witnesses:
        if not assignments.rows[witness.user] >> witness.permission & 1:
            yield f"{_told(assignments, witness)} is not held"
        if not 0 < witness.weight <= certificate.whole:
            yield f"{_told(assignments, witness)} weighs {witness.weight} of {certificate.whole}"
    fits = _fits(assignments, witnesses)
    for at, near in enumerate(fits):
        later = near >> (at + 1)
        if later and witnesses[at].weight == certificate.whole:
            other = at + (later & -later).bit_length()
            yield f"one role could hold {_told(assignments, witnesses[at])} and {_told(assignments, witnesses[other])}"
        elif near and _heaviest(near, fits, witnesses) + witnesses[at].weight > certificate.whole:
            yield f"one role could hold more than {certificate.whole} with {_told(assignments, witnesses[at])}"


def _fits(assignments: Assignments, witnesses: Sequence[Witness]) -> list[int]:
    """Return for each witness the others that one role could hold with it: both users hold both permissions."""
    naming: dict[int, int] = {}
    for at, one in enumerate(witnesses):
        naming[one.permission] = naming.get(one.permission, 0) | 1 << at
    named = sum(1 << permission for permission in naming)
    ahead = [0] * len(witnesses)
    for at, one in enumerate(witnesses):
        left = assignments.rows[one.user] & named
        while left:
            low = left & -left
            ahead[at] |= naming[low.bit_length() - 1]
            left ^= low
    behind = [0] * len(witnesses)
    for at, found in enumerate(ahead):
        left = found
        while left:
            low = left & -left
            behind[low.bit_length() - 1] |= 1 << at
            left ^= low
    return [(a & b) & ~(1 << at) for at, (a, b) in enumerate(zip(ahead, behind, strict=True))]


def _heaviest(candidates: int, fits: Sequence[int], witnesses: Sequence[Witness]) -> int:
    """Return the greatest weight that witnesses of one role can have together."""
    best = 0
    stack = [(0, candidates)]
    while stack:
        weight, left = stack.pop()
        best = max(best, weight)
        while left:
            low = left & -left
            left ^= low
            at = low.bit_length() - 1
            stack.append((weight + witnesses[at].weight, left & fits[at]))
    return best


def _told(assignments: Assignments, witness: Witness) -> str:
    return f"{assignments.users[witness.user]}/{assignments.permissions[witness.permission]}"
