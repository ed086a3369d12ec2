"""Every router of the administration, in the order of the description."""

from fastapi import APIRouter

from accord.api.v1.administration import (
    change_history,
    connected_systems,
    connector_definitions,
    connector_space,
    decisions,
    expressions,
    matching_rules,
    metaverse,
    metaverse_objects,
    previews,
    rule_texts,
    run_profiles,
    schedule_executions,
    schedules,
    schemas,
    scoping_criteria,
    searches,
    service_settings,
    sync_rules,
)

ROUTERS: tuple[APIRouter, ...] = (
    connector_definitions.router,
    connected_systems.router,
    schemas.router,
    run_profiles.router,
    sync_rules.router,
    rule_texts.router,
    scoping_criteria.router,
    matching_rules.router,
    expressions.router,
    previews.router,
    metaverse.router,
    metaverse_objects.router,
    searches.router,
    connector_space.router,
    decisions.router,
    decisions.reviews,
    schedules.router,
    schedule_executions.router,
    change_history.router,
    service_settings.router,
)
