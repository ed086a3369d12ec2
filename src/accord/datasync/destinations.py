"""How the destination is opened: which containers and objects of a directory, which table and rows of it."""

from collections.abc import Mapping

from accord.datasync.body import JobBody, ObjectOption, Query
from accord.datasync.compiled import DestinationPlan
from accord.datasync.filters import parse_filter, to_condition, to_ldap
from accord.datasync.leavers import leaving_of
from accord.datasync.loose import wrong
from accord.datasync.naming import ObjectKind
from accord.datasync.providers import Provider, ProviderKind
from accord.datasync.selecting import parse_selection, sheet_of


def destination_plan(
    body: JobBody,
    options: Mapping[str, ObjectOption],
    kinds: Mapping[str, ObjectKind],
    provider: Provider,
    columns: Mapping[str, tuple[str, ...]],
) -> DestinationPlan:
    """Return the plan; raise Invalid where a query or a container makes no sense."""
    queries = {name: body.query_of(option.object_type, is_source=False) for name, option in options.items()}
    if provider.kind.is_directory:
        objects = {
            name: {"object_class": kind.classes, "filter": _filter(queries[name], kind, provider.kind)}
            for name, kind in kinds.items()
        }
        # A job puts people where its container is, and leavers where it says.
        settings = {"objects": objects, "write_outside": True} | containers(body, "Destination")
        return DestinationPlan(settings=settings, conditions={})
    table = body.settings.get("Destination.Table")
    conditions = {
        name: text for name, query in queries.items() if (text := _condition(query, columns[name], provider.kind))
    }
    if provider.kind is ProviderKind.SCIM:
        return DestinationPlan(
            settings={"objects": {name: scim_objects(name) for name in kinds}}, conditions=conditions
        )
    return DestinationPlan(settings=_table(table, provider.kind), conditions=conditions)


def scim_objects(name: str, condition: str = "") -> dict[str, object]:
    """Return where a SCIM service has the objects of a type, as settings of the connector."""
    return {"resource": "Groups" if name == "group" else "Users", "filter": condition}


def containers(body: JobBody, side: str) -> dict[str, object]:
    """Return where in a directory a job looks, as settings of the connector."""
    dn = body.settings.get(f"{side}.Container")
    if not dn:
        return {}
    has_subtree = body.settings.flag(f"{side}.ShouldIncludeSubTree", default=True)
    places = [{"dn": dn, "scope": "subtree" if has_subtree else "one_level"}]
    # Whom the job put elsewhere it still knows: who comes back is recognised, and a move can be taken back.
    left = leaving_of(body).container if side == "Destination" else ""
    is_below = has_subtree and f",{left.casefold()}".endswith(f",{dn.casefold()}")
    if left and not is_below:
        places.append({"dn": left, "scope": "subtree"})
    return {"containers": places}


def _filter(query: Query | None, kind: ObjectKind, provider: ProviderKind) -> str:
    own = f"(objectClass={kind.classes[0]})"
    if provider is ProviderKind.ACTIVE_DIRECTORY and kind.can_sign_in:
        # There a computer is a kind of user.
        own = f"(&{own}(!(objectClass=computer)))"
    if query is None or not query.text:
        return own
    if query.text.startswith("(") and query.kind.casefold() == "ldap":
        return f"(&{own}{query.text})"
    said = to_ldap(parse_filter(query.text, f"{query.place}.query"))
    return own if said.casefold() == f"(objectclass={kind.classes[0]})".casefold() else f"(&{own}{said})"


def _condition(query: Query | None, columns: tuple[str, ...], provider: ProviderKind) -> str:
    if query is None or not query.text:
        return ""
    place = f"{query.place}.query"
    if query.kind.casefold() == "sql":
        if provider is ProviderKind.SQL and "where" in query.text.casefold():
            raise wrong(place, "conditions on a destination table are written in the GroupID language")
        return parse_selection(query.text, place).where
    return to_condition(parse_filter(query.text, place), columns, place)


def _table(table: str, provider: ProviderKind) -> dict[str, object]:
    if provider is ProviderKind.SQL:
        if not table:
            raise wrong("settings", "the destination needs a table", "set Destination.Table")
        return {"objects": {"object": {"table": table}}}
    settings: dict[str, object] = {"object_type": "object"}
    if provider is ProviderKind.EXCEL and table:
        settings["sheet"] = sheet_of(table)
    return settings
