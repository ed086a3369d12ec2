"""The lanes of the past and the next day: one line per system, a bar per run, a mark per time to come, drawn as SVG."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from accord.operations.activities import ActivitySummary
from accord.operations.schedules import Due

_SPAN = timedelta(hours=24)
_WIDTH, _LEFT, _ROW = 1100, 130, 24
_KINDS = {"done": "good", "done_with_errors": "care", "held": "care", "failed": "bad", "cancelled": "bad"}
_EVERYTHING = "all systems"
_MARK_HOURS = 6


def lanes(activities: Sequence[ActivitySummary], due: Sequence[Due], *, now: datetime) -> Markup:
    """Return the picture; each bar leads to its run, and is as long as the run was, but never too short to hit."""
    shown = [a for a in activities if a.started_at and _moment(a.ended_at or now.isoformat()) >= now - _SPAN]
    names = sorted({a.system or _EVERYTHING for a in shown} | {s for d in due for s in d.systems})
    height = len(names) * _ROW + 30
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="group" aria-label="Runs of the last and next 24 hours by system">',
        *_axis(height, now),
    ]
    for row, name in enumerate(names):
        y = row * _ROW + 6
        parts.append(f'<text x="0" y="{y + 13}">{escape(name)}</text>')
        parts += [_bar(a, y, now) for a in shown if (a.system or _EVERYTHING) == name]
        parts += [_mark(d, y, now) for d in due if name in d.systems]
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every text in it was escaped


def _axis(height: float, now: datetime) -> list[str]:
    parts = []
    for hours in range(-24, 25, _MARK_HOURS):
        x = _place(now + timedelta(hours=hours), now)
        kind = "axis now" if hours == 0 else "axis"
        anchor = "end" if hours == 24 else "middle"
        text = "now" if hours == 0 else f"{hours:+} h"
        parts += [
            f'<line class="{kind}" x1="{x:.1f}" y1="2" x2="{x:.1f}" y2="{height - 22}"/>',
            f'<text class="quiet" x="{x:.1f}" y="{height - 6}" text-anchor="{anchor}">{text}</text>',
        ]
    return parts


def _bar(activity: ActivitySummary, y: float, now: datetime) -> str:
    begin = max(now - _SPAN, _moment(activity.started_at))
    end = _moment(activity.ended_at) if activity.ended_at else now
    width = max(4.0, _place(end, now) - _place(begin, now))
    x = min(_place(begin, now), _place(now, now) - width)
    told = f"{activity.id} {activity.kind} {activity.state}".replace("_", " ")
    name, kind = escape(activity.id), _KINDS.get(activity.state, "")
    place = f'x="{x:.1f}" y="{y}" width="{width:.1f}" height="16" rx="2"'
    return (
        f'<a href="/runs/{name}" aria-label="{escape(told)}"><title>{escape(told)}</title>'
        f'<rect class="bar {kind}" {place}/></a>'
    )


def _mark(due: Due, y: float, now: datetime) -> str:
    told = f"{due.title}, {due.at:%Y-%m-%d %H:%M} UTC"
    x = _place(due.at, now)
    return (
        f'<a href="/schedules/{escape(due.schedule)}" aria-label="{escape(told)}"><title>{escape(told)}</title>'
        f'<rect class="mark" x="{x - 4:.1f}" y="{y}" width="8" height="16" rx="2"/></a>'
    )


def _place(moment: datetime, now: datetime) -> float:
    scale = (_WIDTH - _LEFT) / (2 * _SPAN.total_seconds())
    return _LEFT + ((moment - now) + _SPAN).total_seconds() * scale


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
