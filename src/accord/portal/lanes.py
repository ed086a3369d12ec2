"""The lanes of the past day: one line per system, a bar per run, drawn here as SVG."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from accord.operations.activities import ActivitySummary

_SPAN = timedelta(hours=24)
_WIDTH, _LEFT, _ROW = 900, 130, 26
_KINDS = {"done": "good", "done_with_errors": "care", "held": "care", "failed": "bad", "cancelled": "bad"}
_EVERYTHING = "all systems"
_MARKS = 8


def lanes(activities: Sequence[ActivitySummary], *, now: datetime) -> Markup:
    """Return the picture; each bar leads to its run, and is as long as the run was, but never too short to hit."""
    first = now - _SPAN
    shown = [a for a in activities if a.started_at and _moment(a.ended_at or now.isoformat()) >= first]
    names = sorted({a.system or _EVERYTHING for a in shown})
    height = len(names) * _ROW + 28
    parts = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="group" aria-label="Runs of the last 24 hours by system">']
    for mark in range(_MARKS + 1):
        x = _LEFT + (_WIDTH - _LEFT) * mark / _MARKS
        hours = round((_MARKS - mark) * 24 / _MARKS)
        parts.append(f'<line class="axis" x1="{x:.1f}" y1="4" x2="{x:.1f}" y2="{height - 22}"/>')
        anchor = "end" if mark == _MARKS else "middle"
        text = "now" if hours == 0 else f"-{hours} h"
        parts.append(f'<text class="quiet" x="{x:.1f}" y="{height - 6}" text-anchor="{anchor}">{text}</text>')
    for row, name in enumerate(names):
        y = row * _ROW + 8
        parts.append(f'<text x="0" y="{y + 13}">{escape(name)}</text>')
        parts += [_bar(a, y, first, now) for a in shown if (a.system or _EVERYTHING) == name]
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every text in it was escaped


def _bar(activity: ActivitySummary, y: float, first: datetime, now: datetime) -> str:
    begin = max(first, _moment(activity.started_at))
    end = _moment(activity.ended_at) if activity.ended_at else now
    scale = (_WIDTH - _LEFT) / _SPAN.total_seconds()
    x = _LEFT + (begin - first).total_seconds() * scale
    width = max(4.0, (end - begin).total_seconds() * scale)
    told = f"{activity.id} {activity.kind} {activity.state}".replace("_", " ")
    name, label, kind = escape(activity.id), escape(told), _KINDS.get(activity.state, "")
    place = f'x="{min(x, _WIDTH - width):.1f}" y="{y}" width="{width:.1f}" height="16" rx="2"'
    return f'<a href="/runs/{name}" aria-label="{label}"><rect class="bar {kind}" {place}/></a>'


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
