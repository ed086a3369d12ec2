"""Whatever a form of the portal does, a request of the API does as well, for nobody else."""

import pytest
from fastapi.routing import APIRoute

from accord.api.application import ROUTERS as API
from accord.api.callers import ROLES_OF
from accord.portal.pages.routers import ROUTERS as PORTAL

SYSTEM = "/api/v1/synchronisation/connected-systems/{}"
JOB = "/GroupIDDataService/api/DataSyncJobs"
OF_THE_PAGE = {"/sign-in", "/theme"}
"""Who one is, and in which colours: a client of the API says so with every request, or needs none."""

SAME = {
    "/sign-out": ("POST", "/auth/sign-out"),
    "/plans": ("POST", "/api/v1/plans"),
    "/plans/{}/apply": ("POST", "/api/v1/plans/{}/apply"),
    "/plans/{}/release": ("POST", "/api/v1/plans/{}/release"),
    "/plans/{}/discard": ("POST", "/api/v1/plans/{}/discard"),
    "/runs/{}/cancel": ("POST", "/api/v1/worker-tasks/{}/cancel"),
    "/runs/{}/undo": ("POST", "/api/v1/activities/{}/undo"),
    "/runs/{}/again": ("POST", "/api/v1/activities/{}/again"),
    "/runs/{}/causes/{}/again": ("POST", "/api/v1/activities/{}/causes/{}/retry"),
    "/reviews": ("POST", "/api/v1/reviews/accept"),
    "/decisions": ("POST", "/api/v1/decisions"),
    "/decisions/{}/withdraw": ("POST", "/api/v1/decisions/{}/withdraw"),
    "/systems/new": ("POST", "/api/v1/synchronisation/connected-systems"),
    "/systems/{}/settings": ("PUT", SYSTEM),
    "/systems/{}/schema": ("POST", f"{SYSTEM}/import-schema"),
    "/systems/{}/schema/{}": ("PUT", f"{SYSTEM}/object-types/{{}}/attributes"),
    "/systems/{}/run/{}": ("POST", "/api/v1/systems/{}/run/{}"),
    "/systems/{}/containers": ("POST", f"{SYSTEM}/import-hierarchy"),
    "/systems/{}/containers/{}": ("PUT", f"{SYSTEM}/containers/{{}}"),
    "/systems/{}/partitions/{}": ("PUT", f"{SYSTEM}/partitions/{{}}"),
    "/systems/{}/profiles/{}/run": ("POST", f"{SYSTEM}/run-profiles/{{}}/execute"),
    "/rules/{}/check": ("POST", "/api/v1/configuration/rules/{}/check"),
    "/rules/{}/preview": ("POST", "/api/v1/configuration/rules/{}/preview"),
    "/rules/{}": ("PUT", "/api/v1/configuration/rules/{}"),
    "/jobs/cycle": ("POST", "/api/v1/cycles"),
    "/schedules/new": ("POST", "/api/v1/schedules"),
    "/schedules/{}/change": ("PUT", "/api/v1/schedules/{}"),
    "/schedules/{}/switch": ("POST", "/api/v1/schedules/{}/enable"),
    "/schedules/{}/remove": ("DELETE", "/api/v1/schedules/{}"),
    "/schedules/{}/run": ("POST", "/api/v1/schedules/{}/run"),
    "/executions/{}/cancel": ("POST", "/api/v1/schedule-executions/{}/cancel"),
    "/executions/{}/again/{}": ("POST", "/api/v1/activities/{}/again"),
    "/datasync/schedules/new": ("POST", f"{JOB}/Schedules"),
    "/datasync/schedules/{}": ("PUT", f"{JOB}/Schedules/{{}}"),
    "/datasync/schedules/{}/run": ("POST", f"{JOB}/Schedules/{{}}/Run"),
    "/datasync/schedules/{}/remove": ("DELETE", f"{JOB}/Schedules/{{}}"),
    "/datasync/{}/runs/{}/undo": ("POST", f"{JOB}/{{}}/Runs/{{}}/Undo"),
    "/datasync/{}/runs/{}/release": ("POST", f"{JOB}/{{}}/Runs/{{}}/Release"),
    "/datasync/collections/{}/run": ("POST", f"{JOB}/Collections/{{}}/Run"),
    "/datasync/import": ("POST", f"{JOB}/Import"),
    "/datasync/{}/export": ("POST", f"{JOB}/{{}}/Export"),
    "/datasync/{}/duplicate": ("POST", f"{JOB}/{{}}/Duplicate"),
    "/datasync/{}/delete": ("DELETE", JOB),
    "/datasync/{}/{}": ("POST", f"{JOB}/{{}}/Run"),
    "/governance/{}": ("POST", "/api/v1/jobs"),
    "/governance/violations/{}/except": ("PUT", "/api/v1/violations/{}/exception"),
    "/administration/keys": ("POST", "/api/v1/apikeys"),
    "/administration/keys/{}/remove": ("DELETE", "/api/v1/apikeys/{}"),
    "/administration/people": ("POST", "/api/v1/administrators"),
    "/administration/people/{}/remove": ("DELETE", "/api/v1/administrators/{}"),
    "/administration/service/{}": ("PUT", "/api/v1/service-settings/{}"),
    "/administration/service/{}/revert": ("DELETE", "/api/v1/service-settings/{}"),
    "/configuration/{}/restore": ("POST", "/api/v1/configuration/restore"),
}


def routes(routers) -> dict[tuple[str, str], APIRoute]:
    return {(m, shape(r.path)): r for router in routers for r in router.routes for m in r.methods}


def shape(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def roles(route: APIRoute) -> set[object]:
    """Return what lets callers in: by their role, or by their role and how the server is set up."""
    return {d.call for d in route.dependant.dependencies if d.call in ROLES_OF}


FORMS = {path for method, path in routes(PORTAL) if method == "POST"} - OF_THE_PAGE


def test_every_form_has_its_request():
    assert set(SAME) == FORMS


@pytest.mark.parametrize("form", sorted(SAME))
def test_a_form_lets_in_whom_its_request_lets_in(form):
    assert roles(routes(PORTAL)["POST", form]) == roles(routes(API)[SAME[form]])
