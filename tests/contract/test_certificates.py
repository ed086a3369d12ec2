"""Authorities that are trusted for every directory: added, in use, switched off, removed."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cmdlets import Cmdlets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from declaring import CS, new_system

from accord.app import Server
from accord.operations.administration.desk import Desk
from accord.operations.administration.moving import export_folder, import_folder
from accord.testing.private_slapd import PrivateSlapd

TRUSTED = "/certificates"


@pytest.fixture
def certificate() -> str:
    """A certificate that vouches for nobody, and has been out of date for years."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "old.example.org")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(datetime(2019, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2020, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


def connect(jim: Cmdlets, system: int) -> int:
    return jim.ask("POST", f"{CS}/{system}/test-connection").status_code


@pytest.mark.ldap
def test_a_directory_is_believed_while_its_authority_is_trusted(
    jim: Cmdlets, server: Server, directory: PrivateSlapd, tmp_path: Path
) -> None:
    system = new_system(
        jim, "Corporate Directory", "JIM LDAP Connector",
        {
            "Host": {"stringValue": "127.0.0.1"},
            "Port": {"intValue": int(directory.ldaps_url.rpartition(":")[2])},
            "Use Secure Connection (LDAPS)?": {"checkboxValue": True},
            "Username": {"stringValue": directory.admin_dn},
            "Password": {"stringValue": directory.admin_password},
        },
    )  # fmt: skip
    refused = jim.ask("POST", f"{CS}/{system}/test-connection")
    assert (refused.status_code, "certificate" in refused.json()["message"]) == (502, True), refused.text
    pem = directory.ca_file.read_bytes()
    body = {"name": "Directory CA", "certificateData": base64.b64encode(pem).decode(), "notes": "of the test"}
    added = jim.post(f"{TRUSTED}/upload", body)
    assert added["isEnabled"]
    assert connect(jim, system) == 200
    assert jim.get(f"{TRUSTED}/{added['id']}/validate")["isValid"]
    assert jim.ask("GET", f"{TRUSTED}/{added['id']}/download").content.strip() == pem.strip()
    with server.writing("test") as context:
        export_folder(Desk(context), tmp_path / "first", replace=False)
        import_folder(Desk(context), tmp_path / "first", reason="", drafts=False, dry_run=False)
        export_folder(Desk(context), tmp_path / "second", replace=False)
    written = (tmp_path / "first" / "accord.yaml").read_bytes()
    assert b"Directory CA" in written
    assert (tmp_path / "second" / "accord.yaml").read_bytes() == written
    assert jim.ask("PATCH", f"{TRUSTED}/{added['id']}", {"isEnabled": False}).status_code == 204
    assert (jim.get(f"{TRUSTED}/enabled"), connect(jim, system)) == ([], 502)
    assert jim.ask("PATCH", f"{TRUSTED}/{added['id']}", {"isEnabled": True, "name": "Root"}).status_code == 204
    assert ([c["name"] for c in jim.get(f"{TRUSTED}/enabled")], connect(jim, system)) == (["Root"], 200)
    jim.delete(f"{TRUSTED}/{added['id']}", changeReason="moved")
    assert (jim.get(TRUSTED)["items"], connect(jim, system)) == ([], 502)


def test_what_is_no_certificate_is_refused_and_one_is_known_once(jim: Cmdlets, certificate: str) -> None:
    for wrong in ("nonsense", base64.b64encode(b"nonsense").decode(), "é"):
        answer = jim.ask("POST", f"{TRUSTED}/upload", {"name": "x", "certificateData": wrong})
        assert (answer.status_code, list(answer.json()["validationErrors"])) == (400, ["certificateData"])
    added = jim.post(f"{TRUSTED}/upload", {"name": "Old", "certificateData": certificate})
    again = jim.ask("POST", f"{TRUSTED}/upload", {"name": "Other", "certificateData": certificate})
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    assert jim.ask("GET", f"{TRUSTED}/00000000-0000-0000-0000-000000000000").status_code == 404
    checked = jim.get(f"{TRUSTED}/{added['id']}/validate")
    assert (checked["isValid"], added["isExpired"]) == (False, True)
    assert "out of date" in checked["errors"][0]
    assert "no authority" in checked["warnings"][0]
    done = [entry["action"] for entry in jim.get("/audit", first=1000)]
    assert "add_certificate" in done
