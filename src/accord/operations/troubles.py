"""What went wrong lately and still does, by cause: what a person has to look at."""

from collections import Counter
from dataclasses import dataclass, replace

from accord.operations.activities import ActivitySummary, list_activities
from accord.operations.causes import list_causes
from accord.runs.context import Context

_LOOKED_AT = 200
_TROUBLED = ("failed", "held", "done_with_errors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Runs that failed the same way; `last` is the newest. `objects` counts those that failed in it, 0: the run did."""

    message: str
    code: str
    where: str
    count: int
    objects: int
    last: ActivitySummary


def list_troubles(context: Context) -> tuple[Trouble, ...]:
    """Return what goes wrong by cause: of runs that failed their message, of others the codes of their objects.

    Of runs of one kind on one system the newest tells; `count` says how many in a row ended badly. What a later run no
    longer had is left out: it needs nobody.
    """
    newest: dict[tuple[str, str], ActivitySummary] = {}
    rows: Counter[tuple[str, str]] = Counter()
    settled: set[tuple[str, str]] = set()
    for activity in list_activities(context, limit=_LOOKED_AT):
        place = (activity.kind, activity.system)
        if activity.state == "done" and (activity.kind != "export" or activity.counts):
            settled.add(place)
        elif activity.state in _TROUBLED and place not in settled:
            newest.setdefault(place, activity)
            rows[place] += 1
    found = [replace(t, count=rows[place]) for place, run in newest.items() for t in _troubles(context, run)]
    return tuple(sorted(found, key=lambda trouble: (-trouble.objects, -trouble.count)))


def _troubles(context: Context, activity: ActivitySummary) -> list[Trouble]:
    where = f"{activity.kind} {activity.system}".strip().replace("_", " ")
    if activity.state in ("failed", "held"):
        message = activity.message.partition("\n")[0] or "it failed without a word"
        return [Trouble(message=message, code="", where=where, count=1, objects=0, last=activity)]
    return [
        Trouble(message=c.example.message or "", code=c.code, where=where, count=1, objects=c.count, last=activity)
        for c in list_causes(context, activity.id)
    ]
