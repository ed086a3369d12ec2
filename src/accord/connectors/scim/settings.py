"""Settings of a SCIM service."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from accord.connectors.base import Settings, SettingsPath


class ScimObjects(Settings):
    """Where objects of one type are. `filter` is SCIM's own (RFC 7644 section 3.4.2.2)."""

    resource: Literal["Users", "Groups"] = "Users"
    filter: str = ""


class ScimSettings(Settings):
    """`url` is the base address, such as https://host/scim/v2; `token` the bearer token.

    Without TLS only services on this machine are spoken to, unless `insecure`.
    """

    url: str
    token: SecretStr | None = None
    objects: Mapping[str, ScimObjects] = Field(
        default_factory=lambda: {"user": ScimObjects(), "group": ScimObjects(resource="Groups")}
    )
    page_rows: int = Field(default=100, ge=1, le=10_000)
    timeout_s: float = Field(default=60.0, gt=0, le=3600)
    ca_file: SettingsPath | None = None
    insecure: bool = False

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        if not text.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// (or http:// on this machine)")
        return text.rstrip("/")
