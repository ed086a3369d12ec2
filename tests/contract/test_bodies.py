"""Every body of the contract has the fields its readers know, by the description that the server gives of itself."""

from typing import Any

import pytest

from accord.api.application import create_app
from accord.app import Server

CS = "/synchronisation/connected-systems"
FIELDS = {
    "/activities": "id created executed status targetType targetOperationType targetName targetContext message "
    "initiatedByType initiatedById initiatedByName objectsToProcess objectsProcessed executionTime totalActivityTime "
    "connectedSystemRunType totalAdded totalUpdated totalDeleted totalProjected totalJoined totalAttributeFlows "
    "totalDisconnected totalDisconnectedOutOfScope totalOutOfScopeRetainJoin totalDriftCorrections totalProvisioned "
    "totalExported totalDeprovisioned totalCreated totalPendingExports totalErrors childActivityCount "
    "scheduleExecutionId scheduleStepIndex scheduledByScheduleId scheduledByScheduleName",
    "/activities/{activity_id}": "parentActivityId warningMessage errorMessage errorStackTrace errorDetail "
    "connectedSystemId connectedSystemRunProfileId syncRuleId metaverseObjectId executionStats phases changeReason",
    "/activities/{activity_id}/progress": "id status message objectsProcessed objectsToProcess percentComplete "
    "elapsedSeconds objectsPerSecond estimatedSecondsRemaining targetType runType operationCounts totalErrors "
    "retrievedAt phases currentPhase currentPhaseNumber totalPhases",
    "/activities/{activity_id}/items": "id externalIdValue displayName connectedSystemObjectType objectChangeType "
    "errorType outcomeSummary",
    "/worker-tasks": "id name type timestamp status initiatedByType initiatedById initiatedByName activityId "
    "objectsToProcess objectsProcessed progressMessage steps scheduleExecutionId scheduleExecutionName "
    "scheduleStepIndex scheduleTotalSteps scheduleCurrentStepIndex",
    CS: "id name description created status objectCount connectorsCount pendingExportObjectsCount connectorName "
    "connectorId",
    CS + "/{system_id}": "id name description created lastUpdated status settingValuesValid connector objectTypes "
    "objectCount pendingExportCount requireSecureTransport unresolvedReferenceHandling configurationDrift",
    CS + "/{system_id}/run-profiles": "id name connectedSystemId runType pageSize partitionName "
    "targetsDeselectedPartition filePath verifyImportContentHashes",
    CS + "/{system_id}/connector-space": "id connectedSystemId displayName externalIdValue externalIdAttributeName "
    "secondaryExternalIdValue secondaryExternalIdAttributeName created lastUpdated typeId typeName status joinType "
    "dateJoined pendingDisplayName pendingExternalId pendingSecondaryExternalId hasPendingExport pendingExportId",
    CS + "/{system_id}/connector-space/{object_id}": "id created lastUpdated status joinType dateJoined displayName "
    "connectedSystemId connectedSystemName typeId typeName metaverseObjectId metaverseObjectDisplayName "
    "attributeValues attributeValueSummaries",
    CS + "/{system_id}/pending-exports": "id connectedSystemId changeType status createdAt lastAttemptedAt nextRetryAt "
    "errorCount maxRetries lastErrorMessage hasUnresolvedReferences unresolvedReferenceCount targetObjectIdentifier "
    "sourceMetaverseObjectId sourceMetaverseObjectDisplayName attributeChangeCount connectedSystemObjectId",
    "/synchronisation/pending-exports/{export_id}": "id connectedSystemName attributeChanges "
    "attributeChangeSummaries unresolvedReferences",
    "/metaverse/objects": "id created displayName status type attributes",
    "/metaverse/objects/{object_id}": "id created lastUpdated displayName status origin lastConnectorDisconnectedDate "
    "isPendingDeletion deletionEligibleDate type attributeValues connectedSystemObjects",
    "/metaverse/pending-deletions": "id displayName type lastConnectorDisconnectedDate deletionEligibleDate "
    "daysUntilDeletion gracePeriod connectedSystemObjectCount status",
    "/schedules/{schedule_id}": "id name description triggerType cronExpression patternType daysOfWeek runTimes "
    "intervalValue intervalUnit intervalWindowStart intervalWindowEnd isEnabled lastRunTime nextRunTime stepCount "
    "created lastUpdated lastExecutionId lastExecutionStatus lastExecutionCurrentStepIndex lastExecutionTotalSteps "
    "lastExecutionCompletedAt lastExecutionErrorMessage steps",
    "/schedule-executions/{execution_id}": "id scheduleId scheduleName status currentStepIndex totalSteps queuedAt "
    "startedAt completedAt initiatedByType initiatedByName errorMessage steps progress",
    "/apikeys": "id name description keyPrefix createdAt expiresAt lastUsedAt lastUsedFromIp isEnabled roles",
    "/service-settings/{key}": "key displayName description category valueType defaultValue value effectiveValue "
    "isReadOnly isOverridden",
    "/userinfo": "authorised isAdministrator name authMethod metaverseObjectId roles message",
}
FILTERS = {
    "/activities": "search sortBy sortDirection targetType initiatorType operation outcome status "
    "initiatedById initiatedBy hasChildActivities createdFrom createdTo connectedSystem runProfile scheduledOnly "
    "scheduleId",
    CS + "/{system_id}/connector-space": "search sortBy sortDescending status objectTypeId joinType",
    CS + "/{system_id}/connector-space/count": "objectTypeId partitionId",
    CS + "/{system_id}/pending-exports": "search",
    CS + "/{system_id}/pending-exports/count": "changeType status",
    "/synchronisation/sync-rules": "connectedSystemIds directions actionTypes statuses search",
    "/metaverse/objects": "objectTypeId search attributes filterAttributeName filterAttributeValue",
    "/schedule-executions": "scheduleId status",
}


@pytest.fixture
def described(server: Server) -> dict[str, Any]:
    return create_app(server).openapi()


def test_every_body_has_the_fields_of_the_contract(described: dict[str, Any]) -> None:
    missing = {path: set(fields.split()) - _fields(described, path) for path, fields in FIELDS.items()}
    assert {path: fields for path, fields in missing.items() if fields} == {}


def test_every_list_takes_the_filters_of_the_contract(described: dict[str, Any]) -> None:
    missing = {path: set(names.split()) - _parameters(described, path) for path, names in FILTERS.items()}
    assert {path: names for path, names in missing.items() if names} == {}


def test_who_asks_for_systems_without_a_page_means_all_of_them(described: dict[str, Any]) -> None:
    sizes = [p["schema"] for p in described["paths"][f"/api/v1{CS}"]["get"]["parameters"] if p["name"] == "pageSize"]
    assert [size["default"] for size in sizes] == [100]


def _parameters(described: dict[str, Any], path: str) -> set[str]:
    return {p["name"] for p in described["paths"][f"/api/v1{path}"]["get"]["parameters"] if p["in"] == "query"}


def _fields(described: dict[str, Any], path: str) -> set[str]:
    answer = described["paths"][f"/api/v1{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    shape = _shape(described, answer)
    if "totalCount" in shape.get("properties", {}):
        shape = shape["properties"]["items"]
    if shape.get("type") == "array":
        shape = _shape(described, shape["items"])
    return set(shape["properties"])


def _shape(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(described["components"]["schemas"][name]) if name else schema
