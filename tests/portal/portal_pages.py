"""Every page there is, by address; `{ready}` and `{held}` are plans. And forms, sent as a page sends them."""

import re
from collections.abc import Mapping

import httpx

PAGES = (
    "/", "/plans", "/plans/{ready}", "/plans/{held}", "/plans/{held}?operation=update&text=Lee",
    "/runs", "/runs/A1", "/identities", "/identities?text=Lee7", "/identities/7", "/systems", "/systems/hr",
    "/systems/directory", "/systems/new", "/rules", "/rules/hr-person", "/jobs", "/datasync", "/governance",
    "/governance?kind=role", "/administration",
    "/administration/audit",
)  # fmt: skip

PASSWORD = "correct horse battery"


def send(client: httpx.Client, path: str, data: Mapping[str, str]) -> httpx.Response:
    """Send a form as a page of this sign-in would."""
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/plans").text)
    assert token is not None
    return client.post(path, data={"csrf": token.group(1), **data})
