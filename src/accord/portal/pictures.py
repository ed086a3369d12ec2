"""Pictures drawn here as SVG, so that pages need no script for them and print as they are."""

from markupsafe import Markup, escape

from accord.model.rules import RuleSet
from accord.operations.health import Verdict
from accord.operations.status import Status, SystemStatus

_ROW = 62
_BOX = (190, 46)
_WIDTH = 860
_KINDS = {Verdict.HEALTHY: "good", Verdict.FAILING: "bad"}


def topology(rules: RuleSet, status: Status) -> Markup:
    """Return systems left and right of the metaverse: what feeds it and what is fed, with what waits on each line.

    What no rule names yet stands at the left, without a line.
    """
    feeding = [s for s in status.systems if any(r.system == s.name for r in rules.inbound)]
    fed = [s for s in status.systems if any(r.system == s.name for r in rules.outbound)]
    alone = [s for s in status.systems if s not in feeding and s not in fed]
    left = [*feeding, *alone]
    height = max(len(left), len(fed), 1) * _ROW + 20
    middle = height / 2
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="group" aria-label="Connected systems around the metaverse">',
        *(
            _line(_BOX[0], _top(i, left, height) + 23, _WIDTH / 2 - 85, middle, s.is_failing, "")
            for i, s in _of(feeding)
        ),
        *(
            _line(_WIDTH / 2 + 85, middle, _WIDTH - _BOX[0], _top(i, fed, height) + 23, s.is_failing, s.backlog)
            for i, s in _of(fed)
        ),
        f'<rect class="hub" x="{_WIDTH / 2 - 85}" y="{middle - 30}" width="170" height="60" rx="6"/>',
        _text(_WIDTH / 2, middle - 4, "Metaverse", anchor="middle"),
        _text(_WIDTH / 2, middle + 15, _identities(status), anchor="middle", kind="quiet"),
        *(_box(0, _top(i, left, height), s.status) for i, s in _of(left)),
        *(_box(_WIDTH - _BOX[0], _top(i, fed, height), s.status) for i, s in _of(fed)),
        "</svg>",
    ]
    return Markup("".join(parts))  # noqa: S704 - every text in it was escaped


class _Drawn:
    """A system as it is drawn."""

    def __init__(self, status: SystemStatus) -> None:
        self.status = status
        self.is_failing = status.health.verdict is Verdict.FAILING
        waiting = status.pending + status.failed + status.unknown
        self.backlog = f"{waiting:,} waiting".replace(",", "\u202f") if waiting else ""


def _of(systems: list[SystemStatus]) -> list[tuple[int, _Drawn]]:
    return [(number, _Drawn(system)) for number, system in enumerate(systems)]


def _top(number: int, systems: list[SystemStatus], height: float) -> float:
    return (height - len(systems) * _ROW) / 2 + number * _ROW + 8


def _line(x1: float, y1: float, x2: float, y2: float, is_bad: bool, text: str) -> str:  # noqa: FBT001, PLR0913, PLR0917
    kind = "bad" if is_bad else "care" if text else ""
    bend = (x1 + x2) / 2
    path = f'<path class="edge {kind}" d="M{x1},{y1} C{bend},{y1} {bend},{y2} {x2},{y2}"/>'
    return path + (_text(bend, (y1 + y2) / 2 - 6, text, anchor="middle") if text else "")


def _box(x: float, y: float, system: SystemStatus) -> str:
    count = sum(t.count for t in system.objects)
    width, height = _BOX
    verdict = system.health.verdict.value.replace("_", " ")
    return (
        f'<a href="/systems/{escape(system.name)}"><title>{escape(verdict)}: {escape(system.health.reason)}</title>'
        f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>'
        + _text(x + 10, y + 19, system.name)
        + _text(x + width - 10, y + 19, verdict, anchor="end", kind=_KINDS.get(system.health.verdict, "care"))
        + _text(x + 10, y + 36, f"{system.connector} · {count:,} objects".replace(",", "\u202f"), kind="quiet")
        + "</a>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'


def _identities(status: Status) -> str:
    return ", ".join(f"{t.count:,} {t.type}".replace(",", "\u202f") for t in status.metaverse) or "empty"
