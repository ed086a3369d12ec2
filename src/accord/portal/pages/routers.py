"""Every router of the portal, in the order of its navigation."""

from fastapi import APIRouter

from accord.portal.pages import (
    administration,
    configuration,
    connecting,
    datasync,
    datasync_schedules,
    governance,
    holders,
    home,
    identities,
    jobs,
    plans,
    reviews,
    rules,
    runs,
    schedules,
    service,
    sign_in,
    spaces,
    systems,
)

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    sign_in.router,
    plans.router,
    runs.router,
    identities.router,
    reviews.router,
    connecting.router,
    systems.router,
    spaces.router,
    rules.router,
    jobs.router,
    schedules.router,
    datasync_schedules.router,
    datasync.router,
    holders.router,
    governance.router,
    administration.router,
    service.router,
    configuration.router,
)
