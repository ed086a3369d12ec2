"""Secrets in bodies: taken into the vault when a body is kept, masked when it is shown, never in between.

What stands in a kept body is a reference (`secret:datasync/...`); references of the client's own (env:, file:) stay.
"""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from accord.config.opening import is_reference
from accord.datasync.passwords import is_password
from accord.model.errors import UsageError
from accord.runs.context import Context

MASK = "********"
_PREFIX = "secret:datasync/"
_STATIC = "Static:value="
_SECRET_KEY = re.compile(r"(password|secret|token|certificate|passphrase)$", re.IGNORECASE)

Body = dict[str, Any]


def sealed(context: Context, body: Mapping[str, Any], kept: Mapping[str, Any] | None = None) -> Body:
    """Return the body with its secrets in the vault; where it holds the mask, the secret kept before stays."""
    before = dict(_secrets(kept)) if kept is not None else {}

    def seal(place: str, text: str) -> str:
        if text == MASK:
            if place not in before:
                raise UsageError(f"{place} holds {MASK} but no secret was kept for it", remedy="send the secret itself")
            return before[place]
        if not text or is_reference(text):
            return text
        return _keep(context, text)

    return _changed(body, seal)


def masked(body: Mapping[str, Any]) -> Body:
    """Return the body as it may be shown."""
    return _changed(body, lambda _place, text: MASK if text.startswith(_PREFIX) else text)


def forget(context: Context, body: Mapping[str, Any], still: Mapping[str, Any] | None = None) -> None:
    """Drop the secrets of a body from the vault, but for those another body still names."""
    used = {text for _, text in _secrets(still)} if still is not None else set()
    for _, text in _secrets(body):
        if text.startswith(_PREFIX) and text not in used and context.vault is not None:
            context.vault.drop(text.removeprefix("secret:"))


def copied(context: Context, body: Mapping[str, Any]) -> Body:
    """Return the body with secrets of its own, so that the other one can be deleted."""
    return sealed(context, opened(context, body))


def opened(context: Context, body: Mapping[str, Any]) -> Body:
    """Return the body with the secrets themselves, to be sealed otherwise."""

    def open_(_place: str, text: str) -> str:
        if not text.startswith(_PREFIX) or context.vault is None:
            return text
        return context.vault.open(text.removeprefix("secret:")) or ""

    return _changed(body, open_)


def _keep(context: Context, text: str) -> str:
    if context.vault is None:
        raise UsageError("this store keeps no secrets", remedy="write secrets as env:NAME or file:PATH")
    name = f"datasync/{uuid.uuid4()}"
    context.vault.keep(name, text, at=context.clock())
    return f"secret:{name}"


def _secrets(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def note(place: str, text: str) -> str:
        found.append((place, text))
        return text

    _changed(body, note)
    yield from found


def _changed(body: Mapping[str, Any], change: Any) -> Body:
    """Return the body with every text that is a secret put through `change(place, text)`."""
    result: Body = {}
    for name, value in body.items():
        folded = name.casefold()
        if folded == "fieldsmap":
            result[name] = [_changed_line(line, change) for line in _items(value)]
        elif folded == "settings":
            result[name] = [_changed_setting(i, item, change) for i, item in enumerate(_items(value))]
        elif folded == "configurationvalues" and isinstance(value, Mapping):
            result[name] = {k: _changed_value(f"{name}.{k}", k, v, change) for k, v in value.items()}
        elif folded == "jobs":
            result[name] = [_changed(job, change) if isinstance(job, Mapping) else job for job in _items(value)]
        else:
            result[name] = value
    return result


def _changed_line(line: Any, change: Any) -> Any:
    if not isinstance(line, Mapping):
        return line
    destination, key = _find(line, "destinationField"), _key(line, "transform")
    transform = line.get(key) if key else None
    if not is_password(str(destination or "")) or not isinstance(transform, str):
        return dict(line)
    if not transform.startswith(_STATIC):
        return dict(line)
    place = f"fieldsMap.{_find(line, 'objectType')}.{destination}"
    return {**line, str(key): _STATIC + change(place, transform.removeprefix(_STATIC))}


def _changed_setting(position: int, item: Any, change: Any) -> Any:
    if not isinstance(item, Mapping):
        return item
    name, key = str(_find(item, "key") or ""), _key(item, "value")
    value = item.get(key) if key else None
    if not _SECRET_KEY.search(name) or not isinstance(value, str) or not value:
        return dict(item)
    return {**item, str(key): change(f"settings.{position}.{name}", value)}


def _changed_value(place: str, name: str, value: Any, change: Any) -> Any:
    return change(place, value) if _SECRET_KEY.search(name) and isinstance(value, str) and value else value


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _key(item: Mapping[str, Any], name: str) -> str | None:
    return next((key for key in item if key.casefold() == name.casefold()), None)


def _find(item: Mapping[str, Any], name: str) -> Any:
    key = _key(item, name)
    return None if key is None else item[key]
