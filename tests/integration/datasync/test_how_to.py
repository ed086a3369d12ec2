"""What the how-to of DataSync jobs tells to do goes as told, with curl, a server, a workbook and a real domain."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.operations.keys import KeyTerms, add_key
from accord.testing.private_api import PrivateApi
from accord.testing.private_samba import PrivateSamba
from offices import Office, working

pytestmark = [pytest.mark.samba, pytest.mark.slow]

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "datasync.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_how_to_goes_as_told(office: Office, samba_server: PrivateSamba, specified: dict[str, Any]) -> None:
    samba_server.empty_unit()
    office.fill([("Ann", "Lee"), ("Bob", "Ray"), ("Cy", "Dee")])
    (office.folder / "job.json").write_text(json.dumps(specified), encoding="utf-8")
    with office.server.writing("setup") as context:
        key = add_key(context, KeyTerms(name="me", roles=("Administrator",))).secret
    with PrivateApi(create_app(office.server, Settings())) as api, working(office.server):
        known = {
            "URL": api.url, "KEY": key, "BOOK": str(office.workbook), "AD": samba_server.ldaps_url,
            "AD_USER": samba_server.admin_upn, "AD_PASSWORD": samba_server.admin_password,
            "AD_CA": str(samba_server.ca_file),
        }  # fmt: skip
        for command, expected in steps():
            shown = subprocess.run(
                ["bash", "-c", command], cwd=office.folder, env={**os.environ, **known}, capture_output=True, text=True,
                check=True,
            ).stdout  # fmt: skip
            for line in expected:
                pattern = ".*".join(re.escape(part.strip()) for part in line.split("..."))
                assert re.search(pattern, shown, re.DOTALL), f"$ {command}\nlacks: {line}\nshows: {shown}"
    assert samba_server.names_in_unit() == ["Ann_api_Lee", "Bob_api_Ray", "Cy_api_Dee"]
    assert samba_server.can_sign_in("Ann_api_Lee", "webdir123R")
    samba_server.empty_unit()


def steps() -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for block in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line)
    assert len(found) > 6
    return found
