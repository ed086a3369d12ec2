"""Who may do what: callers with their roles."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a caller may do. An Administrator may do everything, and everybody may read."""

    ADMINISTRATOR = "Administrator"
    OPERATOR = "Operator"
    AUDITOR = "Auditor"
    READER = "Reader"


class CallerKind(StrEnum):
    """What a caller is."""

    USER = "user"
    KEY = "key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. `id` tells two of one name apart; `csrf` is what a browser's requests must bring to change anything."""

    name: str
    kind: CallerKind
    roles: frozenset[Role]
    id: str = ""
    is_unlimited: bool = False
    csrf: str = field(default="", repr=False)

    @property
    def actor(self) -> str:
        """Return the name that records and the audit trail tell."""
        return self.name if self.kind is CallerKind.USER else f"{self.kind}:{self.name}"

    def has(self, role: Role) -> bool:
        """Tell whether the caller may do what this role may."""
        if role is Role.READER:
            return bool(self.roles)
        return role in self.roles or Role.ADMINISTRATOR in self.roles
