"""Synchronisation rules as they are written: read, checked, tried on everybody, saved."""

from fastapi import APIRouter

from accord.api.callers import AsAdministrator, AsReader
from accord.api.shapes import Changed, Shape
from accord.api.v1.administration.desks import changing, looking
from accord.operations.administration.texts import RULE, check_text, save_text, try_text
from accord.operations.rules import read_rule

router = APIRouter(prefix="/api/v1/configuration/rules", tags=["Synchronisation rules"])


class RuleText(Shape):
    """A rule as it is written."""

    name: str
    text: str


class NewText(Changed):
    """What a rule is to say."""

    text: str


class MistakeBody(Shape):
    """One thing that is wrong; `shown` is all of it as text, with a caret where it is."""

    place: str
    message: str
    remedy: str
    shown: str


class Tried(Shape):
    """The plan of everybody by a text that is not saved. It can be looked at, and never be applied."""

    plan_id: str | None
    activity_id: str


@router.get("/{name}")
def read_text(door: AsReader, name: str) -> RuleText:
    """Return the text of a rule."""
    with door.reading() as context:
        return RuleText(name=name, text=read_rule(context, name).text)


@router.post("/{name}/check")
def check(door: AsAdministrator, name: str, body: NewText) -> list[MistakeBody]:
    """Say what is wrong with a text; nothing is saved."""
    with looking(door) as desk:
        return [MistakeBody.model_validate(mistake) for mistake in check_text(desk, RULE, name, body.text)]


@router.post("/{name}/preview")
def preview(door: AsAdministrator, name: str, body: NewText) -> Tried:
    """Plan the whole population by a text that is not saved, and keep the plan to be looked at."""
    with changing(door) as desk:
        report = try_text(desk, RULE, name, body.text)
    return Tried(plan_id=report.activity.plan, activity_id=report.activity.guid)


@router.put("/{name}")
def save(door: AsAdministrator, name: str, body: NewText) -> RuleText:
    """Save a text as the next revision."""
    with changing(door) as desk:
        save_text(desk, RULE, name, body.text, reason=body.change_reason or "")
    return RuleText(name=name, text=body.text)
