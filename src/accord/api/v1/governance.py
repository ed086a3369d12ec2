"""What the analyses found, and what people declare for them: roles, policies, violations, managers, enrichment."""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from accord.api.callers import AsAdministrator, AsReader, Door
from accord.api.v1.governed import After, First, Text
from accord.api.v1.jobs import JobDetail, PageInfo, Words, detail_of
from accord.model.errors import UsageError
from accord.operations import governance
from accord.operations.governance import Declared, Finding
from accord.operations.governance_jobs import start_job

router = APIRouter(prefix="/api/v1", tags=["Governance"])


class FindingBody(Words):
    """One finding: what it is about is in `doc`; `closed_at` is empty while it holds."""

    id: str
    owner_id: int
    name: str
    state: str
    doc: Mapping[str, object]
    first_seen: str
    closed_at: str


class FindingPageBody(Words):
    """A page of findings in order of id, with how many there are in each state."""

    items: list[FindingBody]
    states: Mapping[str, int]
    page_info: PageInfo = Field(alias="pageInfo")


class DeclaredBody(Words):
    """One declared document, who kept it and when."""

    id: str
    doc: Mapping[str, object]
    changed_at: str
    changed_by: str


class NewException(BaseModel):
    """Why a violation is tolerated, and until when; for exactly the evidence it has now."""

    model_config = ConfigDict(extra="forbid")

    status: str = "accepted"
    reason: str
    valid_until: str | None = None


class Question(BaseModel):
    """What somebody holds, and what is asked for them; terms as policies write them."""

    model_config = ConfigDict(extra="forbid")

    held: Annotated[list[str], Field(max_length=10_000)] = []
    requested: Annotated[list[str], Field(max_length=10_000)]


class PreventedBody(Words):
    """A policy that would be violated, by what."""

    policy: str
    severity: str
    evidence: list[str]


Doc = Annotated[dict[str, object], Body()]


@router.get("/roles")
def list_roles(door: AsReader, search: Text = None, first: First = 50, after: After = None) -> FindingPageBody:
    """List the roles that were generated, as proposals."""
    return _page(door, "role", search=search, first=first, after=after)


@router.get("/roles/settings")
def read_role_settings(door: AsReader) -> Mapping[str, object]:
    """Return how roles are generated where a job says nothing else."""
    with door.reading() as context:
        kept = governance.list_declared(context, "role_settings")
    return kept[0].doc if kept else {"mode": "attributes", "minimum_owner_count": 2}


@router.put("/roles/settings")
def keep_role_settings(door: AsAdministrator, doc: Doc) -> DeclaredBody:
    """Keep how roles are generated."""
    with door.writing() as context:
        return _declared(governance.keep_role_settings(context, doc))


@router.post("/roles/regenerate", status_code=202)
def regenerate_roles(door: AsAdministrator) -> JobDetail:
    """Queue a role generation."""
    with door.writing() as context:
        return detail_of(start_job(context, "role_generation", {})[0])


@router.get("/roles/{finding_id}")
def read_role(door: AsReader, finding_id: str) -> FindingBody:
    """Return a role: owners, permissions, coverage, what adopting it would newly grant."""
    return _one(door, "role", finding_id)


@router.get("/policies")
def list_policies(door: AsReader) -> list[DeclaredBody]:
    """List the policies."""
    with door.reading() as context:
        return [_declared(d) for d in governance.list_declared(context, "policy")]


@router.put("/policies")
def keep_policy(door: AsAdministrator, doc: Doc) -> DeclaredBody:
    """Keep a policy, in place of the one of its id."""
    with door.writing() as context:
        return _declared(governance.keep_policy(context, doc))


@router.get("/policies/findings")
def list_policy_findings(door: AsReader, first: First = 50, after: After = None) -> FindingPageBody:
    """List what is wrong with roles and policies before anybody holds them."""
    return _page(door, "policy_finding", first=first, after=after)


@router.post("/policies/ask")
def ask_beforehand(door: AsReader, question: Question) -> list[PreventedBody]:
    """Say which policies a change would violate that are not violated now."""
    with door.reading() as context:
        found = governance.ask_beforehand(context, question.held, question.requested)
    return [PreventedBody.model_validate(p) for p in found]


@router.get("/policies/{document_id}")
def read_policy(door: AsReader, document_id: str) -> DeclaredBody:
    """Return a policy."""
    with door.reading() as context:
        return _declared(governance.read_declared(context, "policy", document_id))


@router.delete("/policies/{document_id}", status_code=204)
def drop_policy(door: AsAdministrator, document_id: str) -> None:
    """Forget a policy; its violations are resolved by the next analysis, and stay in the list as such."""
    with door.writing() as context:
        governance.drop_declared(context, "policy", document_id)


@router.get("/violations")
def list_violations(
    door: AsReader, status: Text = None, owner_id: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    search: Text = None, first: First = 50, after: After = None,
) -> FindingPageBody:  # fmt: skip
    """List violations with their evidence."""
    return _page(door, "violation", state=status, owner=owner_id, search=search, first=first, after=after)


