"""A kept job made ready: its providers found by name and opened, its body compiled with what the destination offers."""

import os
import socket
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from accord.config.opening import looked_up, resolved
from accord.connectors.base import ANCHOR, AT, Connector, ReadScope
from accord.connectors.registry import connector_kind
from accord.datasync.body import JobBody, ObjectOption, Query, read_body
from accord.datasync.compiled import DESTINATION, CompiledJob, DestinationPlan, LookUp, SourcePlan
from accord.datasync.compiling import DEFAULT_VARIABLES, Surroundings, compile_job
from accord.datasync.destinations import containers, scim_objects
from accord.datasync.events import JobEvents
from accord.datasync.loose import wrong
from accord.datasync.naming import object_kind
from accord.datasync.providers import Provider, ProviderKind, provider_from
from accord.datasync.reading import OpenedSource
from accord.datasync.selecting import sheet_of
from accord.engine.frames import literal
from accord.model.errors import NotFound
from accord.model.schema import AttributeSchema, ObjectTypeSchema
from accord.runs.context import Context
from accord.store.datasync import StoredJob

_ROW = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyJob:
    """A job whose body makes sense with the providers there are."""

    stored: StoredJob
    body: JobBody
    compiled: CompiledJob
    source: Provider
    destination: Provider
    opens: "Opens"
    schemas: Mapping[str, ObjectTypeSchema]

    @property
    def keys(self) -> Mapping[str, tuple[str, ...]]:
        """Return the key fields by object type."""
        return {name: tuple(key for key, _ in plan.keys) for name, plan in self.compiled.sources.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """Opens connectors for providers; secrets are looked up now."""

    context: Context

    def open(self, provider: Provider, more: Mapping[str, object]) -> Connector:
        """Return a connector for the provider with settings of the job's own."""
        kind = connector_kind(provider.kind.connector)
        settings = {**provider.settings, **more}
        secret_of = None if self.context.vault is None else self.context.vault.open
        ready = resolved(
            kind.settings, settings, Path.cwd(), environ=os.environ, place=provider.name, secret_of=secret_of
        )
        return kind.open(ready)

    def look_up(self, reference: str) -> str:
        """Return the secret behind a reference."""
        secret_of = None if self.context.vault is None else self.context.vault.open
        return looked_up(reference, Path.cwd(), environ=os.environ, place="password", secret_of=secret_of)


def read_provider(context: Context, name: str, place: str) -> Provider:
    """Return the provider registered under a name; raise Invalid that names those there are."""
    stored = context.store.datasync.find_provider(name)
    if stored is None:
        known = ", ".join(provider.name for provider in context.store.datasync.list_providers()) or "none"
        raise wrong(place, f"there is no data source or identity store {name!r}", f"registered are: {known}")
    return provider_from(stored.body)


def make_ready(context: Context, stored: StoredJob) -> ReadyJob:
    """Return the job ready to run; raise Invalid, SystemUnavailable or SystemRefused."""
    body = read_body(stored.body)
    source = read_provider(context, body.source, "jobInfo.sourceProvider")
    destination = read_provider(context, body.destination, "jobInfo.destinationProvider")
    opens = Opens(context=context)
    first = compile_job(body, _around(source, destination, {}))
    schemas = _schemas(body, destination, first, opens)
    compiled = compile_job(body, _around(source, destination, schemas))
    return ReadyJob(
        stored=stored, body=body, compiled=compiled, source=source, destination=destination, opens=opens,
        schemas=schemas or compiled.rules.systems[DESTINATION].object_types,
    )  # fmt: skip


def asked_destination(job: ReadyJob, events: JobEvents) -> DestinationPlan:
    """Return how the destination is opened, its queries as the job's script wants them."""
    if not events.has("BuildDestinationQuery"):
        return job.compiled.destination
    sources = tuple(query for query in job.body.queries if query.is_source)
    asked = tuple(_asked(_destination_query(job.body, option), events) for option in job.body.objects)
    around = _around(job.source, job.destination, job.schemas)
    body = replace(job.body, queries=(*sources, *(query for query in asked if query.text)))
    return compile_job(body, around).destination


def _destination_query(body: JobBody, option: ObjectOption) -> Query:
    found = body.query_of(option.object_type, is_source=False)
    return found or Query(
        place="syncQuery", object_type=option.object_type, text="", kind="GroupID", is_source=False,
        time_stamp_field="", updates_all=False,
    )  # fmt: skip


def _asked(query: Query, events: JobEvents) -> Query:
    return replace(query, text=events.query("BuildDestinationQuery", query.text, query.place))


def check(context: Context, content: Mapping[str, object]) -> JobBody:
    """Return what a body says if it makes sense; providers need not answer, nor be registered yet."""
    body = read_body(content)
    registered = context.store.datasync
    if registered.find_provider(body.source) is None or registered.find_provider(body.destination) is None:
        return body
    source = read_provider(context, body.source, "jobInfo.sourceProvider")
    destination = read_provider(context, body.destination, "jobInfo.destinationProvider")
    compile_job(body, _around(source, destination, {}))
    return body


def open_source(job: ReadyJob, plan: SourcePlan) -> OpenedSource:
    """Return a connector that reads one object type of the job's source."""
    provider = job.source
    table = sheet_of(plan.selection.table) if plan.selection is not None else ""
    settings: dict[str, object] = {}
    if provider.kind is ProviderKind.EXCEL:
        settings = {"sheet": table, "object_type": _ROW}
    elif provider.kind is ProviderKind.CSV:
        settings = {"object_type": _ROW}
    elif provider.kind is ProviderKind.SQL:
        settings = {"objects": {_ROW: {"query": plan.query}}}
    elif provider.kind is ProviderKind.SCIM:
        settings = {"objects": {_ROW: scim_objects(plan.object_type, plan.query)}}
    else:
        objects = {_ROW: {"object_class": "person", "filter": plan.query}}
        settings = {"objects": objects} | containers(job.body, "Source")
    return OpenedSource(connector=job.opens.open(provider, settings), object_type=_ROW)


def names_of(job: ReadyJob, look_up: LookUp) -> pa.Table:
    """Return the names of all destination objects by one attribute (value, dn), in one paged search."""
    name = "named"
    schema = ObjectTypeSchema(
        name=name,
        anchor=(look_up.attribute,),
        has_dn=job.destination.kind.is_directory,
        attributes={look_up.attribute: AttributeSchema(name=look_up.attribute)},
    )
    has_dn = job.destination.kind.is_directory
    where = {"object_class": "top", "filter": f"({look_up.attribute}=*)"} if has_dn else scim_objects("user")
    settings = {"objects": {name: where}}
    with closing(job.opens.open(job.destination, settings)) as connector:
        batches = [b.rows for b in connector.read(ReadScope(object_types={name: schema}))]
    if not batches:
        return pa.table({"value": pa.array([], pa.string()), "dn": pa.array([], pa.string())})
    whole = pa.Table.from_batches(batches)
    return pa.table({"value": whole[look_up.attribute], "dn": whole[AT if has_dn else ANCHOR]})


def _around(source: Provider, destination: Provider, schemas: Mapping[str, ObjectTypeSchema]) -> Surroundings:
    variables = {**DEFAULT_VARIABLES, "COMPUTERNAME": literal(socket.gethostname())}
    return Surroundings(source=source, destination=destination, schemas=schemas, variables=variables)


def _schemas(body: JobBody, destination: Provider, compiled: CompiledJob, opens: Opens) -> dict[str, ObjectTypeSchema]:
    """Return what the destination says its objects can hold."""
    if not destination.kind.assigns_anchor:
        return {}
    with closing(opens.open(destination, compiled.destination.settings)) as connector:
        found = connector.discover().object_types
    schemas = {}
    for option in body.objects:
        kind = object_kind(option, destination.kind)
        if kind.name not in found:
            raise NotFound(f"the directory has no objects of type {kind.name}", remedy="check the directory's schema")
        schemas[kind.name] = replace(found[kind.name], name=kind.name)
    return schemas
