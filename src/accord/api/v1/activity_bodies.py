"""The shapes of activities, their progress, counts and objects, as the contract has them."""

from enum import StrEnum

from pydantic import Field

from accord.api.shapes import Shape


class ActivityStatus(StrEnum):
    """Where an activity stands. The last five are final."""

    NOT_SET = "NotSet"
    IN_PROGRESS = "InProgress"
    COMPLETE = "Complete"
    COMPLETE_WITH_WARNING = "CompleteWithWarning"
    COMPLETE_WITH_ERROR = "CompleteWithError"
    FAILED_WITH_ERROR = "FailedWithError"
    CANCELLED = "Cancelled"


class RunType(StrEnum):
    """What a run profile runs."""

    NOT_SET = "NotSet"
    FULL_IMPORT = "FullImport"
    DELTA_IMPORT = "DeltaImport"
    FULL_SYNCHRONISATION = "FullSynchronisation"
    DELTA_SYNCHRONISATION = "DeltaSynchronisation"
    EXPORT = "Export"


class TargetType(StrEnum):
    """What an activity is about."""

    NOT_SET = "NotSet"
    CONNECTED_SYSTEM = "ConnectedSystem"
    RUN_PROFILE = "ConnectedSystemRunProfile"
    SYSTEM = "System"
    SCHEDULE = "Schedule"


class TargetOperation(StrEnum):
    """What an activity does to it."""

    EXECUTE = "Execute"
    PREVIEW = "Preview"
    REVERT = "Revert"
    CLEAR = "Clear"


class InitiatorType(StrEnum):
    """Who began an activity."""

    NOT_SET = "NotSet"
    USER = "User"
    API_KEY = "ApiKey"
    SYSTEM = "System"
    ANONYMOUS = "Anonymous"


class ActivityOutcome(StrEnum):
    """What became of objects in an activity."""

    ADDED = "Added"
    UPDATED = "Updated"
    DELETED = "Deleted"
    PROJECTED = "Projected"
    JOINED = "Joined"
    ATTRIBUTE_FLOWS = "AttributeFlows"
    DISCONNECTED = "Disconnected"
    DRIFT_CORRECTIONS = "DriftCorrections"
    PROVISIONED = "Provisioned"
    EXPORTED = "Exported"
    DEPROVISIONED = "Deprovisioned"
    CREATED = "Created"
    PENDING_EXPORTS = "PendingExports"
    ERRORS = "Errors"


class ActivitySort(StrEnum):
    """What activities are listed by."""

    CREATED = "created"
    EXECUTED = "executed"
    STATUS = "status"
    TARGET_TYPE = "targetType"
    TARGET_OPERATION = "targetOperationType"
    TARGET_NAME = "targetName"
    TARGET_CONTEXT = "targetContext"
    INITIATED_BY = "initiatedByName"
    MESSAGE = "message"


class PhaseStatus(StrEnum):
    """Where a phase stands."""

    PENDING = "Pending"
    ACTIVE = "Active"
    COMPLETED = "Completed"
    SKIPPED = "Skipped"
    FAILED = "Failed"


class PhaseBody(Shape):
    """One part of an activity."""

    key: str
    name: str
    parent_key: str | None = None
    order: int
    status: PhaseStatus
    started: str | None
    ended: str | None
    duration_seconds: float | None
    objects_processed: int
    objects_to_process: int


class Initiated(Shape):
    """Who began it, when and how it stands: what every view of an activity has."""

    id: str
    created: str
    executed: str | None
    status: ActivityStatus
    target_type: TargetType
    target_operation_type: TargetOperation
    target_name: str | None
    target_context: str | None
    message: str | None
    initiated_by_type: InitiatorType
    initiated_by_id: str | None
    initiated_by_name: str | None
    objects_to_process: int
    objects_processed: int
    execution_time: str | None
    total_activity_time: str | None
    connected_system_run_type: RunType | None
    schedule_execution_id: str | None = None
    schedule_step_index: int | None = None
    scheduled_by_schedule_id: str | None = None
    scheduled_by_schedule_name: str | None = None
    # Ours: how people call it, whether it still waits, and the plan it made or applies.
    name: str
    state: str
    plan_id: str | None


class ActivityHeader(Initiated):
    """One activity as it is listed."""

    total_added: int
    total_updated: int
    total_deleted: int
    total_projected: int
    total_joined: int
    total_attribute_flows: int
    total_disconnected: int
    total_disconnected_out_of_scope: int
    total_out_of_scope_retain_join: int
    total_drift_corrections: int
    total_provisioned: int
    total_exported: int
    total_deprovisioned: int
    total_created: int
    total_pending_exports: int
    total_errors: int
    child_activity_count: int


class RunStats(Shape):
    """The counters of a run."""

    total_objects_processed: int = 0
    total_object_change_count: int = 0
    total_unchanged: int = 0
    total_object_errors: int = 0
    total_object_types: int = 0
    total_cso_adds: int = 0
    total_cso_updates: int = 0
    total_cso_deletes: int = 0
    total_projections: int = 0
    total_joins: int = 0
    total_attribute_flows: int = 0
    total_disconnections: int = 0
    total_disconnected_out_of_scope: int = 0
    total_out_of_scope_retain_join: int = 0
    total_drift_corrections: int = 0
    total_provisioned: int = 0
    total_exported: int = 0
    total_deprovisioned: int = 0
    total_pending_exports: int = 0
    total_pending_exports_confirmed: int = 0
    total_pending_exports_retrying: int = 0
    total_pending_exports_failed: int = 0
    total_created: int = 0
    entries_discarded_by_excluded_container: dict[str, int] = Field(default_factory=dict)
    total_entries_discarded_by_exclusion: int = 0


class CountBody(Shape):
    """How many objects of one kind one operation touched, in our own words."""

    area: str
    system: str
    object_type: str
    operation: str
    count: int


class ActivityDetail(Initiated):
    """One activity with phases and counters."""

    parent_activity_id: str | None
    warning_message: str | None
    error_message: str | None
    error_stack_trace: str | None = None
    error_detail: str | None = None
    connected_system_id: int | None
    connected_system_run_profile_id: int | None
    sync_rule_id: int | None = None
    metaverse_object_id: str | None = None
    example_data_template_id: int | None = None
    execution_stats: RunStats | None
    phases: list[PhaseBody]
    change_reason: str | None
    configuration_change_version: int | None = None
    configuration_change_snapshot: str | None = None
    # Ours.
    task_id: str | None
    counts: list[CountBody]


class ActivityProgress(Shape):
    """How far an activity is; cheap to ask for."""

    id: str
    status: ActivityStatus
    message: str | None
    objects_processed: int
    objects_to_process: int
    percent_complete: float | None
    elapsed_seconds: float
    objects_per_second: float | None
    estimated_seconds_remaining: float | None
    target_type: TargetType
    run_type: RunType | None
    operation_counts: dict[str, int]
    total_errors: int
    retrieved_at: str
    phases: list[PhaseBody]
    current_phase: PhaseBody | None
    current_phase_number: int | None
    total_phases: int
    # Ours: whether it still waits for its turn.
    state: str


class ItemBody(Shape):
    """One object of an activity that is worth telling."""

    id: str
    external_id_value: str | None
    display_name: str | None
    connected_system_object_type: str | None
    object_change_type: str
    error_type: str | None
    outcome_summary: str | None
    # Ours: what is wrong, and what to do about it.
    outcome: str | None
    operation: str | None
    error_code: str | None
    error_message: str | None
    remedy: str | None
    attribute: str | None
