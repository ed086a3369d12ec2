"""What an administrator writes to connect a directory."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from accord.connectors.base import Settings, SettingsPath
from accord.connectors.ldap.containers import Container
from accord.connectors.ldap.dn import normalise, parse

_PORTS = {"ldap": 389, "ldaps": 636}


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _checked_dn(value: str) -> str:
    parse(value)
    return normalise(value)


Dn = Annotated[str, BeforeValidator(lambda value: _checked_dn(value) if isinstance(value, str) else value)]
"""A distinguished name in settings, in normal form."""


class ContainerSettings(Settings):
    """A place in the tree to read, or with `mode: exclude` to leave out."""

    dn: Dn
    mode: Literal["include", "exclude"] = "include"
    scope: Literal["subtree", "one_level"] = "subtree"

    def to_container(self) -> Container:
        """Return the container these settings describe."""
        return Container(dn=self.dn, is_included=self.mode == "include", is_one_level=self.scope == "one_level")


class ObjectSettings(Settings):
    """How one object type is kept in the directory.

    `object_class`: structural class first, auxiliary ones after it; all are written on create. `filter`: which
    entries are of this type, by default those of the first class. `placeholder_member` fills groups whose
    class forbids an empty one; it is never shown.
    """

    object_class: Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
    filter: str | None = None
    placeholder_member: Dn = "cn=accord-placeholder"

    @field_validator("filter")
    @classmethod
    def _is_filter(cls, value: str | None) -> str | None:
        if value is not None and not (value.startswith("(") and value.endswith(")")):
            raise ValueError("a filter is written in parentheses, like (objectClass=person)")
        return value


class LdapSettings(Settings):
    """How to reach a directory, whom to sign in as, what to read.

    The server's certificate is always verified, against `ca_file` or the system's authorities. Plain
    `ldap://` is upgraded by StartTLS; to send anything unprotected takes the explicit word `insecure: true`.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    url: str
    start_tls: bool | None = None
    insecure: bool = False
    ca_file: SettingsPath | None = None
    bind_dn: str | None = None
    password: SecretStr | None = None
    dialect: Literal["auto", "openldap", "active_directory"] = "auto"
    partitions: tuple[Dn, ...] = ()
    containers: tuple[ContainerSettings, ...] = ()
    objects: dict[str, ObjectSettings] = Field(default_factory=dict)
    page_rows: int = Field(default=500, ge=1, le=10_000)
    write_outside: bool = False
    window: int = Field(default=32, ge=1, le=1000)
    connect_timeout_s: float = Field(default=10.0, gt=0)
    operation_timeout_s: float = Field(default=120.0, gt=0)

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("an address is ldap://HOST[:PORT] or ldaps://HOST[:PORT]")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        if self.url.startswith("ldaps://"):
            if self.start_tls or self.insecure:
                raise ValueError("ldaps:// is encrypted already: remove start_tls and insecure")
            return self
        if self.insecure and self.start_tls:
            raise ValueError("choose one: start_tls: true or insecure: true")
        if self.start_tls is False and not self.insecure:
            raise ValueError("without StartTLS everything is readable on the way: say insecure: true as well")
        return self

    @model_validator(mode="after")
    def _has_password(self) -> Self:
        # A bind with a name and no password succeeds as nobody (RFC 4513 section 5.1.2).
        if self.bind_dn and not (self.password and self.password.get_secret_value()):
            raise ValueError("bind_dn needs a password: without one the server would let us in as nobody")
        if self.password and not self.bind_dn:
            raise ValueError("password needs a bind_dn")
        return self

    @property
    def uses_start_tls(self) -> bool:
        """Tell whether the connection is upgraded to TLS."""
        return self.url.startswith("ldap://") and not self.insecure

    @property
    def is_encrypted(self) -> bool:
        """Tell whether what is sent is protected."""
        return not self.insecure

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Return where the server listens."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or _PORTS[parts.scheme]
