"""Goals beside what was measured, so that a benchmark says itself whether it is as fast and good as it must be."""

from typing import TypedDict


class Goal(TypedDict):
    """One goal: what must hold, what was measured, whether it holds."""

    goal: str
    measured: object
    is_met: bool


def at_most(text: str, measured: float, limit: float) -> Goal:
    """Return a goal that is met by as much or less."""
    return {"goal": f"{text} <= {limit:g}", "measured": measured, "is_met": measured <= limit}


def at_least(text: str, measured: float, limit: float) -> Goal:
    """Return a goal that is met by as much or more."""
    return {"goal": f"{text} >= {limit:g}", "measured": measured, "is_met": measured >= limit}


def is_so(text: str, measured: object, *, is_met: bool) -> Goal:
    """Return a goal that is met or not."""
    return {"goal": text, "measured": measured, "is_met": is_met}
