"""First passwords: made, or looked up, when an account is sent, handed to whoever delivers them, and forgotten.

They travel from here to the connector and nowhere else: no plan, pending export, journal, history or message has one.
"""

import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from accord.connectors.base import AttributeChange, ExportOperation, ExportOutcome, Operation, OutcomeState
from accord.model.errors import ConfigError
from accord.model.rules import OutboundRule, PasswordPolicy

_SIMILAR = frozenset("0OoQ1lI|5S2Z8B")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A password that was made for one account, which now exists: `row` is that of its operation."""

    rule: str
    operation: ExportOperation
    text: str

    def __repr__(self) -> str:
        """Return everything but the password."""
        return f"NewPassword(rule={self.rule!r}, dn={self.operation.dn!r})"


class PasswordDesk(Protocol):
    """Where passwords for all come from, and where those made for one go."""

    def look_up(self, reference: str) -> str:
        """Return the secret behind a reference; raise ConfigError when there is none."""

    def deliver(self, made: Sequence[NewPassword]) -> None:
        """Take the passwords of accounts that were made; what is not delivered now is lost, and can be reset."""


class NoDesk:
    """Knows no secrets and delivers to nobody: accounts get passwords that nobody knows."""

    def look_up(self, reference: str) -> str:
        """Raise ConfigError: there are none."""
        raise ConfigError(f"the password {reference} cannot be looked up here", remedy="open the configuration first")

    def deliver(self, made: Sequence[NewPassword]) -> None:
        """Forget them."""


class FirstPasswords:
    """The passwords of one batch of operations, from being made to being delivered."""

    def __init__(self, rules: Iterable[OutboundRule], desk: PasswordDesk) -> None:
        self._policies: Mapping[str, PasswordPolicy] = {r.name: r.password for r in rules if r.password is not None}
        self._desk = desk
        self._made: dict[int, NewPassword] = {}
        self._looked_up: dict[str, str] = {}

    def added_to(self, operation: ExportOperation, rule: str | None) -> ExportOperation:
        """Return the operation with a first password where it creates an account and its rule gives one."""
        policy = self._policies.get(rule or "")
        if policy is None or operation.operation is not Operation.CREATE:
            return operation
        text = self._shared(policy.secret) if policy.secret is not None else new_password(policy)
        change = AttributeChange(name=policy.attribute, added=(text,), after=(text,))
        if policy.secret is None:
            self._made[operation.row] = NewPassword(rule=rule or "", operation=operation, text=text)
        return replace(operation, changes=(*operation.changes, change))

    def deliver(self, outcomes: Mapping[int, ExportOutcome]) -> None:
        """Hand over the passwords of accounts that were made, and forget all of them."""
        made, self._made = self._made, {}
        done = [
            password for row, password in made.items() if row in outcomes and outcomes[row].state is OutcomeState.DONE
        ]
        if done:
            self._desk.deliver(done)

    def _shared(self, reference: str) -> str:
        if reference not in self._looked_up:
            self._looked_up[reference] = self._desk.look_up(reference)
        return self._looked_up[reference]


def new_password(policy: PasswordPolicy) -> str:
    """Return a random password with at least one character of each kind that the policy asks for."""
    kinds = [
        kind
        for kind, is_wanted in (
            (string.ascii_uppercase, policy.has_uppercase),
            (string.ascii_lowercase, policy.has_lowercase),
            (string.digits, policy.has_digits),
            (policy.symbols, bool(policy.symbols)),
        )
        if is_wanted
    ] or [string.ascii_letters + string.digits]
    if policy.avoids_similar:
        kinds = [left for kind in kinds if (left := "".join(c for c in kind if c not in _SIMILAR))]
    one_of_each = [secrets.choice(kind) for kind in kinds][: policy.length]
    others = [secrets.choice("".join(kinds)) for _ in range(policy.length - len(one_of_each))]
    characters = one_of_each + others
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)
