"""Why a run could not do everything: its errors by cause, counted exactly, and a cause tried again by itself."""

from dataclasses import dataclass

from accord.model.errors import NotFound, UsageError
from accord.operations.activities import Item, activity_name, told
from accord.operations.execution import Accepted, execute, find_job, retry
from accord.operations.performing import Order
from accord.runs.context import Context
from accord.store.audit import Deed
from accord.store.item_search import ItemFilter

_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Objects of one activity that failed by the same code, in the same attribute and operation.

    `messages` counts the different texts among them, `example` is the first object.
    """

    code: str
    attribute: str
    operation: str
    count: int
    messages: int
    example: Item


def list_causes(context: Context, name: str) -> tuple[Cause, ...]:
    """Return the causes of an activity, the most frequent first; raise NotFound."""
    activity = find_job(context, name)
    found = []
    for row in context.store.items.causes(activity.id, limit=_MOST):
        items = context.store.items.find(activity.id, ItemFilter(code=row.code), after=row.first - 1, limit=1)
        found.append(
            Cause(
                code=row.code, attribute=row.attribute, operation=row.operation, count=row.count,
                messages=row.messages, example=told(context, items)[0],
            )
        )  # fmt: skip
    return tuple(found)


def retry_cause(context: Context, name: str, code: str) -> Accepted:
    """Try again what failed for one cause: exports of just these objects, else the whole run, which reads them again.

    Raises NotFound when nothing failed for it, UsageError while the activity goes on.
    """
    activity = find_job(context, name)
    if not activity.ended_at:
        raise UsageError(f"{activity_name(activity.id)} has not ended yet", remedy="wait for it, or cancel it")
    if not any(cause.code == code for cause in list_causes(context, name)):
        raise NotFound(f"nothing of {activity_name(activity.id)} failed for {code}", remedy="list its causes")
    deed = Deed(actor=context.actor, action="activity.retry", subject=f"{activity_name(activity.id)} {code}")
    context.store.audit.add(deed, at=context.clock())
    if activity.kind != "export":
        return retry(context, name)
    context.store.pending.try_these_again(context.store.items.objects_of_cause(activity.id, code))
    return execute(context, Order(work="export", system=activity.system))
