"""Every page there is, by address; `{ready}` and `{held}` are plans. And forms, sent as a page sends them."""

import re
from collections.abc import Mapping

import httpx

PAGES = (
    "/", "/plans", "/plans/{ready}", "/plans/{held}", "/plans/{held}?operation=update&text=Lee",
    "/runs", "/runs/A1", "/identities", "/identities?text=Lee7", "/identities/7", "/systems", "/systems/hr",
    "/systems/directory", "/systems/new", "/rules", "/rules/hr-person", "/jobs", "/datasync", "/governance",
    "/governance?kind=role", "/administration",
    "/administration/audit", "/reviews", "/systems/hr/objects", "/systems/directory/waiting", "/configuration",
)  # fmt: skip

SHOWN = (
    "/",
    "/plans/{held}",
    "/runs",
    "/runs/A6",
    "/runs/{export}",
    "/identities",
    "/identities/7",
    "/reviews",
    "/objects/{guest}",
    "/plans",
    "/systems/new",
    "/systems",
    "/systems/directory",
    "/systems/apps/objects",
    "/systems/directory/waiting?state=failed",
    "/systems/hr/containers",
    "/systems/hr/settings",
    "/rules",
    "/rules/hr-person",
    "/jobs",
    "/schedules/nightly",
    "/schedules/nightly/change",
    "/schedules/new",
    "/governance?kind=role",
    "/governance?kind=violation",
    "/governance?kind=manager",
    "/governance?kind=remedy",
    "/governance/roles/{role}",
    "/configuration",
    "/configuration/1",
    "/datasync",
    "/administration",
    "/administration/audit",
)
"""Pages over the showcase."""

PASSWORD = "correct horse battery"


def send(client: httpx.Client, path: str, data: Mapping[str, str]) -> httpx.Response:
    """Send a form as a page of this sign-in would."""
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/plans").text)
    assert token is not None
    return client.post(path, data={"csrf": token.group(1), **data})
