"""The audit trail: who did what, when, to what and why; and the proof that nobody changed it."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsAuditor
from accord.api.shapes import Shape
from accord.model.errors import Conflict, ContractBroken
from accord.operations.audit import list_trail, verify_trail

router = APIRouter(prefix="/api/v1/audit", tags=["Audit"])


class AuditDetail(Shape):
    """One more fact about a deed."""

    name: str
    values: list[str]


class AuditEntryBody(Shape):
    """One deed. `hash` seals it and all before."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    reason: str
    detail: list[AuditDetail]
    hash: str


class VerificationBody(Shape):
    """That the trail is what was written."""

    entries: int
    last_hash: str


@router.get("")
def list_audit_entries(
    door: AsAuditor,
    after: Annotated[int, Query(ge=0, description="Entries above this number.")] = 0,
    first: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[AuditEntryBody]:
    """List entries in order, oldest first."""
    with door.reading() as context:
        return [AuditEntryBody.model_validate(entry) for entry in list_trail(context, after=after, limit=first)]


@router.get("/verification")
def verify_audit_trail(
    door: AsAuditor, seen: Annotated[str, Query(max_length=64, description="A hash told earlier.")] = ""
) -> VerificationBody:
    """Prove that no entry was changed, removed or slipped in; an error names the first that was."""
    with door.reading() as context:
        try:
            return VerificationBody.model_validate(verify_trail(context, expected=seen))
        except ContractBroken as broken:
            raise Conflict(broken.message, remedy=broken.remedy) from broken
