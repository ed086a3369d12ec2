"""Generated roles as they are kept: proposals, what is left over, who seems to lack something, and the survey."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.attributes import AttributeGroup
from accord.governance.mining.bits import each
from accord.governance.mining.complexity import Missing
from accord.governance.mining.proposals import Proposal
from accord.governance.mining.roles import Certificate, Role
from accord.governance.mining.surveying import draw, find_reach
from accord.governance.mining.trimming import complexity
from accord.store.governance import FOUND

ROLE, EXCEPTION, MISSING, SURVEY = "role", "role_exception", "role_missing", "role_survey"
_SHOWN_PAIRS = 100
_Row = tuple[str, int, str, str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """Roles in the making: `groups` where attributes made them, `direct` what no role grants, user by user."""

    roles: tuple[Role, ...]
    groups: tuple[AttributeGroup, ...] = ()
    direct: tuple[int, ...] = ()
    missing: tuple[Missing, ...] = ()
    certificate: Certificate | None = None


def rows_of(
    assignments: Assignments, generated: Generated, proposals: Sequence[Proposal], mode: str
) -> Mapping[str, pa.Table]:
    """Return the findings of a role generation by kind; owners are named by their ids."""
    return {
        ROLE: _roles(generated, proposals, mode),
        EXCEPTION: _exceptions(assignments, generated.direct),
        MISSING: _missing(assignments, generated.missing, proposals),
        SURVEY: _survey(assignments, generated, proposals, mode),
    }


def _roles(generated: Generated, proposals: Sequence[Proposal], mode: str) -> pa.Table:
    rows = []
    for at, proposal in enumerate(proposals):
        terms = {term.attribute: term.value for term in generated.groups[at].terms} if generated.groups else {}
        doc = {
            "department": terms.get("department"), "title": terms.get("title"),
            "attributes": terms, "mode": mode, "ownerCount": len(proposal.users),
            "owners": [int(u) for u in proposal.users], "permissions": list(proposal.permissions),
            "coverage": round(proposal.coverage, 6), "overGranted": proposal.over_granted,
            "gains": [list(pair) for pair in proposal.gains[:_SHOWN_PAIRS]],
            "lost": len(proposal.loses), "loses": [list(pair) for pair in proposal.loses[:_SHOWN_PAIRS]],
            "explanation": asdict(proposal.explanation) if proposal.explanation else None,
        }  # fmt: skip
        rows.append((proposal.id, 0, proposal.name, "proposed", doc))
    return _table(rows)


def _exceptions(assignments: Assignments, direct: Sequence[int]) -> pa.Table:
    """Return for each owner what no role grants: it stays granted directly."""
    return _table(
        (f"{int(assignments.users[user]):012d}", int(assignments.users[user]), f"{row.bit_count()} granted directly",
         "direct", {"permissions": [assignments.permissions[p] for p in each(row)]})
        for user, row in enumerate(direct) if row
    )  # fmt: skip


def _missing(assignments: Assignments, missing: Sequence[Missing], proposals: Sequence[Proposal]) -> pa.Table:
    """Return who seems to have been forgotten; of several roles that suspect the same the first is named."""
    found: dict[tuple[int, str], _Row] = {}
    for suspect in missing:
        owner, permission = int(assignments.users[suspect.user]), assignments.permissions[suspect.permission]
        doc = {"permission": permission, "role": proposals[suspect.role].id, "roleName": proposals[suspect.role].name}
        found.setdefault((owner, permission), (f"{owner:012d}:{permission}", owner, permission, "suspected", doc))
    return _table(found.values())


def _survey(assignments: Assignments, generated: Generated, proposals: Sequence[Proposal], mode: str) -> pa.Table:
    """Return one finding that tells how far the roles reach, with the picture of who holds what."""
    reach = find_reach(assignments, generated.roles)
    picture = draw(assignments, generated.roles, reach.order)
    direct = sum(row.bit_count() for row in generated.direct)
    certificate = generated.certificate
    doc = {
        "mode": mode, "owners": len(assignments.users), "permissions": len(assignments.permissions),
        "assignments": assignments.count, "roles": len(generated.roles), "directGrants": direct,
        "missing": len({(m.user, m.permission) for m in generated.missing}),
        "singleOwnerRoles": sum(role.users.bit_count() == 1 for role in generated.roles),
        "complexity": complexity(generated.roles, direct), "curve": reach.curve, "needed": reach.needed,
        "lowerBound": certificate.bound if certificate else None,
        "gap": len(generated.roles) - certificate.bound if certificate else None,
        "certificate": _certificate(assignments, certificate) if certificate else None,
        "picture": {
            "owners": [{"count": b.count, "role": _named(proposals, b.role)} for b in picture.users],
            "permissions": [{"count": b.count, "role": _named(proposals, b.role)} for b in picture.permissions],
            "held": picture.held, "granted": picture.granted,
        },
    }  # fmt: skip
    return _table([("survey", 0, "how far the roles reach", "known", doc)])


def _certificate(assignments: Assignments, certificate: Certificate) -> Mapping[str, object]:
    return {
        "whole": certificate.whole,
        "witnesses": [
            [int(assignments.users[w.user]), assignments.permissions[w.permission], w.weight]
            for w in certificate.witnesses
        ],
    }


def _named(proposals: Sequence[Proposal], role: int) -> str | None:
    return proposals[role].id if role >= 0 else None


def _table(rows: Iterable[_Row]) -> pa.Table:
    told = [(*row[:4], json.dumps(row[4], ensure_ascii=False, sort_keys=True)) for row in rows]
    columns = list(zip(*told, strict=True)) or [()] * len(FOUND)
    return pa.table([list(column) for column in columns], schema=FOUND)
