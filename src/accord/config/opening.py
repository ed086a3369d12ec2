"""Turns a system's settings as written into its connector's settings; secrets are looked up here and nowhere else.

A secret is written as a reference: `env:NAME`, `file:PATH`, or `secret:NAME` for one kept encrypted in the store. The
connector's settings say what is a secret: every field of type SecretStr. References are resolved when a system is
opened and are never stored or dumped.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from accord.config.tree import Step
from accord.model.errors import ConfigError

MAX_SECRET_BYTES = 65_536
URL_REMEDY = "take it out of the URL and give it as the setting `password: env:NAME`; change the password"
_SCHEMES = ("env:", "file:", "secret:")
SecretOf = Callable[[str], str | None]
"""Returns the secret kept under a name, None when there is none."""

_URL_WITH_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#@:]*:[^/?#@]+@")


def unresolved(model: type[BaseModel], settings: Mapping[str, object], base: Path) -> BaseModel:
    """Return the settings with secrets still references; raises pydantic's ValidationError."""
    return model.model_validate(dict(settings), context={"base": base})


def resolved(  # noqa: PLR0913 - where each kind of reference is looked up
    model: type[BaseModel],
    settings: Mapping[str, object],
    base: Path,
    *,
    environ: Mapping[str, str],
    place: str,
    secret_of: SecretOf | None = None,
) -> BaseModel:
    """Return the settings ready to open a connector; raises ConfigError when they or a secret are wrong."""
    try:
        draft = unresolved(model, settings, base)
        ready: object = dict(settings)
        for path in secret_paths(draft):
            reference = _at(settings, path)
            if reference is not None:
                ready = _with(ready, path, _secret(reference, path, place, _Sources(base, environ, secret_of)))
        return model.model_validate(ready, context={"base": base})
    except ValidationError as error:
        # pydantic's own text would show the values, a resolved secret among them.
        faults = "; ".join(f"{'.'.join(map(str, d['loc']))}: {d['msg']}" for d in error.errors(include_input=False))
        raise ConfigError(f"the settings are wrong: {faults}", place=place, remedy="correct them") from None


def secret_paths(settings: BaseModel) -> Iterator[tuple[Step, ...]]:
    """Yield where in validated settings the secrets are, in the spelling of the file."""
    yield from _secrets_in(settings, ())


def is_reference(secret: object) -> bool:
    """Tell whether a secret is written as a reference."""
    return isinstance(secret, str) and secret.startswith(_SCHEMES) and len(secret.partition(":")[2].strip()) > 0


def literal_secrets(draft: BaseModel, settings: Mapping[str, object]) -> Iterator[tuple[Step, ...]]:
    """Yield where a secret stands in the settings itself instead of a reference to it."""
    for path in secret_paths(draft):
        given = _at(settings, path)
        if given is not None and not is_reference(given):
            yield path


def looked_up(
    reference: str, base: Path, *, environ: Mapping[str, str], place: str, secret_of: SecretOf | None = None
) -> str:
    """Return the secret behind a reference; raises ConfigError when it is none, or there is nothing behind it."""
    return _secret(reference, ("secret",), place, _Sources(base, environ, secret_of))


def passwords_in_urls(settings: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Yield where a URL in the settings carries a password."""
    match settings:
        case str() if _URL_WITH_PASSWORD.match(settings):
            yield path
        case Mapping():
            for key, inner in settings.items():
                yield from passwords_in_urls(inner, (*path, str(key)))
        case list() | tuple():
            for position, inner in enumerate(settings):
                yield from passwords_in_urls(inner, (*path, position))
        case _:
            return


def _secrets_in(value: object, path: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    match value:
        case SecretStr() | SecretBytes():
            yield path
        case BaseModel():
            for name, field in type(value).model_fields.items():
                if name in value.model_fields_set:
                    yield from _secrets_in(getattr(value, name), (*path, field.alias or name))
        case Mapping():
            for key, inner in value.items():
                yield from _secrets_in(inner, (*path, str(key)))
        case list() | tuple():
            for position, inner in enumerate(value):
                yield from _secrets_in(inner, (*path, position))
        case _:
            return


def _at(settings: object, path: Sequence[Step]) -> object:
    for step in path:
        match settings:
            case Mapping():
                settings = settings.get(step)
            case list() | tuple() if isinstance(step, int):
                settings = settings[step]
            case _:
                return None
    return settings


def _with(settings: object, path: Sequence[Step], secret: str) -> object:
    if not path:
        return secret
    step, rest = path[0], path[1:]
    if isinstance(settings, Mapping):
        return {**settings, step: _with(settings[step], rest, secret)}
    if isinstance(settings, list | tuple) and isinstance(step, int):
        return [_with(item, rest, secret) if i == step else item for i, item in enumerate(settings)]
    return settings


@dataclass(frozen=True, slots=True)
class _Sources:
    base: Path
    environ: Mapping[str, str]
    secret_of: SecretOf | None


def _secret(reference: object, path: Sequence[Step], place: str, sources: _Sources) -> str:
    key = ".".join(str(step) for step in path)
    if not isinstance(reference, str) or not is_reference(reference):
        raise ConfigError(f"the secret {key} is not a reference", place=place, remedy=secret_remedy(key))
    scheme, _, name = reference.partition(":")
    match scheme:
        case "env":
            value = _variable(name, sources.environ, key, place)
        case "file":
            value = _content(sources.base / name, key, place)
        case _:
            value = _kept(name, sources.secret_of, key, place)
    if not value:
        raise ConfigError(f"the secret {key} is empty in {reference}", place=place, remedy="store the secret there")
    return value


def _kept(name: str, secret_of: SecretOf | None, key: str, place: str) -> str:
    value = secret_of(name) if secret_of else None
    if value is None:
        raise ConfigError(
            f"the secret {key} is not kept: there is no secret {name!r} in this store",
            place=place,
            remedy=f"keep it with `accord secret set {name}`, or set it once more where the system is administered",
        )
    return value


def secret_remedy(key: str) -> str:
    """Return how to give a secret."""
    return f"store it elsewhere and write `{key}: env:NAME` (a variable) or `{key}: file:PATH`; change the secret"


def _variable(name: str, environ: Mapping[str, str], key: str, place: str) -> str:
    if name not in environ:
        raise ConfigError(
            f"the secret {key} is not set: there is no environment variable {name}",
            place=place,
            remedy=f"set {name} for the process that runs accord",
        )
    return environ[name]


def _content(path: Path, key: str, place: str) -> str:
    try:
        if path.stat().st_size > MAX_SECRET_BYTES:
            raise ConfigError(
                f"the secret {key}: {path} is larger than {MAX_SECRET_BYTES:,} bytes",
                place=place,
                remedy="name the file that holds the secret and nothing else",
            )
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the secret {key} cannot be read from {path}: {error.strerror}",
            place=place,
            remedy="create the file, and let the account that runs accord read it",
        ) from error
    except UnicodeDecodeError:
        # The cause would carry the bytes of the secret.
        raise ConfigError(
            f"the secret {key} in {path} is not UTF-8 text", place=place, remedy="save the file as UTF-8"
        ) from None
    return text.removesuffix("\n").removesuffix("\r")
