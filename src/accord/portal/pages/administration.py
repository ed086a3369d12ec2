"""Administration: who may come in, by key or by password; what everybody did; how the server is set up."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsAdministrator, AsAuditor
from accord.api.moments import now
from accord.api.settings import Settings
from accord.model.errors import ContractBroken, Invalid
from accord.operations.access import Role
from accord.operations.administrators import add_administrator, list_administrators, remove_administrator
from accord.operations.audit import Verification, list_newest, verify_trail
from accord.operations.keys import KeyTerms, NewKey, add_key, list_keys, remove_key
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page, part

router = APIRouter(include_in_schema=False)
_ENTRIES = 100
_DAYS = (30, 90, 365)


@router.get("/administration")
def show(request: Request, door: AsAdministrator) -> Response:
    """Show keys, people and settings."""
    return _page(request, door)


@router.post("/administration/keys")
def make_key(request: Request, door: AsAdministrator, form: Form) -> Response:
    """Make an API key and show it this once."""
    days = form.get("days", "")
    expires_at = now() + timedelta(days=int(days)) if days.isdecimal() else None
    terms = KeyTerms(name=form.get("name", ""), roles=_roles(form.get("role", "")), expires_at=expires_at)
    try:
        with door.writing() as context:
            made = add_key(context, terms, reason=form.get("reason", ""))
    except Invalid as error:
        return _page(request, door, wrong=error.message)
    return _page(request, door, made=made)


@router.post("/administration/keys/{key_id}/remove")
def end_key(door: AsAdministrator, key_id: str, form: Form) -> Response:
    """Make a key worthless."""
    with door.writing() as context:
        remove_key(context, key_id, reason=form.get("reason", ""))
    return go_to("/administration")


@router.post("/administration/people")
def add_person(request: Request, door: AsAdministrator, form: Form) -> Response:
    """Let somebody sign in by password."""
    roles = frozenset(Role(role) for role in _roles(form.get("role", "")))
    try:
        with door.writing() as context:
            add_administrator(context, form.get("name", ""), form.get("password", ""), roles)
    except Invalid as error:
        return _page(request, door, wrong=error.message)
    return go_to("/administration")


@router.post("/administration/people/{name}/remove")
def end_person(door: AsAdministrator, name: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Let somebody sign in no longer."""
    with door.writing() as context:
        remove_administrator(context, name)
    return go_to("/administration")


@router.get("/administration/audit")
def show_trail(request: Request, door: AsAuditor, before: int = 0, who: str = "") -> Response:
    """Show the audit trail, newest first."""
    with door.reading() as context:
        last = list_newest(context, before=before, limit=_ENTRIES)
    shown = [entry for entry in last if who.lower() in entry.actor.lower()]
    return page(
        request, "audit.html", place="administration", title="Audit trail", entries=shown, who=who,
        before=last[-1].seq if last and last[-1].seq > 1 else 0,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/audit", command="accord audit\naccord audit verify"),
    )  # fmt: skip


@router.get("/administration/audit/verified")
def show_verified(request: Request, door: AsAuditor) -> Response:
    """Prove that nobody changed the trail."""
    verified: Verification | None = None
    broken = ""
    try:
        with door.reading() as context:
            verified = verify_trail(context)
    except ContractBroken as error:
        broken = error.message
    return part(request, "_verified.html", verified=verified, broken=broken)


def _page(request: Request, door: AsAdministrator, *, made: NewKey | None = None, wrong: str = "") -> Response:
    with door.reading() as context:
        keys, people = list_keys(context), list_administrators(context)
    return page(
        request, "administration.html", place="administration", title="Administration", keys=keys, people=people,
        made=made, wrong=wrong, roles=list(Role), days=_DAYS, settings=_told(request), over=_over,
        code=400 if wrong else 200, said=Said(
            api="curl -H 'X-API-Key: …' $ACCORD/api/v1/apikeys", powershell="Get-AccordApiKey",
            command="accord administrator\naccord audit verify",
        ),
    )  # fmt: skip


def _told(request: Request) -> dict[str, str]:
    """Return how the server is set up, without secrets."""
    settings: Settings = request.app.state.settings
    provider = settings.provider
    return {
        "Requests a minute, signed in": str(settings.rate_signed_in or "no limit"),
        "Requests a minute, anonymous": str(settings.rate_anonymous or "no limit"),
        "Largest body": f"{settings.body_limit_bytes // 1024} KiB",
        "Address for browsers": settings.public_url or "as asked",
        "Sign-in provider": provider.authority if provider else "none; local administrators and keys only",
        "First key": "set by the environment" if settings.bootstrap_key else "none",
        "Metrics": "open to everybody" if settings.metrics_open else "for readers",
    }


def _roles(name: str) -> tuple[str, ...]:
    return (name,) if name in {role.value for role in Role} else ()


def _over(text: str | None) -> bool:
    return text is not None and datetime.fromisoformat(text) <= now()
