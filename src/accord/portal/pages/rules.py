"""Rules: who feeds each attribute and where it goes; a rule changed with its mistakes shown as one types."""

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsAdministrator, AsReader, Door
from accord.model.errors import ConfigErrors
from accord.operations.administration.desk import Desk
from accord.operations.administration.texts import RULE, check_text, save_text, try_text
from accord.operations.flow_map import read_flow_map
from accord.operations.rules import list_rules, read_rule
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page, part

router = APIRouter(include_in_schema=False)


@router.get("/rules")
def show_all(request: Request, door: AsReader) -> Response:
    """Show the flow map and all rules."""
    with door.reading() as context:
        rules, mapped = list_rules(context), read_flow_map(context)
    return page(
        request, "rules.html", place="rules", title="Rules", mapped=mapped, rules=rules,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/synchronisation/sync-rules",
                  powershell="Get-AccordSyncRule", command="accord validate"),
    )  # fmt: skip


@router.get("/rules/{name}")
def show(request: Request, door: AsReader, name: str) -> Response:
    """Show one rule: what it does, and its text."""
    return _page(request, door, name)


@router.post("/rules/{name}/check")
def check(request: Request, door: AsAdministrator, name: str, form: Form) -> Response:
    """Say what is wrong with a text that is not saved."""
    with door.reading() as context:
        mistakes = check_text(Desk(context), RULE, name, form.get("text", ""))
    return part(request, "_mistakes.html", mistakes=mistakes)


@router.post("/rules/{name}/preview")
def preview(request: Request, door: AsAdministrator, name: str, form: Form) -> Response:
    """Plan the whole population by a text that is not saved, and show the plan."""
    try:
        with door.writing() as context:
            report = try_text(Desk(context), RULE, name, form.get("text", ""))
    except ConfigErrors as errors:
        return _page(request, door, name, text=form.get("text", ""), errors=errors)
    return go_to(f"/plans/{report.activity.plan}")


@router.post("/rules/{name}")
def save(request: Request, door: AsAdministrator, name: str, form: Form) -> Response:
    """Save a text as the next revision."""
    text = form.get("text", "")
    try:
        with door.writing() as context:
            save_text(Desk(context), RULE, name, text, reason=form.get("reason", ""))
    except ConfigErrors as errors:
        return _page(request, door, name, text=text, errors=errors)
    return go_to(f"/rules/{name}")


def _page(
    request: Request, door: Door, name: str, *, text: str | None = None, errors: ConfigErrors | None = None
) -> Response:
    with door.reading() as context:
        found = read_rule(context, name)
    return page(
        request, "rule.html", place="rules", title=name, found=found, rule=found.rule, code=400 if errors else 200,
        text=found.text if text is None else text, errors=[str(e) for e in errors.errors] if errors else [],
        said=Said(
            api="curl -H 'X-API-Key: …' $ACCORD/api/v1/synchronisation/sync-rules",
            powershell=f"Get-AccordSyncRule -Search '{name}'", command="accord export FOLDER",
        ),
    )  # fmt: skip
