"""Governance: what the analyses found, with evidence, and the analyses asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsAdministrator, AsReader, Door
from accord.model.errors import NotFound
from accord.operations.governance import Finding, count_findings, list_findings, read_finding
from accord.operations.governance_jobs import list_governance_jobs, start_job
from accord.operations.identities import name_all
from accord.operations.role_survey import RoleSurvey, read_role_survey
from accord.operations.violations import Severity, except_violation, list_violations
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, link, page
from accord.portal.role_pictures import coverage_curve, heat_map

router = APIRouter(include_in_schema=False)
TABS = {
    "role": ("Roles", "role_generation"),
    "role_exception": ("Direct grants", "role_generation"),
    "role_missing": ("Seems to lack", "role_generation"),
    "role_drift": ("Drift", "role_generation"),
    "violation": ("Violations", "policy_analysis"),
    "remedy": ("Remedies", "policy_analysis"),
    "policy_finding": ("Policies without sense", "policy_analysis"),
    "manager": ("Managers", "manager_resolution"),
    "manager_cycle": ("Manager cycles", "manager_resolution"),
    "enriched": ("Enriched values", "enrichment"),
}
_ROWS = 100
_JOBS = 10
_NAMED = 500
_OWNERS = 200
_FINE = ("resolved", "root")


@router.get("/governance")
def show(  # noqa: PLR0913, PLR0917 - each is one filter of the permalink
    request: Request, door: AsReader, kind: str = "", state: str = "", search: str = "", after: str = "",
    at_least: str = "", at_most: str = "",
) -> Response:  # fmt: skip
    """Show the findings of one kind; at first the kind of which most needs somebody."""
    with door.reading() as context:
        counts = {name: count_findings(context, name) for name in TABS}
        kind = kind or ("violation" if counts["violation"].get("open") else "role")
        if kind not in TABS:
            raise NotFound(f"there are no findings of kind {kind}", remedy="choose one of the tabs")
        if kind == "violation":
            found = list_violations(context, state=state, search=search, after=after, limit=_ROWS,
                                    at_least=at_least, at_most=at_most)  # fmt: skip
        else:
            found = list_findings(context, kind, state=state, search=search, after=after, limit=_ROWS)
        jobs = list_governance_jobs(context, limit=_JOBS).jobs
        names = name_all(context, sorted({n for f in found.findings for n in _people_in(f)}))
    survey = _survey(door) if kind == "role" and not (state or search or after) else None
    return page(
        request, "governance.html", place="governance", title="Governance", tabs=TABS, kind=kind, found=found,
        counts={name: sum(by_state.values()) for name, by_state in counts.items()}, states=counts[kind], state=state,
        search=search, at_least=at_least, at_most=at_most,
        severities=[s.value for s in Severity], jobs=jobs, told=_told, names=names, survey=survey,
        problems=sum(n for s, n in counts["manager"].items() if s not in _FINE),
        pictures=_pictures(door, survey) if survey else None,
        said=Said(api=f"curl -H 'X-API-Key: …' $ACCORD/api/v1/jobs?job_type={TABS[kind][1]}",
                  command="accord roles mine --system …\naccord policies check\naccord managers resolve"),
    )  # fmt: skip


@router.get("/governance/roles/{role}")
def show_role(request: Request, door: AsReader, role: str) -> Response:
    """Show one proposed role: who, what, why, and what adopting it would newly grant."""
    with door.reading() as context:
        found = read_finding(context, "role", role)
        doc: Mapping[str, Any] = found.doc
        owners = [int(o) for o in doc.get("owners", [])]
        pairs = [int(o) for name in ("gains", "loses") for o, _ in doc.get(name, [])]
        names = name_all(context, sorted({*owners[:_OWNERS], *pairs}))
    return page(
        request, "role.html", place="governance", title=found.name, found=found, doc=doc, owners=owners,
        shown=owners[:_OWNERS], names=names, told=_told,
        said=Said(api=f"curl -H 'X-API-Key: …' $ACCORD/api/v1/roles/{role}"),
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


def _survey(door: Door) -> RoleSurvey | None:
    with door.reading() as context:
        try:
            return read_role_survey(context)
        except NotFound:
            return None


def _pictures(door: Door, survey: RoleSurvey) -> Mapping[str, object]:
    with door.reading() as context:
        names = {f.id: f.name for f in list_findings(context, "role", limit=_NAMED).findings}
    return {"map": heat_map(survey.picture, names), "curve": coverage_curve(survey.curve, survey.roles)}


def _people_in(found: Finding) -> Iterator[int]:
    """Yield the identities that a finding speaks of."""
    doc: Mapping[str, Any] = found.doc
    yield from (int(n) for n in (found.owner_id, doc.get("managerId"), doc.get("sever")) if n)
    yield from (int(n) for name in ("candidates", "members") for n in doc.get(name) or ())


def _told(doc: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what a finding says, as short texts; what is empty is left out."""
    return [(name, _text(value)) for name, value in doc.items() if value not in (None, "", [], {})]


def _text(value: object) -> str:
    if isinstance(value, list):
        shown = ", ".join(_text(item) for item in value[:8])
        return f"{shown} and {len(value) - 8} more" if len(value) > 8 else shown
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    return str(value)
