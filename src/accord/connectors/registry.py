"""Every kind of connector by name; a kind whose library is missing says which extra to install."""

from collections.abc import Callable, Mapping
from importlib import import_module

from accord.connectors.base import ConnectorKind
from accord.model.errors import ConfigError

_MODULES: Mapping[str, tuple[str, str]] = {
    "csv": ("accord.connectors.csv", ""),
    "excel": ("accord.connectors.excel", ""),
    "sql": ("accord.connectors.sql", ""),
    "ldap": ("accord.connectors.ldap", "ldap"),
    "scim": ("accord.connectors.scim", ""),
}

KINDS: tuple[str, ...] = tuple(_MODULES)


def connector_kind(name: str, *, load: Callable[[str], object] = import_module) -> ConnectorKind:
    """Return the kind of that name; raise ConfigError naming the kinds there are, or the extra to install."""
    if name not in _MODULES:
        raise ConfigError(f"there is no connector {name!r}", remedy=f"use one of: {', '.join(KINDS)}")
    module, extra = _MODULES[name]
    try:
        loaded = load(module)
    except ImportError as error:
        raise ConfigError(
            f"the {name} connector needs a library that is not installed ({error.name})",
            remedy=f'pip install "accord[{extra}]"' if extra else "install accord again",
        ) from error
    kind = getattr(loaded, "KIND", None)
    if not isinstance(kind, ConnectorKind):
        raise ConfigError(f"module {module} has no KIND", remedy="define KIND: ConnectorKind in its __init__")
    return kind
