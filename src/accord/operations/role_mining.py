"""Role mining on a file or on a connected system: roles with their proof, and the check of both."""

import gzip
import json
import lzma
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.bits import members
from accord.governance.mining.checking import check
from accord.governance.mining.complexity import Missing, mine_simplest
from accord.governance.mining.exact import mine_minimum
from accord.governance.mining.parsing import parse_assignments
from accord.governance.mining.proposals import Proposal, propose, role_of
from accord.governance.mining.roles import Certificate, Role, Witness
from accord.governance.mining.trimming import ROUNDS, complexity, trim
from accord.model.errors import NotFound, UsageError

_LARGEST_BYTES = 1 << 30


class Objective(StrEnum):
    """What the mined roles are best at: being few, or describing simply who holds what."""

    ROLES = "roles"
    COMPLEXITY = "complexity"


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
    """Mined roles. `lower_bound`, `gap` and `certificate` are None where simplicity was asked for, which proves none.

    `direct` is what no role grants, `missing` what somebody who nearly has a role seems to lack; neither is ever
    granted. `seconds` is the processor time of finding roles and certificate.
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


def read_assignments(path: Path) -> Assignments:
    """Return who holds what, from a text file that may be packed by gzip or xz; raise NotFound or UsageError."""
    return parse_assignments(_read(path), place=str(path))


def mine(assignments: Assignments, objective: Objective, *, rounds: int = ROUNDS, nodes: int = 10_000) -> MinedRoles:
    """Mine roles for an objective. `rounds` is how hard a minimum is made simple, `nodes` how far search may go."""
    if not assignments.count:
        raise UsageError("nobody holds anything, so there are no roles to find", remedy="import memberships first")
    started = time.process_time()
    if objective is Objective.COMPLEXITY:
        found = mine_simplest(assignments)
        seconds = time.process_time() - started
        return _view(assignments, objective, found.roles, found.direct, seconds, missing=found.missing)
    minimum = mine_minimum(assignments, nodes=nodes)
    seconds = time.process_time() - started
    roles = trim(assignments, minimum.roles, rounds=rounds)
    return _view(assignments, objective, roles, (), seconds, certificate=minimum.certificate)


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


def read_mined(path: Path, assignments: Assignments) -> tuple[tuple[Role, ...], Certificate]:
    """Return roles and certificate that `accord roles mine --json` wrote; raise UsageError where it is none."""
    try:
        content = json.loads(_read(path))
        roles = tuple(_role(assignments, entry, str(path)) for entry in content["roles"])
        certificate = _certificate(assignments, content["certificate"], str(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"this is no result of role mining with a certificate ({type(error).__name__}: {error})",
            place=str(path),
            remedy="write one with: accord roles mine FILE --objective roles --json > RESULT",
        ) from error
    return roles, certificate


def _view(  # noqa: PLR0913 - one part of the view each
    assignments: Assignments,
    objective: Objective,
    roles: tuple[Role, ...],
    direct: Sequence[int],
    seconds: float,
    *,
    certificate: Certificate | None = None,
    missing: Sequence[Missing] = (),
) -> MinedRoles:
    proposals = propose(assignments, roles)
    left = tuple(_pairs(assignments, enumerate(direct)))
    return MinedRoles(
        objective=objective,
        users=len(assignments.users),
        permissions=len(assignments.permissions),
        assignments=assignments.count,
        role_count=len(roles),
        lower_bound=certificate.bound if certificate else None,
        gap=len(roles) - certificate.bound if certificate else None,
        is_minimal=certificate is not None and certificate.bound == len(roles),
        complexity=complexity(roles, len(left)),
        seconds=round(seconds, 4),
        roles=proposals,
        certificate=_certificate_view(assignments, certificate) if certificate else None,
        direct=left,
        missing=tuple(
            Pair(
                user=assignments.users[m.user],
                permission=assignments.permissions[m.permission],
                role=proposals[m.role].id,
            )
            for m in missing
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


def _role(assignments: Assignments, entry: dict[str, list[str]], place: str) -> Role:
    _require_known(entry["users"], assignments.users, place)
    _require_known(entry["permissions"], assignments.permissions, place)
    return role_of(assignments, entry["users"], entry["permissions"])


def _certificate(assignments: Assignments, entry: dict[str, Any], place: str) -> Certificate:
    users = {name: at for at, name in enumerate(assignments.users)}
    permissions = {name: at for at, name in enumerate(assignments.permissions)}
    witnesses = entry["witnesses"]
    _require_known([w["user"] for w in witnesses], users, place)
    _require_known([w["permission"] for w in witnesses], permissions, place)
    return Certificate(
        whole=int(entry["whole"]),
        witnesses=tuple(
            Witness(user=users[w["user"]], permission=permissions[w["permission"]], weight=int(w["weight"]))
            for w in witnesses
        ),
    )


def _require_known(names: Iterable[str], known: Iterable[str], place: str) -> None:
    unknown = set(names) - set(known)
    if unknown:
        raise UsageError(
            f"it names {min(unknown)!r}, which is not in the assignments", place=place, remedy="verify it on its file"
        )


def _read(path: Path) -> str:
    try:
        with _opened(path) as file:
            content = file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}", remedy="name a file of assignments") from error
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise UsageError(f"it cannot be read: {error}", place=str(path)) from error
    if len(content) > _LARGEST_BYTES:
        raise UsageError("it holds more than a gigabyte", place=str(path), remedy="mine one system at a time")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"it is no text in UTF-8: {error}", place=str(path)) from error


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    return lzma.open(path, "rb") if path.suffix == ".xz" else path.open("rb")
