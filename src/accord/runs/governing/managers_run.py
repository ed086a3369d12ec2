"""Manager resolution as a run: what systems say of managers, resolved over all of them, kept for each owner."""

from collections.abc import Mapping

import pyarrow as pa

from accord.engine.frames import Engine
from accord.governance.managers.matchers import DEFAULT_ORDER, Matcher
from accord.governance.managers.resolving import CLAIMS, KEYS, KNOWN, OWNERS, Inputs, Resolution, resolve
from accord.model.errors import UsageError
from accord.model.plan import Count
from accord.runs.context import Context, RunResult, recorded
from accord.runs.governing.population import attribute_names, load_population, values_of
from accord.store.activities import ActivityState

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
                "responsible", "managedby", "owner", "owned_by")  # fmt: skip
"""The later ones tell who answers for a service, a group or an application."""
_KEPT = "manager"


def run_managers(context: Context, parameters: Mapping[str, object]) -> RunResult:
    """Resolve all managers; keep the result unless only a preview is asked for."""
    order = matchers_of(parameters.get("matchers"))
    with recorded(context, "manager_resolution", profile="manager_resolution") as run:
        run.phase("1 of 3: Reading owners")
        with context.engine() as engine:
            load_population(context, engine)
            inputs = _inputs(context, engine)
            run.advance(inputs.owners.num_rows)
            run.phase("2 of 3: Resolving managers", inputs.owners.num_rows)
            now = int(context.clock().timestamp() * 1_000_000)
            keeps = parameters.get("keep_last_good", True) is True
            found = resolve(engine, inputs, now=now, order=order, keeps_last_good=keeps)
            run.advance(inputs.owners.num_rows)
            rows, cycles = _found(engine, found), _found_cycles(found)
        run.phase("3 of 3: Keeping the result", rows.num_rows)
        counts: tuple[Count, ...] = ()
        if parameters.get("preview") is not True:
            moment = context.clock()
            findings = context.store.findings
            counts = (
                *findings.replace(_KEPT, rows, activity=run.id, now=moment),
                *findings.replace("manager_cycle", cycles, activity=run.id, now=moment),
            )
        run.advance(rows.num_rows)
        states = {e["values"]: e["counts"] for e in found.frame["status"].value_counts().to_pylist()}
        told = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "there are no owners"
        return RunResult(activity=run.finish(ActivityState.DONE, message=told, counts=counts), counts=counts)


def matchers_of(given: object) -> tuple[Matcher, ...]:
    """Return the matchers by name, in their order; raise UsageError for one there is none of."""
    if given is None:
        return DEFAULT_ORDER
    try:
        return (
            tuple(Matcher(str(name)) for name in given) if isinstance(given, list | tuple) else (Matcher(str(given)),)
        )
    except ValueError as error:
        raise UsageError(str(error), remedy=f"use of: {', '.join(Matcher)}") from error


def _inputs(context: Context, engine: Engine) -> Inputs:
    declared = {name.lower(): name for name in attribute_names(context)}
    labels = {
        declared[name]: matcher.value for matcher, names in _KEY_NAMES.items() for name in names if name in declared
    }
    engine.run("create view account_owned as select * from account where owner_id is not null")
    keys = engine.frame(f"""select distinct owner_id, label as matcher, value from (
        {values_of("owner", "owner_id", labels)} union all {values_of("account_owned", "owner_id", labels)}
        union all select a.owner_id, 'dn', o.dn from account_owned a join object o using (id) where o.dn is not null
        union all select owner_id, 'account', name from account_owned where name is not null)""")
    engine.register("source_rank", _ranks(context))
    names = [declared[name] for name in _CLAIM_NAMES if name in declared]
    listed = ", ".join(f"('{name.lower()}')" for name in _CLAIM_NAMES)
    claims = engine.frame(f"""with said as (
            select a.owner_id, a.system as source, v.value as raw, v.label as attr from account_owned a
            join ({values_of("account_owned", "id", names)}) v on v.id = a.id
            union all
            select a.owner_id, a.system, e.dst, e.attr from account_owned a join edge e on e.src = a.id
            where lower(e.attr) in (select unnest([{listed}])) )
        select owner_id, cast(row_number() over (partition by owner_id
                order by coalesce(r.place, 1000), source, attr, raw) as integer) as rank,
            source || '.' || attr as source, raw
        from (select distinct * from said) s left join source_rank r using (source)""")
    owners = engine.frame("select owner_id, name, is_active, is_human from owner")
    return Inputs(
        owners=owners.cast(OWNERS), keys=keys.cast(KEYS), claims=claims.cast(CLAIMS), known=_known(context, engine)
    )


def _ranks(context: Context) -> pa.Table:
    """Return in which order systems are believed: that of their inbound rules."""
    places: dict[str, int] = {}
    for rule in context.rules.inbound:
        places[rule.system] = min(rule.order, places.get(rule.system, rule.order))
    return pa.table(
        [list(places), list(places.values())], schema=pa.schema([("source", pa.string()), ("place", pa.int64())])
    )


def _known(context: Context, engine: Engine) -> pa.Table:
    engine.register("_known", context.store.findings.read(_KEPT))
    return engine.frame("""select owner_id, cast(json_extract(doc, '$.managerId') as bigint) as manager_id,
        cast(json_extract(doc, '$.since') as bigint) as since, json_extract_string(doc, '$.method') as method,
        cast(json_extract(doc, '$.confidence') as double) as confidence
        from _known where json_extract_string(doc, '$.managerId') is not null""").cast(KNOWN)


def _found(engine: Engine, found: Resolution) -> pa.Table:
    engine.register("_result", found.frame)
    engine.register("_candidate", found.candidates)
    return engine.frame("""select lpad(r.owner_id::varchar, 12, '0') as id, r.owner_id, o.name, r.status as state,
        json_object('managerId', r.manager_id, 'managerName', m.name, 'method', r.method, 'source', r.source,
            'raw', r.raw, 'confidence', r.confidence, 'since', r.since, 'isKept', r.is_kept, 'level', r.level,
            'span', r.span, 'approverId', r.approver_id, 'isHuman', o.is_human,
            'candidates', coalesce(c.ids, []))::varchar as doc
        from _result r join owner o using (owner_id) left join owner m on m.owner_id = r.manager_id
        left join (select owner_id, list(candidate_id order by candidate_id) as ids from _candidate group by 1) c
            on c.owner_id = r.owner_id""")


def _found_cycles(found: Resolution) -> pa.Table:
    rows = [
        {
            "id": f"{min(c.members):012d}", "owner_id": c.sever, "name": f"{len(c.members)} in a circle",
            "state": "open", "doc": '{"members": [' + ", ".join(map(str, c.members)) + f'], "sever": {c.sever}}}',
        }
        for c in found.cycles
    ]  # fmt: skip
    schema = pa.schema([("id", pa.string()), ("owner_id", pa.int64()), ("name", pa.string()), ("state", pa.string()),
                        ("doc", pa.string())])  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)
