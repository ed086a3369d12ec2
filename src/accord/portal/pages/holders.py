"""Who could do harm: owners by how risky they are, and applications with what they add up to."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from accord.api.callers import AsReader
from accord.operations.governed import list_entities
from accord.operations.governed_risk import MOST, Bounds
from accord.portal.rendering import Said, page

router = APIRouter(include_in_schema=False)
_ROWS = 100
Risk = Annotated[int, Query(ge=0, le=MOST)]
After = Annotated[int, Query(ge=0)]


@router.get("/governance/owners")
def show_owners(  # noqa: PLR0913, PLR0917 - each is one filter of the permalink
    request: Request, door: AsReader, search: str = "", status: str = "", min_risk: Risk = 0, max_risk: Risk = MOST,
    after: After = 0,
) -> Response:  # fmt: skip
    """List owners, by how risky they are."""
    wanted = {name: value.strip() for name, value in (("search", search), ("status", status)) if value.strip()}
    bounds = None if (min_risk, max_risk) == (0, MOST) else Bounds(least=min_risk, most=max_risk)
    with door.reading() as context:
        found = list_entities(context, "owners", wanted, bounds=bounds, after=after, limit=_ROWS)
    return page(
        request, "owners.html", place="governance", title="Owners", found=found, search=search, status=status,
        min_risk=min_risk, max_risk=max_risk, most=MOST,
        said=Said(api=f"curl -H 'X-API-Key: …' '$ACCORD/api/v1/owners?min_risk={min_risk}&max_risk={max_risk}'"),
    )  # fmt: skip


@router.get("/governance/applications")
def show_applications(request: Request, door: AsReader, search: str = "", after: After = 0) -> Response:
    """List applications with their accounts, and how risky those are who own them."""
    wanted = {"search": search.strip()} if search.strip() else {}
    with door.reading() as context:
        found = list_entities(context, "applications", wanted, after=after, limit=_ROWS)
    return page(
        request, "applications.html", place="governance", title="Applications", found=found, search=search,
        said=Said(api=f"curl -H 'X-API-Key: …' '$ACCORD/api/v1/applications?search={search}'"),
    )  # fmt: skip
