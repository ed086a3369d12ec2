"""Where every page of the portal is, each with something on it: one or more addresses for each route there is.

`{held}` and the like are what a showcase has (`places_of`). A route that is not here fails a test.
"""

import re
from collections.abc import Mapping

import httpx

PAGES: Mapping[str, tuple[str, ...]] = {
    "/": ("/",),
    "/plans": ("/plans", "/plans?state=held"),
    "/plans/{plan_id}": ("/plans/{held}", "/plans/{sync}", "/plans/{sync}?operation=create&text=mey"),
    "/runs": ("/runs", "/runs?kind=export&text=nothing"),
    "/runs/{name}": ("/runs/A6", "/runs/{export}"),
    "/identities": ("/identities", "/identities?text=Meyer"),
    "/identities/{identity_id}": ("/identities/7", "/identities/7?at={then}"),
    "/objects/{object_id}": ("/objects/{guest}",),
    "/reviews": ("/reviews",),
    "/systems": ("/systems",),
    "/systems/new": ("/systems/new",),
    "/systems/{name}": ("/systems/directory", "/systems/branches"),
    "/systems/{name}/settings": ("/systems/hr/settings", "/systems/branches/settings"),
    "/systems/{name}/objects": ("/systems/apps/objects", "/systems/branches/objects"),
    "/systems/{name}/waiting": ("/systems/directory/waiting", "/systems/directory/waiting?state=failed"),
    "/systems/{name}/containers": ("/systems/branches/containers", "/systems/hr/containers"),
    "/rules": ("/rules",),
    "/rules/{name}": ("/rules/hr-person", "/rules/directory-user"),
    "/jobs": ("/jobs",),
    "/schedules/new": ("/schedules/new",),
    "/schedules/{name}": ("/schedules/nightly",),
    "/schedules/{name}/change": ("/schedules/nightly/change",),
    "/executions/{execution}": ("/executions/{execution}",),
    "/governance": tuple(f"/governance?kind={k}" for k in ("role", "violation", "manager", "remedy", "role_exception")),
    "/governance/roles/{role}": ("/governance/roles/{role}",),
    "/governance/owners": ("/governance/owners", "/governance/owners?min_risk=1"),
    "/governance/applications": ("/governance/applications",),
    "/datasync": ("/datasync",),
    "/datasync/{job}": ("/datasync/1",),
    "/datasync/{job}/runs/{run}": ("/datasync/1/runs/1", "/datasync/1/runs/2"),
    "/datasync/schedules/new": ("/datasync/schedules/new",),
    "/datasync/schedules/{schedule}": ("/datasync/schedules/1",),
    "/configuration": ("/configuration",),
    "/configuration/{version}": ("/configuration/1",),
    "/administration": ("/administration",),
    "/administration/audit": ("/administration/audit",),
    "/administration/service": ("/administration/service",),
}
"""Whole pages."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "/home/running": ("/home/running",),
    "/plans/{plan_id}/attributes": ("/plans/{sync}/attributes",),
    "/identities/{identity_id}/why": ("/identities/7/why",),
    "/identities/{identity_id}/why-accounts": ("/identities/7/why-accounts",),
    "/identities/{identity_id}/why-not": ("/identities/7/why-not",),
    "/identities/{identity_id}/around": ("/identities/7/around",),
    "/objects/{object_id}/why-not": ("/objects/{guest}/why-not",),
    "/systems/{name}/connection": ("/systems/hr/connection", "/systems/branches/connection"),
    "/systems/{name}/settings/test": ("/systems/hr/settings/test",),
    "/jobs/queue": ("/jobs/queue",),
    "/executions/{execution}/rail": ("/executions/{execution}/rail",),
    "/datasync/{job}/runs/{run}/state": ("/datasync/1/runs/1/state",),
    "/administration/audit/verified": ("/administration/audit/verified",),
}
"""Pieces that pages put into themselves."""
OTHERS = frozenset({"/jump", "/sign-in", "/runs/{name}/live"})
"""What is no page: a way elsewhere, the page before one is let in, a stream."""


def addresses(pages: Mapping[str, tuple[str, ...]], places: Mapping[str, str]) -> list[str]:
    """Return every address, with what has numbers filled in; a name of a route that is no place stays as it is."""
    return [path.format(**places) for paths in pages.values() for path in paths]


def places_of(client: httpx.Client, held: str) -> dict[str, str]:
    """Return where those things of the showcase are that have numbers."""

    def first(pattern: str, path: str) -> str:
        found = re.search(pattern, client.get(path).text)
        assert found is not None, f"nothing like {pattern} at {path}"
        return found.group(1)

    return {
        "held": held,
        "sync": first(r'href="/plans/(P\d+)"', "/plans?state=ready"),
        "export": first(r'href="/runs/(A\d+)"', "/runs?kind=export&state=done_with_errors"),
        "guest": first(r'href="/objects/(\d+)"', "/systems/guests/objects"),
        "role": first(r'href="/governance/roles/([^"]+)"', "/governance?kind=role"),
        "then": first(r'href="/identities/7\?at=([^"]+)"', "/identities/7").replace("&amp;", "&"),
        "execution": first(r'href="/executions/(A\d+)"', "/jobs"),
    }
