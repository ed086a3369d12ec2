"""Roles as found, and certificates of how few can do; positions are those of the assignments."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Users and permissions as sets of positions in the assignments: each of the users has all of the permissions."""

    users: int
    permissions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A pair of user and permission, by position, that weighs `weight` parts of the certificate's whole."""

    user: int
    permission: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Why fewer roles cannot do: each role can hold witnesses of at most `whole` parts, and all weigh more.

    With `whole` 1 it is a fooling set: no two witnesses can be in one role, so there are as many roles as witnesses.
    """

    whole: int
    witnesses: tuple[Witness, ...]

    @property
    def bound(self) -> int:
        """Return how many roles are needed at least."""
        return -(-sum(w.weight for w in self.witnesses) // self.whole)
