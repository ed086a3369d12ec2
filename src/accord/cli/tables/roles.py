"""Mined roles as tables."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from accord.cli.tables.parts import cell, heading, number, table
from accord.operations.role_drift import FoundDrift
from accord.operations.role_mining import MinedRoles, Pair, VerifiedRoles

_SHOWN = 20


def mined_page(mined: MinedRoles) -> Iterator[RenderableType]:
    """Yield what was found, the largest roles first."""
    yield heading(
        f"{mined.role_count:,} roles",
        f"{mined.users:,} users, {mined.permissions:,} permissions, {mined.assignments:,} assignments",
        _proof(mined),
    )
    yield Text(f"complexity {mined.complexity:,}, {len(mined.direct):,} granted directly, {mined.seconds:.2f} s")
    made = table("role", "users", "permissions", "covers", "name", numbers=("users", "permissions", "covers"),
                 wraps=("name",))  # fmt: skip
    for role in mined.roles[:_SHOWN]:
        made.add_row(
            cell(role.id), number(len(role.users)), number(len(role.permissions)), cell(f"{role.coverage:.1%}"),
            cell(role.name),
        )  # fmt: skip
    yield made
    reached = ", ".join(f"{count:,} roles explain {share:.0%}" for share, count in mined.needed)
    yield Text(reached, style="dim")
    if len(mined.roles) > _SHOWN:
        yield Text(f"and {len(mined.roles) - _SHOWN:,} more; --json gives all", style="dim")
    if mined.missing:
        yield from _pairs("seem to lack", mined.missing)


def verified_page(checked: VerifiedRoles) -> Iterator[RenderableType]:
    """Yield whether roles and certificate hold."""
    is_right = checked.is_exact and checked.is_proven
    verdict = "proven minimal" if checked.is_minimal else "hold" if is_right else "do not hold"
    yield heading(f"{checked.role_count:,} roles", Text(verdict, style="green" if is_right else "red bold"))
    made = table("what", "found", wraps=("found",))
    made.add_row(cell("granted but not held"), cell(f"{checked.over_granted:,}"))
    made.add_row(cell("held but not granted"), cell(f"{checked.not_granted:,}"))
    made.add_row(cell("roles needed at least"), cell(f"{checked.lower_bound:,}"))
    for fault in checked.faults:
        made.add_row(cell("fault of the certificate"), cell(fault, "red"))
    yield made


def drift_page(found: FoundDrift) -> Iterator[RenderableType]:
    """Yield how roles differ from what is held, and what mends it."""
    proof = (
        Text("proven fewest", style="green") if found.is_minimal else Text(f"at least {found.lower_bound:,}", "yellow")
    )
    yield heading(f"{found.edit_count:,} edits", proof, f"{found.roles:,} roles")
    yield Text(f"{found.over_granted:,} granted and not held, {found.not_granted:,} held and not granted, "
               f"{found.seconds:.2f} s")  # fmt: skip
    made = table("edit", "role", "user", "permission", wraps=("role", "permission"))
    for edit in found.edits[:_SHOWN]:
        made.add_row(
            cell(edit.kind.replace("_", " ")), cell(edit.role or ""), cell(edit.user or ""), cell(edit.permission or "")
        )
    yield made
    if len(found.edits) > _SHOWN:
        yield Text(f"and {len(found.edits) - _SHOWN:,} more; --json gives all", style="dim")


def _proof(mined: MinedRoles) -> Text:
    if mined.lower_bound is None:
        return Text("")
    if mined.is_minimal:
        return Text("proven minimal", style="green")
    return Text(f"at least {mined.lower_bound:,} are needed", style="yellow")


def _pairs(title: str, pairs: tuple[Pair, ...]) -> Iterator[RenderableType]:
    made = table("user", "permission", "of role", title=f"{len(pairs):,} {title}")
    for pair in pairs[:_SHOWN]:
        made.add_row(cell(pair.user), cell(pair.permission), cell(pair.role))
    yield made
