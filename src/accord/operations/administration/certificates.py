"""Authorities that are trusted beside those of this machine: add, look at, check, switch off, remove.

They are part of the configuration (`certificates` of accord.yaml), and hold for every connection over TLS of a
directory or SCIM service that names no `ca_file` of its own.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import NAMESPACE_OID, uuid5

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from accord.config.canonical import Document
from accord.config.places import FileKind
from accord.config.trust_parts import CertificatePart
from accord.model.errors import Conflict, Invalid, NotFound
from accord.operations.administration.desk import CAMEL, Desk, Draft

_BEGIN = "-----BEGIN"
_FEWEST_BITS = 2048


class CertificateSource(StrEnum):
    """Where a certificate comes from."""

    UPLOADED = "Uploaded"
    FILE_PATH = "FilePath"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateView:
    """A trusted certificate. `id` follows from the certificate itself."""

    __pydantic_config__ = CAMEL
    id: str
    name: str
    notes: str | None
    subject: str
    issuer: str
    serial_number: str
    thumbprint: str
    valid_from: str
    valid_to: str
    is_enabled: bool
    is_expired: bool
    source_type: CertificateSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateCheck:
    """What is wrong with a certificate: errors keep it from vouching for anybody, warnings do not."""

    __pydantic_config__ = CAMEL
    is_valid: bool
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChange:
    """What is to be another about a certificate; None: as it is."""

    name: str | None = None
    notes: str | None = None
    is_enabled: bool | None = None


def list_certificates(desk: Desk) -> list[CertificateView]:
    """Return all trusted certificates by name."""
    return [_view(desk, part) for part in sorted(_parts(desk), key=lambda part: part.name.casefold())]


def read_certificate(desk: Desk, guid: str) -> CertificateView:
    """Return one certificate; raise NotFound."""
    return _view(desk, _one(desk, guid))


def pem_of(desk: Desk, guid: str) -> str:
    """Return a certificate itself as PEM; raise NotFound."""
    return _one(desk, guid).pem


def check_certificate(desk: Desk, guid: str) -> CertificateCheck:
    """Return what is wrong with a certificate now; raise NotFound."""
    found = _parsed(_one(desk, guid).pem)
    errors = tuple(_errors(found, desk.context.clock()))
    return CertificateCheck(is_valid=not errors, errors=errors, warnings=tuple(_warnings(found)))


def add_certificate(desk: Desk, name: str, content: str, notes: str | None, reason: str | None) -> CertificateView:
    """Trust a certificate, given as PEM or as DER in base64; raise Invalid when it is none, Conflict for one known."""
    pem = _pem_from(content)
    if any(part.pem == pem or part.name.casefold() == name.casefold() for part in _parts(desk)):
        raise Conflict(
            "this certificate, or one of this name, is trusted already",
            remedy="change the one there is, or use another name",
        )
    entry: Document = {"name": name, "pem": pem, **({"notes": notes} if notes else {})}
    after = _change(desk, "add_certificate", name, reason, [*_entries(desk), entry])
    return read_certificate(after, _guid(_parsed(pem)))


def change_certificate(desk: Desk, guid: str, change: CertificateChange, reason: str | None) -> None:
    """Name a certificate anew, annotate it, switch it on or off; raise NotFound."""
    meant = _one(desk, guid)
    entries = [_changed(entry, change) if entry["pem"] == meant.pem else entry for entry in _entries(desk)]
    _change(desk, "change_certificate", meant.name, reason, entries)


def remove_certificate(desk: Desk, guid: str, reason: str | None) -> None:
    """Trust a certificate no more; raise NotFound."""
    meant = _one(desk, guid)
    entries = [entry for entry in _entries(desk) if entry["pem"] != meant.pem]
    _change(desk, "remove_certificate", meant.name, reason, entries)


def _change(desk: Desk, action: str, name: str, reason: str | None, entries: Sequence[Document]) -> Desk:
    def edit(draft: Draft) -> None:
        document = draft.document(FileKind.ACCORD, "accord")
        if entries:
            document["certificates"] = list(entries)
        else:
            document.pop("certificates", None)

    return desk.change(action, name, reason, edit)


def _changed(entry: Document, change: CertificateChange) -> Document:
    given = {"name": change.name, "notes": change.notes, "enabled": change.is_enabled}
    changed = {**entry, **{key: value for key, value in given.items() if value is not None}}
    return {key: value for key, value in changed.items() if value != "" and (key, value) != ("enabled", True)}


def _entries(desk: Desk) -> list[Document]:
    return [part.model_dump(exclude_defaults=True) for part in _parts(desk)]


def _parts(desk: Desk) -> Sequence[CertificatePart]:
    return desk.read.accord.certificates


def _one(desk: Desk, guid: str) -> CertificatePart:
    found = next((part for part in _parts(desk) if _guid(_parsed(part.pem)) == guid.lower()), None)
    if found is None:
        raise NotFound(f"there is no certificate {guid}", remedy="list the certificates")
    return found


def _pem_from(content: str) -> str:
    try:
        text = content.strip()
        raw = b"" if text.startswith(_BEGIN) else base64.b64decode(text, validate=True)
        pem = raw or text.encode("ascii")
        found = x509.load_pem_x509_certificate(pem) if _BEGIN.encode() in pem else x509.load_der_x509_certificate(pem)
    except (ValueError, UnicodeEncodeError, binascii.Error) as error:
        raise Invalid(
            "this is no certificate", {"certificateData": ["give one X.509 certificate, as PEM or as DER in base64"]}
        ) from error
    return found.public_bytes(Encoding.PEM).decode("ascii")


def _parsed(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode("ascii"))


def _guid(certificate: x509.Certificate) -> str:
    return str(uuid5(NAMESPACE_OID, certificate.fingerprint(hashes.SHA256()).hex()))


def _view(desk: Desk, part: CertificatePart) -> CertificateView:
    found = _parsed(part.pem)
    return CertificateView(
        id=_guid(found), name=part.name, notes=part.notes or None, subject=found.subject.rfc4514_string(),
        issuer=found.issuer.rfc4514_string(), serial_number=f"{found.serial_number:X}",
        thumbprint=found.fingerprint(hashes.SHA256()).hex().upper(), valid_from=_moment(found.not_valid_before_utc),
        valid_to=_moment(found.not_valid_after_utc), is_enabled=part.enabled,
        is_expired=found.not_valid_after_utc < desk.context.clock(), source_type=CertificateSource.UPLOADED,
    )  # fmt: skip


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _errors(certificate: x509.Certificate, now: datetime) -> Sequence[str]:
    errors = []
    if certificate.not_valid_after_utc < now:
        errors.append(f"it has been out of date since {_moment(certificate.not_valid_after_utc)}")
    if certificate.not_valid_before_utc > now:
        errors.append(f"it is not good before {_moment(certificate.not_valid_before_utc)}")
    return errors


def _warnings(certificate: x509.Certificate) -> Sequence[str]:
    warnings = []
    try:
        is_authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        is_authority = False
    if not is_authority:
        warnings.append("it is no authority: it can vouch for nobody but itself")
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _FEWEST_BITS:
        warnings.append(f"its key has {key.key_size} bits only, many libraries refuse it")
    return warnings
