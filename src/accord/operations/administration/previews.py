"""What a change of the configuration would do: it is worked out and not made, and a plan is computed by its rules.

The plan is what a full synchronisation would do if the change were made now. It is kept like any other, and no other
rules than those can apply it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from accord.model.errors import ConfigErrors, NotFound
from accord.operations.activities import find_activity
from accord.operations.administration.desk import Desk, Draft, Edit, refuse_broken
from accord.operations.execution import cancel, execute
from accord.operations.performing import Order, Work, register
from accord.operations.plans import discard_plan
from accord.runs.context import Context
from accord.runs.sync_run import run_plan
from accord.store.activities import Activity, ActivityState, NewActivity
from accord.store.configurations import Documents

KIND = "preview"

Change = Callable[[Desk], object]
"""Any operation that changes the configuration by one change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A preview that was begun. `findings` is what is wrong with the change; one that is blocked computes nothing."""

    activity: str
    findings: tuple[str, ...]

    @property
    def is_blocked(self) -> bool:
        """Tell whether the change could not be made."""
        return bool(self.findings)


class _Worked(Exception):
    """The way out of an operation, once it has said what it would change."""

    def __init__(self, files: Mapping[str, bytes | None]) -> None:
        super().__init__()
        self.files = files


class _Dry(Desk):
    """A desk at which changes are worked out and not made."""

    def change(self, _action: str, _subject: str, _reason: str | None, edit: Edit) -> NoReturn:
        draft = Draft(self.read)
        edit(draft)
        raise _Worked(draft.bodies())


def start_preview(context: Context, subject: str, change: Change) -> Started:
    """Queue the preview of a change; raise what the change itself raises when it names what is not there."""
    try:
        files = worked_out(context, change)
    except ConfigErrors as error:
        return _blocked(context, subject, error)
    texts = {file: None if body is None else body.decode() for file, body in files.items()}
    order = Order(work=KIND, profile=subject, parameters={"files": texts})
    return Started(activity=execute(context, order).activity, findings=())


def worked_out(context: Context, change: Change) -> Mapping[str, bytes | None]:
    """Return the files that a change would leave, without making it; raise what would keep it from being made."""
    files = _worked_out(context, change)
    refuse_broken(Desk(context).stored, Desk(context).configured.load(_changed(context, files)))
    return files


def find_preview(context: Context, name: str) -> Activity:
    """Return the activity of a preview; raise NotFound when it is of something else."""
    activity = find_activity(context, name)
    if activity.kind != KIND:
        raise NotFound(f"there is no preview {name}", remedy="name it by the activity that it began with")
    return activity


def forget_preview(context: Context, name: str) -> None:
    """Cancel a preview that goes on; make sure that the plan of one that has ended is never applied."""
    activity = find_preview(context, name)
    if activity.state in (ActivityState.QUEUED, ActivityState.RUNNING):
        cancel(context, name)
    elif activity.plan_id:
        discard_plan(context, activity.plan_id, by=context.actor, reason="the preview is not wanted any more")


def _worked_out(context: Context, change: Change) -> Mapping[str, bytes | None]:
    try:
        change(_Dry(context))
    except _Worked as worked:
        return worked.files
    return {}


def _changed(context: Context, files: Mapping[str, bytes | None]) -> Documents:
    kept = context.store.configurations.read()
    after = {file: body for file, body in {**kept.files, **files}.items() if body is not None}
    return Documents(revision=kept.revision, files=after)


def _blocked(context: Context, subject: str, errors: ConfigErrors) -> Started:
    new = NewActivity(kind=KIND, actor=context.actor, profile=subject)
    activity = context.store.activities.begin(new, now=context.clock())
    context.store.activities.finish(activity.id, ActivityState.FAILED, now=context.clock(), message=errors.message)
    findings = tuple(f"{error.place}: {error.message}" if error.place else error.message for error in errors.errors)
    return Started(activity=activity.guid, findings=findings)


def _perform(context: Context, order: Order) -> None:
    given = order.parameters["files"]
    texts = given if isinstance(given, dict) else {}
    files = {str(file): None if text is None else str(text).encode() for file, text in texts.items()}
    changed = Desk(context).configured.load(_changed(context, files))
    run_plan(replace(context, rules=changed.configuration.rules))


register(Work(name=KIND, kind=KIND, perform=_perform))
