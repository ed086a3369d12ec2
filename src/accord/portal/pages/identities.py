"""Identities: found, and understood: accounts side by side, every value with its winner, and what happened."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from accord.api.callers import AsReader, Door
from accord.model.errors import AccordError
from accord.operations.absence import is_quick, why_not
from accord.operations.explaining import explain, explain_values
from accord.operations.history import read_history
from accord.operations.identities import name_all
from accord.operations.looking import look_for_identities
from accord.operations.objects import ObjectPage, ObjectView, read_subject
from accord.operations.past import read_object_at, read_time
from accord.operations.provenance import Run, read_runs_since
from accord.operations.subjects import Subject, name_object
from accord.operations.surroundings import read_surroundings
from accord.portal.rendering import Said, is_part_wanted, page, part

router = APIRouter(include_in_schema=False)
_IDENTITY = re.compile(r"identity:(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRow:
    """One attribute, as the metaverse and each account hold it; names that differ in case only are one."""

    name: str
    metaverse: tuple[str, ...]
    rule: str
    since: Run | None
    accounts: tuple[tuple[str, ...], ...]


@router.get("/identities")
def search(  # noqa: PLR0913, PLR0917 - each is one filter of the permalink
    request: Request, door: AsReader, text: str = "", type: str = "",  # noqa: A002 - permalink
    after: Annotated[int, Query(ge=0)] = 0, looked: Annotated[int, Query(ge=0)] = 0,
) -> Response:  # fmt: skip
    """Find identities by any value, anchor or dn; at a million, window by window."""
    with door.reading() as context:
        types = sorted(context.rules.identity_types)
        found = look_for_identities(context, text.strip(), identity_type=type or None, after=after)
        total = sum(context.store.standing.identities().values())
    values: dict[str, Any] = {
        "found": found,
        "text": text,
        "type": type,
        "looked": looked + found.looked,
        "total": total,
    }
    if is_part_wanted(request) and after:
        return part(request, "_identities.html", **values)
    return page(
        request, "identities.html", place="identities", title="Identities", types=types, **values, said=Said(
            api=f"curl -H 'X-API-Key: …' '$ACCORD/api/v1/metaverse/objects?search={text}'",
            command=f"accord show '{text}'",
        ),
    )  # fmt: skip


@router.get("/identities/{identity_id}")
def show(request: Request, door: AsReader, identity_id: int, at: str = "") -> Response:
    """Show one identity with its accounts: as it is, or as it was at a time."""
    with door.reading() as context:
        meant = f"identity:{identity_id}"
        then = read_time(at) if at else None
        if then is None:
            found = read_subject(context, Subject(identity_id=identity_id))
        else:
            found = read_object_at(context, meant, then)
        history = read_history(context, meant) if then is None else ()
        since = read_runs_since(context, identity_id) if then is None else {}
    name = found.identity.name if found.identity else str(identity_id)
    return page(
        request, "identity.html", place="identities", title=name, found=found, identity=found.identity,
        rows=sides_of(found, since), history=history[::-1], then=None if then is None else then.isoformat(),
        said=Said(
            api=f"curl -H 'X-API-Key: …' $ACCORD/api/v1/explain?object=identity:{identity_id}",
            command=f"accord explain identity:{identity_id}\naccord history identity:{identity_id}",
        ),
    )  # fmt: skip


@router.get("/identities/{identity_id}/why")
def show_why(request: Request, door: AsReader, identity_id: int) -> Response:
    """Show why the values of an identity are what they are: computed now, so asked for apart."""
    with door.reading() as context:
        try:
            why = explain_values(context, identity_id)
            named = {int(n) for v in why.values for n in _IDENTITY.findall(v.value or "")}
            names = name_all(context, sorted(named))
        except AccordError as error:
            return part(request, "_why.html", why=None, error=error)
    return part(
        request, "_why.html", why=why, runs={run.activity: run for run in why.runs}, error=None,
        called=lambda text: _IDENTITY.sub(lambda found: names.get(int(found[1]), found[0]), text),
    )  # fmt: skip


@router.get("/identities/{identity_id}/why-accounts")
def show_why_of_accounts(request: Request, door: AsReader, identity_id: int) -> Response:
    """Show why the accounts of an identity are as they are."""
    with door.reading() as context:
        try:
            accounts = explain(context, f"identity:{identity_id}").accounts
        except AccordError as error:
            return part(request, "_why_accounts.html", accounts=(), error=error)
    return part(request, "_why_accounts.html", accounts=accounts, error=None)


@router.get("/identities/{identity_id}/why-not")
def show_why_not(request: Request, door: AsReader, identity_id: int, now: bool = False) -> Response:  # noqa: FBT001, FBT002 - permalink
    """Show why an identity has no account where it has none, and why it does not end."""
    return _why_not(request, door, f"identity:{identity_id}", is_wanted=now)


@router.get("/objects/{object_id}/why-not")
def show_why_unlinked(request: Request, door: AsReader, object_id: int, now: bool = False) -> Response:  # noqa: FBT001, FBT002 - permalink
    """Show why an object belongs to nobody."""
    with door.reading() as context:
        name = name_object(context, object_id)
    return _why_not(request, door, name, is_wanted=now)


@router.get("/identities/{identity_id}/around")
def show_surroundings(request: Request, door: AsReader, identity_id: int) -> Response:
    """Show managers, groups and roles."""
    with door.reading() as context:
        return part(request, "_around.html", around=read_surroundings(context, identity_id))


@router.get("/objects/{object_id}")
def show_object(request: Request, door: AsReader, object_id: int) -> Response:
    """Show one staged object that belongs to nobody."""
    with door.reading() as context:
        found = read_subject(context, Subject(object_id=object_id))
    return page(
        request, "identity.html", place="identities", title=_title(found.objects), found=found, identity=None,
        rows=sides_of(found), history=(), then=None, object_id=object_id,
    )  # fmt: skip


def sides_of(found: ObjectPage, since: Mapping[str, Run] | None = None) -> list[SideRow]:
    """Return the attributes of identity and accounts side by side, each of the identity with the run it came by."""
    runs = since or {}
    ours = (
        {} if found.identity is None else {a.name: a for a in (*found.identity.attributes, *found.identity.references)}
    )
    theirs = [{_folded(a.name): a.values for a in o.attributes} for o in found.objects]
    names = {_folded(n): n for o in found.objects for n in [a.name for a in o.attributes]} | {
        _folded(n): n for n in ours
    }
    by_folded = {_folded(n): a for n, a in ours.items()}
    return [
        SideRow(
            name=names[key],
            metaverse=by_folded[key].values if key in by_folded else (),
            rule=by_folded[key].rule if key in by_folded else "",
            since=runs.get(by_folded[key].name, runs.get("")) if key in by_folded else None,
            accounts=tuple(account.get(key, ()) for account in theirs),
        )
        for key in sorted(names)
    ]


def _why_not(request: Request, door: Door, name: str, *, is_wanted: bool) -> Response:
    with door.reading() as context:
        if not is_wanted and not is_quick(context):
            return part(request, "_why_not_asked.html", here=request.url.path)
        try:
            return part(request, "_why_not.html", told=why_not(context, name), error=None)
        except AccordError as error:
            return part(request, "_why_not.html", told=None, error=error)


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()


def _title(objects: tuple[ObjectView, ...]) -> str:
    return (objects[0].dn or objects[0].anchor or str(objects[0].id)) if objects else "Nothing"
