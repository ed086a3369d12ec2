"""What is in `deploy` as far as it can be tried without systemd and Docker: parsed by them or as they do, and run."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from accord.cli.main import build_app

DEPLOY = Path(__file__).parents[2] / "deploy"
KEY = "jim_ak_" + "0123456789abcdef" * 3


@pytest.fixture
def exec_start() -> list[str]:
    """The command of the unit of systemd."""
    lines = (DEPLOY / "accord.service").read_text(encoding="utf-8").splitlines()
    [command] = [line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart=")]
    return shlex.split(command)


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_unit_as_it_is(tmp_path: Path, exec_start: list[str]) -> None:
    unit = (DEPLOY / "accord.service").read_text(encoding="utf-8")
    # It looks whether the program is there; here it is elsewhere.
    (tmp_path / "accord.service").write_text(unit.replace(exec_start[0], sys.executable), encoding="utf-8")
    asked = ["systemd-analyze", "verify", str(tmp_path / "accord.service")]
    looked = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (looked.returncode, looked.stderr) == (0, "")


def test_the_unit_s_command_serves_says_when_it_is_ready_and_ends_when_told(
    tmp_path: Path, exec_start: list[str]
) -> None:
    (tmp_path / "bootstrap-key").write_text(KEY, encoding="utf-8")
    place = {"/var/lib/accord": str(tmp_path / "data"), "8080": "0"}
    command = [sys.executable, "-m", "accord", *(place.get(token, token) for token in exec_start[1:])]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(120)
        environ = {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "ACCORD_BOOTSTRAP_KEY_FILE": str(tmp_path / "bootstrap-key"),
        }
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, cwd=tmp_path)
        try:
            assert told.recv(100) == b"READY=1"
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()


def test_every_command_of_the_compose_file_is_one_of_ours(compose: dict[str, Any]) -> None:
    commands = {name: service["command"] for name, service in compose["services"].items() if "command" in service}
    assert commands.keys() == {"server", "worker"}
    for tokens in commands.values():
        command, bound, _ = build_app().parse_args(tokens, exit_on_error=False, print_error=False)
        assert command.__name__ == tokens[0]
        assert bound.arguments


def test_the_compose_file_names_nothing_that_is_not_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= services.keys()
        assert set(service.get("secrets", [])) <= compose["secrets"].keys()
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= compose["volumes"].keys()
        if "build" in service:
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_the_container_s_start_hands_the_password_on_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "accord").write_text('#!/bin/sh\necho "accord $*"\n', encoding="utf-8")
    (tmp_path / "accord").chmod(0o755)
    secret = "/run/secrets/database-password"
    start = (DEPLOY / "start").read_text(encoding="utf-8").replace(secret, str(tmp_path / "secret"))
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PGPASSFILE": str(tmp_path / "pgpass")}
    ran = subprocess.run(
        ["sh", "-c", start, "start", "serve", "--port", "1"], env=environ, capture_output=True, check=True
    )
    assert ran.stdout == b"accord serve --port 1\n"
    assert (tmp_path / "pgpass").read_text(encoding="utf-8") == "*:*:*:*:s3cret\n"
    assert (tmp_path / "pgpass").stat().st_mode & 0o077 == 0
