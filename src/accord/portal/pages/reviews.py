"""The join workbench: objects that may belong to somebody, with candidates, decided by a person for a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsOperator, AsReader
from accord.model.errors import UsageError
from accord.operations.decisions import join_by_hand, list_decisions, never_match, split_by_hand, withdraw_decision
from accord.operations.reviews import Review, list_reviews, reject_review
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, link, page

router = APIRouter(include_in_schema=False)
_SHOWN = 50
_DECISIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One object with those it may belong to, the likeliest first."""

    system: str
    object: str
    object_id: int
    rule: str
    candidates: tuple[Review, ...]


@router.get("/reviews")
def show(request: Request, door: AsReader, system: str = "", text: str = "", after: int = 0) -> Response:
    """Show what waits for a person, and what persons decided."""
    with door.reading() as context:
        reviews, decisions = list_reviews(context), list_decisions(context)
    cases = [c for c in cases_of(reviews) if system in ("", c.system) and _says(c, text)]
    return page(
        request, "reviews.html", place="identities", title="Join workbench", cases=cases[after : after + _SHOWN],
        total=len(cases), system=system, text=text, after=after, decisions=decisions[:_DECISIONS],
        systems=sorted({r.system for r in reviews}), next=after + _SHOWN if len(cases) > after + _SHOWN else None,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/reviews",
                  command="accord review\naccord review --accept SYSTEM/OBJECT --reason TEXT"),
    )  # fmt: skip


@router.post("/reviews")
def decide(door: AsOperator, form: Form) -> Response:
    """Join an object to an identity, never match them, or none of those shown."""
    system, name, reason = form.get("system", ""), form.get("object", ""), form.get("reason", "")
    verdict, _, identity = form.get("verdict", "").partition(":")
    with door.writing() as context:
        if verdict == "join":
            join_by_hand(context, system, name, f"identity:{identity}", reason=reason)
        elif verdict == "never":
            never_match(context, system, name, f"identity:{identity}", reason=reason)
        elif verdict == "none":
            reject_review(context, f"{system}/{name}", reason=reason)
        else:
            raise UsageError("nothing was decided", remedy="choose an identity, or none of them")
    return go_to(link("/reviews", system=form.get("shown", "")))


@router.post("/decisions")
def decide_by_hand(door: AsOperator, form: Form) -> Response:
    """Join, split or never match an object that somebody looks at."""
    system, name, reason = form.get("system", ""), form.get("object", ""), form.get("reason", "")
    identity, kind = form.get("identity", ""), form.get("kind", "")
    with door.writing() as context:
        if kind == "join":
            join_by_hand(context, system, name, identity, reason=reason)
        elif kind == "split":
            split_by_hand(context, system, name, reason=reason)
        elif kind == "never":
            never_match(context, system, name, identity or None, reason=reason)
        else:
            raise UsageError(f"{kind!r} is no decision", remedy="join, split or never")
    return go_to("/reviews#decisions")


@router.post("/decisions/{number}/withdraw")
def withdraw(door: AsOperator, number: int, form: Form) -> Response:
    """End a decision."""
    with door.writing() as context:
        withdraw_decision(context, number, reason=form.get("reason", ""))
    return go_to("/reviews#decisions")


def cases_of(reviews: Sequence[Review]) -> list[Case]:
    """Return reviews object by object."""
    groups = groupby(sorted(reviews, key=lambda r: (r.system, r.object)), key=lambda r: (r.system, r.object))
    return [
        Case(
            system=system, object=name, object_id=found[0].object_id, rule=found[0].rule,
            candidates=tuple(sorted(found, key=lambda r: -r.score)),
        )
        for (system, name), found in ((key, list(group)) for key, group in groups)
    ]  # fmt: skip


def _says(case: Case, text: str) -> bool:
    wanted = text.strip().lower()
    return not wanted or any(wanted in t.lower() for t in (case.object, *(c.identity for c in case.candidates)))
