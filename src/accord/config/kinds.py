"""What the configuration must know of a kind of connector; given from outside: no connector is imported."""

from collections.abc import Callable
from typing import Protocol

from pydantic import BaseModel


class KindCapabilities(Protocol):
    """The part of a connector's capabilities that rules depend on."""

    @property
    def can_write(self) -> bool:
        """Whether accounts can be created and changed."""

    @property
    def can_rename(self) -> bool:
        """Whether an account can get another dn."""

    @property
    def can_delete(self) -> bool:
        """Whether accounts can be deleted."""

    @property
    def can_read_changes(self) -> bool:
        """Whether it tells what changed since a watermark."""

    @property
    def has_dn(self) -> bool:
        """Whether objects have a distinguished name."""

    @property
    def assigns_anchor(self) -> bool:
        """Whether the system makes the anchor of a new account."""


class Kind(Protocol):
    """A kind of connector: its settings and what it can do."""

    @property
    def settings(self) -> type[BaseModel]:
        """The model of its settings."""

    @property
    def capabilities(self) -> KindCapabilities:
        """What it can do."""


KindOf = Callable[[str], Kind]
"""Returns the kind of a name; raises ConfigError when there is none or its library is missing."""
