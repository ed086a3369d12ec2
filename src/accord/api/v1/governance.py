"""What the analyses found, and what people declare for them: policies, violations, managers, enrichment."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from accord.api.callers import AsAdministrator, AsReader
from accord.api.v1.findings import (
    DeclaredBody,
    Doc,
    FindingBody,
    FindingPageBody,
    body_of,
    declared_of,
    name_at,
    one_of,
    page_of,
)
from accord.api.v1.governed import After, First, Text
from accord.api.v1.jobs import Words
from accord.operations import governance, violations
from accord.operations.violations import Severity

router = APIRouter(prefix="/api/v1", tags=["Governance"])


class NewException(BaseModel):
    """Why a violation is tolerated, and until when; for exactly the evidence it has now."""

    model_config = ConfigDict(extra="forbid")

    status: str = "accepted"
    reason: str
    valid_until: str | None = None
    control: Annotated[str, Field(max_length=1_000)] = ""


class Question(BaseModel):
    """What is asked for somebody, and what is taken away; terms as policies write them.

    What an owner holds is looked up; `held` is held as well, or instead where no owner is named.
    """

    model_config = ConfigDict(extra="forbid")

    owner_id: Annotated[int | None, Field(ge=1, le=2**62)] = None
    held: Annotated[list[str], Field(max_length=10_000)] = []
    requested: Annotated[list[str], Field(max_length=10_000)]
    removed: Annotated[list[str], Field(max_length=10_000)] = []


class PreventedBody(Words):
    """A policy that would be violated, by what."""

    policy: str
    severity: str
    evidence: list[str]


@router.get("/policies")
def list_policies(door: AsReader) -> list[DeclaredBody]:
    """List the policies."""
    with door.reading() as context:
        return [declared_of(d) for d in governance.list_declared(context, "policy")]


@router.put("/policies")
def keep_policy(door: AsAdministrator, doc: Doc) -> DeclaredBody:
    """Keep a policy, in place of the one of its id."""
    with door.writing() as context:
        return declared_of(governance.keep_policy(context, doc))


@router.get("/policies/findings")
def list_policy_findings(door: AsReader, first: First = 50, after: After = None) -> FindingPageBody:
    """List what is wrong with roles and policies before anybody holds them."""
    return page_of(door, "policy_finding", first=first, after=after)


@router.post("/policies/ask")
def ask_beforehand(door: AsReader, question: Question) -> list[PreventedBody]:
    """Say which policies a change would violate that are not violated now."""
    with door.reading() as context:
        found = violations.ask_beforehand(
            context, requested=question.requested, held=question.held, removed=question.removed,
            owner=question.owner_id or 0,
        )  # fmt: skip
    return [PreventedBody.model_validate(p) for p in found]


@router.get("/policies/{document_id}")
def read_policy(door: AsReader, document_id: str) -> DeclaredBody:
    """Return a policy."""
    with door.reading() as context:
        return declared_of(governance.read_declared(context, "policy", document_id))


@router.delete("/policies/{document_id}", status_code=204)
def drop_policy(door: AsAdministrator, document_id: str) -> None:
    """Forget a policy; its violations are resolved by the next analysis, and stay in the list as such."""
    with door.writing() as context:
        governance.drop_declared(context, "policy", document_id)


@router.get("/violations")
def list_violations(
    door: AsReader, status: Text = None, owner_id: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    search: Text = None, first: First = 50, after: After = None,
    min_severity: Annotated[Severity | None, Query(description="Only violations at least as grave.")] = None,
    max_severity: Annotated[Severity | None, Query(description="Only violations at most as grave.")] = None,
) -> FindingPageBody:  # fmt: skip
    """List violations with their evidence, in the state they have now."""
    with door.reading() as context:
        page = violations.list_violations(
            context, state=status or "", owner=owner_id or 0, search=search or "", after=name_at(after), limit=first,
            at_least=min_severity or "", at_most=max_severity or "",
        )  # fmt: skip
        return body_of(page, governance.count_findings(context, "violation"))


@router.get("/violations/{finding_id}")
def read_violation(door: AsReader, finding_id: str) -> FindingBody:
    """Return a violation: which terms, held by which account through which group."""
    with door.reading() as context:
        return FindingBody.model_validate(violations.read_violation(context, finding_id))


@router.put("/violations/{finding_id}/exception")
def except_violation(door: AsAdministrator, finding_id: str, wanted: NewException) -> DeclaredBody:
    """Accept or mitigate a violation for exactly its evidence; what is held in addition is a new violation."""
    with door.writing() as context:
        return declared_of(
            violations.except_violation(
                context, finding_id, status=wanted.status, reason=wanted.reason, valid_until=wanted.valid_until,
                control=wanted.control,
            )
        )  # fmt: skip


@router.delete("/violations/{finding_id}/exception", status_code=204)
def drop_exception(door: AsAdministrator, finding_id: str) -> None:
    """End an exception; its violation is open again at once."""
    with door.writing() as context:
        violations.end_exception(context, finding_id)


@router.get("/remedies")
def list_remedies(door: AsReader, first: First = 50, after: After = None) -> FindingPageBody:
    """List the fewest revocations that would clear all violations, owner by owner."""
    return page_of(door, "remedy", first=first, after=after)


@router.get("/managers")
def list_managers(
    door: AsReader, status: Text = None, search: Text = None, first: First = 50, after: After = None
) -> FindingPageBody:
    """List owners with their manager, by which matcher and value, how sure; or why there is none."""
    return page_of(door, "manager", state=status, search=search, first=first, after=after)


@router.get("/managers/cycles")
def list_cycles(door: AsReader, first: First = 50, after: After = None) -> FindingPageBody:
    """List circles of managers, each once, with whose tie to sever."""
    return page_of(door, "manager_cycle", first=first, after=after)


@router.get("/managers/{owner_id}")
def read_manager(door: AsReader, owner_id: Annotated[int, Path(ge=1, le=2**62)]) -> FindingBody:
    """Return how it stands with an owner's manager."""
    return one_of(door, "manager", f"{owner_id:012d}")


@router.get("/enrichment/rules")
def list_enrichment_rules(door: AsReader) -> list[DeclaredBody]:
    """List the enrichment rules."""
    with door.reading() as context:
        return [declared_of(d) for d in governance.list_declared(context, "enrichment_rule")]


@router.put("/enrichment/rules")
def keep_enrichment_rule(door: AsAdministrator, doc: Doc) -> DeclaredBody:
    """Keep an enrichment rule, in place of the one of its id."""
    with door.writing() as context:
        return declared_of(governance.keep_enrichment_rule(context, doc))


@router.delete("/enrichment/rules/{document_id}", status_code=204)
def drop_enrichment_rule(door: AsAdministrator, document_id: str) -> None:
    """Forget an enrichment rule; what it gave is taken back by the next enrichment."""
    with door.writing() as context:
        governance.drop_declared(context, "enrichment_rule", document_id)


@router.get("/enrichment/coverage")
def list_coverage(door: AsReader, first: First = 50, after: After = None) -> FindingPageBody:
    """Say for each target how many owners have it, by which rules, and where rules disagree."""
    return page_of(door, "coverage", first=first, after=after)


@router.get("/enrichment/values")
def list_enriched(
    door: AsReader,
    owner_id: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    first: First = 50,
    after: After = None,
) -> FindingPageBody:
    """List derived values, each with its rule and confidence."""
    return page_of(door, "enriched", owner=owner_id, first=first, after=after)
