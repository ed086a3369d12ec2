"""Certificates of authorities that are trusted beside those of this machine."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from accord.api.callers import AsAdministrator, AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import Reason, changing, looking
from accord.operations.administration import certificates as op
from accord.operations.administration.desk import CAMEL

router = APIRouter(prefix="/api/v1/certificates", tags=["Certificates"])
_PEM = "application/x-pem-file"
_Name = Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCertificate:
    """A certificate to trust: PEM, or PEM or DER in base64."""

    __pydantic_config__ = CAMEL
    name: _Name
    certificate_data: Annotated[str, Field(min_length=1, max_length=100_000)]
    notes: Annotated[str, Field(max_length=1000)] | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChanges:
    """What is to be another about a certificate; what is not given stays."""

    __pydantic_config__ = CAMEL
    name: _Name | None = None
    notes: Annotated[str, Field(max_length=1000)] | None = None
    is_enabled: bool | None = None
    change_reason: str | None = None


@router.get("")
def list_certificates(door: AsReader, paging: Paged) -> Page[op.CertificateView]:
    """List the certificates that are trusted, by name."""
    with looking(door) as desk:
        found = op.list_certificates(desk)
    return paging.cut([c for c in found if (paging.filter or "").lower() in f"{c.name} {c.subject}".lower()])


@router.get("/enabled")
def list_enabled_certificates(door: AsReader) -> list[op.CertificateView]:
    """List the certificates that are in use."""
    with looking(door) as desk:
        return [certificate for certificate in op.list_certificates(desk) if certificate.is_enabled]


@router.post("/upload", status_code=201)
def upload_certificate(door: AsAdministrator, body: NewCertificate) -> op.CertificateView:
    """Trust a certificate: connections that name no authorities of their own accept what it vouches for."""
    with changing(door) as desk:
        return op.add_certificate(desk, body.name, body.certificate_data, body.notes, body.change_reason)


@router.get("/{certificate_id}")
def read_certificate(door: AsReader, certificate_id: str) -> op.CertificateView:
    """Return one certificate."""
    with looking(door) as desk:
        return op.read_certificate(desk, certificate_id)


@router.patch("/{certificate_id}", status_code=204)
def change_certificate(door: AsAdministrator, certificate_id: str, body: CertificateChanges) -> None:
    """Name a certificate anew, annotate it, switch it on or off."""
    wanted = op.CertificateChange(name=body.name, notes=body.notes, is_enabled=body.is_enabled)
    with changing(door) as desk:
        op.change_certificate(desk, certificate_id, wanted, body.change_reason)


@router.delete("/{certificate_id}", status_code=204)
def remove_certificate(door: AsAdministrator, certificate_id: str, reason: Reason = None) -> None:
    """Trust a certificate no more."""
    with changing(door) as desk:
        op.remove_certificate(desk, certificate_id, reason)


@router.get("/{certificate_id}/validate")
def validate_certificate(door: AsReader, certificate_id: str) -> op.CertificateCheck:
    """Return what is wrong with a certificate now."""
    with looking(door) as desk:
        return op.check_certificate(desk, certificate_id)


@router.get("/{certificate_id}/download", response_class=Response, responses={200: {"content": {_PEM: {}}}})
def download_certificate(door: AsReader, certificate_id: str) -> Response:
    """Return the certificate itself as PEM."""
    with looking(door) as desk:
        pem = op.pem_of(desk, certificate_id)
    return Response(pem, media_type=_PEM, headers={"Content-Disposition": 'attachment; filename="certificate.pem"'})
