"""Every router of the administration, in the order of the description."""

from fastapi import APIRouter

from accord.api.v1.administration import (
    connected_systems,
    connector_definitions,
    matching_rules,
    metaverse,
    run_profiles,
    schemas,
    scoping_criteria,
    sync_rules,
)

ROUTERS: tuple[APIRouter, ...] = (
    connector_definitions.router,
    connected_systems.router,
    schemas.router,
    run_profiles.router,
    sync_rules.router,
    scoping_criteria.router,
    matching_rules.router,
    metaverse.router,
)
