"""Sealed connections: the certificate is checked, by the drivers that read and those that write alike."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.connectors.base import ANCHOR, ReadScope
from accord.connectors.sql import KIND, SqlSettings
from accord.model.errors import SystemRefused
from accord.model.schema import ObjectTypeSchema
from accord.testing.private_mariadb import PrivateMariadb, find_mariadb
from accord.testing.private_postgres import PrivatePostgres, find_postgres

ONE = ObjectTypeSchema(name="one", anchor=("id",))


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def _make_certificates(folder: Path, user: str) -> None:
    """Make an authority, a certificate for 127.0.0.1 that it signed, and another authority."""
    folder.mkdir()
    for name in ("ours", "others"):
        subject = ["-subj", f"/CN={name}", "-days", "2"]
        _openssl(
            folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
            f"{name}.pem", *subject,
        )  # fmt: skip
    _openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=server")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    _openssl(
        folder, "x509", "-req", "-in", "s.csr", "-CA", "ours.pem", "-CAkey", "ours.key", "-CAcreateserial", "-days",
        "2", "-extfile", "names", "-out", "s.pem",
    )  # fmt: skip
    if os.geteuid() == 0:
        for path in (folder / "s.key", folder / "s.pem"):
            shutil.chown(path, user)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ],
)
def sealed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Return the URL of a server that offers TLS, and the folder of the certificates."""
    folder = tmp_path_factory.mktemp(request.param)
    certificates = folder / "certificates"
    if request.param == "postgresql":
        if find_postgres() is None:
            pytest.skip("no PostgreSQL server binaries")
        _make_certificates(certificates, "postgres")
        options = ["ssl=on", f"ssl_cert_file={certificates}/s.pem", f"ssl_key_file={certificates}/s.key"]
        with PrivatePostgres(folder / "server", options=options) as postgres:
            yield postgres.create_database(), certificates
    else:
        if find_mariadb() is None:
            pytest.skip("no MariaDB server binaries")
        _make_certificates(certificates, "mysql")
        options = [f"--ssl-cert={certificates}/s.pem", f"--ssl-key={certificates}/s.key"]
        with PrivateMariadb(folder / "server", options=options) as mariadb:
            yield mariadb.create_database(), certificates


def _ids(url: str, **settings: object) -> tuple[str, list[str]]:
    source = {"one": {"query": "select 1 as id"}}
    connector = KIND.open(SqlSettings.model_validate({"url": url, "objects": source, **settings}))
    try:
        sealed = dict(connector.test().facts)["tls"]
        batches = list(connector.read(ReadScope(object_types={"one": ONE})))
        return sealed, [anchor for batch in batches for anchor in batch.rows.column(ANCHOR).to_pylist()]
    finally:
        connector.close()


def test_a_server_of_our_authority_is_read_sealed(sealed: tuple[str, Path]) -> None:
    url, certificates = sealed
    assert _ids(url, ca_file=certificates / "ours.pem") == ("yes", ["1"])


def test_a_server_of_another_authority_is_refused(sealed: tuple[str, Path]) -> None:
    url, certificates = sealed
    with pytest.raises(SystemRefused) as refused:
        _ids(url, ca_file=certificates / "others.pem")
    assert "ca_file" in refused.value.remedy


def test_a_certificate_for_another_name_is_refused(sealed: tuple[str, Path]) -> None:
    url, certificates = sealed
    with pytest.raises(SystemRefused) as refused:
        _ids(url.replace("127.0.0.1", "localhost"), ca_file=certificates / "ours.pem")
    assert "ca_file" in refused.value.remedy


def test_a_missing_authority_file_is_named(sealed: tuple[str, Path]) -> None:
    url, certificates = sealed
    with pytest.raises(SystemRefused, match=r"nowhere\.pem"):
        _ids(url, ca_file=certificates / "nowhere.pem")


def test_a_server_without_tls_is_refused_when_it_must_be_sealed(server_lab, tmp_path: Path) -> None:
    _make_certificates(tmp_path / "certificates", "nobody")
    with pytest.raises(SystemRefused) as refused:
        _ids(server_lab.url, ca_file=tmp_path / "certificates" / "ours.pem")
    assert "ca_file" in refused.value.remedy
