"""How the source of one object type is read, as its query and field map say."""

from dataclasses import replace

from accord.datasync.body import JobBody, ObjectOption, Query
from accord.datasync.compiled import SourcePlan
from accord.datasync.filters import parse_filter, to_ldap
from accord.datasync.loose import wrong
from accord.datasync.mapping import Mapped
from accord.datasync.naming import ObjectKind
from accord.datasync.providers import Provider, ProviderKind
from accord.datasync.scripting import check_script, global_script
from accord.datasync.selecting import Selection, parse_selection


def source_plan(
    body: JobBody, option: ObjectOption, kind: ObjectKind, mapped: Mapped, provider: Provider
) -> SourcePlan:
    """Return the plan; raise Invalid where the query cannot be run on this kind of source."""
    query = body.query_of(option.object_type, is_source=True)
    if query is None:
        raise wrong("syncQuery", f"{option.display_name} needs a source query")
    if query.time_stamp_field and not query.updates_all:
        mapped.columns[query.time_stamp_field] = None
    has_row_starting = "RowStarting" in global_script(body).events
    for script in mapped.scripts:
        check_script(script)
    text, selection = _parsed(body, query, provider.kind)
    return SourcePlan(
        object_type=kind.name,
        place=query.place,
        query=text,
        selection=selection,
        columns=tuple(mapped.columns),
        keys=tuple(mapped.key_expressions.items()),
        is_case_sensitive=False,
        look_ups=tuple(mapped.look_ups),
        scripts=tuple(mapped.scripts),
        reads_all=bool(mapped.scripts) or bool(global_script(body).events),
        has_row_starting=has_row_starting,
        time_stamp_field="" if query.updates_all else query.time_stamp_field,
    )


def with_query(plan: SourcePlan, query: str, kind: ProviderKind) -> SourcePlan:
    """Return the plan with another query; raise Invalid where it cannot be run on this kind of source."""
    place = f"{plan.place}.query"
    if kind.is_directory:
        return replace(plan, query=query if query.startswith("(") else to_ldap(parse_filter(query, place)))
    if kind in (ProviderKind.SQL, ProviderKind.SCIM):
        return replace(plan, query=query)
    return replace(plan, query=query, selection=parse_selection(query, place))


def _parsed(body: JobBody, query: Query, kind: ProviderKind) -> tuple[str, Selection | None]:
    place = f"{query.place}.query"
    if kind is ProviderKind.SCIM:
        return query.text, None
    if kind.is_directory:
        if query.text.startswith("("):
            return query.text, None
        return to_ldap(parse_filter(query.text, place)), None
    if not query.text:
        table = body.settings.get("Source.Table")
        if not table:
            raise wrong(place, "the source query is empty", "write SELECT * FROM [Sheet$]")
        return f"SELECT * FROM [{table}$]", Selection(table=f"{table}$")
    if query.kind.casefold() != "sql":
        raise wrong(f"{query.place}.queryType", f"a table is read by SQL, not by {query.kind}")
    if kind is ProviderKind.SQL:
        return query.text, None
    return query.text, parse_selection(query.text, place)
