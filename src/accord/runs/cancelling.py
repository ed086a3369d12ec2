"""What a run that was told to stop has done: exactly that, however it ended."""

from accord.store.activities import Activity
from accord.store.store import Store


def describe_cancelled(store: Store, activity: Activity, by: str) -> str:
    """Return in words what a cancelled run leaves behind."""
    return f"cancelled by {by}{_during(activity)}; {_left(store, activity)}"


def _during(activity: Activity) -> str:
    begun = [phase.name for phase in activity.phases if not phase.ended_at]
    return f" during {begun[-1]}" if begun else ""


def _left(store: Store, activity: Activity) -> str:
    sent = store.commits.sent(activity.id)
    if sent:
        unknown = sent.pop("unknown", 0) + sent.pop("sending", 0)
        words = f"{sum(sent.values())} exports were sent and recorded, what was not sent waits on"
        return f"{words}; {unknown} were under way, the next import settles them" if unknown else words
    if store.commits.has(activity.id):
        return "its changes had been committed and stay"
    return "nothing was changed"
