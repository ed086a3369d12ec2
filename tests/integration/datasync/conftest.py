import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accord.app import open_server
from accord.testing.private_samba import PrivateSamba
from offices import SPECIFIED, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_server(tmp_path / "data") as server:
        yield Office(server=server, folder=tmp_path)


@pytest.fixture
def branch(office: Office, samba_server: PrivateSamba) -> Iterator[Office]:
    """An office with the specification's two providers, its domain's OU=API empty."""
    samba_server.empty_unit()
    office.domain = samba_server
    office.register()
    yield office
    samba_server.empty_unit()


@pytest.fixture
def specified() -> dict[str, Any]:
    """The body of the specification."""
    return json.loads(json.dumps(SPECIFIED))
