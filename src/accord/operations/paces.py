"""How fast a part of a run goes, and how long it will still take: what is not known is not guessed."""

from dataclasses import dataclass
from datetime import datetime

from accord.store.activity import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The pace of a part: objects a second, seconds left while it goes on, seconds it took once it ended."""

    per_s: float | None
    left_s: float | None = None
    took_s: float | None = None


def pace_of(phase: Phase, *, is_running: bool) -> Pace:
    """Return the pace of a part; one that was broken off has none."""
    if phase.ended_at:
        took_s = (datetime.fromisoformat(phase.ended_at) - datetime.fromisoformat(phase.started_at)).total_seconds()
        return Pace(per_s=phase.done / took_s if phase.done and took_s > 0 else None, took_s=took_s)
    if not is_running or phase.rate_per_s <= 0:
        return Pace(per_s=None)
    left = phase.total - phase.done
    return Pace(per_s=phase.rate_per_s, left_s=left / phase.rate_per_s if left > 0 else None)
