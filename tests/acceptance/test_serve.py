"""`accord serve` as a process: it tells where it listens, answers, and ends well when told to."""

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from accord.app import open_server
from accord.operations.datasync.providers import create_provider
from accord.operations.datasync.schedules import create_schedule
from offices import Office, excel, table_job, text_file

KEY = "jim_ak_" + "0123456789abcdef" * 3


@contextmanager
def serving(data: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve a data folder; give the process and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "accord", "serve", "--port", "0", "--data", data, *more],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=data.parent,
        env={**os.environ, "ACCORD_BOOTSTRAP_KEY": KEY},
    )  # fmt: skip
    try:
        yield process, next(event["address"] for event in events(process) if event["event"] == "serving")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def events(process: subprocess.Popen[str]) -> Iterator[dict[str, object]]:
    return (json.loads(line) for line in process.stdout)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_until_it_is_told_to_end(tmp_path: Path, told: signal.Signals) -> None:
    with serving(tmp_path / "data") as (process, address):
        answer = httpx.get(f"{address}/api/v1/userinfo", headers={"X-API-Key": KEY}, trust_env=False)
        assert answer.json()["isAdministrator"]
        assert "server" not in answer.headers
        check_logs(address, answer.headers["x-request-id"])
        process.send_signal(told)
        logged = list(events(process))
        assert process.wait(20) == 0
    asked = next(event for event in logged if event["event"] == "request")
    assert (asked["path"], asked["status"], asked["caller"]) == ("/api/v1/userinfo", 200, "key:bootstrap")
    assert asked["request_id"] == answer.headers["x-request-id"]
    assert KEY not in json.dumps(logged)


def test_it_starts_what_is_to_start_with_it(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with open_server(tmp_path / "data") as server:
        office = Office(server=server, folder=tmp_path)
        with server.writing("ann") as context:
            create_provider(context, excel(office.workbook))
            create_provider(context, text_file(out))
        office.fill([("Ann", "Lee", "1")], ("First", "Last", "No"))
        body = {"name": "Begin", "jobs": [office.create(table_job())], "triggers": [{"type": "AtStart"}]}
        with server.writing("ann") as context:
            create_schedule(context, body)
    assert not out.exists()

    with serving(tmp_path / "data") as (process, _):
        ended = next(event for event in events(process) if event["event"] == "job_ended")
        process.send_signal(signal.SIGTERM)
        list(events(process))
        assert process.wait(20) == 0

    assert ended["state"] == "done"
    assert "Ann Lee" in out.read_text(encoding="utf-8")


def check_logs(address: str, request_id: str) -> None:
    """What is told of a request on standard output can be read over the API, by administrators."""
    with httpx.Client(base_url=f"{address}/api/v1", headers={"X-API-Key": KEY}, trust_env=False) as client:
        [entry] = client.get("/logs", params={"search": request_id, "levels": ["Information", "Error"]}).json()
        assert (entry["message"], entry["level"], entry["levelShort"], entry["service"]) == (
            "request", "Information", "INF", "server",
        )  # fmt: skip
        assert (entry["properties"]["path"], entry["properties"]["status"]) == ("/api/v1/userinfo", "200")
        assert client.get("/logs", params={"search": request_id, "levels": "Error"}).json() == []
        assert client.get("/logs", params={"search": request_id, "date": "2001-01-01"}).json() == []
        assert client.get("/logs", params={"levels": "Loud"}).status_code == 400
        assert client.get("/logs/services").json() == ["server"]
        assert [file["fileName"] for file in client.get("/logs/files").json()] == ["server.log"]
        roles = {role["name"]: role["id"] for role in client.get("/security/roles").json()}
        made = client.post("/apikeys", json={"name": "looks", "roleIds": [roles["Reader"]]}).json()
        answer = client.get("/logs", headers={"X-API-Key": made["key"]})
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


def test_it_serves_over_tls(tmp_path: Path) -> None:
    certificate, key = certified(tmp_path)
    with serving(tmp_path / "data", "--tls-cert", certificate, "--tls-key", key) as (_, address):
        assert address.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=certificate)
        answer = httpx.get(f"{address}/api/v1/health", verify=trusting, trust_env=False)
    assert answer.json()["status"] == "healthy"
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("options", "environ", "code"),
    [
        (["--tls-cert", "nothing.pem"], {}, "BAD_REQUEST"),
        ([], {"ACCORD_BOOTSTRAP_KEY": "short"}, "CONFIG_ERROR"),
        ([], {"ACCORD_RATE_LIMIT": "many"}, "CONFIG_ERROR"),
        (["--host", "203.0.113.7"], {}, "SYSTEM_REFUSED"),
    ],
)
def test_it_says_why_it_cannot_serve(tmp_path: Path, options: list[str], environ: dict[str, str], code: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "accord", "serve", "--port", "0", "--data", tmp_path / "data", *options],
        capture_output=True, text=True, env={**os.environ, **environ}, cwd=tmp_path, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode != 0
    assert f"error[{code}]" in ended.stderr
    assert "Traceback" not in ended.stderr


def certified(folder: Path) -> tuple[Path, Path]:
    """Return a certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate is good in the real present
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        .add_extension(_names(), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def _names() -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
