"""Generated roles as pictures: who holds what as a heat map, and how much so many roles explain. SVG, drawn here."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from markupsafe import Markup, escape

from accord.operations.role_survey import Band, CurvePoint, HoldingsPicture

_LABEL, _CELLS = 150, 620
_FAINT = 0.004
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 520, 240, 46, 34
_NAMED_FROM = 11.0
_LONGEST = 20


def heat_map(picture: HoldingsPicture, names: Mapping[str, str]) -> Markup:
    """Return the picture: owners downwards, permissions to the right, both in the order of the roles they are in."""
    across, down = _CELLS / max(1, len(picture.permissions)), min(12.0, _CELLS / max(1, len(picture.owners)))
    height = down * len(picture.owners)
    told = "Who holds what: owners downwards, permissions to the right; green is granted by a role, amber is not"
    parts = [
        f'<svg viewBox="0 0 {_LABEL + _CELLS} {height + 4:.0f}" role="group" aria-label="{told}">',
        '<g shape-rendering="crispEdges">',
        f'<rect class="ground" x="{_LABEL}" y="0" width="{_CELLS}" height="{height:.1f}"/>',
    ]
    for row, (held, granted) in enumerate(zip(picture.held, picture.granted, strict=True)):
        for column, (share, by_role) in enumerate(zip(held, granted, strict=True)):
            place = f'x="{_LABEL + column * across:.1f}" y="{row * down:.1f}" width="{across:.1f}" height="{down:.1f}"'
            parts += list(_cell(place, share * by_role, share * (1 - by_role)))
    parts.append("</g>")
    parts += _labels(picture.owners, down, names)
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every text in it was escaped


def coverage_curve(curve: Sequence[CurvePoint], roles: int) -> Markup:
    """Return how much of all assignments the first so many roles explain."""
    most = max(1, roles)
    wide, high = _WIDTH - _LEFT - 12, _HEIGHT - _BOTTOM - 8
    points = [(0.0, 0.0), *((p.roles / most, p.share) for p in curve)]
    line = " ".join(f"{_LEFT + x * wide:.1f},{8 + (1 - y) * high:.1f}" for x, y in points)
    last = curve[-1].share if curve else 0
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{roles} roles explain {last:.0%} of all">']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = 8 + (1 - share) * high
        parts += [
            f'<line class="axis" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - 12}" y2="{y:.1f}"/>',
            f'<text class="quiet" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>',
        ]
    for count in sorted({0, most // 2, most}):
        x = _LEFT + count / most * wide
        parts.append(f'<text class="quiet" x="{x:.1f}" y="{_HEIGHT - 14}" text-anchor="middle">{count}</text>')
    parts += [
        f'<text class="quiet" x="{_LEFT + wide / 2:.1f}" y="{_HEIGHT - 1}" text-anchor="middle">roles</text>',
        f'<polyline class="line" points="{line}"/></svg>',
    ]
    return Markup("".join(parts))  # noqa: S704 - made of numbers alone


def _cell(place: str, granted: float, bare: float) -> Iterator[str]:
    if granted > _FAINT:
        yield f'<rect class="cell" {place} fill-opacity="{granted:.2f}"/>'
    if bare > _FAINT:
        yield f'<rect class="cell bare" {place} fill-opacity="{bare:.2f}"/>'


def _labels(bands: Sequence[Band], down: float, names: Mapping[str, str]) -> list[str]:
    """Name the blocks of neighbours that are in one role, where there is room for a name."""
    parts, row = [], 0
    for role, block in groupby(bands, key=lambda band: band.role):
        rows = list(block)
        high = len(rows) * down
        y = row * down
        row += len(rows)
        owners = sum(band.count for band in rows)
        name = names.get(role or "", "in no role")
        shown = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        told = f"<title>{escape(name)}: {owners} owners</title>"
        parts.append(f'<line class="axis" x1="0" y1="{y:.1f}" x2="{_LABEL}" y2="{y:.1f}"/>')
        if high >= _NAMED_FROM:
            text = f'<text x="0" y="{y + min(high, 16) - 3:.1f}">{escape(shown)}{told}</text>'
            linked = role is not None and role in names
            parts.append(f'<a href="/governance/roles/{escape(role or "")}">{text}</a>' if linked else text)
    return parts
