"""Where kept roles differ from what is held, as findings: an edit each, and one that tells how few can do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.drift import find_drift
from accord.governance.mining.editing import Edit
from accord.governance.mining.proposals import KnownRole, role_of, with_names
from accord.store.governance import FOUND

DRIFT = "role_drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """The findings, and what a run says of them."""

    rows: pa.Table
    message: str


def find_role_drift(assignments: Assignments, known: Sequence[KnownRole]) -> Drifted:
    """Compare roles with what owners, named by their ids, hold; owners who are gone hold nothing."""
    wanted = with_names(
        assignments, sorted(u for role in known for u in role.users), sorted(p for r in known for p in r.permissions)
    )
    roles = [role_of(wanted, sorted(role.users), sorted(role.permissions)) for role in known]
    drift = find_drift(wanted, roles)
    gap = len(drift.edits) - drift.bound
    summary = {
        "roles": len(known), "edits": len(drift.edits), "lowerBound": drift.bound, "gap": gap,
        "overGranted": len(drift.over_granted), "notGranted": len(drift.not_granted),
    }  # fmt: skip
    rows = [_row(wanted, known, edit) for edit in drift.edits]
    rows.append(("summary", 0, "how far roles and holdings differ", "summary", json.dumps(summary, sort_keys=True)))
    columns = [list(column) for column in zip(*rows, strict=True)]
    proof = "the fewest there can be" if not gap else f"at least {drift.bound} are needed"
    return Drifted(
        rows=pa.table(columns, schema=FOUND), message=f"{len(drift.edits)} edits for {len(known)} roles, {proof}"
    )


def _row(wanted: Assignments, known: Sequence[KnownRole], edit: Edit) -> tuple[str, int, str, str, str]:
    role = known[edit.role] if edit.role >= 0 else None
    owner = int(wanted.users[edit.user]) if edit.user >= 0 else 0
    permission = wanted.permissions[edit.permission] if edit.permission >= 0 else ""
    subject = permission or str(owner)
    doc = {"role": role.id if role else None, "roleName": role.name if role else None, "permission": permission or None}
    name = f"{edit.kind.value.replace('_', ' ')} {subject}" + (f" ({role.name})" if role else "")
    key = f"{edit.kind.value}:{role.id if role else owner}:{subject}"
    return key, owner, name, edit.kind.value, json.dumps(doc, ensure_ascii=False, sort_keys=True)
