"""The outbound rule of one object type: how accounts are recognised, named, written, and left."""

from collections.abc import Mapping
from dataclasses import dataclass

from accord.datasync.body import CONTAINER_FIXED, ObjectOption
from accord.datasync.compiled import DESTINATION
from accord.datasync.leavers import CONTROL, DISABLED, GROUPS, STAMPED, Leaving
from accord.datasync.loose import wrong
from accord.datasync.mapping import CONTAINER, Mapped, names_written
from accord.datasync.naming import ObjectKind
from accord.datasync.providers import ProviderKind
from accord.datasync.transforms import Static, to_expression
from accord.engine.frames import literal, quote
from accord.model.joins import JoinKey, JoinRule
from accord.model.rules import Flow, OnLeave, OutboundRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How a job treats accounts that are there.

    `ignores_case` of keys, as the destination does; `moves`: they follow their names; `leaving`: what leavers become.
    """

    ignores_case: bool
    moves: bool
    leaving: Leaving
    variables: Mapping[str, str]


def outbound_rule(
    option: ObjectOption, kind: ObjectKind, mapped: Mapped, provider: ProviderKind, ways: Ways
) -> OutboundRule:
    """Return the rule; raise Invalid where the options cannot be carried out."""
    if option.is_delete and provider.is_directory:
        raise wrong(f"{option.place}.isDelete", "directory objects are not deleted for missing in the source",
                    "use isDeprovisioning, or a source query that selects leavers")  # fmt: skip
    disable = _disable(option, kind, provider, ways)
    return OutboundRule(
        name=f"{kind.name} to destination",
        system=DESTINATION,
        object_type=kind.name,
        identity_type=kind.name,
        joins=(
            JoinRule(
                keys=tuple(JoinKey(expression=quote(key), attribute=key) for key in mapped.keys),
                is_case_sensitive=not ways.ignores_case,
                place=option.place,
            ),
        ),
        provisions=option.is_create,
        dn=_dn(option, kind, mapped) if provider.is_directory else None,
        anchor=None if provider.assigns_anchor else " || '|' || ".join(quote(key) for key in mapped.keys),
        renames=ways.moves and provider.is_directory,
        password=mapped.password,
        flows=tuple(
            Flow(target=name, expression=quote(name), initial_only=initial_only, place=mapped.places.get(name, ""))
            for name, initial_only in names_written(mapped)
        ),
        on_leave=OnLeave.DISABLE if disable else OnLeave.DELETE if option.is_delete else OnLeave.REMAIN,
        deletes_unclaimed=option.is_delete,
        disable=disable,
        disable_container=ways.leaving.container or None if disable else None,
        place=option.place,
    )


def _dn(option: ObjectOption, kind: ObjectKind, mapped: Mapped) -> str:
    there = {name.casefold(): name for name in mapped.written}
    naming = next((there[name.casefold()] for name in kind.naming if name.casefold() in there), None)
    if naming is None:
        # Without a name nothing can be made; accounts that are there keep theirs.
        return "null"
    container = quote(CONTAINER)
    if option.container_option == CONTAINER_FIXED:
        if option.is_create and not option.container_value:
            raise wrong(f"{option.place}.containerOptionValue", "new objects need a container")
        container = literal(option.container_value)
    # Outside Active Directory, what names an entry may have several values.
    name = f"{quote(naming)}[1]" if mapped.attributes[naming].is_multivalued else quote(naming)
    kind_of_name = "CN" if naming.casefold() == "cn" else naming
    return f"{literal(kind_of_name + '=')} || dn_escape({name}) || ',' || {container}"


def _disable(option: ObjectOption, kind: ObjectKind, provider: ProviderKind, ways: Ways) -> tuple[Flow, ...]:
    if not option.is_deprovisioning:
        return ()
    if provider is not ProviderKind.ACTIVE_DIRECTORY or not kind.can_sign_in:
        raise wrong(f"{option.place}.isDeprovisioning", "only users of Active Directory can be disabled")
    flows = {CONTROL: DISABLED}
    if ways.leaving.stamp:
        flows[STAMPED] = to_expression(Static(ways.leaving.stamp), ways.variables, needs_all=False)
    if ways.leaving.strips_groups:
        flows[GROUPS] = "null"
    return tuple(Flow(target=name, expression=text, place=option.place) for name, text in flows.items())
