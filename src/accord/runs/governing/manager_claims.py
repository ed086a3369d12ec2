"""What owners can be found by, and what systems say of their managers, out of a population that is loaded."""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.holdings import ANSWERING
from accord.governance.managers.matchers import Matcher
from accord.governance.managers.resolving import CLAIMS, KEYS
from accord.runs.context import Context
from accord.runs.governing.population import attribute_names, values_of

_KEY_NAMES: Mapping[Matcher, tuple[str, ...]] = {
    Matcher.EMPLOYEE: (
        "employee_id",
        "employeeid",
        "employee_number",
        "employeenumber",
        "personnel_number",
        "worker_id",
    ),
    Matcher.MAIL: (
        "mail",
        "email",
        "mails",
        "emails",
        "aliases",
        "alias",
        "proxyaddresses",
        "upn",
        "userprincipalname",
    ),
    Matcher.SCIM: ("scim_id", "external_id", "externalid"),
    Matcher.ACCOUNT: ("login", "uid", "user_name", "username", "samaccountname", "account_name"),
    Matcher.DISPLAY_NAME: ("display_name", "displayname", "full_name", "cn"),
    Matcher.POSITION: ("position_id", "position"),
}
_CLAIM_NAMES = ("manager", "manager_id", "managerid", "manager_dn", "manager_mail", "manager_email", "manager_name",
                "supervisor", "supervisor_id", "reports_to", "line_manager", "manager_position",
                *ANSWERING)  # fmt: skip
_OWNED = "(select * from account where owner_id is not null)"


def read_keys(context: Context, engine: Engine) -> pa.Table:
    """Return what the loaded owners can be found by."""
    labels = {name: matcher.value for matcher, names in _KEY_NAMES.items() for name in _declared(context, names)}
    return engine.frame(f"""select distinct owner_id, label as matcher, value from (
        {values_of("owner", "owner_id", labels)} union all {values_of(_OWNED, "owner_id", labels)}
        union all select a.owner_id, 'dn', o.dn from account a join object o using (id)
            where a.owner_id is not null and o.dn is not null
        union all select owner_id, 'account', name from {_OWNED} where name is not null)""").cast(KEYS)


def read_claims(context: Context, engine: Engine) -> pa.Table:
    """Return what systems say of the loaded owners' managers, in the order they are believed.

    Who is no person and has no claim of its own inherits those of its groups, all of one rank: where they name several,
    none is guessed.
    """
    engine.register("source_rank", _ranks(context))
    listed = ", ".join(f"('{name.lower()}')" for name in _CLAIM_NAMES)
    answering = ", ".join(f"('{name}')" for name in ANSWERING)
    claims = engine.frame(f"""with said as (
            select a.owner_id, a.system as source, v.value as raw, v.label as attr from account a
            join ({values_of(_OWNED, "id", _declared(context, _CLAIM_NAMES))}) v on v.id = a.id
            union all
            select a.owner_id, a.system, e.dst, e.attr from account a join edge e on e.src = a.id
            where a.owner_id is not null and lower(e.attr) in (select unnest([{listed}])) ),
        own as (select owner_id, cast(row_number() over (partition by owner_id
                order by coalesce(r.place, 1000), source, attr, raw) as integer) as rank,
                source || '.' || attr as source, raw
            from (select distinct * from said) s left join source_rank r using (source)),
        held as (select distinct h.owner as owner_id, h.grp from holding h join owner o on o.owner_id = h.owner
            where not o.is_human and h.owner not in (select owner_id from own)),
        group_said as (
            select h.owner_id, g.system || '.' || e.attr || ' of ' || g.name as source, e.dst as raw
            from held h join grp g on g.id = h.grp join edge e on e.src = g.id
            where lower(e.attr) in (select unnest([{answering}]))
            union
            select h.owner_id, g.system || '.' || v.label || ' of ' || g.name, v.value
            from held h join grp g on g.id = h.grp
            join ({values_of("grp", "id", _declared(context, ANSWERING))}) v on v.id = g.id)
        select * from own
        union all select owner_id, 1, min(source), raw from group_said group by owner_id, raw""")
    return claims.cast(CLAIMS)


def _declared(context: Context, names: Iterable[str]) -> tuple[str, ...]:
    """Return the declared attributes of these names, however they are written."""
    declared: dict[str, list[str]] = {}
    for name in sorted(attribute_names(context)):
        declared.setdefault(name.lower(), []).append(name)
    return tuple(found for name in names for found in declared.get(name, ()))


def _ranks(context: Context) -> pa.Table:
    """Return in which order systems are believed: that of their inbound rules."""
    places: dict[str, int] = {}
    for rule in context.rules.inbound:
        places[rule.system] = min(rule.order, places.get(rule.system, rule.order))
    return pa.table(
        [list(places), list(places.values())], schema=pa.schema([("source", pa.string()), ("place", pa.int64())])
    )
