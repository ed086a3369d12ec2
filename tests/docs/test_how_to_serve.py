"""What docs/how-to/serve.md tells to do goes as told: its commands in one shell, a real server, a real directory."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from accord.testing.private_slapd import PrivateSlapd

ROOT = Path(__file__).parents[2]
SHOWN = (
    '"Administrator"', "jim_ak_", "true", "true", "1 partitions, 2 containers",
    "Directory Full Import: Complete 0 read", "HR Full Import: Complete 2 read",
    "HR Full Synchronisation: Complete", "Directory Export: Complete", "Directory Full Import: Complete 2 read",
    "account || '@example.org'", "Complete: Completed Completed Completed Completed", "Cancelled",
    "Complete: 49998 added",
)  # fmt: skip


@pytest.mark.ldap
@pytest.mark.slow
def test_from_nothing_to_accounts_in_a_directory_with_curl_alone(directory: PrivateSlapd, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / "serve.md").read_text(encoding="utf-8")
    script = "set -euo pipefail\n" + "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    ended = _run(script, directory, tmp_path)
    rest = ended.stdout
    for shown in SHOWN:
        before, found, rest = rest.partition(shown)
        assert found, f"it lacks {shown!r} after:\n{before[-500:]}\n{ended.stderr[-3000:]}"
    assert ended.returncode == 0, ended.stderr[-3000:]


def _run(script: str, directory: PrivateSlapd, folder: Path) -> subprocess.CompletedProcess[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "bin").mkdir()
    accord = folder / "bin" / "accord"
    accord.write_text(f'#!/bin/sh\nexec {sys.executable} -m accord "$@"\n', encoding="utf-8")
    accord.chmod(0o755)
    environ = {
        **os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PORT": str(port), "LDAP_URL": directory.url,
        "LDAP_DN": directory.admin_dn, "LDAP_PASSWORD": directory.admin_password, "LDAP_CA": str(directory.ca_file),
    }  # fmt: skip
    process = subprocess.Popen(
        ["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ, cwd=folder,
        start_new_session=True,
    )  # fmt: skip
    try:
        shown, told = process.communicate(timeout=400)
    finally:
        # The server is a child of the shell, which may have failed before it ended it.
        _end(process.pid)
    return subprocess.CompletedProcess(script, process.returncode, shown, told)


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