@router.get("/violations/{finding_id}")
def read_violation(door: AsReader, finding_id: str) -> FindingBody:
    """Return a violation: which terms, held by which account through which group."""
    return _one(door, "violation", finding_id)


@router.put("/violations/{finding_id}/exception")
def except_violation(door: AsAdministrator, finding_id: str, wanted: NewException) -> DeclaredBody:
    """Accept or mitigate a violation for exactly its evidence; what is held in addition is a new violation."""
    with door.writing() as context:
        return _declared(
            governance.except_violation(
                context, finding_id, status=wanted.status, reason=wanted.reason, valid_until=wanted.valid_until
            )
        )


@router.delete("/violations/{finding_id}/exception", status_code=204)
def drop_exception(door: AsAdministrator, finding_id: str) -> None:
    """End an exception."""
    with door.writing() as context:
        governance.drop_declared(context, "exception", finding_id)


@router.get("/remedies")
def list_remedies(door: AsReader, first: First = 50, after: After = None) -> FindingPageBody:
    """List the fewest revocations that would clear all violations, owner by owner."""
    return _page(door, "remedy", first=first, after=after)


@router.get("/managers")
def list_managers(
    door: AsReader, status: Text = None, search: Text = None, first: First = 50, after: After = None
) -> FindingPageBody:
    """List owners with their manager, by which matcher and value, how sure; or why there is none."""
    return _page(door, "manager", state=status, search=search, first=first, after=after)


@router.get("/managers/cycles")
def list_cycles(door: AsReader, first: First = 50, after: After = None) -> FindingPageBody:
    """List circles of managers, each once, with whose tie to sever."""
    return _page(door, "manager_cycle", first=first, after=after)


@router.get("/managers/{owner_id}")
def read_manager(door: AsReader, owner_id: Annotated[int, Path(ge=1, le=2**62)]) -> FindingBody:
    """Return how it stands with an owner's manager."""
    return _one(door, "manager", f"{owner_id:012d}")


@router.get("/enrichment/rules")
def list_enrichment_rules(door: AsReader) -> list[DeclaredBody]:
    """List the enrichment rules."""
    with door.reading() as context:
        return [_declared(d) for d in governance.list_declared(context, "enrichment_rule")]


@router.put("/enrichment/rules")
def keep_enrichment_rule(door: AsAdministrator, doc: Doc) -> DeclaredBody:
    """Keep an enrichment rule, in place of the one of its id."""
    with door.writing() as context:
        return _declared(governance.keep_enrichment_rule(context, doc))


@router.delete("/enrichment/rules/{document_id}", status_code=204)
def drop_enrichment_rule(door: AsAdministrator, document_id: str) -> None:
    """Forget an enrichment rule; what it gave is taken back by the next enrichment."""
    with door.writing() as context:
        governance.drop_declared(context, "enrichment_rule", document_id)


@router.get("/enrichment/coverage")
def list_coverage(door: AsReader, first: First = 50, after: After = None) -> FindingPageBody:
    """Say for each target how many owners have it, by which rules, and where rules disagree."""
    return _page(door, "coverage", first=first, after=after)


@router.get("/enrichment/values")
def list_enriched(
    door: AsReader,
    owner_id: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    first: First = 50,
    after: After = None,
) -> FindingPageBody:
    """List derived values, each with its rule and confidence."""
    return _page(door, "enriched", owner=owner_id, first=first, after=after)


def _page(
    door: Door, kind: str, *, state: str | None = None, owner: int | None = None, search: str | None = None, first: int,
    after: str | None,
) -> FindingPageBody:  # fmt: skip
    with door.reading() as context:
        page = governance.list_findings(
            context, kind, state=state or "", owner=owner or 0, search=search or "", after=_key(after), limit=first
        )
        states = governance.count_findings(context, kind)
    return FindingPageBody(
        items=[_finding(found) for found in page.findings],
        states=states,
        pageInfo=PageInfo(hasNextPage=page.has_next, endCursor=_cursor(page.end_key)),
    )


def _one(door: Door, kind: str, finding_id: str) -> FindingBody:
    with door.reading() as context:
        return _finding(governance.read_finding(context, kind, finding_id))


def _finding(found: Finding) -> FindingBody:
    return FindingBody.model_validate(found)


def _declared(kept: Declared) -> DeclaredBody:
    return DeclaredBody.model_validate(kept)


def _cursor(key: str | None) -> str | None:
    return None if key is None else base64.urlsafe_b64encode(f"id:{key}".encode()).decode("ascii").rstrip("=")


def _key(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise UsageError("this cursor is none of ours", remedy="send endCursor of the page before") from error
    if not text.startswith("id:"):
        raise UsageError("this cursor is none of ours", remedy="send endCursor of the page before")
    return text.removeprefix("id:")
