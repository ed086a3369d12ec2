"""Roles: what was generated, how far it reaches, what is left over, and how roles are generated."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsAdministrator, AsReader
from accord.api.v1.findings import DeclaredBody, Doc, FindingBody, FindingPageBody, declared_of, one_of, page_of
from accord.api.v1.governed import After, First, Text
from accord.api.v1.jobs import JobDetail, Words, detail_of
from accord.operations import governance
from accord.operations.governance_jobs import start_job
from accord.operations.role_survey import read_role_survey

router = APIRouter(prefix="/api/v1/roles", tags=["Governance"])

OwnerId = Annotated[int | None, Query(ge=1, le=2**62)]


class PointBody(Words):
    """So many roles explain this share of all assignments."""

    roles: int
    share: float


class BandBody(Words):
    """Neighbours in the picture: how many, and the role most are in."""

    count: int
    role: str | None


class PictureBody(Words):
    """A heat map: a row for each band of owners; shares from 0 to 1 of what is held, and of that what roles grant."""

    owners: list[BandBody]
    permissions: list[BandBody]
    held: list[list[float]]
    granted: list[list[float]]


class WitnessBody(Words):
    """An owner with a permission, of `weight` parts of the certificate's whole."""

    owner_id: int
    permission: str
    weight: int


class SurveyBody(Words):
    """What the last role generation came to; bound, gap and witnesses are the proof of mode `minimum`."""

    mode: str
    owners: int
    permissions: int
    assignments: int
    roles: int
    single_owner_roles: int
    direct_grants: int
    missing: int
    complexity: int
    lower_bound: int | None
    gap: int | None
    curve: list[PointBody]
    needed: list[PointBody]
    picture: PictureBody
    whole: int | None
    witnesses: list[WitnessBody]


@router.get("")
def list_roles(door: AsReader, search: Text = None, first: First = 50, after: After = None) -> FindingPageBody:
    """List the roles that were generated, as proposals."""
    return page_of(door, "role", search=search, first=first, after=after)


@router.get("/settings")
def read_role_settings(door: AsReader) -> Mapping[str, object]:
    """Return how roles are generated where a job says nothing else."""
    with door.reading() as context:
        kept = governance.list_declared(context, "role_settings")
    return kept[0].doc if kept else {"mode": "attributes", "minimum_owner_count": 2}


@router.put("/settings")
def keep_role_settings(door: AsAdministrator, doc: Doc) -> DeclaredBody:
    """Keep how roles are generated."""
    with door.writing() as context:
        return declared_of(governance.keep_role_settings(context, doc))


@router.post("/regenerate", status_code=202)
def regenerate_roles(door: AsAdministrator) -> JobDetail:
    """Queue a role generation."""
    with door.writing() as context:
        return detail_of(start_job(context, "role_generation", {})[0])


@router.get("/survey")
def read_survey(door: AsReader) -> SurveyBody:
    """Return how far the generated roles reach: the coverage curve, the picture of who holds what, the proof."""
    with door.reading() as context:
        return SurveyBody.model_validate(read_role_survey(context))


@router.get("/exceptions")
def list_exceptions(
    door: AsReader, owner_id: OwnerId = None, first: First = 50, after: After = None
) -> FindingPageBody:
    """List what no role grants, owner by owner: it stays granted directly."""
    return page_of(door, "role_exception", owner=owner_id, first=first, after=after)


@router.get("/drift")
def list_drift(door: AsReader, first: First = 50, after: After = None) -> FindingPageBody:
    """List the fewest edits that would make the kept roles grant what is held; the finding `summary` has the bound."""
    return page_of(door, "role_drift", first=first, after=after)


@router.get("/missing")
def list_missing(
    door: AsReader, owner_id: OwnerId = None, search: Text = None, first: First = 50, after: After = None
) -> FindingPageBody:
    """List who seems to lack one thing of a role; nothing of it is ever granted by itself."""
    return page_of(door, "role_missing", owner=owner_id, search=search, first=first, after=after)


@router.get("/{finding_id}")
def read_role(door: AsReader, finding_id: str) -> FindingBody:
    """Return a role: owners, permissions, coverage, what adopting it would newly grant."""
    return one_of(door, "role", finding_id)
