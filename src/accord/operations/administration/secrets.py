"""Secrets kept in the store: put there, listed by name, sealed anew; never shown."""

from accord.model.errors import UsageError
from accord.runs.context import Context
from accord.store.audit import Deed
from accord.store.vault import Vault


def keep_secret(context: Context, name: str, value: str) -> None:
    """Keep a secret under a name, instead of what was there; raise UsageError when it is empty."""
    if not value or not name.strip():
        raise UsageError("the secret is empty", remedy="give its name, and the secret itself on standard input")
    _vault(context).keep(name, value, at=context.clock())
    _tell(context, "keep_secret", name)


def secret_names(context: Context) -> tuple[str, ...]:
    """Return the names of all secrets."""
    return _vault(context).names()


def rotate_key(context: Context) -> int:
    """Seal every secret with a new key and forget the old; return how many there are."""
    count = _vault(context).rotate()
    _tell(context, "rotate_key", f"{count} secrets")
    return count


def _vault(context: Context) -> Vault:
    if context.vault is None:
        raise UsageError("this store keeps no secrets", remedy="use env:NAME or file:PATH")
    return context.vault


def _tell(context: Context, action: str, subject: str) -> None:
    context.store.audit.add(Deed(actor=context.actor, action=action, subject=subject), at=context.clock())
