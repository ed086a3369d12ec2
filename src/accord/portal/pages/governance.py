"""Governance: what the analyses found, with evidence, and the analyses asked for."""

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsAdministrator, AsReader
from accord.model.errors import NotFound
from accord.operations.governance import count_findings, except_violation, list_findings
from accord.operations.governance_jobs import list_governance_jobs, start_job
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, link, page

router = APIRouter(include_in_schema=False)
TABS = {
    "role": ("Roles", "role_generation"),
    "violation": ("Violations", "policy_analysis"),
    "remedy": ("Remedies", "policy_analysis"),
    "policy_finding": ("Policies without sense", "policy_analysis"),
    "manager": ("Managers", "manager_resolution"),
    "manager_cycle": ("Manager cycles", "manager_resolution"),
    "enriched": ("Enriched values", "enrichment"),
}
_ROWS = 100
_JOBS = 10


@router.get("/governance")
def show(  # noqa: PLR0913, PLR0917 - each is one filter of the permalink
    request: Request, door: AsReader, kind: str = "violation", state: str = "", search: str = "", after: str = ""
) -> Response:
    """Show the findings of one kind."""
    if kind not in TABS:
        raise NotFound(f"there are no findings of kind {kind}", remedy="choose one of the tabs")
    with door.reading() as context:
        found = list_findings(context, kind, state=state, search=search, after=after, limit=_ROWS)
        counts = {name: sum(count_findings(context, name).values()) for name in TABS}
        states = sorted(count_findings(context, kind))
        jobs = list_governance_jobs(context, limit=_JOBS).jobs
    return page(
        request, "governance.html", place="governance", title="Governance", tabs=TABS, kind=kind, found=found,
        counts=counts, states=states, state=state, search=search, jobs=jobs, told=_told,
        said=Said(api=f"curl -H 'X-API-Key: …' $ACCORD/api/v1/jobs?job_type={TABS[kind][1]}",
                  command="accord roles mine --system …\naccord policies check\naccord managers resolve"),
    )  # fmt: skip


@router.post("/governance/{job_type}")
def start(door: AsAdministrator, job_type: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue an analysis, and show how far it is."""
    with door.writing() as context:
        _, accepted = start_job(context, job_type, {})
    return go_to(f"/runs/{accepted.activity}")


@router.post("/governance/violations/{violation}/except")
def tolerate(door: AsAdministrator, violation: str, form: Form) -> Response:
    """Accept a violation for exactly its evidence, for a reason that is kept."""
    with door.writing() as context:
        except_violation(context, violation, status="accepted", reason=form.get("reason", ""))
    return go_to(link("/governance", kind="violation"))


def _told(doc: dict[str, object]) -> list[tuple[str, str]]:
    """Return what a finding says, as short texts; what is empty is left out."""
    return [(name, _text(value)) for name, value in doc.items() if value not in (None, "", [], {})]


def _text(value: object) -> str:
    if isinstance(value, list):
        shown = ", ".join(_text(item) for item in value[:8])
        return f"{shown} and {len(value) - 8} more" if len(value) > 8 else shown
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    return str(value)
