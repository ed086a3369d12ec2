"""What the body of a DataSync job says, read tolerantly; the body itself is kept as it came."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accord.datasync.loose import Loose, wrong

USER = 1
GROUP = 4
"""Numbers of object types that the contract shows."""

CONTAINER_FIXED = "1"
CONTAINER_FROM_FIELD = "2"
CONTAINER_BY_SCRIPT = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """One line of the field map: where a value comes from, what becomes of it, where it goes."""

    place: str
    source: str
    destination: str
    transform: str
    delimiter: str
    is_new_only: bool
    is_key: bool
    object_type: int
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectOption:
    """What is done with objects of one type."""

    place: str
    object_type: int
    display_name: str
    is_create: bool
    is_delete: bool
    is_deprovisioning: bool
    container_option: str
    container_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is read of the source, or which objects of the destination count."""

    place: str
    object_type: int
    text: str
    kind: str
    is_source: bool
    time_stamp_field: str
    updates_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a job in their order; keys may come twice, and the last one counts."""

    pairs: tuple[tuple[str, str], ...]

    def get(self, key: str, default: str = "") -> str:
        """Return the last value of a key in any casing that is not empty, else the default."""
        folded = key.casefold()
        values = [value for name, value in self.pairs if name.casefold() == folded and value]
        return values[-1] if values else default

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return the last value of a key as a boolean."""
        text = self.get(key).casefold()
        return text in ("true", "1", "yes") if text else default


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBody:
    """A job as its body says it; only selected object types."""

    name: str
    description: str
    is_template: bool
    source: str
    destination: str
    on_failure: str
    run_order: int
    is_enabled: bool
    schedule: str
    fields: tuple[FieldMap, ...]
    objects: tuple[ObjectOption, ...]
    queries: tuple[Query, ...]
    settings: Settings

    def fields_of(self, object_type: int) -> tuple[FieldMap, ...]:
        """Return the field map of one object type, in order."""
        return tuple(f for f in self.fields if f.object_type == object_type)

    def query_of(self, object_type: int, *, is_source: bool) -> Query | None:
        """Return the query of one object type, of the source or of the destination."""
        return next((q for q in self.queries if q.object_type == object_type and q.is_source is is_source), None)


def read_body(content: Mapping[str, object]) -> JobBody:
    """Return what a body says; raise Invalid with the place of what cannot be understood."""
    body = Loose(content)
    info = body.one("jobInfo")
    name = info.text("name").strip()
    if not name:
        raise wrong("jobInfo.name", "a job needs a name")
    return JobBody(
        name=name,
        description=info.text("description"),
        is_template=body.flag("isTemplate"),
        source=info.text("sourceProvider").strip(),
        destination=info.text("destinationProvider").strip(),
        on_failure=info.text("onFailure", "Abort"),
        run_order=info.number("runOrder"),
        is_enabled=info.flag("isEnable", default=True),
        schedule=info.text("schedule"),
        fields=tuple(_fields(body)),
        objects=tuple(_objects(body)),
        queries=tuple(_queries(body)),
        settings=Settings(pairs=tuple((s.text("key"), s.text("value")) for s in body.many("settings"))),
    )


def _fields(body: Loose) -> Iterator[FieldMap]:
    for line in body.many("fieldsMap"):
        destination = line.text("destinationField").strip()
        if not destination:
            raise wrong(line.at("destinationField"), "a mapping needs a destination field")
        yield FieldMap(
            place=line.place,
            source=line.text("sourceField"),
            destination=destination,
            transform=line.text("transform"),
            delimiter=line.text("delimiter"),
            is_new_only=line.flag("forCreateOnly"),
            is_key=line.flag("isKey"),
            object_type=line.number("objectType", USER),
            options=_options(line),
        )


def _options(line: Loose) -> Mapping[str, object]:
    raw = line.raw("options")
    if isinstance(raw, Mapping):
        return raw
    text = line.text("options").strip()
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        raise wrong(line.at("options"), "is not JSON") from None
    if not isinstance(found, dict):
        raise wrong(line.at("options"), "must be a JSON object")
    return found


def _objects(body: Loose) -> Iterator[ObjectOption]:
    for option in body.many("objectsOption"):
        if not option.flag("isSelected", default=True):
            continue
        yield ObjectOption(
            place=option.place,
            object_type=option.number("objectType", USER),
            display_name=option.text("displayName", "Object"),
            is_create=option.flag("isCreate"),
            is_delete=option.flag("isDelete"),
            is_deprovisioning=option.flag("isDeprovisioning"),
            container_option=option.text("containerOption", CONTAINER_FIXED) or CONTAINER_FIXED,
            container_value=option.text("containerOptionValue"),
        )


def _queries(body: Loose) -> Iterator[Query]:
    for query in body.many("syncQuery"):
        yield Query(
            place=query.place,
            object_type=query.number("objectType", USER),
            text=query.text("query").strip(),
            kind=query.text("queryType", "SQL"),
            is_source=query.flag("isSource"),
            time_stamp_field=query.text("timeStampField").strip(),
            updates_all=query.flag("updateAll", default=True),
        )
