"""Existing roles beside what is held: where they differ, the fewest edits that mend it, and the proof that they are."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.drift import find_drift
from accord.governance.mining.editing import Edit
from accord.governance.mining.proposals import role_of, with_names
from accord.model.errors import UsageError
from accord.operations.role_files import read_text

_REMEDY = 'write {"roles": [{"name": ..., "users": [...], "permissions": [...]}]}, as accord roles mine --json does'


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingRole:
    """A role as it is now."""

    name: str
    users: tuple[str, ...]
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEdit:
    """One change: a member or permission put into a role or taken out of it, or a permission granted directly."""

    kind: str
    role: str | None
    user: str | None
    permission: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDrift:
    """How roles differ from what is held. Fewer edits than `lower_bound` cannot mend it; `gap` 0 proves the fewest."""

    roles: int
    over_granted: int
    not_granted: int
    edit_count: int
    lower_bound: int
    gap: int
    is_minimal: bool
    seconds: float
    edits: tuple[RoleEdit, ...]


def read_roles(path: Path) -> tuple[ExistingRole, ...]:
    """Return the roles of a file; raise NotFound, or UsageError where it holds none."""
    try:
        entries = json.loads(read_text(path))["roles"]
        return tuple(
            ExistingRole(
                name=str(entry.get("name") or entry.get("id") or f"role {at}"),
                users=tuple(map(str, entry["users"])), permissions=tuple(map(str, entry["permissions"])),
            )
            for at, entry in enumerate(entries, start=1)
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"it holds no roles ({type(error).__name__})", place=str(path), remedy=_REMEDY) from error


def compare(assignments: Assignments, roles: Sequence[ExistingRole], *, nodes: int = 10_000) -> FoundDrift:
    """Compare roles with who should hold what; what only roles name is held by nobody."""
    started = time.process_time()
    wanted = with_names(
        assignments, [u for role in roles for u in role.users], [p for role in roles for p in role.permissions]
    )
    drift = find_drift(wanted, [role_of(wanted, role.users, role.permissions) for role in roles], nodes=nodes)
    gap = len(drift.edits) - drift.bound
    return FoundDrift(
        roles=len(roles), over_granted=len(drift.over_granted), not_granted=len(drift.not_granted),
        edit_count=len(drift.edits), lower_bound=drift.bound, gap=gap, is_minimal=not gap,
        seconds=round(time.process_time() - started, 4),
        edits=tuple(_told(wanted, [role.name for role in roles], edit) for edit in drift.edits),
    )  # fmt: skip


def _told(wanted: Assignments, names: Sequence[str], edit: Edit) -> RoleEdit:
    parts: Mapping[str, str | None] = {
        "role": names[edit.role] if edit.role >= 0 else None,
        "user": wanted.users[edit.user] if edit.user >= 0 else None,
        "permission": wanted.permissions[edit.permission] if edit.permission >= 0 else None,
    }
    return RoleEdit(kind=edit.kind.value, **parts)
