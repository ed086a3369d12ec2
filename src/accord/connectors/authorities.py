"""Whom connections trust that name no authorities of their own: those of this machine, and those that were added."""

import hashlib
import os
import ssl
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from accord.connectors.base import ConnectorKind

_DEBIAN = "/etc/ssl/certs/ca-certificates.crt"


def machine_authorities() -> str | None:
    """Return the file of the authorities that this machine trusts."""
    paths = ssl.get_default_verify_paths()
    candidates = (paths.cafile, paths.openssl_cafile, _DEBIAN)
    return next((path for path in candidates if path and Path(path).is_file()), None)


def trusting(kind: ConnectorKind, settings: BaseModel, added: Sequence[str], folder: Path) -> BaseModel:
    """Return the settings of a system so that certificates that were added (PEM) are trusted beside the machine's.

    A system with authorities of its own keeps to them. They are written to a file in the folder, as libraries want.
    """
    if not kind.trusts_machine or not added or getattr(settings, "ca_file", None) is not None:
        return settings
    return settings.model_copy(update={"ca_file": _written(added, folder)})


def _written(added: Sequence[str], folder: Path) -> Path:
    known = machine_authorities()
    text = "\n".join((*([] if known is None else [Path(known).read_text(encoding="utf-8")]), *added))
    file = folder / f"authorities-{hashlib.sha256(text.encode()).hexdigest()[:16]}.pem"
    if not file.is_file():
        # Several workers may come to this at once: each puts the same file in place as a whole.
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(file)
    return file.resolve()
