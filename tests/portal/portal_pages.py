"""Forms, sent as a page sends them."""

import re
from collections.abc import Mapping

import httpx

PASSWORD = "correct horse battery"


def send(client: httpx.Client, path: str, data: Mapping[str, str]) -> httpx.Response:
    """Send a form as a page of this sign-in would."""
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/plans").text)
    assert token is not None
    return client.post(path, data={"csrf": token.group(1), **data})
