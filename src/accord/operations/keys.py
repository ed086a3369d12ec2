"""API keys: made, changed and removed by a named person for a reason; recognised when somebody shows one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from accord.model.errors import Invalid, NotSignedIn
from accord.operations.access import Caller, CallerKind, Role
from accord.runs.context import Context
from accord.store.api_keys import KEY_PREFIX, ApiKey, KeyTerms
from accord.store.audit import Deed
from accord.store.times import iso

__all__ = ["KEY_PREFIX", "ApiKey", "KeyTerms", "NewKey", "add_key", "change_key", "first_key", "holder_of", "list_keys",
           "read_key", "remove_key", "touch_key"]  # fmt: skip

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made, with its text, which is shown this once."""

    key: ApiKey
    secret: str


def add_key(context: Context, terms: KeyTerms, *, reason: str = "") -> NewKey:
    """Make a key; raise Invalid."""
    _check(context, terms)
    with context.store.control.transaction():
        key, secret = context.store.api_keys.add(terms, by=context.actor, now=context.clock())
        _tell(context, "apikey.create", key, reason)
    return NewKey(key=key, secret=secret)


def first_key(context: Context) -> NewKey | None:
    """Make the first key, which may do everything; None when there are keys already."""
    if context.store.api_keys.list():
        return None
    return add_key(context, KeyTerms(name="first", roles=(Role.ADMINISTRATOR.value,)), reason="made with the store")


def change_key(context: Context, key_id: str, terms: KeyTerms, *, reason: str = "") -> ApiKey:
    """Let a key be for something else; raise NotFound, Invalid."""
    # A key that has ended may be renamed: its end need not lie ahead.
    _check(context, replace(terms, expires_at=None))
    with context.store.control.transaction():
        key = context.store.api_keys.change(key_id, terms)
        _tell(context, "apikey.update", key, reason)
    return key


def remove_key(context: Context, key_id: str, *, reason: str = "") -> None:
    """Make a key worthless; raise NotFound."""
    with context.store.control.transaction():
        _tell(context, "apikey.delete", context.store.api_keys.remove(key_id), reason)


def list_keys(context: Context) -> tuple[ApiKey, ...]:
    """Return all keys, oldest first."""
    return context.store.api_keys.list()


def read_key(context: Context, key_id: str) -> ApiKey:
    """Return a key; raise NotFound."""
    return context.store.api_keys.read(key_id)


def holder_of(context: Context, secret: str) -> tuple[Caller, ApiKey]:
    """Return who shows this key; raise NotSignedIn when it is none of ours, switched off or at its end."""
    key = context.store.api_keys.find(secret) if secret.startswith(KEY_PREFIX) else None
    if key is None:
        raise NotSignedIn("this API key is not known", remedy=f"send a key that begins with {KEY_PREFIX}")
    if not key.is_enabled:
        raise NotSignedIn("this API key is switched off", remedy="ask an administrator")
    if key.expires_at is not None and key.expires_at <= iso(context.clock()):
        raise NotSignedIn(f"this API key ended at {key.expires_at}", remedy="ask an administrator for a new one")
    roles = frozenset(Role(role) for role in key.roles)
    return Caller(name=key.name, kind=CallerKind.KEY, roles=roles, id=key.id), key


def touch_key(context: Context, key_id: str, *, address: str) -> None:
    """Note that a key was used, and from where."""
    context.store.api_keys.touch(key_id, address=address, now=context.clock())


def _check(context: Context, terms: KeyTerms) -> None:
    wrong: dict[str, list[str]] = {}
    if not terms.name.strip() or len(terms.name) > _LONGEST_NAME:
        wrong["name"] = [f"is needed, with at most {_LONGEST_NAME} characters"]
    if not terms.roles:
        wrong["roleIds"] = ["a key without a role could do nothing: give it at least one"]
    if terms.expires_at is not None and _is_over(terms.expires_at, context.clock()):
        wrong["expiresAt"] = ["lies in the past"]
    if wrong:
        raise Invalid(f"the key is not as it should be: {', '.join(wrong)}", wrong)


def _is_over(moment: datetime, now: datetime) -> bool:
    return moment <= now


def _tell(context: Context, action: str, key: ApiKey, reason: str) -> None:
    detail = {"name": key.name, "prefix": key.prefix, "roles": _listed(key.roles), "enabled": str(key.is_enabled),
              "expires": key.expires_at or "never"}  # fmt: skip
    deed = Deed(actor=context.actor, action=action, subject=f"apikey {key.id}", reason=reason, detail=detail)
    context.store.audit.add(deed, at=context.clock())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
