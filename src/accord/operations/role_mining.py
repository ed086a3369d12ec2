"""Role mining on a file or on a connected system: roles with their proof, and the check of both."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.attributes import Index
from accord.governance.mining.bits import members
from accord.governance.mining.checking import check
from accord.governance.mining.complexity import Missing, mine_simplest
from accord.governance.mining.exact import mine_minimum
from accord.governance.mining.proposals import Proposal, propose, propose_by_attributes
from accord.governance.mining.roles import Certificate, Role
from accord.governance.mining.surveying import find_reach
from accord.governance.mining.trimming import ROUNDS, complexity, trim
from accord.model.errors import UsageError


class Objective(StrEnum):
    """What the mined roles are best at: being few, describing simply who holds what, or being told by attributes."""

    ROLES = "roles"
    COMPLEXITY = "complexity"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessView:
    """A pair of the certificate, of `weight` parts of its whole."""

    user: str
    permission: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateView:
    """Why fewer roles cannot do: no role can hold witnesses that weigh more than `whole` together."""

    whole: int
    witnesses: tuple[WitnessView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A user with a permission; `role` names the role it is about, if any."""

    user: str
    permission: str
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinedRoles:
    """Mined roles. `lower_bound`, `gap` and `certificate` are None where no minimum was asked for.

    `needed` says how many roles explain so large a share of all assignments. `direct` is what no role grants, `missing`
    what somebody who nearly has a role seems to lack; neither is ever granted. `seconds` is the processor time of
    finding roles and certificate.
    """

    objective: Objective
    users: int
    permissions: int
    assignments: int
    role_count: int
    lower_bound: int | None
    gap: int | None
    is_minimal: bool
    complexity: int
    seconds: float
    needed: tuple[tuple[float, int], ...]
    roles: tuple[Proposal, ...]
    certificate: CertificateView | None
    direct: tuple[Pair, ...]
    missing: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRoles:
    """What an independent check found of roles and certificate."""

    role_count: int
    lower_bound: int
    is_exact: bool
    is_proven: bool
    is_minimal: bool
    over_granted: int
    not_granted: int
    faults: tuple[str, ...]
    seconds: float


def mine(
    assignments: Assignments,
    objective: Objective,
    *,
    rounds: int = ROUNDS,
    nodes: int = 10_000,
    index: Index | None = None,
) -> MinedRoles:
    """Mine roles for an objective. `rounds` is how hard a minimum is made simple, `nodes` how far search may go.

    With the attributes of an `index` each role is told by an expression; a hybrid takes those it finds as members.
    """
    if not assignments.count:
        raise UsageError("nobody holds anything, so there are no roles to find", remedy="import memberships first")
    if objective is Objective.HYBRID and index is None:
        raise UsageError("no attributes are known to tell roles by", remedy="name a file with --attributes")
    started = time.process_time()
    if objective is Objective.ROLES:
        minimum = mine_minimum(assignments, nodes=nodes)
        seconds = time.process_time() - started
        roles = trim(assignments, minimum.roles, rounds=rounds)
        return _view(assignments, _Mined(objective, roles, index, seconds, certificate=minimum.certificate))
    found = mine_simplest(assignments)
    seconds = time.process_time() - started
    return _view(
        assignments, _Mined(objective, found.roles, index, seconds, direct=found.direct, missing=found.missing)
    )


def verify(assignments: Assignments, roles: Sequence[Role], certificate: Certificate) -> VerifiedRoles:
    """Check by another road than the one they were found by."""
    started = time.process_time()
    verdict = check(assignments, roles, certificate)
    return VerifiedRoles(
        role_count=len(roles),
        lower_bound=verdict.bound,
        is_exact=verdict.is_exact,
        is_proven=verdict.is_sound,
        is_minimal=verdict.is_exact and verdict.is_sound and verdict.bound == len(roles),
        over_granted=verdict.over_granted,
        not_granted=verdict.not_granted,
        faults=verdict.faults,
        seconds=round(time.process_time() - started, 4),
    )


@dataclass(frozen=True, slots=True)
class _Mined:
    objective: Objective
    roles: tuple[Role, ...]
    index: Index | None
    seconds: float
    certificate: Certificate | None = None
    direct: Sequence[int] = ()
    missing: Sequence[Missing] = ()


def _view(assignments: Assignments, mined: _Mined) -> MinedRoles:
    roles, certificate = mined.roles, mined.certificate
    if mined.objective is Objective.HYBRID and mined.index is not None:
        proposals = propose_by_attributes(assignments, roles, mined.index)
    else:
        proposals = propose(assignments, roles, index=mined.index)
    left = tuple(_pairs(assignments, enumerate(mined.direct)))
    return MinedRoles(
        objective=mined.objective,
        users=len(assignments.users),
        permissions=len(assignments.permissions),
        assignments=assignments.count,
        role_count=len(roles),
        lower_bound=certificate.bound if certificate else None,
        gap=len(roles) - certificate.bound if certificate else None,
        is_minimal=certificate is not None and certificate.bound == len(roles),
        complexity=complexity(roles, len(left)),
        seconds=round(mined.seconds, 4),
        needed=find_reach(assignments, roles).needed,
        roles=proposals,
        certificate=_certificate_view(assignments, certificate) if certificate else None,
        direct=left,
        missing=tuple(
            Pair(
                user=assignments.users[m.user],
                permission=assignments.permissions[m.permission],
                role=proposals[m.role].id,
            )
            for m in mined.missing
        ),
    )


def _pairs(assignments: Assignments, rows: Iterable[tuple[int, int]]) -> Iterable[Pair]:
    for user, row in rows:
        for permission in members(row):
            yield Pair(user=assignments.users[user], permission=assignments.permissions[permission])


def _certificate_view(assignments: Assignments, certificate: Certificate) -> CertificateView:
    return CertificateView(
        whole=certificate.whole,
        witnesses=tuple(
            WitnessView(
                user=assignments.users[w.user], permission=assignments.permissions[w.permission], weight=w.weight
            )
            for w in certificate.witnesses
        ),
    )
