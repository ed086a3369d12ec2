"""How the server is set up: read once from the environment when it starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from accord.model.errors import ConfigError
from accord.operations.access import Role

_MIN_KEY_LENGTH = 32
KEY_PREFIX = "jim_ak_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who vouches for people: an OpenID Connect provider, and which of its roles are which of ours.

    `roles` maps a value of the claim to a role; `*` stands for everybody it signs in.
    """

    authority: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    audience: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    roles_claim: str = "roles"
    name_claim: str = "preferred_username"
    roles: Mapping[str, Role] = field(default_factory=lambda: {role.value: role for role in Role})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the server is set up. Rates are requests per minute, 0 for no limit; `public_url` is how browsers call us."""

    bootstrap_key: str = field(default="", repr=False)
    rate_signed_in: int = 300
    rate_anonymous: int = 30
    body_limit_bytes: int = 4 * 1024 * 1024
    public_url: str = ""
    operators_execute: bool = False
    metrics_open: bool = False
    provider: Provider | None = None


def settings_from(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of an environment; raise ConfigError naming the variable that is wrong."""
    defaults = Settings()
    key = _secret(environ, "ACCORD_BOOTSTRAP_KEY")
    if key and (not key.startswith(KEY_PREFIX) or len(key) < _MIN_KEY_LENGTH):
        raise ConfigError(
            f"the first key must begin with {KEY_PREFIX} and have at least {_MIN_KEY_LENGTH} characters",
            place="ACCORD_BOOTSTRAP_KEY",
            remedy=f'make one: echo "{KEY_PREFIX}$(openssl rand -hex 24)"',
        )
    return Settings(
        bootstrap_key=key,
        rate_signed_in=_count(environ, "ACCORD_RATE_LIMIT", defaults.rate_signed_in),
        rate_anonymous=_count(environ, "ACCORD_RATE_LIMIT_ANONYMOUS", defaults.rate_anonymous),
        body_limit_bytes=_count(environ, "ACCORD_BODY_LIMIT", defaults.body_limit_bytes),
        public_url=environ.get("ACCORD_PUBLIC_URL", "").rstrip("/"),
        operators_execute=_is_on(environ, "ACCORD_OPERATORS_EXECUTE"),
        metrics_open=_is_on(environ, "ACCORD_METRICS_OPEN"),
        provider=_provider(environ),
    )


def _provider(environ: Mapping[str, str]) -> Provider | None:
    authority = environ.get("ACCORD_OIDC_AUTHORITY", "").rstrip("/")
    if not authority:
        return None
    client_id = environ.get("ACCORD_OIDC_CLIENT_ID", "")
    if not client_id:
        raise ConfigError("a provider needs a client id", place="ACCORD_OIDC_CLIENT_ID", remedy="set it")
    known = Provider(authority=authority, client_id=client_id)
    roles = environ.get("ACCORD_OIDC_ROLES", "")
    return Provider(
        authority=authority,
        client_id=client_id,
        client_secret=_secret(environ, "ACCORD_OIDC_CLIENT_SECRET"),
        audience=environ.get("ACCORD_OIDC_AUDIENCE", ""),
        scopes=tuple(environ.get("ACCORD_OIDC_SCOPES", " ".join(known.scopes)).split()),
        roles_claim=environ.get("ACCORD_OIDC_ROLES_CLAIM", known.roles_claim),
        name_claim=environ.get("ACCORD_OIDC_NAME_CLAIM", known.name_claim),
        roles=_roles(roles) if roles else known.roles,
    )


def _roles(text: str) -> dict[str, Role]:
    pairs = (pair.partition("=") for pair in text.split(";") if pair.strip())
    try:
        return {value.strip(): Role(role.strip()) for value, _, role in pairs}
    except ValueError as error:
        raise ConfigError(
            f"{error}", place="ACCORD_OIDC_ROLES",
            remedy=f"write it like identity-admins=Administrator;*=Reader, with {', '.join(Role)}",
        ) from error  # fmt: skip


def _secret(environ: Mapping[str, str], name: str) -> str:
    """Return a secret from the environment, or from the file that NAME_FILE names."""
    file = environ.get(f"{name}_FILE")
    if not file:
        return environ.get(name, "")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"the secret cannot be read: {error.strerror}", place=f"{name}_FILE={file}", remedy="name a readable file"
        ) from error


def _count(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal():
        raise ConfigError(f"{text!r} is not a whole number", place=name, remedy=f"set it like {name}={default}")
    return int(text)


def _is_on(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "").lower()
    if text not in ("", "0", "1", "true", "false"):
        raise ConfigError(f"{text!r} is neither 0 nor 1", place=name, remedy=f"set {name}=1 or leave it out")
    return text in ("1", "true")
