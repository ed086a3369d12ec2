"""How far the generated roles reach: the coverage curve, and who holds what as a picture to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.model.errors import NotFound
from accord.runs.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """So many roles, those that explain most first, explain this share of all assignments."""

    roles: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Neighbours in the picture: how many, and the id of the role that most are in, None for none."""

    count: int
    role: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingsPicture:
    """A heat map: a row for each band of owners, a column for each band of permissions.

    `held` is the share of a cell's pairs that is held, `granted` the share of these that a role grants; 0 to 1.
    """

    owners: tuple[Band, ...]
    permissions: tuple[Band, ...]
    held: tuple[tuple[float, ...], ...]
    granted: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessPair:
    """An owner with a permission, of `weight` parts of the certificate's whole."""

    owner_id: int
    permission: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSurvey:
    """What the last role generation came to. `needed` says how many roles explain so much, where they do.

    `lower_bound`, `gap`, `whole` and `witnesses` are the proof of mode `minimum`; None, None, None and empty else.
    """

    mode: str
    owners: int
    permissions: int
    assignments: int
    roles: int
    single_owner_roles: int
    direct_grants: int
    missing: int
    complexity: int
    lower_bound: int | None
    gap: int | None
    curve: tuple[CurvePoint, ...]
    needed: tuple[CurvePoint, ...]
    picture: HoldingsPicture
    whole: int | None
    witnesses: tuple[WitnessPair, ...]


def read_role_survey(context: Context) -> RoleSurvey:
    """Return the survey of the roles that are kept; raise NotFound before the first role generation."""
    try:
        found = context.store.findings.one("role_survey", "survey")
    except NotFound as error:
        raise NotFound("no roles were generated yet", remedy="start a job of type role_generation") from error
    doc: Mapping[str, Any] = found.doc
    drawn, proof = doc["picture"], doc["certificate"] or {"whole": None, "witnesses": []}
    return RoleSurvey(
        mode=doc["mode"], owners=doc["owners"], permissions=doc["permissions"],
        assignments=doc["assignments"], roles=doc["roles"], single_owner_roles=doc["singleOwnerRoles"],
        direct_grants=doc["directGrants"], missing=doc["missing"], complexity=doc["complexity"],
        lower_bound=doc["lowerBound"], gap=doc["gap"],
        curve=tuple(CurvePoint(roles=count, share=share) for count, share in doc["curve"]),
        needed=tuple(CurvePoint(roles=count, share=share) for share, count in doc["needed"]),
        picture=HoldingsPicture(
            owners=_bands(drawn["owners"]), permissions=_bands(drawn["permissions"]), held=_grid(drawn["held"]),
            granted=_grid(drawn["granted"]),
        ),
        whole=proof["whole"],
        witnesses=tuple(WitnessPair(owner_id=o, permission=p, weight=w) for o, p, w in proof["witnesses"]),
    )  # fmt: skip


def _bands(bands: Sequence[Mapping[str, Any]]) -> tuple[Band, ...]:
    return tuple(Band(count=band["count"], role=band["role"]) for band in bands)


def _grid(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in rows)
