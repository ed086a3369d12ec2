"""Edits: one change each of who is in a role, what a role grants, or what is granted directly."""

from dataclasses import dataclass
from enum import StrEnum


class EditKind(StrEnum):
    """What an edit does."""

    REMOVE_MEMBER = "remove_member"
    REMOVE_PERMISSION = "remove_permission"
    ADD_MEMBER = "add_member"
    ADD_PERMISSION = "add_permission"
    GRANT = "grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change; `role` is -1 for a direct grant, `user` or `permission` is -1 where the edit has none."""

    kind: EditKind
    role: int = -1
    user: int = -1
    permission: int = -1
